"""What the vendor's notes say of the browser client, transcribed by hand from domain/tencent-client.md 3.2–3.4.

Nothing here comes from the code under test: this module imports nothing from ``harness``. Times are milliseconds until the
callback, counted from the event in the comment beside them.
"""

import re

MESSAGES = {
    1002: "captcha_show_timeout",
    1003: "framejs_load_timeout",
    1004: "framejs_load_error",
    1005: "framejs_run_error",
    1006: "get_captcha_config_request_error",
    1007: "pre_template_load_timeout",
    1008: "iframe_load_timeout",
    1009: "lib_jq_load_error",
    1010: "captcha_js_load_error",
    1011: "captcha_js_run_error",
    1012: "refresh_error",
    1013: "verify_error",
    1014: "rate_limit",
}

SHOW_TIMEOUT_MS = 20_000  # 1002, from show()
FRAME_TIMEOUT_MS = 3 * 15_000  # 1003, from the constructor
CONFIG_TIMEOUT_MS = 20_000  # 1006, from the request
TEMPLATE_TIMEOUT_MS = 2 * 10_000  # 1007, from the check
IFRAME_TIMEOUT_MS = 20_000  # 1008, from the iframe
SCRIPT_TIMEOUT_MS = 3 * 15_000  # 1009 and 1010 in the newer build, from the first try; the older one's is unknown
RETRIES_TIMEOUT_MS = 3 * 15_000 + 500  # 1012 from the refresh, 1013 from the end of the drag
AFTER_FAILURE_MS = 500  # 1012 and 1013 when the failures come at once

FALLBACK_FIELDS = {"ret", "randstr", "ticket", "errorCode", "errorMessage"}
SUCCESS_FIELDS = {"ret", "ticket", "CaptchaAppId", "bizState", "randstr"}
CLOSED = {"ret": 2, "ticket": "", "randstr": ""}

# errors of frame and template carry the session id as a fifth part, once the configuration has given one
WITH_SESSION_ID = {1007, 1008, 1009, 1010, 1011, 1012, 1013}
RANDSTR = re.compile(r"@[0-9a-z]{4,}")
SESSION_ID = re.compile(r"[0-9]{10,}")

SECOND_INCLUDE = "请勿多次引用腾讯验证码的接入js"
BAD_ARGUMENTS = "The parameter of the constructor of the Captcha is passed incorrectly"
BAD_ARGUMENTS_2020 = "Arguments error."
LOST_CALLBACK = "Lost `callback`"
ALERT_2020 = "页面加载异常，请刷新页面重试"
FRAME_ATTEMPTS = 3
FRAME_ATTEMPTS_2020 = 2
CONFIG_ATTEMPTS = 3

# --- the web integration: seed 003 ("Appearance Configuration Parameters", "userLanguage configuration parameter", Step 3)

LANGUAGES = (
    "zh-cn", "zh-hk", "zh-tw", "en", "ar", "my", "fr", "de", "he", "hi", "id", "it", "ja", "ko", "lo", "ms", "pl", "pt", "ru",
    "es", "th", "tr", "vi",
)
METHODS = ("show", "destroy", "getTicket", "reload")
OUTER_CLASS = "tcaptcha-transform"
READY_FIELDS = {"sdkView": {"width", "height"}}
SHOW_FN_FIELDS = {"duration", "sid"}  # seed 003 names them in words only: "rendering time + SID"
NO_TICKET_YET = {"CaptchaAppId": "199999164", "ticket": ""}

# --- the other builds: domain/tencent-client.md 3.1, 3.2 (row 1007), 3.3, 3.4 i

ENTRY_1 = "turing.captcha.qcloud.com/TCaptcha.js"
ENTRY_2 = "turing.captcha.qcloud.com/TJCaptcha.js"
ENTRY_INTERNATIONAL = "ca.turing.captcha.qcloud.com/TJNCaptcha-global.js"
FRAME_2 = "https://turing.captcha.gtimg.com/1/tgJCap."
TEMPLATE_INTERNATIONAL = "drag_ele_global."
TEMPLATE_TIMEOUT_INTERNATIONAL_MS = 2 * 15_000
SUCCESS_FIELDS_2 = SUCCESS_FIELDS | {"verifyDuration", "actionDuration", "sid"}
WHITE_LABEL = "captcha.253.com"

# --- dead since 2023-08-21: domain/integration-bugs.md, "Doc inconsistencies"

DEAD_HOSTS = (
    "ssl.captcha.qq.com", "t.captcha.qq.com", "t.captcha.qcloud.com", "captcha.gtimg.com", "captcha.myqcloud.com",
    "captcha.cloudcachetci.com",
)

# --- the error table row by row (domain/tencent-client.md 3.2): code, link that hangs, milliseconds to the callback, since when

HANGS = (
    (1002, "frame", 20_000, "shown"),
    (1003, "frame", 3 * 15_000, "constructed"),
    (1006, "config", 20_000, "shown"),
    (1007, "template", 2 * 10_000, "shown"),
    (1008, "iframe", 20_000, "shown"),
    (1012, "refresh", 3 * 15_000 + 500, "acted"),
    (1013, "verify", 3 * 15_000 + 500, "acted"),
)
# "immediate" in the table, and 1012 and 1013 half a second after the last of three failures
AT_ONCE = (
    (1004, "frame", "breaks off", 0, "shown"),
    (1005, "frame", "throws", 0, "shown"),
    (1006, "config", "breaks off", 0, "shown"),
    (1009, "library", "breaks off", 0, "shown"),
    (1010, "slider", "breaks off", 0, "shown"),
    (1011, "slider", "throws", 0, "shown"),
    (1012, "refresh", "status 500", 500, "acted"),
    (1013, "verify", "status 500", 500, "acted"),
)
# a timeout of the frame script is 1003 where that code exists, and an error like any other where it does not
WITHOUT_1003 = ("newer", "v2")
