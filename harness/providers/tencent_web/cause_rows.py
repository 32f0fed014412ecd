"""Rows of a plan as Tencent's clients write them: one failure mode, one link, some faults; and those of the verdict API."""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Behaviour, Cause, Phase, Warmth

COLD = (Warmth.COLD,)
BOTH = (Warmth.COLD, Warmth.WARM)
CERTIFICATES = ("expired-certificate", "wrong-name-certificate", "unknown-ca-certificate")


def rows(
    code: int,
    link: str,
    phase: Phase,
    *faults: str,
    warmths: tuple[Warmth, ...] = COLD,
    wait_ms: int | None = 0,
    wait_from: str = "show",
    build: str = "classic",
    behaviour: Behaviour | None = None,
    parameters: tuple[tuple[str, int], ...] = (),
    twin_of: str | None = None,
    also_codes: tuple[int, ...] = (),
) -> Iterator[Cause]:
    """A row for each fault and warmth; the rest is theirs together."""
    for fault in faults:
        for warmth in warmths:
            yield Cause(
                code=code, link=link, fault=fault, phase=phase, warmth=warmth, wait_ms=wait_ms, wait_from=wait_from,
                build=build, behaviour=behaviour or Behaviour(), parameters=parameters, twin_of=twin_of,
                also_codes=also_codes,
            )  # fmt: skip


def verdict_rows(*, busy: str, refused: str) -> Iterator[Cause]:
    """The verdict API's failures; ``busy`` and ``refused`` are the faults that each of its actions words in its own way."""
    link = ("verdict", Phase.DURING_VERDICT)
    yield from rows(2001, *link, "hang", warmths=BOTH)
    yield from rows(2001, *link, "slow-drip", "half-answer")
    yield from rows(2002, *link, "refused", "reset", warmths=BOTH)
    yield from rows(2002, *link, "dns-failure", *CERTIFICATES)
    yield from rows(2003, *link, "internal-error", "internal-server-error")
    yield from rows(2004, *link, busy)
    yield from rows(2005, *link, "html", "empty", "empty-object", "wrong-types")
    # A client that goes by the Content-Type cannot read it (the vendor's Python SDK); one that parses it finds the Error.
    yield from rows(2005, *link, "charset-error", also_codes=(2003,))
    yield from rows(2006, *link, "throttled", refused, "clock-skew")
