"""Names that the window proposes, and what is selected in it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.session.file_names import LONGEST_STEM, free, is_shipped, numbered, own_file, stem_of
from mmviz.viewer.session.selection import Selection

EYE = {"A": {"init": "eye", "shape": [2, 2]}}


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    for expected in ("x.mp4", "x_2.mp4", "x_3.mp4"):
        assert free(tmp_path, "x", ".mp4") == str(tmp_path / expected)
        (tmp_path / expected).touch()
    for expected in ("x", "x_2"):
        assert free(tmp_path, "x", "/") == f"{tmp_path / expected}/"
        (tmp_path / expected).mkdir()


def test_screenshots_count_on_from_the_highest_number(tmp_path: Path) -> None:
    assert numbered(tmp_path, "a.b", ".png").name == "a.b_0001.png"
    for taken in ("a.b_0007.png", "a.b_12.png", "axb_0099.png", "a.b_0100.gif", "a.b_0100.png.png", "xa.b_0200.png"):
        (tmp_path / taken).touch()
    assert numbered(tmp_path, "a.b", ".png") == tmp_path / "a.b_0013.png"


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("One product, drawn!", "one_product_drawn"),
        ("  ..  ", "scene"),
        ("a-b_c", "a-b_c"),
        ("Ä/ö", "ä_ö"),
        ("x" * 99, "x" * LONGEST_STEM),
    ],
)
def test_a_stem_is_made_of_the_title_in_letters_that_files_can_have(title: str, stem: str) -> None:
    assert stem_of(Scene("A", EYE, title=title), None) == stem


def test_a_stem_is_that_of_the_file_or_else_made_of_the_expression(tmp_path: Path) -> None:
    assert stem_of(Scene("A @ A.T", EYE), None) == "a_a_t"
    assert stem_of(Scene("A", EYE, title="Other"), tmp_path / "Mine.v2.yaml") == "Mine.v2"
    Scene("A", EYE, title="Other").save(tmp_path / "Mine.yaml")
    assert stem_of(Scene.load(tmp_path / "Mine.yaml"), None) == "mine"


@pytest.mark.parametrize("ending", [".yaml", ".yml", ".json", ".YML"])
def test_a_scene_that_was_read_from_a_file_has_it_for_its_own(ending: str, tmp_path: Path) -> None:
    place = tmp_path / f"mine{ending}"
    Scene("A", EYE).save(tmp_path / f"mine{ending.lower()}")
    if not place.exists():
        (tmp_path / f"mine{ending.lower()}").rename(place)
    assert own_file(Scene.load(place)) == place


def test_a_scene_that_comes_with_mmviz_has_no_file_of_ones_own(tmp_path: Path) -> None:
    shipped = Scene.load("matmul")
    assert own_file(shipped) is None
    assert own_file(Scene("A", EYE)) is None
    shipped.save(tmp_path / "matmul.yaml")
    assert own_file(Scene.load(tmp_path / "matmul.yaml")) == tmp_path / "matmul.yaml"
    assert not is_shipped(tmp_path / "matmul.yaml")
    assert is_shipped(Path(shipped.where))


def test_a_selection_tells_changes_alone_and_falls_with_its_matrix(qtbot: QtBot) -> None:
    selection, told = Selection(), list[object]()
    selection.changed.connect(told.append)
    for path in ("left", "left", "", None, None):
        selection.select(path)
    assert told == ["left", "", None]
    selection.select("")
    left: list[str | None] = []
    for paths in (["", "left"], ["left"], []):
        selection.keep(paths)
        left.append(selection.path)
    assert left == ["", None, None]
    assert told == ["left", "", None, "", None]
