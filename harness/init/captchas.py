"""Which captchas an application depends on, by the words that their vendors' documents make integrators write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Captcha:
    """A captcha as people know it; ``provider`` is what serves it here, "" where nothing does."""

    name: str
    provider: str
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A captcha, and the first place at which it was seen: a file with its line, or an address."""

    captcha: Captcha
    word: str
    place: str


def _words(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


CAPTCHAS: tuple[Captcha, ...] = (
    Captcha(
        name="Tencent Captcha (mini program)",
        provider="tencent_mini",
        words=_words(r"DescribeCaptchaMiniResult", r"plugin://t-captcha", r"<t-captcha\b"),
    ),
    Captcha(
        name="Tencent Captcha",
        provider="tencent_web",
        words=_words(
            r"\bT(?:J|JN)?Captcha(?:-global)?\.js\b",
            r"\bTencentCaptcha\b",
            r"\bDescribeCaptchaResult",
            r"captcha\.(?:intl\.)?tencentcloudapi\.com",
            r"ssl\.captcha\.qq\.com",
            r"turing\.captcha\.qcloud\.com",
            r"tencentcloud[-.]sdk[-.\w]*captcha|tencentcloud\.captcha",
        ),
    ),
    Captcha(
        name="GeeTest v4",
        provider="geetest_v4",
        words=_words(r"\bgt4\.js\b", r"\binitGeetest4\b", r"gcaptcha4\.geetest\.com"),
    ),
    Captcha(
        name="Huawei Cloud OneAccess",
        provider="huawei",
        words=_words(r"\boneaccess\b(?=.*captcha)", r"huaweioneaccess\.com"),
    ),
    Captcha(
        name="GeeTest v3",
        provider="",
        words=_words(r"\binitGeetest\(", r"static\.geetest\.com/static/\S*gt\.js", r"api\.geetest\.com"),
    ),
    Captcha(
        name="Cloudflare Turnstile",
        provider="",
        words=_words(r"challenges\.cloudflare\.com/turnstile", r"\bcf-turnstile\b", r"\b(?:react|vue|django)-turnstile\b"),
    ),
    Captcha(
        name="hCaptcha",
        provider="",
        words=_words(r"hcaptcha\.com/(?:1/api\.js|siteverify)", r"class=[\"']h-captcha\b", r"@hcaptcha/[\w-]+"),
    ),
    Captcha(
        name="reCAPTCHA",
        provider="",
        words=_words(
            r"(?:google\.com|recaptcha\.net)/recaptcha",
            r"class=[\"']g-recaptcha\b",
            r"\bgrecaptcha\.",
            r"recaptchaenterprise\.googleapis\.com|\breact-google-recaptcha\b|\bdjango-recaptcha\b",
        ),
    ),
)


def recognise(texts: Iterable[tuple[str, str]]) -> tuple[Recognised, ...]:
    """Every captcha that is named in texts, each once; ``texts`` are pairs of a place and what stands there."""
    found: dict[str, Recognised] = {}
    for place, text in texts:
        for captcha in CAPTCHAS:
            if captcha.name not in found and (word := captcha.words.search(text)):
                line = text.count("\n", 0, word.start()) + 1
                found[captcha.name] = Recognised(captcha=captcha, word=word.group(), place=f"{place}:{line}")
    return tuple(found[captcha.name] for captcha in CAPTCHAS if captcha.name in found)
