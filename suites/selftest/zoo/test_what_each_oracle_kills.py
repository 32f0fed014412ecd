"""The document says which animals each oracle kills, as their own files have it; each oracle kills one that no other does."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.judge import ORACLES
from harness.zoo.animals import load_animals, zoo_folder

ANIMALS = load_animals(zoo_folder(), [])
DOCUMENT = (Path(__file__).parents[3] / "docs" / "oracles.md").read_text(encoding="utf-8")


def row(slug: str) -> str:
    """The table's line: the animals that nothing else need find in bold, then the others."""
    killed = [animal for animal in ANIMALS if slug in {found.oracle for found in animal.findings}]
    alone = [animal.name for animal in killed if {found.oracle for found in animal.findings} == {slug}]
    others = [animal.name for animal in killed if animal.name not in alone]
    return f"| {slug} | {', '.join([*(f'**{name}**' for name in alone), *others])} |"


@pytest.mark.parametrize("slug", sorted(ORACLES.all()))
def test_the_document_names_the_animals_that_an_oracle_kills(slug: str) -> None:
    assert row(slug) in DOCUMENT


@pytest.mark.parametrize("slug", sorted(ORACLES.all()))
def test_each_oracle_kills_an_animal_that_no_other_kills(slug: str) -> None:
    assert "**" in row(slug)
