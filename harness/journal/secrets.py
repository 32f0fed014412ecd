"""Secrets leave no trace: each is masked in every form in which a log, URL, header or page is likely to carry it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "•••"
_SHORTEST_CORE = 8


class Masker:
    """Replace every secret, and its URL-, base64-, JSON- and HTML-escaped forms, by ``•••``.

    Empty secrets are ignored. A secret that stands at any place inside base64 text (``user:secret``) is found as well.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in forms_of(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: str) -> str:
        """Return ``text`` with every known secret masked."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def __repr__(self) -> str:
        return f"Masker({MASK})"


def forms_of(secret: str) -> Iterator[str]:
    """Write a secret in every form in which a log, URL, header or page is likely to carry it."""
    yield secret
    yield html.escape(secret)
    for ascii_only in (True, False):
        yield json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
    raw = secret.encode("utf-8", "surrogatepass")
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    for encoder in (base64.b64encode, base64.urlsafe_b64encode):
        yield encoder(raw).decode()
        yield from (core for core in _cores(raw, encoder) if len(core) >= _SHORTEST_CORE)


def _cores(raw: bytes, encoder: object) -> Iterator[str]:
    """The characters that ``raw`` alone decides, at each of its three possible alignments inside longer base64 text."""
    for shift, lead in ((0, 0), (1, 2), (2, 3)):
        encode = base64.urlsafe_b64encode if encoder is base64.urlsafe_b64encode else base64.b64encode
        whole = (shift + len(raw)) * 8 // 6
        yield encode(b"\0" * shift + raw).decode()[lead:whole]
