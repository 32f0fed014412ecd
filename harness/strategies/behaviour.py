"""What users do besides: click twice, wait, close, ask for another picture, reload, go back, open a second tab."""

from __future__ import annotations

from hypothesis import strategies as st

from harness.catalog.deeds import WHEN, Act, Deed, Way, in_order
from harness.errors import UsageError

# From a double click to a user who answers the phone first.
_PAUSES_MS = (0, 50, 500, 3_000, 30_000)


def user_behaviour(*, at_most: int = 3) -> st.SearchStrategy[Way]:
    """Draw what one user does on the way through a flow, up to ``at_most`` things; shrinks to walking straight through."""
    if at_most < 1:
        raise UsageError(f"at_most must be 1 or more, not {at_most}")
    acts = [Act(deed=deed, phase=phase) for deed in Deed for phase in WHEN[deed]]
    drawn = st.builds(_after, st.sampled_from(acts), st.sampled_from(_PAUSES_MS))
    return st.lists(drawn, max_size=at_most).map(tuple).map(in_order)


def _after(act: Act, pause_ms: int) -> Act:
    return Act(deed=act.deed, phase=act.phase, after_ms=pause_ms)
