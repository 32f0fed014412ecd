"""The recorded surface of a target: every edge that its healthy flows use, kept in a file beside the target file.

``captchaos discover --record`` writes it, ``--check`` compares with it, and the plan reads in it which flow needs which third
party.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.catalog import Side
from harness.errors import ConfigurationError
from harness.target.problems import display

VERSION = 1
_KEY = "captchaos_surface"
# What stands in the place of a host for the target itself, whose port is another in every lab.
TARGET_ITSELF = "(the target)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceEdge:
    """One edge: who asks whom, on which link ("" where none is named).

    ``host`` has its port unless that is 443. ``kinds`` are what is asked for (script, font, call …); ``blocks``: some page is
    not rendered until one of them has come.
    """

    side: Side
    host: str
    link: str
    kinds: tuple[str, ...]
    flows: tuple[str, ...]
    blocks: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it another edge than the others."""
        return self.side.value, self.host, self.link

    def __str__(self) -> str:
        link = f", link {self.link}" if self.link and self.link != self.host else ""
        return f"{self.side} → {self.host}{link} ({', '.join(self.kinds)}; {', '.join(self.flows)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Every edge of a target, in a steady order."""

    target: str
    edges: tuple[SurfaceEdge, ...]

    def of_flows(self, flows: Iterable[str]) -> Surface:
        """What only these flows use."""
        wanted = set(flows)
        kept = (replace(edge, flows=tuple(f for f in edge.flows if f in wanted)) for edge in self.edges)
        return replace(self, edges=tuple(edge for edge in kept if edge.flows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a newer surface has more or less than an older one, a sentence each."""

    grown: tuple[str, ...]
    lost: tuple[str, ...]


def compare(old: Surface, new: Surface) -> Change:
    """Say what has grown: an edge, a flow on it, a kind of thing, a page that it now blocks; and what is lost."""
    before = {edge.key: edge for edge in old.edges}
    after = {edge.key: edge for edge in new.edges}
    grown = [f"new: {edge}" for key, edge in after.items() if key not in before]
    lost = [f"lost: {edge}" for key, edge in before.items() if key not in after]
    for key in (key for key in after if key in before):
        grown += _more(before[key], after[key])
        lost += [f"no longer: {said}" for said in _parts(after[key], before[key])]
    return Change(grown=tuple(grown), lost=tuple(lost))


def _more(old: SurfaceEdge, new: SurfaceEdge) -> list[str]:
    said = [f"new: {more}" for more in _parts(old, new)]
    return [*said, f"new: {new.host} now blocks rendering"] if new.blocks and not old.blocks else said


def _parts(less: SurfaceEdge, more: SurfaceEdge) -> list[str]:
    flows = [flow for flow in more.flows if flow not in less.flows]
    kinds = [kind for kind in more.kinds if kind not in less.kinds]
    where = f"{more.host}, link {more.link}" if more.link and more.link != more.host else more.host
    return [f"{where} in the flow {flow}" for flow in flows] + [f"{kind} from {where}" for kind in kinds]


def surface_file(target_file: Path) -> Path:
    """Where the surface of a target is kept: ``captchaos.surface.json`` beside ``captchaos.toml``."""
    return target_file.with_suffix(".surface.json")


def write_surface(surface: Surface, file: Path) -> None:
    """Keep a surface, in the place of what stood there; raises ConfigurationError where that cannot be written."""
    rows = [
        {
            "from": edge.side.value, "host": edge.host, "link": edge.link, "kinds": edge.kinds, "flows": edge.flows,
            "blocks": edge.blocks,
        }
        for edge in surface.edges
    ]  # fmt: skip
    text = json.dumps({_KEY: VERSION, "target": surface.target, "edges": rows}, indent=1, ensure_ascii=False)
    try:
        file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{display(file)} cannot be written ({error.strerror})") from error


def read_surface(file: Path) -> Surface | None:
    """Read what was recorded; None where nothing was, ConfigurationError for what is no surface of this version."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        version = document[_KEY]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{display(file)} cannot be read ({error.strerror}): let it be read, or remove it") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigurationError(_no_surface(file)) from error
    if version != VERSION:
        said = f"{display(file)} is a surface of version {str(version)[:20]!r}, and this captchaos reads {VERSION}"
        raise ConfigurationError(f"{said}: record it again with `captchaos discover --record`")
    try:
        return Surface(target=_text(document["target"]), edges=tuple(map(_edge, document["edges"])))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(_no_surface(file)) from error


def _no_surface(file: Path) -> str:
    return f"{display(file)} is no surface that `captchaos discover` has recorded: record it again with --record, or remove it"


def _edge(row: Any) -> SurfaceEdge:
    return SurfaceEdge(
        side=Side(row["from"]),
        host=_text(row["host"]),
        link=_text(row["link"]),
        kinds=tuple(map(_text, row["kinds"])),
        flows=tuple(map(_text, row["flows"])),
        blocks=row["blocks"] is True,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
