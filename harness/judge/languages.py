"""Whether a text can be in the language that a page says it speaks, by its letters alone."""

from __future__ import annotations

import re
import unicodedata

_LATIN = frozenset(("cs", "da", "de", "en", "es", "fi", "fr", "hu", "id", "it", "ms", "nb", "nl", "no", "pl", "pt", "sv", "vi"))
# For these one letter is enough: names and product words in Latin stand in every sentence.
_OWN = {"zh": "CJK UNIFIED", "ja": "CJK UNIFIED|HIRAGANA|KATAKANA", "ko": "HANGUL", "ru": "CYRILLIC", "uk": "CYRILLIC"}
_OWN |= {"ar": "ARABIC", "he": "HEBREW", "th": "THAI", "el": "GREEK"}


def speaks(text: str, language: str) -> bool | None:
    """Say whether the text's letters are those of a language tag such as ``zh-CN``; None where that cannot be told."""
    tag = re.split("[-_]", language.strip().lower())[0]
    letters = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
    if not letters or (tag not in _LATIN and tag not in _OWN):
        return None
    if tag in _OWN:
        return any(re.match(_OWN[tag], name) for name in letters)
    return sum(name.startswith("LATIN") for name in letters) * 2 > len(letters)
