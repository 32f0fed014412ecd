"""What the vendor documents, transcribed from the notes (domain/tencent-api.md 1.2 to 1.6). Nothing here reads our code."""

from __future__ import annotations

CURRENT = {
    1: "OK",
    7: "captcha no match",
    8: "ticket expired",
    9: "ticket reused",
    15: "decrypt fail",
    16: "appid-ticket mismatch",
    21: "diff",
    100: "appid-secretkey-ticket mismatch",
}
LEGACY = {
    1: "OK",
    6: "user code len error",
    7: "captcha no match",
    8: "verify timeout",
    9: "Sequnce repeat",
    10: "Sequnce invalid",
    12: "sig len error",
    13: "verify ip no match",
    15: "decrypt fail",
    16: "appid no match",
    21: "diff",
    22: "captcha type not match",
    100: "param err",
    104: "Ticket Reuse",
}
MINI = {
    1: "ok",
    7: "CaptchaAppId does not match",
    8: "ticket expired",
    10: "ticket format error",
    15: "ticket decryption failed",
    16: "CaptchaAppId wrong format",
    21: "diff",
    25: "invalid ticket",
    31: "UnauthorizedOperation.Unauthorized",
    100: "param err",
}
FIELDS = {
    "CaptchaCode", "CaptchaMsg", "EvilLevel", "GetCaptchaTime", "EvilBitmap", "SubmitCaptchaTime", "DeviceRiskCategory",
    "Score", "RequestId",
}  # fmt: skip
MINI_FIELDS = {"CaptchaCode", "CaptchaMsg", "RequestId"}

BUSY_ZH = (
    "system busy 详情请参考：腾讯云-天御验证码-产品文档，搜索关键字“DescribeCaptchaResult”，"
    "查看输出参数中CaptchaCode字段的具体描述"
)
MINI_BUSY_ZH = (
    "system internal error 详情请参考：腾讯云-验证码-产品文档，搜索关键字“DescribeCaptchaMiniResult”，"
    "查看输出参数中CaptchaCode字段的具体描述"
)
INTERNAL = "An internal error has occurred. Retry your request, but if the problem persists, contact us."

ERRORS = (
    "ActionOffline",
    "AuthFailure.InvalidAuthorization",
    "AuthFailure.InvalidSecretId",
    "AuthFailure.MFAFailure",
    "AuthFailure.SecretIdNotFound",
    "AuthFailure.SignatureExpire",
    "AuthFailure.SignatureFailure",
    "AuthFailure.TokenFailure",
    "AuthFailure.UnauthorizedOperation",
    "DryRunOperation",
    "FailedOperation",
    "InternalError",
    "InternalServerError",
    "InvalidAction",
    "InvalidParameter",
    "InvalidParameterValue",
    "InvalidRequest",
    "IpInBlacklist",
    "IpNotInWhitelist",
    "LimitExceeded",
    "MissingParameter",
    "NoSuchProduct",
    "NoSuchVersion",
    "RequestLimitExceeded",
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
    "RequestLimitExceeded.IPLimitExceeded",
    "RequestLimitExceeded.UinLimitExceeded",
    "RequestSizeLimitExceeded",
    "ResourceInUse",
    "ResourceInsufficient",
    "ResourceNotFound",
    "ResourceUnavailable",
    "ResponseSizeLimitExceeded",
    "ServiceUnavailable",
    "UnauthorizedOperation",
    "UnauthorizedOperation.ErrAuth",
    "UnauthorizedOperation.Unauthorized",
    "UnknownParameter",
    "UnsupportedOperation",
    "UnsupportedProtocol",
    "UnsupportedRegion",
)
