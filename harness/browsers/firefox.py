"""Firefox: a stock one over WebDriver BiDi, or Playwright's own build over its protocol.

Neither has Chromium's switch for one trusted key. A stock one finds the lab's authority in the certificate database of its
profile, which NSS's certutil makes: of policy files it reads only the system's. Playwright's build reads a policy file of ours.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import ClassVar

from playwright.async_api import Browser, Playwright

from harness.browsers import firefox_relay
from harness.browsers.base import ENGINES, Engine, Needs
from harness.browsers.words import Words
from harness.errors import MissingPartError
from harness.setup.browser import FoundBrowser
from harness.setup.commands import run_command
from harness.setup.firefox import certutil, find_firefox

_BIDI_CHANNEL = "moz-firefox"
_POLICIES_VARIABLE = "PLAYWRIGHT_FIREFOX_POLICIES_JSON"
_CERTUTIL_S = 30.0
_NOWHERE = 9
# What Firefox asks for itself goes to a port on which nobody listens: only a context, with the lab's router, has a way out.
_PREFERENCES: dict[str, str | float | bool] = {
    "network.proxy.type": 1,
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_port": _NOWHERE,
    "network.proxy.socks_version": 5,
    "network.proxy.socks_remote_dns": True,
    "network.proxy.allow_hijacking_localhost": True,
    "network.proxy.failover_direct": False,
    "network.trr.mode": 5,
    # A connection opened ahead of its request would make a cold link warm.
    "network.http.speculative-parallel-limit": 0,
    "network.http.http3.enable": False,
    "dom.security.https_first": False,
    # A mouse driven over BiDi does not reach a frame of another site that has a process of its own, as a captcha's has.
    "fission.webContentIsolationStrategy": 0,
}

# The sentences are dom/locales/en-US/chrome/security/csp.properties; "would block" is said where a policy only reports.
_WORDS = Words(
    stopped={
        "csp-blocked": re.compile(r"The page’s settings blocked "),
        # What the page or the browser gives up itself is NS_BINDING_ABORTED, and HTML in a script's place NS_ERROR_FAILURE.
        "extension-blocked": re.compile(r"^NS_ERROR_ABORT\b"),
        "offline": re.compile(r"^NS_ERROR_OFFLINE\b"),
    },
    forbids=re.compile(
        r"The page’s settings blocked [\w ]+ \([\w-]+\) at (?P<what>\S+) [\w ]*because it violates the following directive: "
        r"“(?P<rule>[^”]+)”"
    ),
)


class Firefox(Engine):
    """A stock Firefox, or Playwright's own."""

    name: ClassVar[str] = "firefox"
    words: ClassVar[Words] = _WORDS
    # Of eight at once on two cores three did not pass their own control.
    jobs_per_core: ClassVar[int] = 1

    async def find(self, configured: str | None) -> FoundBrowser:
        """Find Playwright's own, then any other."""
        return await find_firefox(configured)

    async def launch(self, playwright: Playwright, found: FoundBrowser, needs: Needs) -> Browser:
        """Start it with the lab's authority in its profile, or in its policies."""
        if found.playwrights:
            policies = needs.folder / "firefox-policies.json"
            install = {"policies": {"Certificates": {"Install": [str(needs.authority.ca_file)]}}}
            policies.write_text(json.dumps(install), encoding="utf-8")
            return await playwright.firefox.launch(
                executable_path=str(found.path), env={**needs.env, _POLICIES_VARIABLE: str(policies)},
                firefox_user_prefs=_PREFERENCES,
            )  # fmt: skip
        certificates = await _database(needs)
        starter = needs.folder / "firefox"
        words = (sys.executable, firefox_relay.__file__, str(found.path), str(certificates))
        starter.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
        starter.chmod(0o700)
        return await playwright.firefox.launch(
            channel=_BIDI_CHANNEL, executable_path=str(starter), env=dict(needs.env), firefox_user_prefs=_PREFERENCES
        )


async def _database(needs: Needs) -> Path:
    """Make a certificate database that trusts the lab's authority for servers, and nothing else that was not trusted."""
    folder = needs.folder / "firefox-certificates"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    at = f"sql:{folder}"
    add = ("-A", "-d", at, "-n", "captchaos lab", "-t", "C,,", "-i", str(needs.authority.ca_file))
    for arguments in (("-N", "-d", at, "--empty-password"), add):
        told = await run_command((str(certutil()), *arguments), timeout_s=_CERTUTIL_S)
        if not told.ok:
            raise MissingPartError(f"certutil could not make Firefox's certificate database ({told.last_line})")
    return folder


ENGINES[Firefox.name] = Firefox()
