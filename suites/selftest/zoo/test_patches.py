"""A bug is applied to the shop exactly as it is written, or not at all, with a sentence that says where it no longer fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigurationError, ExitCode, UsageError
from harness.target.loader import find_target, load_target
from harness.zoo.animals import load_animals, names, zoo_folder
from harness.zoo.materialise import materialise, materialised
from harness.zoo.patches import Patch, apply_patch

LINES = ["one\n", "two\n", "three\n", "four\n", "five\n"]
DIFF = """--- a/shop/gate.py
+++ b/shop/gate.py
@@ -2,3 +2,4 @@
 two
-three
+BUG
+3
 four
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file of five lines."""
    (tmp_path / "shop").mkdir()
    write(tmp_path, LINES)
    return tmp_path


def write(folder: Path, lines: list[str]) -> None:
    (folder / "shop" / "gate.py").write_text("".join(lines), encoding="utf-8")


def read(folder: Path) -> str:
    return (folder / "shop" / "gate.py").read_text(encoding="utf-8")


def patched(folder: Path, diff: str = DIFF) -> str:
    assert apply_patch(Patch(owner="B99", text=diff), folder) == ("shop/gate.py",)
    return read(folder)


def refusal(folder: Path, diff: str = DIFF) -> str:
    with pytest.raises(ConfigurationError) as refused:
        apply_patch(Patch(owner="B99", text=diff), folder)
    assert refused.value.exit_code is ExitCode.USAGE
    return str(refused.value)


def test_a_patch_changes_the_lines_that_it_names(folder: Path) -> None:
    assert patched(folder) == "one\ntwo\nBUG\n3\nfour\nfive\n"


def test_a_patch_finds_its_lines_when_another_patch_has_moved_them(folder: Path) -> None:
    write(folder, ["zero\n", "zero and a half\n", *LINES])
    assert patched(folder) == "zero\nzero and a half\none\ntwo\nBUG\n3\nfour\nfive\n"


@pytest.mark.parametrize("line", [1, 2, 3])
def test_a_line_that_has_changed_is_refused_by_animal_file_and_hunk_without_fuzz(folder: Path, line: int) -> None:
    changed = [*LINES[:line], "changed\n", *LINES[line + 1 :]]
    write(folder, changed)
    assert refusal(folder) == (
        "animal B99: shop/gate.py, hunk 1 (@@ -2,3 +2,4 @@): "
        "the shop has no longer the lines that it changes: make the patch anew"
    )
    assert read(folder) == "".join(changed)


def test_lines_that_stand_there_twice_are_changed_where_the_patch_says_or_not_at_all(folder: Path) -> None:
    write(folder, [*LINES, *LINES])
    assert patched(folder).startswith("one\ntwo\nBUG\n")
    write(folder, ["zero\n", *LINES, *LINES])
    assert "its lines stand in the file 2 times" in refusal(folder)


def test_a_patch_is_applied_whole_or_not_at_all(folder: Path) -> None:
    second = "--- a/shop/gate.py\n+++ b/shop/gate.py\n@@ -1,1 +1,1 @@\n-one\n+1\n@@ -5,1 +5,1 @@\n-six\n+6\n"
    assert "shop/gate.py, hunk 2 " in refusal(folder, second)
    assert read(folder) == "".join(LINES)


@pytest.mark.parametrize(
    ("diff", "says"),
    [
        ("", "bug.patch changes nothing"),
        ("@@ nonsense\n", "bug.patch"),
        (DIFF.replace("gate.py", "gone.py"), "animal B99: shop/gone.py: the shop has no such file"),
        (DIFF.replace("shop/gate.py", "../gate.py"), "only files of the shop can be changed"),
        ("--- a/shop/gate.py\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-one\n", "no file of the shop may go or be renamed"),
        ("--- /dev/null\n+++ b/shop/gate.py\n@@ -0,0 +1,1 @@\n+x\n", "the shop has such a file already"),
    ],
)
def test_what_is_no_change_of_the_shop_is_refused(folder: Path, diff: str, says: str) -> None:
    assert says in refusal(folder, diff)


def test_a_patch_may_bring_a_file_of_its_own(folder: Path) -> None:
    apply_patch(Patch(owner="F8", text="--- /dev/null\n+++ b/static/old.js\n@@ -0,0 +1,2 @@\n+// BUG\n+x\n"), folder)
    assert (folder / "static" / "old.js").read_text(encoding="utf-8") == "// BUG\nx\n"


def test_an_animal_is_a_target_of_its_own_name_and_is_gone_afterwards() -> None:
    with materialised("B1") as folder:
        target = load_target(find_target(str(folder)))
        assert (target.name, target.folder) == ("zoo-B1", folder)
        assert "BUG B1" in (folder / "shop" / "gate.py").read_text(encoding="utf-8")
    assert not folder.parent.exists()


def test_an_animal_is_gone_when_what_was_done_with_it_raises() -> None:
    with pytest.raises(KeyError), materialised("B1") as folder:
        raise KeyError
    assert not folder.parent.exists()


def test_nothing_is_left_of_an_animal_whose_patch_no_longer_fits(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    (shop / "shop").mkdir(parents=True)
    (shop / "shop" / "gate.py").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"^animal B1: shop/gate\.py, hunk 1 "):
        materialise(load_animals(zoo_folder(), ["B1"])[0], tmp_path / "zoo", shop=shop)
    assert list((tmp_path / "zoo").glob("*")) == []


@pytest.mark.parametrize("name", names(zoo_folder()))
def test_every_animal_fits_the_shop_as_it_is_and_names_its_bug_in_few_lines(tmp_path: Path, name: str) -> None:
    (animal,) = load_animals(zoo_folder(), [name])
    materialise(animal, tmp_path)
    lines = [line for patch in animal.patches for line in patch.text.splitlines() if not line.startswith(("+++", "---"))]
    changed = [line for line in lines if line.startswith(("+", "-"))]
    assert any(line.startswith("+") and f"BUG {name}:" in line for line in changed)
    assert len(changed) <= 24


def test_a_folder_with_a_patch_is_no_target_and_says_how_to_make_one() -> None:
    with pytest.raises(UsageError, match=r"B1 is an animal of the zoo.*captchaos zoo B1 --keep DIR.*captchaos run DIR/B1"):
        find_target(str(zoo_folder() / "B1"))
