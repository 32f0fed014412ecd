"""A proxy as its server describes it, and the comparison of what was asked with what now stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.errors import ToxiproxyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """One toxic. ``attributes`` are in the server's units: milliseconds, KB/s, bytes; the slicer's delay in microseconds."""

    name: str
    type: str
    stream: str
    toxicity: float
    attributes: Mapping[str, int]

    def __str__(self) -> str:
        shown = ", ".join(f"{key}={value}" for key, value in sorted(self.attributes.items()))
        return f"{self.type} {self.stream} ({shown}), toxicity {self.toxicity:g}"

    def stands_as(self, read_back: Toxic) -> bool:
        """Whether ``read_back`` is this toxic exactly; an attribute that was not asked for must be zero."""
        unasked = dict.fromkeys(read_back.attributes, 0)
        return (self.name, self.type, self.stream, self.toxicity, {**unasked, **self.attributes}) == (
            read_back.name,
            read_back.type,
            read_back.stream,
            read_back.toxicity,
            dict(read_back.attributes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyState:
    """One proxy at the moment it was read; ``listen`` and ``upstream`` are ``host:port``."""

    name: str
    listen: str
    upstream: str
    enabled: bool
    toxics: tuple[Toxic, ...]

    def toxic(self, name: str) -> Toxic | None:
        """The toxic of that name, if it stands."""
        return next((toxic for toxic in self.toxics if toxic.name == name), None)

    def __str__(self) -> str:
        return f"{'enabled' if self.enabled else 'disabled'}, toxics: {'; '.join(map(str, self.toxics)) or 'none'}"


def read_state(said: Mapping[str, Any], *, url: str) -> ProxyState:
    """Read the server's JSON of one proxy; raises ToxiproxyError when a field is missing or of the wrong type."""
    try:
        return ProxyState(
            name=_expect(said["name"], str),
            listen=_expect(said["listen"], str),
            upstream=_expect(said["upstream"], str),
            enabled=_expect(said["enabled"], bool),
            toxics=tuple(_toxic(toxic) for toxic in _expect(said["toxics"], list)),
        )
    except (KeyError, TypeError) as error:
        raise ToxiproxyError(
            f"Toxiproxy at {url} describes a proxy in a form that is not understood ({error}): is it version 2?"
        ) from error


def _toxic(said: Mapping[str, Any]) -> Toxic:
    return Toxic(
        name=_expect(said["name"], str),
        type=_expect(said["type"], str),
        stream=_expect(said["stream"], str),
        toxicity=float(said["toxicity"]),
        attributes=dict(_expect(said["attributes"], dict)),
    )


def _expect(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
