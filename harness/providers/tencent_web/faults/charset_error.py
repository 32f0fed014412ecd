"""An Error under ``application/json; charset=utf-8``.

Python's SDK then raises nothing and hands out a result whose CaptchaCode is None (domain/tencent-api.md 1.8).
"""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import at_the_api, erring

MESSAGE = "An internal error has occurred. Retry your request, but if the problem persists, contact us."
ANSWER = erring("InternalError", MESSAGE, content_type="application/json; charset=utf-8")

add(at_the_api("charset-error", "The verdict API's error has a charset in its content type", ANSWER))
