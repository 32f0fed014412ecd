"""The named edges, in the order of a healthy flow; each lists its hosts in the order in which the client tries them."""

from __future__ import annotations

from harness.catalog import Link, Phase, Side
from harness.providers.geetest_v4.hosts import API, STATIC

_BROWSER, _SERVER = Side.BROWSER, Side.SERVER

LINKS: tuple[Link, ...] = (
    Link(name="entry", side=_BROWSER, hosts=STATIC[:1], phase=Phase.BEFORE_LOAD, script=True),
    Link(name="load", side=_BROWSER, hosts=API, phase=Phase.AFTER_LOAD),
    Link(name="gct", side=_BROWSER, hosts=STATIC, phase=Phase.AFTER_LOAD, after="entry", script=True),
    Link(name="static", side=_BROWSER, hosts=STATIC, phase=Phase.AFTER_LOAD, after="entry", script=True),
    Link(name="bypass", side=_BROWSER, hosts=STATIC, phase=Phase.AFTER_LOAD, after="entry", control=False, script=True),
    Link(name="verify", side=_BROWSER, hosts=API, phase=Phase.MID_CHALLENGE, after="load"),
    Link(name="verdict", side=_SERVER, hosts=API[:1], phase=Phase.DURING_VERDICT),
)
