"""The real verdict, written in a way that readers of JSON disagree on (domain/sdk-behaviour.md, "Unreadable answers")."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.catalog import Answer, Asked
from harness.faults.rewriting import add, always
from harness.providers.tencent_web.faults.gateway import at_the_api, envelope, rewording

BOM = b"\xef\xbb\xbf"


def _lower(fields: dict[str, Any]) -> bytes:
    return envelope({name.lower(): value for name, value in fields.items()}).replace(b'"Response"', b'"response"', 1)


def _twice(fields: dict[str, Any]) -> bytes:
    return envelope(fields).replace(b'{"CaptchaCode":', b'{"CaptchaCode": 9, "CaptchaCode":', 1)


def _unencoded(answer: Answer, asked: Asked) -> Answer:
    return replace(answer, headers=(*answer.headers, ("content-encoding", "br")))


add(at_the_api("code-twice", "The verdict has its code twice, 9 and then the real one", rewording(_twice)))
add(at_the_api("lower-case-keys", "The verdict's keys are in lower case", rewording(_lower)))
add(
    at_the_api(
        "bom",
        "The verdict begins with a byte order mark",
        rewording(lambda fields: BOM + envelope(fields)),
    )
)
add(
    at_the_api(
        "single-quotes",
        "The verdict is written with single quotes",
        rewording(lambda fields: envelope(fields).replace(b'"', b"'")),
    )
)
add(
    at_the_api(
        "message-number",
        "The verdict's message is a number",
        rewording(lambda fields: envelope(fields | {"CaptchaMsg": 0})),
    )
)
add(
    at_the_api(
        "trailing-json",
        "The verdict is followed by more JSON",
        rewording(lambda fields: envelope(fields) + b'{"retcode":0,"retmsg":"ok"}'),
    )
)
add(
    at_the_api(
        "cut-json",
        "The verdict's JSON breaks off, and the answer ends in good order",
        rewording(lambda fields: envelope(fields)[:-12]),
    )
)
add(at_the_api("false-brotli", "The verdict says that it is compressed, and is not", always(_unencoded)))
