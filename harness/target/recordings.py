"""What somebody else's hosts have answered, kept beside the target file: ``recorded/HOST/`` with a manifest and the bodies.

``captchaos discover --record`` adds to it, and everything else answers from it, so that nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import ConfigurationError
from harness.target.problems import display

FOLDER, MANIFEST = "recorded", "manifest.json"
VERSION = 1
MAX_ANSWER_BYTES = 8 << 20
MAX_HOST_BYTES = 64 << 20
MAX_ANSWERS = 1000
# In the place of the origin that a host named in its answer: who asks has another port in every lab.
WHO_ASKS = "(who asks)"
# What changes how a browser takes an answer; cookies, dates, lengths and a server's words about itself are not among it.
HEADERS = (
    "content-type", "content-disposition", "content-language", "location", "referrer-policy", "x-content-type-options",
    "access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers",
    "cross-origin-resource-policy", "cross-origin-embedder-policy", "cross-origin-opener-policy", "timing-allow-origin",
    "content-security-policy",
)  # fmt: skip
# For who looks into the folder; which kinds a machine knows by itself differs.
_ENDINGS = {
    "text/javascript": ".js", "application/javascript": ".js", "application/x-javascript": ".js", "text/css": ".css",
    "text/html": ".html", "application/json": ".json", "image/svg+xml": ".svg", "image/png": ".png", "image/jpeg": ".jpg",
    "font/woff2": ".woff2", "font/woff": ".woff",
}  # fmt: skip
_KEY = "captchaos_record"
_URL = re.compile(r"/[\x21-\x7e]*")
_BODY = re.compile(r"[0-9a-f]{16}(\.[a-z0-9]{1,8})?")
# More than any server of today sends in one.
_LONGEST_HEADER = 16 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One answer. ``url`` is path and query as they were asked for; ``headers`` are some of :data:`HEADERS`."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def sha256(self) -> str:
        """Of the body."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def file_name(self) -> str:
        """What the body's file is called, "" for no body: by what it holds, for a URL is no name for a file."""
        if not self.body:
            return ""
        kind = dict(self.headers).get("content-type", "").partition(";")[0].strip().lower()
        return self.sha256[:16] + _ENDINGS.get(kind, "")


def record_folder(target_folder: Path, host: str) -> Path:
    """Where the answers of a host are kept."""
    return target_folder / FOLDER / host


def sayable(url: str) -> bool:
    """Whether a record can hold an answer for this path and query: no whole address is one, nor what is not printable."""
    return _URL.fullmatch(url) is not None


def read_record(target_folder: Path, host: str) -> dict[str, Kept]:
    """Read what is kept of a host by URL, nothing where there is no manifest; raises ConfigurationError for what is damaged."""
    folder = record_folder(target_folder, host)
    file = folder / MANIFEST
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        version, rows = document[_KEY], document["answers"]
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{display(file)} cannot be read ({error.strerror}): let it be read, or remove it") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(file, "it is no manifest that `captchaos discover --record` has written") from error
    if version != VERSION:
        raise _damaged(file, f"it is of version {str(version)[:20]!r}, and this captchaos reads {VERSION}")
    kept: dict[str, Kept] = {}
    for row in rows if isinstance(rows, list) else [None]:
        one = _kept(row, file)
        if one.url in kept:
            raise _damaged(file, f"it holds two answers to GET {_short(one.url)}, and only one can be given")
        kept[one.url] = one
    return kept


def add_to_record(target_folder: Path, host: str, known: Iterable[Kept], new: Kept) -> None:
    """Keep one more answer of a host, its body first; raises ConfigurationError where that cannot be written."""
    folder = record_folder(target_folder, host)
    answers = sorted((*known, new), key=lambda one: one.url)
    rows = [
        {
            "url": one.url, "status": one.status, "headers": dict(one.headers), "body": one.file_name,
            "bytes": len(one.body), "sha256": one.sha256,
        }
        for one in answers
    ]  # fmt: skip
    text = json.dumps({_KEY: VERSION, "host": host, "answers": rows}, indent=1, ensure_ascii=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if new.file_name:
            _write(folder / new.file_name, new.body)
        _write(folder / MANIFEST, f"{text}\n".encode())
    except OSError as error:
        raise ConfigurationError(f"{display(folder)} cannot be written ({error.strerror}): let it be written") from error


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all."""
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(beside).chmod(0o644)
        Path(beside).replace(file)
    except BaseException:  # raised again: nothing of a file that is not whole stays
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise


def _kept(row: Any, file: Path) -> Kept:
    try:
        url, status, name, sha256 = row["url"], row["status"], row["body"], row["sha256"]
        headers = tuple(row["headers"].items())
        known = sayable(url) and isinstance(status, int) and 200 <= status <= 599 and all(map(_keepable, headers))
        known = known and (not name or _BODY.fullmatch(name) is not None)
    except (KeyError, TypeError, AttributeError):
        known = False
    if not known:
        raise _damaged(file, "one of its answers is none that `captchaos discover --record` has written")
    body = _body(file.parent / name, url) if name else b""
    one = Kept(url=url, status=status, headers=headers, body=body)
    if one.sha256 != sha256:
        raise _damaged(file, f"{name or 'no body'}, for GET {_short(url)}, is not what was recorded (sha256)")
    return one


def _keepable(header: tuple[str, str]) -> bool:
    name, value = header
    return name in HEADERS and clean(value)


def clean(value: str) -> bool:
    """Whether a header's value can be kept, and sent as it is."""
    return value.isprintable() and value.isascii() and len(value) <= _LONGEST_HEADER


def _body(file: Path, url: str) -> bytes:
    try:
        if file.stat().st_size <= MAX_ANSWER_BYTES:
            return file.read_bytes()
    except OSError as error:
        said = f"{file.name}, the body for GET {_short(url)}, cannot be read ({error.strerror})"
        raise _damaged(file.parent / MANIFEST, said) from error
    raise _damaged(file.parent / MANIFEST, f"{file.name}, for GET {_short(url)}, has more than {MAX_ANSWER_BYTES >> 20} MiB")


def _damaged(manifest: Path, why: str) -> ConfigurationError:
    mend = "take it back from where it is committed, or remove the folder and run `captchaos discover --record`"
    return ConfigurationError(f"{display(manifest)}: {why}; {mend}")


def _short(url: str) -> str:
    return url if len(url) <= 120 else f"{url[:120]}…"
