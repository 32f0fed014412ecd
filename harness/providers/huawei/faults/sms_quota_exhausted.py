"""sms/send has no SMS left: a 400 whose sentence is known and whose code is not (domain/huawei-oneaccess.md)."""

from __future__ import annotations

from harness.faults.rewriting import add, saying
from harness.providers.huawei.faults.altered import JSON, at_the_api
from harness.providers.huawei.refusals import quota_exhausted
from harness.providers.huawei.settings import Settings

BODY = quota_exhausted(Settings()).answer().body

add(at_the_api("sms-quota-exhausted", "The captcha API has no SMS left", saying(BODY, content_type=JSON, status=400)))
