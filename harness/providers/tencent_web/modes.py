"""The documented outcomes. Client messages are the vendor's to the letter; 2001–2006 are every provider's."""

from __future__ import annotations

from harness.catalog import SERVER_MODES, FailureMode

_CLIENT = "domain/tencent-client.md 3.2"


def _vendor(code: int, message: str, title: str, *, before_visible: bool = True) -> FailureMode:
    return FailureMode(
        code=code, message=message, title=title, minted_by="vendor", before_visible=before_visible, source=_CLIENT
    )


MODES: tuple[FailureMode, ...] = (
    FailureMode(
        code=1001, message="jsload_error", title="Entry script not loaded, or the constructor throws", minted_by="page",
        before_visible=True, source=_CLIENT,
    ),
    _vendor(1002, "captcha_show_timeout", "Frame script not ready 20 s after show()"),
    _vendor(1003, "framejs_load_timeout", "Frame script timed out on all three sources"),
    _vendor(1004, "framejs_load_error", "Frame script failed on all three sources"),
    _vendor(1005, "framejs_run_error", "Frame script throws"),
    _vendor(1006, "get_captcha_config_request_error", "Configuration failed three times, or did not come in 20 s"),
    _vendor(1007, "pre_template_load_timeout", "Template check timed out on both sources"),
    _vendor(1008, "iframe_load_timeout", "Iframe not loaded 20 s after it was made"),
    _vendor(1009, "lib_jq_load_error", "Library not loaded"),
    _vendor(1010, "captcha_js_load_error", "Slider script not loaded"),
    _vendor(1011, "captcha_js_run_error", "Slider script throws"),
    _vendor(1012, "refresh_error", "Refresh failed three times", before_visible=False),
    _vendor(1013, "verify_error", "Verification failed three times", before_visible=False),
    _vendor(1014, "rate_limit", "Configuration answered that the app id is rate-limited"),
    *SERVER_MODES,
)
