"""Find and read ``captchaos.toml``; a mistake in it is answered with file, line, what was expected and the closest match."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from harness.bundled import bundled
from harness.errors import ConfigurationError, UsageError, closest
from harness.target.build import build_target
from harness.target.contradictions import contradictions
from harness.target.extending import base_of, base_problems, merged, second_step
from harness.target.problems import display, refuse
from harness.target.schema_check import schema_problems
from harness.target.spec import Target
from harness.target.waivers import with_plain_dates

FILE_NAME = "captchaos.toml"
ANIMAL = "bug.patch"
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def find_target(arg: str | None) -> Path:
    """Return the target file that ``arg`` means: a file, a folder that holds one, or (None) the bundled shop's.

    Raises :class:`UsageError` with the closest match when there is none.
    """
    if arg is None:
        return _bundled_shop()
    path = Path(arg)
    if path.is_dir():
        _demand_no_animal(path)
        path = path / FILE_NAME
    if path.is_file():
        return path.resolve()
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {display(path.parent)}, so no target file {display(Path(path.name))} in it")
    beside = [entry.name for entry in path.parent.iterdir() if os.path.isfile(entry / FILE_NAME) or _may_be_one(entry)]
    raise UsageError(f"there is no target file {display(path)}{closest(path.name, beside)}")


def _may_be_one(file: Path) -> bool:
    return file.suffix == ".toml" and file.name != "pyproject.toml" and file.is_file()


def _demand_no_animal(folder: Path) -> None:
    if (folder / ANIMAL).is_file() and not (folder / FILE_NAME).is_file():
        name = folder.resolve().name
        raise UsageError(
            f"{display(folder)} is an animal of the zoo, a patch and no target: "
            f"`captchaos zoo {name} --keep DIR` runs it and leaves a target for `captchaos run DIR/{name}`"
        )


def load_target(path: Path) -> Target:
    """Read a target file whole, or raise one :class:`ConfigurationError` with a line ``file:line: sentence`` per mistake."""
    file = path.resolve()
    text = _text(file)
    document = _whole(file, text)
    _demand_right(file, text, document)
    return build_target(document, file)


def _whole(file: Path, text: str) -> dict[str, Any]:
    """The document of a file, on top of the one that it extends, which must be right by itself."""
    document = with_plain_dates(_document(file, text))
    base = base_of(document, file)
    if base is None:
        return document
    refuse(file, text, base_problems(base, file))
    below_text = _text(base)
    below = with_plain_dates(_document(base, below_text))
    refuse(file, text, second_step(below, base))
    _demand_right(base, below_text, below)
    return merged(below, document)


def _demand_right(file: Path, text: str, document: dict[str, Any]) -> None:
    refuse(file, text, schema_problems(document))
    refuse(file, text, contradictions(document, file.parent))


def _bundled_shop() -> Path:
    shop = bundled("shop") / FILE_NAME
    if not shop.is_file():
        raise UsageError("the reference shop is not part of this installation: name a target file")
    return shop


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{display(file)}:1: the target file cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"the file must be UTF-8, but the byte {raw[error.start]:#04x} stands there"
        raise ConfigurationError(f"{display(file)}:{line}: {what}") from error
    return text.replace("\r\n", "\n")


def _document(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = place.group(1) if place and place.group(1) else str(text.rstrip("\n").count("\n") + 1)
        what = _PLACE.sub("", str(error))
        raise ConfigurationError(f"{display(file)}:{line}: this is not TOML: {what[:1].lower()}{what[1:]}") from error
