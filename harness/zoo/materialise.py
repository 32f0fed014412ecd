"""Make an animal into a target that can be run: a copy of the shop, patched, in a folder that goes again."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.bundled import bundled
from harness.errors import UsageError
from harness.target.loader import FILE_NAME
from harness.target.problems import display
from harness.zoo.animals import Animal, load_animals, zoo_folder
from harness.zoo.patches import apply_patch

# What running the shop by hand leaves beside its sources.
_LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.db", "*.db-*")


def materialise(animal: Animal, into: Path, *, shop: Path | None = None) -> Path:
    """Copy the shop to ``into/<name>``, apply the animal's patches, call the target ``zoo-<name>``; return its folder.

    Nothing is left of it when a patch does not apply.
    """
    folder = into / animal.name
    if folder.exists():
        raise UsageError(f"{display(folder)} exists already: choose another folder, or remove it")
    try:
        shutil.copytree(shop or bundled("shop"), folder, ignore=_LEFTOVERS)
        for patch in animal.patches:
            apply_patch(patch, folder)
        _call(folder / FILE_NAME, f"zoo-{animal.name}")
    except BaseException:  # raised again: half an animal would stand in the next one's way
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


@contextmanager
def materialised(name: str) -> Iterator[Path]:
    """Make the animal of this name into a target's folder, and remove it whatever happens inside."""
    with tempfile.TemporaryDirectory(prefix="captchaos-zoo-") as folder:
        (animal,) = load_animals(zoo_folder(), [name])
        yield materialise(animal, Path(folder))


def _call(file: Path, name: str) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'^name = ".*"$', f'name = "{name}"', text, count=1, flags=re.MULTILINE), encoding="utf-8")
