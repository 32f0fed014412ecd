"""A 200 whose token is null: the picture's, or the captcha_token (domain/huawei-oneaccess.md: undocumented)."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.huawei.faults.altered import at_the_api, setting

NO_TOKEN = {"token": None, "captcha_token": None}

add(at_the_api("null-token", "The captcha API answers with a token that is null", setting(NO_TOKEN)))
