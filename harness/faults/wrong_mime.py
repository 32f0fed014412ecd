"""The right body under a wrong type: ``text/plain`` with ``nosniff``, so that browsers refuse to run it as a script."""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Answer, Asked
from harness.faults.rewriting import ResponseFault, add, always, instead


def mistype(answer: Answer, asked: Asked) -> Answer:
    """Send the answer as plain text that must not be sniffed."""
    wrong = instead(answer, body=answer.body, content_type="text/plain", status=answer.status)
    kept = tuple(pair for pair in wrong.headers if pair[0].lower() != "x-content-type-options")
    return replace(wrong, headers=(*kept, ("x-content-type-options", "nosniff")))


add(ResponseFault(name="wrong-mime", title="The answer has a wrong content type", make=always(mistype)))
