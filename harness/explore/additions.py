"""What a target file has to say besides, of the hosts that its pages were seen to ask."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.catalog import Side
from harness.errors import ConfigurationError
from harness.explore.edges import HTTPS, Found, Whose
from harness.target.problems import display

_TABLE = "third_party"
_HEADER = re.compile(
    r"^[ \t]*\[[ \t]*(third_party|\"third_party\"|'third_party')[ \t]*\][ \t]*(#[^\r\n]*)?(\r?\n|\Z)", re.MULTILINE
)
# As the schema of the target file has it: what else a page may ask for cannot be said there.
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


def hosts_to_add(found: Iterable[Found]) -> tuple[Found, ...]:
    """The third parties that pages ask for over https and nothing maps, each host once."""
    asked = {one.edge.host: one for one in found if one.refused and one.edge.side is Side.BROWSER and _can_be_said(one)}
    return tuple(asked.values())


def _can_be_said(one: Found) -> bool:
    return one.whose is Whose.THIRD_PARTY and one.port == HTTPS and _HOST.fullmatch(one.edge.host) is not None


def beyond_the_file(found: Iterable[Found]) -> tuple[Found, ...]:
    """What nothing maps and no line in the target file can: calls of the server, and other ports than 443."""
    refused = tuple(one for one in found if one.refused)
    said = {one.edge.host for one in hosts_to_add(refused)}
    return tuple(one for one in refused if one.edge.side is Side.SERVER or one.edge.host not in said)


def additions(hosts: Iterable[Found]) -> str:
    """The lines for the target file, as TOML that loads; "" where there is nothing to add."""
    lines = _lines(hosts)
    return "\n".join([f"[{_TABLE}]", *lines]) + "\n" if lines else ""


def _lines(hosts: Iterable[Found]) -> list[str]:
    return [f'"{one.edge.host}" = "allow" # {", ".join(one.edge.kinds)}{_blocking(one)}; {_ADVICE}' for one in hosts]


_ADVICE = 'allow asks the real host at every visit, "record" once, and a folder never'


def _blocking(one: Found) -> str:
    return ", blocks rendering" if one.edge.blocks else ""


def with_additions(text: str, hosts: tuple[Found, ...], file: Path) -> str:
    """The target file's text with the additions in it and nothing else changed; ConfigurationError where that cannot be had."""
    header = _HEADER.search(text)
    if header is not None:
        at, newline = header.start(3), header[3] or _last_newline(text)
        new = text[:at] + "".join(f"{newline}{line}" for line in _lines(hosts)) + text[at:]
    else:
        gap = "" if not text or text.endswith("\n") else "\n"
        new = text + f"{gap}\n{additions(hosts)}".replace("\n", _last_newline(text))
    wanted = _with_hosts(tomllib.loads(text), hosts)
    if not _reads_as(new, wanted):
        said = f"{display(file)}: [{_TABLE}] is written in a way that cannot be added to"
        raise ConfigurationError(f"{said}; add these lines by hand:\n{additions(hosts)}")
    return new


def _last_newline(text: str) -> str:
    end = text.rfind("\n")
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def _with_hosts(document: dict[str, Any], hosts: Iterable[Found]) -> Mapping[str, Any]:
    return {**document, _TABLE: {**document.get(_TABLE, {}), **{one.edge.host: "allow" for one in hosts}}}


def _reads_as(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def write_additions(file: Path, hosts: tuple[Found, ...]) -> None:
    """Put the additions into the target file, whole or not at all; raises ConfigurationError where it cannot be written."""
    raw = file.read_bytes()
    marked = raw.startswith(b"\xef\xbb\xbf")
    text = with_additions(raw.decode("utf-8-sig"), hosts, file)
    try:
        _replace(file.resolve(), text.encode("utf-8-sig" if marked else "utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{display(file)} cannot be written ({error.strerror}); it is as it was") from error


def _replace(file: Path, data: bytes) -> None:
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(beside).chmod(file.stat().st_mode & 0o7777)
        Path(beside).replace(file)
    except BaseException:  # raised again: the file itself is as it was
        Path(beside).unlink(missing_ok=True)
        raise
