"""CaptchaCode 26, with ``retcode`` and ``retmsg`` beside ``Response`` as seed 001 prints them: no verdict, go on."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import answering, at_the_api

MESSAGE = (
    "system busy 详情请参考：腾讯云-天御验证码-产品文档，搜索关键字“DescribeCaptchaResult”，"
    "查看输出参数中CaptchaCode字段的具体描述"
)
BUSY = answering(
    {"CaptchaCode": 26, "CaptchaMsg": MESSAGE, "EvilLevel": 0, "GetCaptchaTime": 0}, beside={"retcode": 0, "retmsg": "ok"}
)

add(at_the_api("system-busy-26", "The verdict API answers 26, system busy", BUSY))
