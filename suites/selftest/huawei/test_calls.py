"""The four calls as the vendor documents them (domain/huawei-oneaccess.md, seed 004): fields, headers, sentences, state."""

from __future__ import annotations

import pytest

from suites.selftest.huawei.tenant import MOBILE, Tenant, error, point, seen_gap

WRONG = (400, "CAPTCHA.0002", "Invalid CAPTCHA code.")
EXPIRED = (400, "CAPTCHA.0003", "CAPTCHA token expired.")
INVALID = (400, "CAPTCHA.0004", "Invalid CAPTCHA token.")
NO_POINT = (400, "PARAM.0004", "Coordinates required.")
NO_TOKEN = (400, "PARAM.0005", "Token required.")
NO_APP = (400, "APP.0001", "Application does not exist.")
NO_APP_ID = (400, "APP.0002", "Application ID required.")
UNDOCUMENTED = (400, "CAPTCHA.0001", "Invalid parameter.")
POSTS = ("/api/v2/sdk/captcha/verify", "/api/v2/sdk/sms/send", "/api/v2/sdk/register/mobile-verify-code")
PATHS = ("/api/v2/sdk/captcha", "/api/v2/sdk/country-codes")


def test_a_picture_comes_with_every_field_of_the_document_and_null_where_it_says_so(tenant: Tenant) -> None:
    answer = tenant.get("/api/v2/sdk/captcha")
    shown = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(shown) == [
        "captchaId", "projectCode", "captchaOriginalPath", "captchaFontType", "captchaFontSize", "secretKey",
        "originalImageBase64", "point", "jigsawImageBase64", "wordList", "pointList", "pointJson", "token", "result",
        "captchaVerification",
    ]  # fmt: skip
    filled = {name for name, value in shown.items() if value is not None}
    assert filled == {"originalImageBase64", "jigsawImageBase64", "token", "result"}
    assert shown["result"] is False
    assert tenant.said() == ["picture shown"]


def test_a_drag_into_the_gap_gives_the_token_and_the_point_as_one_captcha_token(tenant: Tenant) -> None:
    shown = tenant.picture()
    where = point(seen_gap(shown))
    answer = tenant.validate(shown["token"], where)
    assert (answer.status_code, answer.json()) == (200, {"captcha_token": f"{shown['token']}---{where}"})
    assert tenant.said()[-1] == "code 1"
    assert [arrival.ticket for arrival in tenant.server.log] == ["", shown["token"]]
    tenant.send_sms(answer.json()["captcha_token"])
    assert tenant.server.log[-1].ticket == shown["token"], "an SMS is asked for on the strength of a picture that was solved"


def test_a_captcha_token_buys_one_sms_and_no_second(tenant: Tenant) -> None:
    captcha_token = tenant.solved()
    answer = tenant.send_sms(captcha_token)
    assert (answer.status_code, answer.content) == (200, b"")
    assert [(sms.mobile, sms.type) for sms in tenant.emulator.sent] == [(MOBILE, "BIND_MOBILE_SMS")]
    assert error(tenant.send_sms(captcha_token)) == INVALID
    assert len(tenant.emulator.sent) == 1


@pytest.mark.parametrize("captcha_token", ["picture's own", "x---" + point(100), "terror_1001_199999164_1767225600"])
def test_no_sms_leaves_without_a_verified_captcha_token(tenant: Tenant, captcha_token: str) -> None:
    token = tenant.picture()["token"]
    assert error(tenant.send_sms(token if captcha_token == "picture's own" else captcha_token)) == INVALID
    assert error(tenant.send_sms(f"{token}---{point(100)}")) == INVALID
    assert error(tenant.send_sms("")) == error(tenant.send_sms(None)) == error(tenant.send_sms(7)) == NO_TOKEN
    assert tenant.emulator.sent == []


def test_no_sms_leaves_for_another_number_than_was_verified(tenant: Tenant) -> None:
    captcha_token = tenant.solved()
    assert error(tenant.send_sms(captcha_token, mobile="19999999999")) == INVALID
    assert tenant.emulator.sent == []
    assert tenant.send_sms(captcha_token).status_code == 200


@pytest.mark.parametrize(("beside", "refused"), [(5, False), (-5, False), (6, True), (-6, True), (100, True)])
def test_a_drag_beside_the_gap_is_wrong(tenant: Tenant, beside: int, refused: bool) -> None:
    token = tenant.picture()["token"]
    answer = tenant.validate(token, point(tenant.emulator.tokens.gap_of(token) + beside))
    assert (answer.status_code == 400) is refused
    if refused:
        assert error(answer) == WRONG
        assert tenant.said()[-1] == "code 2"


def test_y_is_five_and_nothing_else(tenant: Tenant) -> None:
    shown = tenant.picture()
    assert error(tenant.validate(shown["token"], f'{{"x":{seen_gap(shown)},"y":6.0}}')) == WRONG


def test_a_picture_is_tried_once_unless_the_target_file_says_otherwise(tenant: Tenant) -> None:
    shown = tenant.picture()
    assert error(tenant.validate(shown["token"], point(0))) == WRONG
    assert error(tenant.validate(shown["token"], point(seen_gap(shown)))) == INVALID
    tenant.renew(attempts=2)
    shown = tenant.picture()
    assert error(tenant.validate(shown["token"], point(0))) == WRONG
    assert tenant.validate(shown["token"], point(seen_gap(shown))).status_code == 200


def test_a_solved_picture_is_not_solved_twice(tenant: Tenant) -> None:
    shown = tenant.picture()
    where = point(seen_gap(shown))
    assert tenant.validate(shown["token"], where).status_code == 200
    assert error(tenant.validate(shown["token"], where)) == INVALID
    assert tenant.said()[-1] == "code 4"


def test_a_picture_expires(tenant: Tenant) -> None:
    shown = tenant.picture()
    tenant.emulator.skew(121)
    assert error(tenant.validate(shown["token"], point(seen_gap(shown)))) == EXPIRED
    assert tenant.said()[-1] == "code 3"


def test_a_captcha_token_expires(tenant: Tenant) -> None:
    captcha_token = tenant.solved()
    tenant.emulator.skew(181)
    assert error(tenant.send_sms(captcha_token)) == EXPIRED
    assert tenant.emulator.sent == []


def test_neither_expires_before_its_time(tenant: Tenant) -> None:
    shown = tenant.picture()
    tenant.emulator.skew(115)
    captcha_token = tenant.validate(shown["token"], point(seen_gap(shown))).json()["captcha_token"]
    tenant.emulator.skew(115 + 175)
    assert tenant.send_sms(captcha_token).status_code == 200


def test_coordinates_and_token_are_demanded_each_in_its_own_sentence(tenant: Tenant) -> None:
    token = tenant.picture()["token"]
    for missing in ("", None, 237, {"x": 237.0, "y": 5.0}):
        assert error(tenant.validate(token, missing)) == NO_POINT
    for missing in ("", None, 389):
        assert error(tenant.validate(missing, point(237))) == NO_TOKEN
    assert error(tenant.validate(token, point(237), sender="")) == UNDOCUMENTED


@pytest.mark.parametrize(
    "nonsense",
    ["x", "[237.0,5.0]", '{"x":NaN,"y":5.0}', '{"x":"237","y":5.0}', '{"x":true,"y":5.0}', '{"x":1e999,"y":5.0}', "[" * 9000],
)
def test_coordinates_that_are_none_are_a_wrong_drag(tenant: Tenant, nonsense: str) -> None:
    assert error(tenant.validate(tenant.picture()["token"], nonsense)) == WRONG


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"7", b'{"token": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(tenant: Tenant, body: bytes) -> None:
    for path in POSTS:
        assert error(tenant.post(path, body)) == UNDOCUMENTED
    assert tenant.server.broken == []


def test_a_body_is_json_by_its_content_type_too(tenant: Tenant) -> None:
    fields = b'{"token":"a","point_json":"b","sender":"c"}'
    assert error(tenant.post("/api/v2/sdk/captcha/verify", fields)) == INVALID
    for other in ("text/plain", "application/x-www-form-urlencoded", None):
        assert error(tenant.post("/api/v2/sdk/captcha/verify", fields, **{"Content-Type": other})) == UNDOCUMENTED


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_application_and_none_are_told_apart(tenant: Tenant, path: str) -> None:
    assert error(tenant.get(path, tenant.headers(X_client_id="DRrYIqauawN0I8myTMoDTPys6ezGZxnm"))) == NO_APP
    assert error(tenant.get(path, tenant.headers(X_client_id=""))) == NO_APP_ID
    assert error(tenant.get(path, tenant.headers(X_client_id=None))) == NO_APP_ID


@pytest.mark.parametrize("name", ["X-operating-sys-version", "X-device-fingerprint", "X-agent"])
def test_each_mandatory_header_is_demanded_by_every_call(tenant: Tenant, name: str) -> None:
    for path in PATHS:
        headers = {key: value for key, value in tenant.headers().items() if key != name}
        assert error(tenant.get(path, headers)) == UNDOCUMENTED
    for path in POSTS:
        assert error(tenant.post(path, {}, **{name: None})) == UNDOCUMENTED


def test_an_isv_application_names_its_tenant(tenant: Tenant) -> None:
    tenant.renew(tenant_id="08f770f51f80d2f40f38c00cb199fd21")
    assert error(tenant.get(PATHS[0])) == UNDOCUMENTED
    assert error(tenant.get(PATHS[0], tenant.headers(X_tenant_id="another"))) == UNDOCUMENTED
    assert tenant.get(PATHS[0], tenant.headers(X_tenant_id="08f770f51f80d2f40f38c00cb199fd21")).status_code == 200


def test_sms_that_run_out_are_said_in_the_vendors_words_and_none_leaves(tenant: Tenant) -> None:
    tenant.renew(sms_quota=1, sms_quota_code="MSG.0007")
    assert tenant.send_sms(tenant.solved()).status_code == 200
    assert error(tenant.send_sms(tenant.solved())) == (400, "MSG.0007", "消息余量不足")
    assert len(tenant.emulator.sent) == 1


def test_what_no_document_says_is_the_target_files_to_say(tenant: Tenant) -> None:
    tenant.renew(invalid_parameter_code="CAPTCHA.0001", captcha_0001="Failed to obtain.", sms_types="BIND_MOBILE_SMS, REGISTER")
    assert error(tenant.send_sms(tenant.solved(), kind="LOGIN")) == (400, "CAPTCHA.0001", "Failed to obtain.")
    assert tenant.said()[-1] == "error CAPTCHA.0001"
    assert tenant.send_sms(tenant.solved(), kind="REGISTER").status_code == 200


# SendSmsVerifyCode, the vendor's table of "type".
@pytest.mark.parametrize(
    "kind", ["REGISTER_SMS", "LOGIN_SMS", "FORGET_PWD_SMS", "BIND_MOBILE_SMS", "UPDATE_MOBILE_SMS", "OTP_REST_SMS"]
)
def test_every_listed_type_of_sms_leaves_and_no_other(tenant: Tenant, kind: str) -> None:
    assert error(tenant.send_sms(tenant.solved(), kind=kind.lower())) == UNDOCUMENTED
    assert tenant.send_sms(tenant.solved(), kind=kind).status_code == 200


def test_an_sms_goes_to_eleven_digits_and_to_nothing_else(tenant: Tenant) -> None:
    captcha_token = tenant.solved()
    no_numbers = ("", "1234567890", "123456789012", "+8613800138000", "1234567890a", "１２３４５６７８９０１", 12345678901)
    assert [error(tenant.send_sms(captcha_token, mobile=mobile)) for mobile in no_numbers] == [UNDOCUMENTED] * 7
    assert tenant.emulator.sent == []
    assert tenant.send_sms(captcha_token, mobile="12345678901").status_code == 200


def test_the_code_in_the_sms_registers_its_number_once(tenant: Tenant) -> None:
    tenant.send_sms(tenant.solved())
    code = tenant.emulator.delivered(MOBILE)
    answer = tenant.register(code)
    assert (answer.status_code, answer.json()["status"], answer.json()["expire"]) == (200, "SUCCESS", 604800)
    assert answer.json()["session_token"].startswith("bts")
    assert tenant.said()[-1] == "registered"
    assert error(tenant.register(code)) == UNDOCUMENTED


def test_no_code_registers_a_number_that_it_was_not_sent_to(tenant: Tenant) -> None:
    assert tenant.emulator.delivered(MOBILE) == ""
    for code in ("", None, "123456"):
        assert error(tenant.register(code)) == UNDOCUMENTED
    tenant.send_sms(tenant.solved())
    assert error(tenant.register(tenant.emulator.delivered(MOBILE), mobile="19999999999")) == UNDOCUMENTED


def test_a_code_takes_three_tries_lives_five_minutes_and_gives_way_to_a_newer_one(tenant: Tenant) -> None:
    def wrong() -> str:
        return f"{(int(tenant.emulator.delivered(MOBILE)) + 1) % 10**6:06}"

    tenant.send_sms(tenant.solved())
    old = tenant.emulator.delivered(MOBILE)
    for _ in range(3):
        assert error(tenant.register(wrong())) == UNDOCUMENTED
    assert error(tenant.register(old)) == UNDOCUMENTED
    tenant.send_sms(tenant.solved())
    tenant.emulator.skew(301)
    assert error(tenant.register(tenant.emulator.delivered(MOBILE))) == UNDOCUMENTED
    tenant.renew(sms_code_attempts=1)
    tenant.send_sms(tenant.solved())
    assert tenant.register(tenant.emulator.delivered(MOBILE)).status_code == 200


def test_area_codes_come_with_the_preferred_one(tenant: Tenant) -> None:
    told = tenant.get("/api/v2/sdk/country-codes").json()
    assert set(told) == {"phoneAreaCodeDefinitions", "preferredAreaCode"}


@pytest.mark.parametrize("path", ["/", "/api/v2/sdk/captcha/", "/api/v2/sdk/captcha/../captcha", "/api/v2/sdk/%63aptcha"])
def test_what_is_no_call_is_not_found(tenant: Tenant, path: str) -> None:
    assert tenant.emulator.classify("any", "GET", path, {}) == ""
    assert tenant.emulator.classify("any", "DELETE", "/api/v2/sdk/captcha", {}) == ""
    assert tenant.get("/nowhere").status_code == 404
