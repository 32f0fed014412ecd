"""What a provider's verdict API may answer a business server: as documented, and then with one thing wrong with it.

Source: domain/tencent-api.md 1.2 to 1.6, domain/huawei-oneaccess.md 6, domain/other-providers.md 7 (GeeTest v4). What a careful
reader may make of each stands beside it (:class:`Meaning`): a broken refusal is no pass, and of a broken pass nobody can say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from harness.catalog.provider_answers import MadeUpAnswer, Meaning
from harness.errors import UsageError, closest
from harness.strategies.documented_answers import ANSWERS, DECIDED_BY, Documented

Path = tuple[str, ...]
Document = Mapping[str, Any]

_NO_ANSWERS = (
    "", " ", "null", "true", "1", '"OK"', "OK", "[]", "{}", "NaN", "{", '{"Response": {}}', '{"Response": null}',
    '{"Response": []}', '{"Response": "OK"}',
    '{"result": null}', '{"captcha_token": null}', "<html><body>502 Bad Gateway</body></html>",
)  # fmt: skip
_NO_ANSWER = [
    MadeUpAnswer(text=text, label="not-an-answer", words="no answer of the API", meaning=Meaning.NO_VERDICT)
    for text in _NO_ANSWERS
]
_STATUSES = (500, 503, 502, 429, 404, 403, 401, 302, 202)
_TYPES = ("text/html", "text/plain", "application/json; charset=gbk", "application/octet-stream")
_ENCODINGS = ("utf-8-with-mark", "utf-16", "bytes-that-are-no-utf-8")
_ONE_MEGABYTE, _TOO_DEEP = 1 << 20, 100_000
_WIRES: tuple[tuple[Mapping[str, Any], ...], ...] = (
    tuple({"label": "another-status", "status": status} for status in _STATUSES),
    tuple({"label": "another-content-type", "content_type": kind} for kind in _TYPES),
    tuple({"label": "another-encoding", "encoding": name} for name in _ENCODINGS),
    ({"label": "padded", "padded_bytes": _ONE_MEGABYTE},),
    ({"label": "nested-deep", "nested": _TOO_DEEP},),
)


class _Twice(tuple[object, ...]):
    """A key's values where the key stands more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One thing wrong: ``make`` gets the document and the place; ``leaves_none``: no pass is left where one was decided."""

    label: str
    words: str
    make: Callable[[Document, Path], object]
    leaves_none: bool = False


def provider_answers(*, provider: str = "tencent_web") -> st.SearchStrategy[MadeUpAnswer]:
    """Draw answers of a verdict API: those that its provider documents, and the same with one thing wrong.

    Raises :class:`UsageError` for a provider whose answers are not known.
    """
    by_label: dict[str, list[MadeUpAnswer]] = {}
    for documented in _known(provider):
        for made in _all_changes(documented, DECIDED_BY[provider]):
            by_label.setdefault(made.label, []).append(made)
    right = documented_answers(provider=provider)
    on_the_wire = [st.builds(_on_the_wire, right, st.sampled_from(changes)) for changes in _WIRES]
    # Each way to be wrong is as likely as any other, in however many places there is one.
    return st.one_of(right, st.sampled_from(_NO_ANSWER), *map(st.sampled_from, by_label.values()), *on_the_wire)


def documented_answers(*, provider: str = "tencent_web") -> st.SearchStrategy[MadeUpAnswer]:
    """Draw answers that the provider documents, with nothing wrong: passes, refusals, and what is no verdict."""
    return st.sampled_from(every_documented_answer(provider=provider))


def every_documented_answer(*, provider: str = "tencent_web") -> tuple[MadeUpAnswer, ...]:
    """Make every answer that the provider documents, passes first; raises :class:`UsageError` for an unknown one."""
    return tuple(_as_documented(answer) for answer in _known(provider))


def _known(provider: str) -> tuple[Documented, ...]:
    if provider not in ANSWERS:
        raise UsageError(f"no answers are known of the provider {provider!r}{closest(provider, ANSWERS)}")
    return ANSWERS[provider]


def _as_documented(answer: Documented) -> MadeUpAnswer:
    return MadeUpAnswer(text=_dump(answer.document), words=answer.words, meaning=answer.meaning, status=answer.status)


def _all_changes(answer: Documented, decided_by: Path) -> Iterator[MadeUpAnswer]:
    """Every way in which one key of the answer, or its whole, can be wrong."""
    for path in _paths(answer.document):
        for change in _CHANGES:
            decides = path == decided_by[: len(path)]
            yield _changed(answer, change, path, none_left=decides and change.leaves_none)
    for change in _OF_THE_WHOLE:
        yield _changed(answer, change, (), none_left=change.leaves_none)
    yield from _decided_twice(answer, decided_by)


def _changed(answer: Documented, change: _Change, path: Path, *, none_left: bool) -> MadeUpAnswer:
    made = change.make(answer.document, path)
    return MadeUpAnswer(
        text=made if isinstance(made, str) else _dump(made),
        label=change.label,
        words=f"{answer.words}, {change.words.format(key='.'.join(path))}",
        meaning=Meaning.NO_VERDICT if none_left else _spoilt(answer.meaning),
        status=answer.status,
    )


def _spoilt(meaning: Meaning) -> Meaning:
    return Meaning.UNCLEAR if meaning in (Meaning.PASSED, Meaning.UNCLEAR) else Meaning.NO_VERDICT


def _decided_twice(answer: Documented, decided_by: Path) -> Iterator[MadeUpAnswer]:
    """The deciding key twice, once with the opposite: which of the two counts differs from reader to reader."""
    own = _at(answer.document, decided_by)
    if own is None:
        return
    key = decided_by[-1]
    for values in ((answer.opposite, own), (own, answer.opposite)):
        made = _put(answer.document, decided_by, _Twice(values))
        words = f"{answer.words}, with {key} twice, the last one {json.dumps(values[-1])}"
        yield MadeUpAnswer(text=_dump(made), label="doubled-key", words=words, meaning=Meaning.UNCLEAR, status=answer.status)


def _on_the_wire(answer: MadeUpAnswer, change: Mapping[str, Any]) -> MadeUpAnswer:
    return replace(answer, meaning=_spoilt(answer.meaning), **change)


def _paths(document: Document, above: Path = ()) -> Iterator[Path]:
    for key, value in document.items():
        yield (*above, key)
        if isinstance(value, Mapping):
            yield from _paths(value, (*above, key))


def _at(document: Document, path: Path) -> object:
    value: object = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _put(document: Document, path: Path, value: object) -> Document:
    key, *below = path
    inner = document.get(key)
    made = _put(inner, tuple(below), value) if below and isinstance(inner, Mapping) else value
    return {**document, key: made}


def _drop(document: Document, path: Path) -> Document:
    key, *below = path
    if not below:
        return {name: value for name, value in document.items() if name != key}
    inner = document[key]
    return {**document, key: _drop(inner, tuple(below))}


def _rename(document: Document, path: Path) -> Document:
    *above, key = path
    renamed = key[:1].swapcase() + key[1:]
    return _put(_drop(document, path), (*above, renamed), _at(document, path))


def _other_type(document: Document, path: Path) -> Document:
    value = _at(document, path)
    return _put(document, path, json.dumps(value) if not isinstance(value, str) else [value])


def _twice(document: Document, path: Path) -> Document:
    value = _at(document, path)
    return _put(document, path, _Twice((value, value)))


def _unwrapped(document: Document, _path: Path) -> object:
    inner = next(iter(document.values()))
    return inner if isinstance(inner, Mapping) else list(document.values())


def _half(text: str) -> str:
    return text[: len(text) // 2]


def _dump(value: object) -> str:
    """Write JSON in which a key may stand more than once."""
    if not isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    entries = []
    for key, one in value.items():
        entries += [f"{json.dumps(key)}: {_dump(each)}" for each in (one if isinstance(one, _Twice) else (one,))]
    return "{" + ", ".join(entries) + "}"


_CHANGES = (
    _Change(label="missing-key", words="without {key}", make=_drop, leaves_none=True),
    _Change(label="null", words="{key} null", make=lambda doc, path: _put(doc, path, None), leaves_none=True),
    _Change(label="emptied", words="{key} an empty text", make=lambda doc, path: _put(doc, path, ""), leaves_none=True),
    _Change(label="another-type", words="{key} of another type", make=_other_type),
    _Change(label="another-type", words="{key} in a list", make=lambda doc, path: _put(doc, path, [_at(doc, path)])),
    _Change(label="another-type", words="{key} in an object", make=lambda doc, path: _put(doc, path, {"v": _at(doc, path)})),
    _Change(label="doubled-key", words="{key} twice", make=_twice),
    _Change(label="misnamed-key", words="{key} spelled with the other case", make=_rename),
)  # fmt: skip
_OF_THE_WHOLE = (
    _Change(label="extra-key", words="with more beside", make=lambda doc, _: {**doc, "retcode": 0, "__proto__": {"x": 1}}),
    _Change(label="wrapped", words="in a list", make=lambda doc, _: [doc]),
    _Change(label="wrapped", words="in an object", make=lambda doc, _: {"data": doc}),
    _Change(label="wrapped", words="as JSON in a text", make=lambda doc, _: json.dumps(_dump(doc))),
    _Change(label="unwrapped", words="without its envelope", make=_unwrapped),
    _Change(label="cut-off", words="cut off half way", make=lambda doc, _: _half(_dump(doc)), leaves_none=True),
    _Change(label="more-behind", words="twice, one behind the other", make=lambda doc, _: _dump(doc) * 2),
    _Change(label="more-behind", words="with a page behind it", make=lambda doc, _: _dump(doc) + "<html></html>"),
    _Change(label="jsonp", words="as a call of a function", make=lambda doc, _: f"callback({_dump(doc)})"),
)  # fmt: skip
