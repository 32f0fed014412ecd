"""What a target file says in vain, as this version does not act on it (docs/limits.md), or leaves out, so that nobody asks."""

from __future__ import annotations

from collections.abc import Iterator

from harness.target.spec import Target


def not_acted_on(target: Target) -> tuple[str, ...]:
    """Say a line for each key that the owner has set in vain, with what happens instead."""
    return tuple(f"{key}: read, not yet acted on; {instead}" for key, instead in _keys(target))


def not_judged(target: Target) -> tuple[str, ...]:
    """Say what nobody asks of the target because its file leaves something out."""
    if target.observe.log is None and target.observe.metric is None:
        return ("[observe] is not there: whether the degraded mode is signalled is not judged (docs/target-file.md)",)
    return ()


def _keys(target: Target) -> Iterator[tuple[str, str]]:
    # A target with a url is 'slot' without its owner's asking.
    if target.isolation == "slot" and target.url is None:
        yield "target.isolation = 'slot'", "every scenario gets a fresh process"
    if target.reset is not None:
        yield "target.reset", "every scenario gets a fresh process"
    if target.third_party:
        yield "[third_party]", "other hosts than the captcha's are refused and recorded"
