"""Where captchaos keeps what it installs and what it must remember between runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CACHE_VARIABLE = "CAPTCHAOS_CACHE"


def cache_dir() -> Path:
    """Return the user's cache folder for captchaos (``CAPTCHAOS_CACHE`` overrides it); it need not exist yet."""
    if configured := os.environ.get(CACHE_VARIABLE):
        return Path(configured).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "captchaos"
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "captchaos"
