"""What the notes say of the WeChat plug-in, transcribed by hand.

From domain/tencent-client.md 4 and domain/tencent-api.md 1.5, 1.5b. Nothing here is imported from the harness.
"""

from __future__ import annotations

REQUEST_MS = 15_000
TRIES = 3
EMIT_MS = 600
EVENTS = {"verify", "close", "error", "ready"}
WRONG_APP_TYPE = "请升级插件版本2.0,并且使用小程序类型的CaptchaAppId"
FALLBACK_FIELDS = {"ret", "ticket", "randstr"}
PREFIX = "trerror"
CONFIG, REFRESH, VERIFY = 1006, 1012, 1013
CODES = {1, 7, 8, 10, 15, 16, 21, 25, 26, 31, 100}
PASSED, FALLBACK, NOT_RECOGNISED, UNAUTHORIZED = 1, 21, 16, 31
# Seed 001, the disaster-recovery document for mini programs; beside "Response" stand retcode and retmsg.
INTERNAL_ERROR_26 = (
    "system internal error 详情请参考：腾讯云-验证码-产品文档，搜索关键字“DescribeCaptchaMiniResult”，"
    "查看输出参数中CaptchaCode字段的具体描述"
)
