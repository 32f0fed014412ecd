"""Where the fixtures and the suites are: in the package when it was installed from a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path


def bundled(name: str) -> Path:
    """Return the path of ``fixtures/<name>``; it need not exist."""
    return _root() / "fixtures" / name


def suites_folder() -> Path:
    """Return the folder that holds the suites."""
    return _root() / "suites"


def _root() -> Path:
    package = Path(__file__).resolve().parent
    inside = package / "_bundled"
    return inside if inside.is_dir() else package.parent
