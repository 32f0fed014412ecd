"""``aidEncrypted`` is made and checked as the vendor's guide (seed 003) says; its vector is transcribed here by hand."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import aid_encrypted
from harness.aid_encrypted import Refusal
from harness.errors import UsageError
from suites.selftest.node import node_tool

# Seed 003, "Example Of Encryption Result".
APP_ID = "123456789"
MADE_S = 1710144972
VALID_S = 86400
IV = b"0123456789012345"
SECRET = "1234567891011121314151516"
FILLED = b"12345678910111213141515161234567"
VECTOR = "MDEyMzQ1Njc4OTAxMjM0NWvZ11atw+1uzYmoIyt5rAQVPyMK9ZDavskPw5hcayeT"

# Node's crypto is another implementation of the same ciphers.
NODE = """
const crypto = require("crypto");
const { kind, key, iv, plain, aad } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const bytes = (text) => Buffer.from(text, "base64");
const cipher = crypto.createCipheriv(`aes-256-${kind}`, bytes(key), bytes(iv));
if (kind === "gcm" && aad) cipher.setAAD(bytes(aad));
const parts = [bytes(iv), cipher.update(plain, "utf8"), cipher.final()];
if (kind === "gcm") parts.push(cipher.getAuthTag());
process.stdout.write(Buffer.concat(parts).toString("base64"));
"""

secrets = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1, max_size=70)
app_ids = st.integers(1, 10**20 - 1).map(str)
made = st.integers(1_000_000_000, 4_000_000_000)


def checked(value: str, **changed: object) -> Refusal | None:
    asked = {"app_id": APP_ID, "app_secret": SECRET, "now_s": MADE_S + 1.0} | changed
    return aid_encrypted.check(value, **asked).refusal  # type: ignore[arg-type]  # what a test changes is of the right kind


def test_the_vector_of_the_vendors_guide_is_reproduced() -> None:
    value = aid_encrypted.make(app_id=APP_ID, app_secret=SECRET, made_s=MADE_S, valid_s=VALID_S, iv=IV)
    assert value == VECTOR


def test_the_vector_of_the_vendors_guide_is_good_while_it_was_valid() -> None:
    read = aid_encrypted.check(VECTOR, app_id=APP_ID, app_secret=SECRET, now_s=MADE_S)
    assert (read.refusal, read.made_s, read.valid_s) == (None, MADE_S, VALID_S)


def test_the_key_is_repeated_to_32_bytes_whatever_its_length() -> None:
    assert aid_encrypted.fill_key(SECRET) == FILLED
    assert aid_encrypted.fill_key("abcdefgh") == b"abcdefgh" * 4
    assert aid_encrypted.fill_key("0123456789abcdef") == b"0123456789abcdef" * 2
    assert aid_encrypted.fill_key("x" * 15) == b"x" * 32
    assert aid_encrypted.fill_key("y" * 31 + "z" + "tail") == b"y" * 31 + b"z"


@pytest.mark.parametrize(
    ("now_s", "refusal"),
    [
        (MADE_S - 1, Refusal.NOT_YET),
        (MADE_S, None),
        (MADE_S + VALID_S, None),
        (MADE_S + VALID_S + 1, Refusal.EXPIRED),
    ],
)
def test_a_value_is_good_from_its_time_until_it_expires(now_s: int, refusal: Refusal | None) -> None:
    assert checked(VECTOR, now_s=float(now_s)) is refusal


# Made by Node's crypto from the guide's example with another validity: what a server that knows no limit would send.
@pytest.mark.parametrize(
    ("valid_s", "value"),
    [
        (86401, "MDEyMzQ1Njc4OTAxMjM0NWvZ11atw+1uzYmoIyt5rAQSgS5RnM6MBDQk4o992YXL"),
        (0, "MDEyMzQ1Njc4OTAxMjM0NWvZ11atw+1uzYmoIyt5rATaWvX1YOwdE8/X4mY2aMTV"),
    ],
)
def test_more_than_a_day_is_refused_whoever_made_it(valid_s: int, value: str) -> None:
    with pytest.raises(UsageError, match="1 to 86400 s"):
        aid_encrypted.make(app_id=APP_ID, app_secret=SECRET, made_s=MADE_S, valid_s=valid_s)
    assert checked(value, now_s=float(MADE_S)) is Refusal.TOO_LONG


def test_another_app_id_and_another_key_are_refused() -> None:
    assert checked(VECTOR, app_id="123456780") is Refusal.OTHER_APP
    assert checked(VECTOR, app_secret=SECRET[:-1] + "7") in (Refusal.NOT_DECRYPTED, Refusal.NOT_THE_FORM)


@pytest.mark.parametrize(
    ("value", "changed", "refusal"),
    [
        ("", {}, Refusal.MISSING),
        ("%%%", {}, Refusal.UNREADABLE),
        ("MDEy", {}, Refusal.UNREADABLE),
        (VECTOR[:-4], {}, Refusal.UNREADABLE),
        ("\u00fc" * 64, {}, Refusal.UNREADABLE),
        (VECTOR, {"type_": "ecb"}, Refusal.UNKNOWN_TYPE),
        (VECTOR, {"type_": "gcm"}, Refusal.NOT_DECRYPTED),
        (VECTOR, {"aad": "?"}, Refusal.BAD_AAD),
        (VECTOR, {"aad": "A" * 132}, Refusal.BAD_AAD),
        (VECTOR, {"aad": "QUJD"}, Refusal.AAD_WITHOUT_GCM),
    ],
)
def test_what_is_no_value_is_refused_with_its_reason(value: str, changed: dict[str, object], refusal: Refusal) -> None:
    assert checked(value, **changed) is refusal


def test_the_type_may_be_written_in_any_case_and_is_cbc_when_it_is_left_out() -> None:
    assert checked(VECTOR, type_="CBC") is None
    assert checked(VECTOR, type_="") is None
    value = aid_encrypted.make(app_id=APP_ID, app_secret=SECRET, made_s=MADE_S, valid_s=60, type_="Gcm")
    assert checked(value, type_="GCM") is None


def test_wrong_use_is_answered_with_a_sentence() -> None:
    usual = {"app_id": APP_ID, "app_secret": SECRET, "valid_s": 60}
    for changed, said in (
        ({"app_id": "12a"}, "decimal digits"),
        ({"app_id": ""}, "decimal digits"),
        ({"app_id": "1" * 21}, "at most 20 decimal digits"),
        ({"made_s": -5}, "unix seconds"),
        ({"made_s": MADE_S * 1000}, "at most 12 digits"),
        ({"valid_s": 0}, "1 to 86400 s"),
        ({"app_secret": ""}, "AppSecretKey is empty"),
        ({"type_": "gmc"}, "did you mean 'gcm'"),
        ({"iv": b"short"}, "16 bytes"),
        ({"type_": "gcm", "iv": IV}, "12 bytes"),
        ({"aad": b"x"}, "gcm only"),
        ({"type_": "gcm", "aad": b"x" * 97}, "128 bytes"),
    ):
        with pytest.raises(UsageError, match=said):
            aid_encrypted.make(**(usual | changed))  # type: ignore[arg-type]  # of the right kind, and wrong on purpose


def test_two_values_made_alike_differ_for_the_iv_is_random() -> None:
    made_once, made_again = (aid_encrypted.make(app_id=APP_ID, app_secret=SECRET, valid_s=60) for _ in range(2))
    assert made_once != made_again


@given(secret=secrets, app_id=app_ids, made_s=made, valid_s=st.integers(1, VALID_S), iv=st.binary(min_size=16, max_size=16))
def test_what_is_made_by_cbc_is_read_again(secret: str, app_id: str, made_s: int, valid_s: int, iv: bytes) -> None:
    value = aid_encrypted.make(app_id=app_id, app_secret=secret, made_s=made_s, valid_s=valid_s, iv=iv)
    read = aid_encrypted.check(value, app_id=app_id, app_secret=secret, now_s=made_s + valid_s)
    assert (read.refusal, read.made_s, read.valid_s) == (None, made_s, valid_s)


anything = {
    "app_id": st.one_of(app_ids, st.text("0123456789a\u0661 &", max_size=30)),
    "made_s": st.integers(-(10**14), 10**14),
    "valid_s": st.integers(-5, 90_000),
    "type_": st.sampled_from(["cbc", "gcm", "CBC"]),
    "aad": st.one_of(st.just(b""), st.binary(max_size=110)),
}


@given(**anything)
def test_what_is_made_at_all_is_good_from_the_second_it_names(
    app_id: str, made_s: int, valid_s: int, type_: str, aad: bytes
) -> None:
    try:
        value = aid_encrypted.make(app_id=app_id, app_secret=SECRET, made_s=made_s, valid_s=valid_s, type_=type_, aad=aad)
    except UsageError:
        return
    handed_on = aid_encrypted.encode_aad(aad)
    assert checked(value, app_id=app_id, now_s=float(made_s), type_=type_, aad=handed_on) is None
    assert checked(value, app_id=app_id, now_s=float(made_s + valid_s), type_=type_, aad=handed_on) is None


@given(
    secret=secrets,
    app_id=app_ids,
    made_s=made,
    iv=st.binary(min_size=12, max_size=12),
    aad=st.binary(max_size=96),
    bit=st.integers(0, 10_000),
)
def test_what_is_made_by_gcm_is_read_again_and_not_with_any_bit_flipped(
    secret: str, app_id: str, made_s: int, iv: bytes, aad: bytes, bit: int
) -> None:
    value = aid_encrypted.make(app_id=app_id, app_secret=secret, made_s=made_s, valid_s=60, type_="gcm", iv=iv, aad=aad)
    usual = {"app_id": app_id, "app_secret": secret, "now_s": made_s, "type_": "gcm", "aad": aid_encrypted.encode_aad(aad)}
    assert aid_encrypted.check(value, **usual).refusal is None  # type: ignore[arg-type]  # one dict for both
    raw = bytearray(base64.b64decode(value))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    flipped = base64.b64encode(raw).decode()
    assert aid_encrypted.check(flipped, **usual).refusal is Refusal.NOT_DECRYPTED  # type: ignore[arg-type]  # as above


def test_other_additional_data_is_refused() -> None:
    value = aid_encrypted.make(app_id=APP_ID, app_secret=SECRET, made_s=MADE_S, valid_s=60, type_="gcm", aad=b"user 7")
    assert checked(value, type_="gcm", aad=base64.b64encode(b"user 7").decode()) is None
    assert checked(value, type_="gcm", aad=base64.b64encode(b"user 8").decode()) is Refusal.NOT_DECRYPTED
    assert checked(value, type_="gcm") is Refusal.NOT_DECRYPTED


@given(value=st.text(max_size=200), type_=st.sampled_from(["cbc", "gcm", "", "ecb"]), aad=st.text(max_size=140))
def test_no_text_at_all_makes_the_check_raise(value: str, type_: str, aad: str) -> None:
    read = aid_encrypted.check(value, app_id=APP_ID, app_secret=SECRET, now_s=float(MADE_S), type_=type_, aad=aad)
    assert read.refusal is not None


def by_node(kind: str, key: bytes, iv: bytes, plain: str, aad: bytes = b"") -> str:
    """The same made by Node's crypto."""
    fields = {name: base64.b64encode(part).decode() for name, part in (("key", key), ("iv", iv), ("aad", aad))}
    told = json.dumps({"kind": kind, "plain": plain, **fields})
    command = [node_tool("node"), "-e", NODE]
    return subprocess.run(command, input=told, capture_output=True, text=True, check=True, timeout=60).stdout


def test_node_makes_the_same_values() -> None:
    assert by_node("cbc", FILLED, IV, f"{APP_ID}&{MADE_S}&{VALID_S}") == VECTOR
    made_here = aid_encrypted.make(
        app_id=APP_ID, app_secret=SECRET, made_s=MADE_S, valid_s=VALID_S, type_="gcm", iv=IV[:12], aad=b"shop"
    )
    assert by_node("gcm", FILLED, IV[:12], f"{APP_ID}&{MADE_S}&{VALID_S}", b"shop") == made_here
