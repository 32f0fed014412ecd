"""Case files: one failure that a search has found, small enough to read, kept so that it is tried again for ever.

A case is JSON in a file ``<words>.case.json`` under ``captchaos-cases/`` beside the target file. pytest collects it
(:mod:`harness.plugin`), ``captchaos replay`` runs it again; both call :func:`rerun`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from harness.errors import ConfigurationError, UsageError, closest
from harness.explore.finding import Failure
from harness.explore.kinds import CaseKind, Options, demand_hypothesis, kind_of_case
from harness.report.text import one_line
from harness.target.loader import find_target, load_target
from harness.target.problems import display

VERSION = 1
ENDING = ".case.json"
FOLDER = "captchaos-cases"
_MAX_BYTES = 4 << 20
_LONGEST_SEEN = 400
_LONGEST_WORD = 80
_TEXTS = ("kind", "target", "flow", "health")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One failure. ``target`` is the path of its file from the case's folder, "" for the bundled shop.

    ``input`` is what the kind of case sends, in its own words; ``found_unix_s`` is when it was first seen.
    """

    kind: CaseKind
    target: str
    flow: str
    health: str
    input: Mapping[str, Any]
    finding: Failure
    seed: int
    found_unix_s: int
    file: Path | None = field(default=None, compare=False)

    def target_file(self) -> Path:
        """The target file that it is about; raises :class:`ConfigurationError` where there is none any more."""
        if not self.target:
            return find_target(None)
        path = (self.file.parent if self.file else Path()) / self.target
        try:
            return find_target(str(path))
        except UsageError as error:
            raise ConfigurationError(f"{_named(self.file)}: {error}; mend `target`, or remove the case") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """What came of running a case again: the failure was ``seen`` in so many ``of`` the tries, in the words of ``failures``.

    ``unknown`` tries of them could not be judged, so that nobody knows whether the failure is gone; ``because`` says why.
    """

    seen: int
    of: int
    failures: tuple[Failure, ...] = ()
    unknown: int = 0
    because: tuple[str, ...] = ()

    @property
    def repeatable(self) -> bool:
        """Whether every try said the same."""
        return not self.unknown and self.seen in (0, self.of)


def target_words(target_file: Path, folder: Path) -> str:
    """How a case in ``folder`` names a target file: its path from there, "" for the bundled shop."""
    return "" if target_file == find_target(None) else os.path.relpath(target_file, folder.resolve())


def folder_of(target_file: Path) -> Path:
    """Where a target's cases lie: beside its file, for the bundled shop in the working folder."""
    return Path(FOLDER) if target_file == find_target(None) else target_file.parent / FOLDER


def save(case: Case, folder: Path) -> Path:
    """Write a case under a name that says what it is about; the same failure of the same input has one name for ever."""
    written = {
        "captchaos_case": VERSION,
        "kind": case.kind,
        "target": case.target,
        "flow": case.flow,
        "health": case.health,
        "input": dict(case.input),
        "finding": _kept(case.finding).to_json(),
        "seed": case.seed,
        "found_unix_s": case.found_unix_s,
    }
    same = json.dumps([case.kind, case.flow, case.health, case.finding.rule, dict(case.input)], sort_keys=True)
    words = f"{case.kind}-{case.flow}-{case.finding.rule}-{case.finding.cause}"
    name = f"{re.sub(r'[^A-Za-z0-9]+', '-', words).strip('-')[:80]}-{hashlib.sha256(same.encode()).hexdigest()[:6]}{ENDING}"
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(written, indent=2, ensure_ascii=True) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--cases {display(folder)}: the case cannot be written ({error.strerror}): choose another") from error
    return path


def load(path: Path) -> Case:
    """Read a case file; raises :class:`ConfigurationError` with one sentence for what is no case of this version."""
    try:
        with path.open("rb") as opened:
            text = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{display(path)}: the case cannot be read ({error.strerror})") from error
    try:
        document = json.loads(text[:_MAX_BYTES].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{display(path)}: this is no case file: it is not JSON") from error
    if not isinstance(document, dict) or "captchaos_case" not in document:
        raise ConfigurationError(f"{display(path)}: this is no case file: it has no key captchaos_case")
    if document["captchaos_case"] != VERSION or isinstance(document["captchaos_case"], bool):
        says = repr(document["captchaos_case"])[:40]
        raise ConfigurationError(
            f"{display(path)}: a case of version {says}, and this captchaos reads version {VERSION}: "
            "use the captchaos that wrote it, or let `captchaos fuzz` find it again"
        )
    return _case(path, document)


def rerun(case: Case, *, times: int = 1, options: Options | None = None) -> Rerun:
    """Try a case again so many times, each on a fresh target; call it outside of any event loop.

    Raises ConfigurationError where the target is gone or has no such flow, and what a laboratory raises that breaks.
    """
    demand_hypothesis()
    target = load_target(case.target_file())
    if case.flow not in target.flows:
        raise ConfigurationError(f"{_named(case.file)}: {display(target.file)} has no flow {case.flow!r} any more")
    return kind_of_case(case.kind).rerun(case, target, times=times, options=options or Options())


def demand_known(case: Case, *, rules: Collection[str], healths: Collection[str]) -> None:
    """Raise ConfigurationError where nobody could say whether a case is mended: its rule, or its health, is none of these."""
    said = (("rule", case.finding.rule, rules, "finding.rule"), ("health", case.health, healths, "health"))
    for what, word, known, key in said:
        if word not in known:
            short = word[:_LONGEST_WORD]
            raise ConfigurationError(
                f"{_named(case.file)}: a case of kind {case.kind} at {case.flow[:_LONGEST_WORD]!r} has no {what} {short!r}: "
                f"mend `{key}`, or remove the case{closest(short, known)}"
            )


def _case(path: Path, document: Mapping[str, Any]) -> Case:
    for key in _TEXTS:
        if not isinstance(document.get(key), str):
            raise ConfigurationError(f"{display(path)}: {key} must be a text")
    if document["kind"] not in get_args(CaseKind):
        raise ConfigurationError(f"{display(path)}: kind must be one of {', '.join(get_args(CaseKind))}")
    if not isinstance(document.get("input"), dict):
        raise ConfigurationError(f"{display(path)}: input must be an object")
    for key in ("seed", "found_unix_s"):
        if type(document.get(key)) is not int:
            raise ConfigurationError(f"{display(path)}: {key} must be a whole number")
    return Case(
        kind=document["kind"],
        target=document["target"],
        flow=document["flow"],
        health=document["health"],
        input=document["input"],
        finding=Failure.from_json(document.get("finding"), where=display(path)),
        seed=document["seed"],
        found_unix_s=document["found_unix_s"],
        file=path,
    )


def _kept(failure: Failure) -> Failure:
    """A failure as a file keeps it: of what a dead target printed, no more than one line after its exit status."""
    return replace(failure, seen=one_line(failure.seen[:_LONGEST_SEEN])) if "\n" in failure.seen else failure


def _named(file: Path | None) -> str:
    return display(file) if file else "the case"
