"""The file of cookies and local storage that a flow's visitors come with, as Playwright's ``storage_state`` writes it."""

from __future__ import annotations

import json
from pathlib import Path


def storage_complaint(file: Path, named: str) -> str:
    """Say what is wrong with such a file; empty when nothing is."""
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        return f"names {named}, which cannot be read ({error.strerror})"
    except ValueError:
        return f"names {named}, which is not JSON: write it by context.storage_state(path={named!r})"
    if not isinstance(state, dict) or not isinstance(state.get("cookies"), list):
        return f"names {named}, which has no list of cookies: write it by context.storage_state(path={named!r})"
    return ""
