"""What the house is told of this provider: its links, modes, causes, options, and the answers that nobody documented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.catalog import Side
from harness.errors import UsageError
from harness.faults.base import FAULTS
from harness.plan.build import make_plan
from harness.providers.base import PROVIDERS
from harness.providers.huawei.provider import HuaweiOneAccess
from harness.target.loader import load_target
from suites.selftest.huawei.target_file import write_target
from suites.selftest.huawei.tenant import HOST, Tenant, error, point, seen_gap

PROVIDER = PROVIDERS.get("huawei")
# DESIGN.md, "The tickets": 2001 timed out, 2002 connection failed, 2003 internal error, 2005 unreadable, 2006 refused.
CODES = {
    "hang": 2001, "refused": 2002, "reset": 2002, "status-500": 2003, "status-502": 2003, "status-503": 2003,
    "html": 2005, "not-json": 2005, "empty": 2005, "empty-images": 2005, "null-token": 2005,
    "status-401": 2006, "status-403": 2006, "status-429": 2006, "sms-quota-exhausted": 2006,
}  # fmt: skip


def test_only_the_targets_server_calls_the_vendor() -> None:
    assert {link.side for link in PROVIDER.links} == {Side.SERVER}
    assert [link.name for link in PROVIDER.links if link.control] == ["picture", "verdict", "sms", "code"]
    assert {link.hosts for link in PROVIDER.links} == {(HOST,)}


def test_the_domain_name_is_the_tenants_own() -> None:
    links = PROVIDER.links_with({"domain_name": "sso.shop.example"})
    assert {link.hosts for link in links} == {("sso.shop.example",)}
    assert [link.name for link in links] == [link.name for link in PROVIDER.links]


def test_every_cause_has_the_code_that_the_design_gives_its_failure() -> None:
    modes = {mode.code for mode in PROVIDER.modes}
    assert {(cause.fault, cause.code) for cause in PROVIDER.causes} == set(CODES.items())
    assert {cause.code for cause in PROVIDER.causes} <= modes == set(range(2001, 2007))
    assert {cause.link for cause in PROVIDER.causes} == {"picture", "verdict", "sms", "code"}
    assert all(FAULTS.get(cause.fault) for cause in PROVIDER.causes)


def test_the_console_shows_what_the_account_has() -> None:
    account = PROVIDER.emulator(app_id="199999164", prefix="terror", options={}).credentials
    assert set(account.values()) == set(PROVIDER.console)
    assert account.secrets() == ()


@pytest.mark.parametrize(
    "options",
    [
        {"domain_name": "Not a host"}, {"domain_name": "-a.example"}, {"tolerance_px": -1}, {"attempts": 0}, {"attempts": True},
        {"sms_quota": -2}, {"sender_bound": 1}, {"captcha_0001": 7},
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_is_refused(options: dict[str, object]) -> None:
    (name,) = options
    with pytest.raises(UsageError, match=name):
        PROVIDER.emulator(app_id="1", prefix="terror", options=options)


def test_every_option_is_explained_and_read() -> None:
    for name in PROVIDER.options:
        with pytest.raises(UsageError, match=name):
            PROVIDER.emulator(app_id="1", prefix="terror", options={name: object()})


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
@pytest.mark.parametrize("link", ["picture", "verdict", "sms", "code"])
def test_statuses_that_nobody_documented_come_and_go(tenant: Tenant, link: str, status: int) -> None:
    captcha_token, shown = tenant.solved(), tenant.picture()
    ask = {
        "picture": lambda: tenant.get("/api/v2/sdk/captcha"),
        "verdict": lambda: tenant.validate(shown["token"], point(seen_gap(shown))),
        "sms": lambda: tenant.send_sms(captcha_token),
        "code": lambda: tenant.register("123456"),
    }[link]
    tenant.strike(link, f"status-{status}")
    assert ask().status_code == status
    tenant.heal(link, f"status-{status}")
    assert ask().status_code in (200, 400)


def test_pictures_may_be_empty_and_a_token_null(tenant: Tenant) -> None:
    tenant.strike("picture", "empty-images")
    shown = tenant.picture()
    assert (shown["originalImageBase64"], shown["jigsawImageBase64"]) == ("", "")
    assert shown["token"]
    tenant.strike("picture", "null-token")
    assert tenant.picture()["token"] is None


def test_a_captcha_token_may_be_null_and_a_refusal_stays_one(tenant: Tenant) -> None:
    tenant.strike("verdict", "null-token")
    shown, other = tenant.picture(), tenant.picture()
    assert tenant.validate(shown["token"], point(seen_gap(shown))).json() == {"captcha_token": None}
    assert error(tenant.validate(other["token"], point(0))) == (400, "CAPTCHA.0002", "Invalid CAPTCHA code.")


def test_an_answer_may_be_no_json(tenant: Tenant) -> None:
    tenant.strike("picture", "not-json")
    answer = tenant.get("/api/v2/sdk/captcha")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_sms_may_have_run_out(tenant: Tenant) -> None:
    tenant.strike("sms", "sms-quota-exhausted")
    assert error(tenant.send_sms(tenant.solved())) == (400, "", "消息余量不足")


def test_each_verdict_that_is_no_pass_can_be_had_from_its_cause_and_by_an_altered_answer(tenant: Tenant) -> None:
    cases = HuaweiOneAccess().verdict_cases(tenant.emulator)
    for case in cases:
        if case.rewrite is not None:
            tenant.server.responses.set("verdict", case.rewrite, f"code {case.code}")
        assert error(tenant.validate(case.ticket, case.randstr))[1] == f"CAPTCHA.000{case.code}"
        if case.rewrite is None:
            assert tenant.said()[-1] == f"code {case.code}"
        tenant.server.responses.reset()
    assert [(case.code, case.rewrite is None) for case in cases] == [
        (2, True), (3, True), (4, True), (2, False), (3, False), (4, False),
    ]  # fmt: skip


def test_a_ticket_whose_verdict_is_altered_is_an_honest_one(tenant: Tenant) -> None:
    for case in HuaweiOneAccess().verdict_cases(tenant.emulator):
        if case.rewrite is not None:
            assert tenant.validate(case.ticket, case.randstr).status_code == 200


def test_a_new_lab_knows_nothing_of_the_last(tenant: Tenant) -> None:
    captcha_token, account = tenant.solved(), tenant.emulator.credentials.more["client_id"]
    tenant.server.reset(build="classic")
    assert tenant.emulator.credentials.more["client_id"] != account
    assert error(tenant.send_sms(captcha_token))[1] == "CAPTCHA.0004"
    assert tenant.emulator.sent == []


def test_a_flow_may_depend_on_it_beside_another_provider(tmp_path: Path) -> None:
    plan = make_plan(load_target(write_target(tmp_path)))
    assert {scenario.provider for scenario in plan.scenarios} == {"huawei"}
    assert {s.link for s in plan.scenarios if s.kind in ("verdict", "forgery")} == {"verdict"}
    ids = {scenario.id for scenario in plan.scenarios}
    assert {"register-2002-picture-refused-cold", "register-2006-sms-sms-quota-exhausted-cold"} <= ids
    (control,) = plan.controls
    assert {name for name, _ in control.parameters} == {"page", "submit", "picture", "verdict", "sms", "code"}
