"""The shop with what other people's pages carry: a script from a CDN without which nothing runs, a font, visitor counting."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.bundled import bundled
from harness.zoo.patches import Patch, apply_patch

PARTS = Path(__file__).parent / "laden"
FILE, MAPPED = "captchaos.toml", "mapped.toml"
_LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.db", "*.db-*", "*.toml")


def laden_shop(into: Path) -> Path:
    """Make it in the folder ``into/shop`` and return that; of the font's host only :data:`MAPPED` knows."""
    folder = into / "shop"
    shutil.copytree(bundled("shop"), folder, ignore=_LEFTOVERS)
    apply_patch(Patch(owner="laden", text=(PARTS / "laden.patch").read_text(encoding="utf-8")), folder)
    shutil.copytree(PARTS / "vendor", folder / "vendor")
    for name in (FILE, MAPPED):
        shutil.copy(PARTS / name, folder)
    return folder
