"""Without Toxiproxy or a browser a run ends before it begins: a sentence that says how to mend it, exit code 4."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from suites.selftest.acceptance.command import SCENARIO, House, one_sentence

CRASHING = '#!/bin/sh\n[ "$1" = --version ] && echo Chromium 150.0.7871.46 && exit 0\necho the sandbox has a hole >&2; exit 1\n'


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        return


@pytest.fixture
def something_else() -> Iterator[str]:
    """The URL of an HTTP server that is no Toxiproxy."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def refused(house: House, **env: str) -> str:
    """What a run with these variables says, when it ends with exit code 4 and leaves nothing, not even a folder."""
    done = house.run("run", "-k", SCENARIO, "--jobs", "1", "--out", house.out, **env)
    said = one_sentence(done.stderr)
    assert done.returncode == 4
    assert done.stdout == ""
    assert house.left_behind() == []
    assert not house.out.exists()
    return said


def test_a_toxiproxy_that_is_not_there(house: House) -> None:
    said = refused(house, CAPTCHAOS_TOXIPROXY="/nonexistent/toxiproxy-server")
    assert "/nonexistent/toxiproxy-server (configured by CAPTCHAOS_TOXIPROXY) does not exist: correct the path" in said


def test_a_program_that_is_no_toxiproxy(house: House) -> None:
    assert "is it really a toxiproxy-server?" in refused(house, CAPTCHAOS_TOXIPROXY="/bin/true")


def test_an_address_where_something_else_answers(house: House, something_else: str) -> None:
    said = refused(house, CAPTCHAOS_TOXIPROXY=something_else)
    assert f"what answers at {something_else} is not Toxiproxy" in said


def test_an_address_where_nothing_answers(house: House) -> None:
    said = refused(house, CAPTCHAOS_TOXIPROXY="http://127.0.0.1:9")
    assert "nothing answers as Toxiproxy at http://127.0.0.1:9" in said
    assert "start toxiproxy-server there" in said


def test_a_browser_that_is_not_there(house: House) -> None:
    said = refused(house, CAPTCHAOS_BROWSER="/nonexistent/chromium")
    assert "/nonexistent/chromium (configured by CAPTCHAOS_BROWSER) does not exist: correct the path" in said


def test_a_browser_that_crashes_at_its_start(house: House, tmp_path: Path) -> None:
    crashing = tmp_path / "chromium"
    crashing.write_text(CRASHING)
    crashing.chmod(0o755)
    said = refused(house, CAPTCHAOS_BROWSER=str(crashing))
    assert f"the browser {crashing} (150.0.7871.46) crashes at its start: the sandbox has a hole" in said
