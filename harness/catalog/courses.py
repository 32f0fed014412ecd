"""How a fault goes in time, and what a user does besides walking straight through."""

from __future__ import annotations

from enum import StrEnum

STANDS = "until-heal"
ONCE = "once"
FLAPS = "flaps"
BRIEFLY = "briefly"
UNTIL_SUBMIT = "until-submit"

# How often a fault that flaps comes: fewer than the sources and tries that the vendors' clients have.
FLAP_TIMES = 2


class Habit(StrEnum):
    """What the user does besides. Each is an everyday thing, and none may change how often the business takes effect.

    ``PRESSES_AGAIN``: a double click, and one click more while the submit is under way; any challenge that comes is solved.
    ``SECOND_TAB``: the same flow in two tabs at once, whose submits arrive together. ``GOES_BACK``: back when all is done,
    the same way again, and no challenge is solved then. ``SOLVES_LATE``: a challenge that comes when the page has gone on
    without it is solved all the same, if it can be seen. ``LEAVES_IT``: no challenge is solved at all.
    """

    NONE = ""
    PRESSES_AGAIN = "presses-again"
    SECOND_TAB = "second-tab"
    GOES_BACK = "goes-back"
    SOLVES_LATE = "solves-late"
    LEAVES_IT = "leaves-it"
