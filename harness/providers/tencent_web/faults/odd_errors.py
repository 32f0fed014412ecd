"""Errors that are not as documented: beside a verdict, null, without a RequestId, without a code.

One SDK's exception for these is another's silence (domain/sdk-behaviour.md, "Verdicts and errors").
"""

from __future__ import annotations

from harness.faults.rewriting import add, saying
from harness.providers.tencent_web.faults.gateway import JSON, Make, answering, at_the_api, envelope, rewording
from harness.providers.tencent_web.faults.internal_error import MESSAGE

ERROR = {"Code": "InternalError", "Message": MESSAGE}


def _with(error: object) -> Make:
    return rewording(lambda fields: envelope(fields | {"Error": error}))


add(at_the_api("error-and-verdict", "The verdict API answers an error and the verdict together", _with(ERROR)))
add(at_the_api("error-null", "The verdict has an error beside it that is null", _with(None)))
add(
    at_the_api(
        "error-without-request-id",
        "The verdict API's error has no RequestId",
        saying(envelope({"Error": ERROR}), content_type=JSON),
    )
)
add(at_the_api("error-without-code", "The verdict API's error has no code", answering({"Error": {"Message": MESSAGE}})))
