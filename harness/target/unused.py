"""What a target file leaves out, so that nobody asks."""

from __future__ import annotations

from harness.target.spec import Target


def not_judged(target: Target) -> tuple[str, ...]:
    """Say what nobody asks of the target because its file leaves something out."""
    if target.observe.log is None and target.observe.metric is None:
        return ("[observe] is not there: whether the degraded mode is signalled is not judged (docs/target-file.md)",)
    return ()
