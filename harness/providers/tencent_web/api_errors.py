"""What the vendor's API gateway says: its errors, and the envelope every answer comes in.

Source: domain/tencent-api.md 1.6 (codes) and 1.8 (why the content type carries no charset). Message texts are not
documented; integrators must read the code. InternalError, whose text is, never comes from here: it is a response fault.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from harness.catalog import Answer

CONTENT_TYPE = "application/json"

_MESSAGES: Mapping[str, str] = {
    "AuthFailure.InvalidAuthorization": "The `Authorization` header is not in the format of TC3-HMAC-SHA256.",
    "AuthFailure.InvalidSecretId": "The SecretId is not a SecretId of the cloud API.",
    "AuthFailure.SecretIdNotFound": "The SecretId is not found, please ensure that your SecretId is correct.",
    "AuthFailure.SignatureExpire": "The request is expired: `X-TC-Timestamp` is more than five minutes off the server's time.",
    "AuthFailure.SignatureFailure": (
        "The provided credentials could not be validated. Please check your signature is correct."
    ),
    "AuthFailure.TokenFailure": "The token is not valid.",
    "InvalidAction": "The requested action is invalid or not found.",
    "InvalidParameter": "The parameter `{}` is not valid.",
    "InvalidParameterValue": "The value of the parameter `{}` is out of range.",
    "MissingParameter": "The request is missing a required parameter `{}`.",
    "NoSuchProduct": "The requested product does not exist.",
    "NoSuchVersion": "The requested version does not exist.",
    "RequestLimitExceeded": "The number of requests exceeds the frequency limit.",
    "RequestSizeLimitExceeded": "The request exceeds the size limit.",
    "UnauthorizedOperation.Unauthorized": "No permission is granted, no valid package is left, or payment is overdue.",
    "UnknownParameter": "A parameter of the request is not recognized.",
    "UnsupportedProtocol": "The HTTP method is not supported; use GET or POST.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """One ``Response.Error``: what the gateway answers instead of a verdict."""

    code: str
    message: str


def error(code: str, parameter: str = "") -> ApiError:
    """Make the error of that code; ``parameter`` is a name from the documents, never text out of the request."""
    return ApiError(code=code, message=_MESSAGES[code].format(parameter))


def error_answer(refusal: ApiError) -> Answer:
    """Render an error as the vendor does: HTTP 200, ``Response.Error`` and a RequestId."""
    return response({"Error": {"Code": refusal.code, "Message": refusal.message}})


def response(fields: Mapping[str, object]) -> Answer:
    """Put fields into the vendor's envelope with a fresh RequestId; the content type is exactly ``application/json``."""
    body = json.dumps({"Response": {**fields, "RequestId": str(uuid.uuid4())}}).encode("ascii")
    return Answer(headers=(("content-type", CONTENT_TYPE),), body=body)
