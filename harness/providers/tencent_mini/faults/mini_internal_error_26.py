"""CaptchaCode 26 as seed 001 prints it for mini programs, ``retcode`` and ``retmsg`` beside ``Response``: no verdict, go on."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import answering, at_the_api

MESSAGE = (
    "system internal error 详情请参考：腾讯云-验证码-产品文档，搜索关键字“DescribeCaptchaMiniResult”，"
    "查看输出参数中CaptchaCode字段的具体描述"
)
BROKEN = answering({"CaptchaCode": 26, "CaptchaMsg": MESSAGE}, beside={"retcode": 0, "retmsg": "ok"})

add(at_the_api("mini-internal-error-26", "The mini program's verdict API answers 26, system internal error", BROKEN))
