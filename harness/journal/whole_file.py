"""Write a file whole or not at all, so that nobody reads half of one."""

from __future__ import annotations

import os
from pathlib import Path

from harness.errors import LaboratoryError


def write_whole(file: Path, text: str) -> None:
    """Replace a file by this text; raises :class:`LaboratoryError` where it cannot be written."""
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, file)
    except OSError as error:
        raise LaboratoryError(f"{file} cannot be written ({error.strerror}): choose another --out") from error
