"""Somebody else's hosts in the plan: the generic faults for the flows that are seen to ask them, and a word on the rest."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from harness.catalog import Phase, Schedule, Side, Stroke
from harness.errors import ConfigurationError
from harness.judge import ORACLES
from harness.judge.third_parties import mend_of
from harness.lab.third_party import Folders
from harness.plan.build import Plan, make_plan
from harness.plan.schedules import scheduled
from harness.providers.base import Request
from harness.target.loader import find_target, load_target
from harness.target.recordings import Kept, add_to_record
from harness.target.surface import Surface, SurfaceEdge, surface_file, write_surface

SHOP = find_target(None)


def shop_with(folder: Path, lines: str) -> Path:
    """The shop's target file with these lines in ``[third_party]``."""
    (folder / "flows.py").write_bytes((SHOP.parent / "flows.py").read_bytes())
    shutil.copytree(SHOP.parent / "clients", folder / "clients", dirs_exist_ok=True)
    (folder / "vendor").mkdir(exist_ok=True)
    file = folder / SHOP.name
    file.write_text(f"{SHOP.read_text(encoding='utf-8')}\n[third_party]\n{lines}", encoding="utf-8")
    return file


def seen(file: Path, **flows_of: str) -> None:
    """Record a surface in which each host (its dots as underscores) is asked by one flow's page."""
    edges = tuple(
        SurfaceEdge(side=Side.BROWSER, host=host.replace("_", "."), link="", kinds=("script",), flows=(flow,))
        for host, flow in flows_of.items()
    )
    write_surface(Surface(target="shop", edges=edges), surface_file(file))


def broken(plan: Plan) -> list[str]:
    return [scenario.id for scenario in plan.scenarios if scenario.third_party]


def test_a_host_that_one_flow_asks_is_broken_there_in_five_ways(tmp_path: Path) -> None:
    file = shop_with(tmp_path, '"CDN.example" = "vendor"\n')
    seen(file, cdn_example="login")
    plan = make_plan(load_target(file))
    ways = ("refused", "hang", "latency", "truncated", "html")
    assert broken(plan) == [f"login-third-party-cdn.example-{way}-cold" for way in ways]
    planned = [scenario.expect for scenario in plan.scenarios if scenario.third_party]
    assert {(expect.codes, expect.outcome) for expect in planned} == {((), "verified")}


def test_a_host_that_is_let_through_is_broken_on_its_connection_alone(tmp_path: Path) -> None:
    file = shop_with(tmp_path, '"cdn.example" = "allow"\n')
    seen(file, cdn_example="checkout")
    plan = make_plan(load_target(file))
    ways = ("refused", "hang", "latency", "limit-data")
    assert broken(plan) == [f"checkout-third-party-cdn.example-{way}-cold" for way in ways]
    assert any("cdn.example: requests leave this machine" in line for line in plan.left_out)


def test_a_host_that_is_recorded_is_broken_in_five_ways_and_one_without_a_record_is_told(tmp_path: Path) -> None:
    file = shop_with(tmp_path, '"cdn.example" = "record"\n')
    seen(file, cdn_example="login")
    plan = make_plan(load_target(file))
    ways = ("refused", "hang", "latency", "truncated", "html")
    assert broken(plan) == [f"login-third-party-cdn.example-{way}-cold" for way in ways]
    assert any("cdn.example: nothing of it is recorded, and nothing served" in line for line in plan.left_out)
    assert not any("leave this machine" in line for line in plan.left_out)
    add_to_record(tmp_path, "cdn.example", (), Kept(url="/a.js", status=200, headers=(), body=b"1"))
    assert not any("cdn.example" in line for line in make_plan(load_target(file)).left_out)


def test_a_damaged_record_is_in_the_way_of_a_plan_even_where_it_is_to_be_recorded_again(tmp_path: Path) -> None:
    file = shop_with(tmp_path, '"cdn.example" = "record"\n')
    manifest = tmp_path / "recorded" / "cdn.example" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{", encoding="utf-8")
    for anew in (False, True):
        with pytest.raises(ConfigurationError, match="remove the folder and run `captchaos discover --record`"):
            make_plan(load_target(file), surface_anew=anew)


def test_without_a_recorded_surface_nothing_is_broken_and_that_is_said(tmp_path: Path) -> None:
    plan = make_plan(load_target(shop_with(tmp_path, '"cdn.example" = "vendor"\n')))
    assert broken(plan) == []
    assert any("cdn.example: not broken; `captchaos discover --record`" in line for line in plan.left_out)


def test_a_surface_that_cannot_be_read_is_in_the_way_of_a_plan_but_not_of_its_being_recorded_again(tmp_path: Path) -> None:
    file = shop_with(tmp_path, '"cdn.example" = "vendor"\n')
    surface_file(file).write_text('{"captchaos_surface": 2}', encoding="utf-8")
    target = load_target(file)
    with pytest.raises(ConfigurationError, match="record it again"):
        make_plan(target)
    assert broken(make_plan(target, surface_anew=True)) == []


def test_a_host_that_no_flow_asks_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = shop_with(tmp_path, '"cdn.exampel" = "vendor"\n')
    seen(file, cdn_example="login")
    plan = make_plan(load_target(file))
    assert broken(plan) == []
    assert any("cdn.exampel: not broken, for no flow asks it in" in line for line in plan.left_out)


@pytest.mark.parametrize("host", ["turing.captcha.qcloud.com", "127.0.0.1", "verdict"])
def test_a_host_or_link_of_the_labs_own_is_refused(tmp_path: Path, host: str) -> None:
    file = shop_with(tmp_path, f'"{host}" = "vendor"\n')
    with pytest.raises(ConfigurationError, match="is the captcha's or the target's own"):
        make_plan(load_target(file))


def test_a_schedule_that_breaks_somebody_elses_host_and_the_verdict_is_asked_whether_the_business_goes_on(
    tmp_path: Path,
) -> None:
    file = shop_with(tmp_path, '"cdn.example" = "vendor"\n')
    seen(file, cdn_example="login")
    target = load_target(file)
    verdict = Stroke(link="verdict", fault="hang", phase=Phase.DURING_VERDICT)
    cdn = Stroke(link="cdn.example", fault="refused", phase=Phase.BEFORE_LOAD)
    planned = scheduled(make_plan(target), target, "login", Schedule(strokes=(verdict, cdn)))
    asked = {name for name, oracle in ORACLES.all().items() if oracle.applies(planned)}
    assert {"business-completes", "bounded-wait", "verdict-is-a-verdict"} < asked
    assert planned.third_party, "its user does not wait until the page has loaded whole"
    # Which of the two is to blame is not known: what mends the page alone is no advice.
    assert mend_of(planned) == ""


def test_the_shop_s_own_plan_is_what_it_was() -> None:
    assert broken(make_plan(load_target(SHOP))) == []


def ask(folder: Path, path: str, method: str = "GET") -> tuple[int, bytes, str]:
    request = Request(
        link="cdn.example", host="cdn.example", method=method, path=path, query={}, raw_query="", headers={}, body=b"",
        client="",
    )  # fmt: skip
    answer = asyncio.run(Folders({"cdn.example": str(folder)}).answer(request))
    return answer.status, answer.body, dict(answer.headers).get("content-type", "")


def test_a_folder_is_served_and_nothing_outside_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "a b.js").write_text("1", encoding="utf-8")
    (folder / "index.html").write_text("<p>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("s", encoding="utf-8")
    (folder / "out").symlink_to(tmp_path)
    assert ask(folder, "/lib/a%20b.js") == (200, b"1", "text/javascript")
    assert ask(folder, "/") == (200, b"<p>", "text/html")
    assert ask(folder, "/visit", method="POST")[:2] == (204, b"")
    outside = ("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/out/secret.txt", "//etc/passwd")
    for path in (*outside, "/a%00", "/no.js"):
        assert ask(folder, path)[0] == 404, path


def test_a_name_that_no_disk_takes_and_a_file_that_cannot_be_read_are_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked.js").write_text("1", encoding="utf-8")
    assert ask(tmp_path, f"/p/{'a' * 300}")[0] == 404
    assert ask(tmp_path, f"/{'a/' * 3000}")[0] == 404

    def refused(_file: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert ask(tmp_path, "/locked.js")[0] == 404
