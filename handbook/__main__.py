"""``python -m handbook write`` makes again what is made from the sources; ``build`` makes the site, strictly."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from handbook import mending, reference
from handbook.blocks import ROOT, documents
from handbook.quotes import refreshed


def made() -> Iterator[tuple[Path, str]]:
    """Every file that is made from the sources, whole or in part, with what it must hold; quotes first, the rest uses them."""
    for page in documents():
        text = page.read_text(encoding="utf-8")
        if "<!-- quote: " in text:
            yield page, refreshed(text, page)
    for lang, folder in mending.PAGES.items():
        yield folder / "index.md", mending.index(lang)
    yield ROOT / "docs" / "target-reference.md", reference.page()
    yield ROOT / "docs" / "zh" / "target-reference.md", reference.page(reference.chinese())
    yield from mending.shipped()


def write() -> int:
    """Write what is not current, or nothing where one of the files cannot be made; return how many files were."""
    count = 0
    for path, text in list(made()):
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))  # noqa: T201 - a command's output
            count += 1
    return count


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; 1 where a source is not as its page needs it, which one sentence tells."""
    parser = argparse.ArgumentParser(prog="python -m handbook", description=__doc__)
    parser.add_argument("what", choices=("write", "build"))
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="where the site goes (default: build/site)")
    asked = parser.parse_args(argv)
    if asked.what == "write":
        try:
            write()
        except ValueError as wrong:
            print(f"captchaos handbook: {wrong}", file=sys.stderr)  # noqa: T201 - a command's output
            return 1
        return 0
    from handbook.site import build

    return build(asked.out)


if __name__ == "__main__":
    sys.exit(main())
