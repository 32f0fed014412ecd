"""Make a :class:`Target` of a document that has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.catalog import Policy, Waiver
from harness.target.spec import (
    BROWSER,
    CLIENT_IP_RANGES,
    LET_THROUGH,
    RECORD,
    Budgets,
    Completed,
    Csrf,
    Effects,
    FlowLimits,
    FlowSpec,
    GraphQL,
    Live,
    Load,
    Metric,
    NextTo,
    Observe,
    Otherwise,
    PolicySpec,
    ProviderUse,
    Shared,
    StepUp,
    SubmitSpec,
    Target,
)
from harness.target.steps import STEPS, step_of

Table = Mapping[str, Any]


def build_target(document: Table, file: Path) -> Target:
    """Read the document as a target; ``file`` is absolute, and so is every path in the result."""
    table = dict(document["target"])
    folder = file.parent
    shared = table.pop("shared", None)
    default_isolation = "slot" if "url" in table else "scenario"
    url = table.pop("url", None)
    return Target(
        file=file,
        folder=folder,
        cwd=(folder / table.pop("cwd", ".")).resolve(),
        url=url.rstrip("/") if url is not None else None,
        shared=None if shared is None else Shared(consent=shared["consent"], hosts=tuple(shared["hosts"])),
        links={name: NextTo(**link) for name, link in document.get("links", {}).items()},
        isolation=table.pop("isolation", default_isolation),
        client_ip_ranges=tuple(table.pop("client_ip_ranges", CLIENT_IP_RANGES)),
        session_cookies=tuple(table.pop("session_cookies")) if "session_cookies" in table else None,
        provider=_use(document.get("provider", {}), folder),
        providers={name: _use({"use": name, **use}, folder) for name, use in document.get("providers", {}).items()},
        flows={name: _flow(name, flow, folder) for name, flow in document["flows"].items()},
        third_party={host.lower(): _source(source, folder) for host, source in document.get("third_party", {}).items()},
        budgets=Budgets(**{f"{name}_ms": int(value) for name, value in document.get("budgets", {}).items()}),
        observe=_observe(document.get("observe", {})),
        waivers=tuple(Waiver(**waiver) for waiver in document.get("waivers", ())),
        **table,
    )


def _use(table: Table, folder: Path) -> ProviderUse:
    if (live := table.get("live")) is None:
        return ProviderUse(**table)
    said = {**live, "hosts": tuple(map(str.lower, live["hosts"])), "unused": tuple(live.get("unused", ()))}
    said["ca"] = str((folder / live["ca"]).resolve()) if "ca" in live else ""
    said["resolve"] = {host.lower(): place for host, place in live.get("resolve", {}).items()}
    return ProviderUse(**{**table, "live": Live(**said)})


def _flow(name: str, flow: Table, folder: Path) -> FlowSpec:
    numbers = ("watchdog_ms", "watchdog_code", "challenge_watchdog_ms", "entry_deadline_ms", "session_s")
    return FlowSpec(
        name=name,
        provider=flow.get("provider", ""),
        browser=STEPS if "steps" in flow else flow.get("browser", ""),
        steps=tuple(map(step_of, flow.get("steps", ()))),
        before=flow.get("before", ""),
        storage=str((folder / flow["storage"]).resolve()) if "storage" in flow else "",
        client=flow.get("client", BROWSER),
        profile=flow.get("profile", "desktop"),
        submit=_request(flow.get("submit")),
        completed=Completed(**flow["completed"]),
        effects=Effects(**flow["effects"]),
        policy=_policy(flow.get("policy", Policy.STEP_UP)),
        limits=FlowLimits(**{key: int(value) for key, value in flow.get("limits", {}).items()}),
        step_up=_step_up(flow.get("step_up")),
        otherwise=_otherwise(flow.get("otherwise")),
        aid=flow.get("aid"),
        load=_load(flow.get("load")),
        busy=flow.get("busy"),
        explains=flow.get("explains"),
        return_parameter=flow.get("return_parameter"),
        **{key: int(flow[key]) for key in numbers if key in flow},
    )


def _request(table: Table | None) -> SubmitSpec | None:
    if table is None:
        return None
    given = dict(table)
    for key, made_of in (("graphql", GraphQL), ("csrf", Csrf)):
        if key in given:
            given[key] = made_of(**given[key])
    return SubmitSpec(**{**given, "before": _request(table.get("before"))})


def _policy(policy: str | Mapping[str, str]) -> PolicySpec:
    if isinstance(policy, str):
        return PolicySpec(verdict_up=Policy(policy), verdict_down=Policy(policy))
    return PolicySpec(**{key: Policy(value) for key, value in policy.items()})


def _step_up(table: Table | None) -> StepUp | None:
    if table is None:
        return None
    return StepUp(
        selector=table.get("selector"),
        button=table.get("button"),
        status=table.get("status"),
        code_get=table["code"]["get"],
        code_json=table["code"]["json"],
        confirm=_request(table.get("confirm")),
    )


def _otherwise(table: Table | None) -> Otherwise | None:
    if table is None:
        return None
    completed = Completed(**table["completed"]) if "completed" in table else None
    return Otherwise(submit=_request(table.get("submit")), completed=completed, explains=table.get("explains"))


def _load(table: Table | None) -> Load | None:
    return None if table is None else Load(rate_per_s=int(table["rate_per_s"]), also=tuple(table.get("also", ())))


def _source(source: str, folder: Path) -> str:
    return source if source in (*LET_THROUGH, RECORD) else str((folder / source).resolve())


def _observe(table: Table) -> Observe:
    metric = table.get("metric")
    return Observe(log=table.get("log"), metric=None if metric is None else Metric(**metric))
