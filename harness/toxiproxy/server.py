"""One Toxiproxy server's HTTP API: a session per thread, a time limit on every wait, every refusal raised.

What goes wrong is a :class:`ToxiproxyError` that names server, action (with the proxy) and the server's own words.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from harness.errors import ToxiproxyError, UsageError

DEFAULT_PORT = 8474
TIME_LIMIT_S = 5.0
_SAID_CHARACTERS = 300
# Toxiproxy refuses user agents that start with "Mozilla/" (PITFALLS.md).
_HEADERS = {"User-Agent": "captchaos", "Accept": "application/json"}


class Server:
    """The API at ``url`` (``http://host:port``); safe from several threads, ``time_limit_s`` bounds every single wait."""

    def __init__(self, url: str, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self.url = _checked(url)
        self.time_limit_s = time_limit_s
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()
        self._without_patch = False

    def ask(
        self, method: str, path: str, action: str, *, json: object = None, absent_is_fine: bool = False
    ) -> requests.Response:
        """Send one request; raises ToxiproxyError unless the answer is 2xx (or 404, when ``absent_is_fine``)."""
        answer = self._send(method, path, action, json)
        if absent_is_fine and answer.status_code == 404:
            return answer
        return self._unless_refused(answer, action)

    def update(self, path: str, action: str, *, json: object) -> requests.Response:
        """Change what is there: by PATCH, or by POST on a server older than 2.6, which has no PATCH."""
        if not self._without_patch:
            answer = self._send("PATCH", path, action, json)
            if answer.status_code != 405:
                return self._unless_refused(answer, action)
            self._without_patch = True
        return self.ask("POST", path, action, json=json)

    def json(self, method: str, path: str, action: str) -> Mapping[str, Any]:
        """Send one request and read its answer as a JSON object."""
        return self.read_object(self.ask(method, path, action), action)

    def read_object(self, answer: requests.Response, action: str) -> Mapping[str, Any]:
        """Read an answer as a JSON object; raises ToxiproxyError when it is none."""
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            shown = answer.text.strip()[:_SAID_CHARACTERS]
            raise ToxiproxyError(f"Toxiproxy at {self.url}, asked to {action}, did not answer with a JSON object but {shown!r}")
        return said

    def close(self) -> None:
        """Close every thread's connections."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()
            self._local = threading.local()

    def _unless_refused(self, answer: requests.Response, action: str) -> requests.Response:
        if 200 <= answer.status_code < 300:
            return answer
        said = answer.text.strip()[:_SAID_CHARACTERS] or "nothing"
        raise ToxiproxyError(f"Toxiproxy at {self.url} refused to {action}: HTTP {answer.status_code}, it said {said}")

    def _send(self, method: str, path: str, action: str, json: object) -> requests.Response:
        try:
            return self._session().request(
                method, self.url + path, json=json, timeout=self.time_limit_s, allow_redirects=False
            )
        except requests.Timeout as error:
            raise ToxiproxyError(
                f"Toxiproxy at {self.url} did not answer within {self.time_limit_s:g} s when told to {action}: "
                "it may be wedged, restart it"
            ) from error
        except requests.RequestException as error:
            raise ToxiproxyError(
                f"Toxiproxy at {self.url} could not be told to {action}: {_briefly(error)}; does it still run?"
            ) from error

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update(_HEADERS)
            # Neither a proxy nor a .netrc from the environment may come between us and a server on loopback.
            session.trust_env = False
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session


def _checked(url: str) -> str:
    mend = f"write http://127.0.0.1:{DEFAULT_PORT}"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError as error:
        raise UsageError(f"{url!r} is no address of a Toxiproxy API ({error}): {mend}") from error
    if not host or parts.scheme != "http" or parts.path not in ("", "/"):
        raise UsageError(f"{url!r} is no address of a Toxiproxy API: {mend}")
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _briefly(error: requests.RequestException) -> str:
    """The operating system's own word for it, of all that the library says around that."""
    said = re.search(r"\[Errno -?\d+\] ([\w ]+)", str(error))
    return said[1] if said else str(error)
