"""The client's static files, as each build serves them.

A script is its source with ``__FILE__("name.js")`` replaced by that file and one token, ``__BUILD__``, by the build's
constants: that is all the vendor's builds differ in here. The ticket prefix is one of those constants, because tickets are
minted even when no configuration ever came; the two variants of an entry script differ in that word alone. Names carry the
hash of what they name, as the vendor's do.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BUILDS = ("classic", "newer", "entry2020", "v2", "international")
PREFIXES = ("terror", "trerror")
# The vendor's scripts are some tens of kilobytes: a connection that is cut must have something to cut.
SERVED_BYTES = 20_000

_CLIENT = Path(__file__).parent / "client"
_FILLER = "the vendor's scripts are about as long as this comment makes this one "
_INCLUDED = re.compile(r'__FILE__\("([a-z-]+\.js)"\)')


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFiles:
    """Everything static that one build serves: bodies, the names that carry a hash, and the build's own two hosts."""

    entry: bytes
    global_entry: bytes
    frame: bytes
    frame_name: str
    template: bytes
    template_name: str
    library: bytes
    slider: bytes
    slider_name: str
    api: str
    cdn: str


@cache
def client_files(build: str, prefix: str) -> ClientFiles:
    """Read and assemble the files of ``build`` (one of ``BUILDS``) with ``prefix`` (one of ``PREFIXES``)."""
    constants = json.loads((_CLIENT / build / "build.json").read_text("utf-8"))
    frame = _script("tcaptcha-frame.js", constants)
    template = _padded(_source("drag_ele.html"), "<!--", "-->").encode()
    slider = _script("dy-ele.js", {})
    frame_name = f"{constants['frameName']}.{_hash(frame)}.js"
    entry_constants = {**constants, "prefix": prefix, "frameFile": frame_name}
    return ClientFiles(
        entry=_script("TCaptcha.js", entry_constants),
        global_entry=_script("TCaptcha.js", {**entry_constants, "elementRequired": True}),
        frame=frame,
        frame_name=frame_name,
        template=template,
        template_name=f"{constants['templateName']}.{_hash(template)}.html",
        library=_script("dy-jy.js", {}),
        slider=slider,
        slider_name=f"dy-ele.{_hash(slider)}.js",
        api=constants["api"],
        cdn=constants["cdn"],
    )


def _script(name: str, constants: dict[str, object]) -> bytes:
    source = _padded(_source(name), "/*", "*/")
    return source.replace("__BUILD__", json.dumps(constants, ensure_ascii=False)).encode()


def _source(name: str) -> str:
    text = (_CLIENT / "popup" / name).read_text("utf-8")
    return _INCLUDED.sub(lambda found: _source(found[1]).strip(), text)


def _padded(text: str, opening: str, closing: str) -> str:
    """Put a comment after the first line, so that what matters comes last and a cut never leaves a working head."""
    head, _, rest = text.partition("\n")
    missing = max(0, SERVED_BYTES - len(text.encode()))
    filler = (_FILLER * (missing // len(_FILLER) + 1))[:missing]
    return f"{head}\n{opening} {filler} {closing}\n{rest}"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]
