"""ShowCaptcha answers 200 and a token, and both pictures are empty (domain/huawei-oneaccess.md: undocumented)."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.huawei.faults.altered import at_the_api, setting

add(
    at_the_api(
        "empty-images",
        "The captcha API answers without its pictures",
        setting({"originalImageBase64": "", "jigsawImageBase64": ""}),
    )
)
