"""The ``{…}`` of a target file: names that the lab fills in, and names that a request's values fill in.

Braces that hold no such name stand for themselves, so JSON and format strings may be written as they are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from harness.errors import ConfigurationError, closest

LATE_NAMES = frozenset({"port", "python"})
FIXED_NAMES = LATE_NAMES | {"lab.proxy", "lab.ca_file", "lab.dir"}
KNOWN_NAMES = FIXED_NAMES | {"links.NAME.url", "provider.NAME", "providers.NAME.NAME"}
"""Every name that ``env`` may use (commands: the late ones); a ``NAME`` is a link, a provider, or a word of its console."""

_OURS = ("lab.", "links.", "provider.", "providers.")
_OF_A_PROVIDER = re.compile(r"links\.[A-Za-z0-9_-]+\.url|provider\.[a-z_]+|providers\.[a-z0-9_-]+\.[a-z_]+")
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.-]*)\}")
# A name this near to one of ours was meant to be it ("prt", "python3"); anything further off is the target's own text.
_NEAR = 0.75


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace known names by ``values``; ``{port}`` and ``{python}`` may be left for :mod:`harness.target.process`.

    Raises :class:`ConfigurationError` for a known name without a value, with the closest that has one.
    """

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in values:
            return values[name]
        if name in LATE_NAMES or not (is_known(name) or name.startswith(_OURS)):
            return found.group()
        raise ConfigurationError(f"{{{name}}} cannot be filled in{closest(name, values)}")

    return _BRACED.sub(value, text)


def is_known(name: str) -> bool:
    """Whether the lab may fill in this name."""
    return name in FIXED_NAMES or _OF_A_PROVIDER.fullmatch(name) is not None


def unknown_names(text: str) -> Iterator[tuple[str, str]]:
    """Each name in ``text`` that was meant for the lab but that it does not know, with a hint at the closest match."""
    for name in _BRACED.findall(text):
        if is_known(name):
            continue
        is_near = difflib.get_close_matches(name, FIXED_NAMES, n=1, cutoff=_NEAR)
        if name.startswith(_OURS) or is_near:
            yield name, closest(name, KNOWN_NAMES)


def names_in(value: object) -> Iterator[str]:
    """Every braced name in a text, or in the texts of a JSON value."""
    match value:
        case str():
            yield from _BRACED.findall(value)
        case Mapping():
            for part in value.values():
                yield from names_in(part)
        case list() | tuple():
            for part in value:
                yield from names_in(part)


def fill_path(path: str, values: Mapping[str, object]) -> str:
    """Replace names in a URL path, each value percent-encoded."""
    return _BRACED.sub(_lookup(values, lambda value: quote(str(value), safe="")), path)


def fill_value(value: object, values: Mapping[str, object]) -> object:
    """Replace names in the texts of a JSON value; a text that is one name alone takes the value with its type.

    Raises :class:`KeyError` for a name without a value.
    """
    match value:
        case str():
            whole = _BRACED.fullmatch(value)
            return values[whole.group(1)] if whole else fill_request_text(value, values)
        case Mapping():
            return {key: fill_value(part, values) for key, part in value.items()}
        case list() | tuple():
            return [fill_value(part, values) for part in value]
        case _:
            return value


def fill_request_text(text: str, values: Mapping[str, object]) -> str:
    """Replace names in a form field or header; raises :class:`KeyError` for a name without a value."""
    return _BRACED.sub(_lookup(values, str), text)


def _lookup(values: Mapping[str, object], write: Callable[[object], str]) -> Callable[[re.Match[str]], str]:
    return lambda found: write(values[found.group(1)])
