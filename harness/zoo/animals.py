"""What an animal is: a folder with ``bug.patch``, and ``expected.toml`` which says what must be found, and why."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bundled import bundled
from harness.catalog import Schedule
from harness.errors import ConfigurationError, UsageError, closest
from harness.journal.model import Finding as Said
from harness.journal.model import Scenario
from harness.judge import ORACLES
from harness.plan.select import Selection
from harness.plan.words import parse_words
from harness.target.loader import ANIMAL
from harness.target.problems import display
from harness.zoo.patches import Patch

EXPECTED, PAIRS = "expected.toml", "pairs.toml"
# The oracles that speak of what takes too long.
_OF_TIME = ("bounded-wait", "page-usable", "holds-under-load")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding that must come: of ``oracle``, on the scenarios that the rest speaks of. An empty tuple is everything.

    ``seen`` is a regular expression that its words must have, "" any: an oracle may speak for more reasons than the bug.
    """

    oracle: str
    seen: str
    kind: str
    flows: tuple[str, ...]
    modes: tuple[int, ...]
    faults: tuple[str, ...]
    links: tuple[str, ...]
    why: str

    def speaks_of(self, scenario: Scenario) -> bool:
        """Whether it must come on this scenario."""
        fault = scenario.fault.name if scenario.fault else ""
        return (
            scenario.kind == self.kind
            and (not self.flows or scenario.flow in self.flows)
            and (not self.modes or scenario.mode in self.modes)
            and (not self.faults or fault in self.faults)
            and (not self.links or scenario.link in self.links)
        )

    def is_said_by(self, finding: Said) -> bool:
        """Whether a finding of the judge's is this one; its words are searched as the terminal prints them."""
        words = f"expected {finding.expected}; seen {finding.seen}"
        return finding.oracle == self.oracle and re.search(self.seen, words) is not None

    def __str__(self) -> str:
        """Name it in a few words."""
        parts = (self.kind, *self.flows, *map(str, self.modes), *self.links, *self.faults)
        return f"{self.oracle} ({' '.join(parts)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A schedule on a flow: for a bug that no fault shows alone."""

    flow: str
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Animal:
    """The shop with one bug (or, as a pair, with two). ``run`` chooses the few scenarios that must kill it.

    ``schedules`` must kill it, too: no plan has two faults at once. ``harm`` is what somebody would see; ``innocent`` are the
    oracles that must find nothing.
    """

    name: str
    title: str
    harm: str
    patches: tuple[Patch, ...]
    run: tuple[Selection, ...]
    schedules: tuple[Struck, ...] = ()
    findings: tuple[Finding, ...]
    innocent: frozenset[str]

    @property
    def bugs(self) -> tuple[str, ...]:
        """The names of its bugs: its own, or both of a pair."""
        return tuple(patch.owner for patch in self.patches)

    @property
    def controls_fail(self) -> frozenset[str]:
        """The flows in which it shows where nothing is broken, by name."""
        return frozenset(flow for finding in self.findings if finding.kind == "control" for flow in finding.flows)

    @property
    def late(self) -> frozenset[str]:
        """The oracles by which it may show in a time."""
        return frozenset(finding.oracle for finding in self.findings if finding.oracle in _OF_TIME)


def zoo_folder() -> Path:
    """Where the animals live; raises UsageError when this installation has none."""
    folder = bundled("zoo")
    if not folder.is_dir():
        raise UsageError("the zoo is not part of this installation")
    return folder


def names(folder: Path) -> tuple[str, ...]:
    """The names of all animals in order: the classes F1 to F10, B1 to B15 and M, then those with words for names."""
    return tuple(sorted((path.parent.name for path in folder.glob(f"*/{ANIMAL}")), key=_order))


def _order(name: str) -> tuple[int, int, str]:
    found = re.fullmatch(r"([FBM])([0-9]*)", name)
    return ("FBM".index(found[1]), int(found[2] or 0), name) if found else (len("FBM"), 0, name)


def load_animals(folder: Path, wanted: Sequence[str] = ()) -> tuple[Animal, ...]:
    """Load the animals of these names, or all; an unknown name gets the closest match."""
    known = names(folder)
    for name in wanted:
        if name not in known:
            raise UsageError(f"the zoo has no animal {name!r}{closest(name, known)}")
    return tuple(load_animal(folder / name) for name in dict.fromkeys(wanted or known))


def load_animal(folder: Path) -> Animal:
    """Read one animal's folder; raises ConfigurationError that names the file and what is wrong in it."""
    told = _read(folder / EXPECTED)
    where = display(folder / EXPECTED)
    _demand(told, ("bug", "title", "harm", "findings"), where)
    if not (told.get("run") or told.get("schedules")):
        raise ConfigurationError(f"{where}: run or [[schedules]] must be said")
    if told["bug"] != folder.name:
        raise ConfigurationError(f"{where}: bug is {told['bug']!r}, but the folder is called {folder.name!r}")
    lines = told.get("run", [])
    try:
        run = tuple(parse_words(line) for line in ([lines] if isinstance(lines, str) else lines))
    except UsageError as error:
        raise ConfigurationError(f"{where}: run: {error}") from error
    return Animal(
        name=folder.name,
        title=told["title"],
        harm=told["harm"],
        patches=(Patch(owner=folder.name, text=(folder / ANIMAL).read_text(encoding="utf-8")),),
        run=run,
        schedules=tuple(_struck(table, where) for table in told.get("schedules", ())),
        findings=tuple(_finding(table, where) for table in told["findings"]),
        innocent=frozenset(_oracle(slug, where) for slug in told.get("innocent", {}).get("oracles", ())),
    )


def load_pairs(folder: Path) -> tuple[Animal, ...]:
    """The pairs of ``pairs.toml``, each as one animal that must be killed for both reasons."""
    file = folder / PAIRS
    return tuple(_pair(folder, table, display(file)) for table in _read(file).get("pairs", ()))


def _pair(folder: Path, table: Mapping[str, Any], where: str) -> Animal:
    _demand(table, ("animals",), where)
    both = load_animals(folder, table["animals"])
    if len(both) != 2:
        raise ConfigurationError(f"{where}: a pair has two animals, not {len(both)}: {', '.join(table['animals'])}")
    one, other = both
    return Animal(
        name=f"{one.name}_{other.name}",
        title=f"{one.title}; {other.title}",
        harm=f"{one.harm} {other.harm}",
        patches=one.patches + other.patches,
        run=one.run + other.run,
        schedules=one.schedules + other.schedules,
        findings=_of_both(one, other),
        innocent=one.innocent & other.innocent,
    )


def _of_both(one: Animal, other: Animal) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys((*one.findings, *other.findings)))


def _struck(table: Mapping[str, Any], where: str) -> Struck:
    _demand(table, ("flow", "strokes"), f"{where}: [[schedules]]")
    try:
        schedule = Schedule.from_data({"strokes": table["strokes"]}, where="[[schedules]]")
    except UsageError as error:
        raise ConfigurationError(f"{where}: {error}") from error
    return Struck(flow=table["flow"], schedule=schedule)


def _finding(table: Mapping[str, Any], where: str) -> Finding:
    _demand(table, ("oracle", "why"), f"{where}: [[findings]]")
    return Finding(
        oracle=_oracle(table["oracle"], where),
        seen=_pattern(table.get("seen", ""), where),
        kind=table.get("kind", "fault"),
        flows=tuple(table.get("flows", ())),
        modes=tuple(table.get("modes", ())),
        faults=tuple(table.get("faults", ())),
        links=tuple(table.get("links", ())),
        why=table["why"],
    )


def _oracle(slug: str, where: str) -> str:
    known = ORACLES.all()
    if slug not in known:
        raise ConfigurationError(f"{where}: no oracle is called {slug!r}{closest(slug, known)}")
    return slug


def _pattern(text: str, where: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ConfigurationError(f"{where}: [[findings]]: seen is {text!r}, which is no regular expression: {error}") from error
    return text


def _demand(table: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    if missing := [key for key in keys if not table.get(key)]:
        raise ConfigurationError(f"{where}: {', '.join(missing)} must be said")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{display(file)} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{display(file)}: this is not TOML: {error}") from error
