"""Where the fixtures are: in the package when it was installed from a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path


def bundled(name: str) -> Path:
    """Return the path of ``fixtures/<name>``; it need not exist."""
    package = Path(__file__).resolve().parent
    inside = package / "_bundled"
    return (inside if inside.is_dir() else package.parent) / "fixtures" / name
