"""The reference of the target file in Chinese: every text of the English page has its translation, and nothing else has one.

That both pages are as they are made is held with everything that is made (test_mend_pages).
"""

from __future__ import annotations

import re

import pytest

from handbook import reference
from handbook.__main__ import main

# What a translation must not lose or change: what stands in quotes, a placeholder, code, a name of several words, a number,
# a link.
_KEPT = re.compile(r"""(?<!\w)(?:"[^"]*"|'[^']*')|\{[^{}]*\}|`[^`]*`|\d+|[a-z]+(?:_[a-z]+)+|\]\([^()]*\)""")


def test_every_text_of_the_page_has_its_translation_and_no_translation_is_left_over() -> None:
    assert reference.page(reference.chinese()).startswith("# 目标文件")


def test_a_text_without_a_translation_is_named() -> None:
    translations = reference.chinese()
    del translations["The provider's name. Default: tencent_web"]
    with pytest.raises(ValueError, match=r'no translation of "The provider\'s name\. Default: tencent_web"$'):
        reference.page(translations)


def test_a_translation_of_what_the_page_says_no_more_is_named() -> None:
    with pytest.raises(ValueError, match=r'the page no longer says "It once said so\."$'):
        reference.page({**reference.chinese(), "It once said so.": "曾经如此。"})


def test_the_command_says_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    translations = {**reference.chinese(), "It once said so.": "曾经如此。"}
    monkeypatch.setattr(reference, "chinese", lambda: translations)
    assert main(["write"]) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert said == f'captchaos handbook: {reference.CHINESE.name}: the page no longer says "It once said so."'


def test_no_text_is_left_in_english() -> None:
    assert [text for text, said in reference.chinese().items() if not re.search(r"[\u3000-\u9fff\uff00-\uffef]", said)] == []


def test_a_translation_keeps_what_is_no_prose() -> None:
    assert {text: said for text, said in reference.chinese().items() if _kept(text) != _kept(said)} == {}


def _kept(text: str) -> list[str]:
    return sorted(_KEPT.findall(text.replace("\n", " ")))
