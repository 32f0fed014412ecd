"""CaptchaCode 31: no package, or in arrears. The Web's API says so by an Error, this one by a code.

Source: domain/tencent-api.md 1.5.
"""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import answering, at_the_api
from harness.providers.tencent_web.tables.mini import MESSAGES

REFUSED = answering({"CaptchaCode": 31, "CaptchaMsg": MESSAGES[31]})

add(at_the_api("mini-unauthorized", "The mini program's verdict API answers 31, no package or in arrears", REFUSED))
