"""Closed vocabularies (DESIGN.md, "Words"). Each is a ``StrEnum``: it reads the same in code, journal and report."""

from __future__ import annotations

from enum import StrEnum


class Family(StrEnum):
    """The three families of faults."""

    TRANSPORT = "transport"
    RESPONSE = "response"
    BROWSER = "browser"


class Side(StrEnum):
    """Which end of the application a link leaves from."""

    BROWSER = "browser"
    SERVER = "server"


class Phase(StrEnum):
    """When a fault strikes in a flow."""

    BEFORE_LOAD = "before-load"
    AFTER_LOAD = "after-load"
    BEFORE_SHOW = "before-show"
    MID_CHALLENGE = "mid-challenge"
    BEFORE_SUBMIT = "before-submit"
    DURING_VERDICT = "during-verdict"
    AFTER_HEAL = "after-heal"


class Warmth(StrEnum):
    """Cold: the fault stands before the connection is made. Warm: it strikes an open connection."""

    COLD = "cold"
    WARM = "warm"


class Policy(StrEnum):
    """What an unverified user gets."""

    ACCEPT = "accept"
    STEP_UP = "step-up"
    BLOCK = "block"


class Place(StrEnum):
    """The independent places in which a fault can be seen to have been felt."""

    TOXIPROXY = "toxiproxy"
    ROUTER = "router"
    PROVIDER = "provider"
    BROWSER = "browser"
    ORIGIN = "origin"
    SERVER_CLIENT = "server-client"
    NATIVE = "native"
