"""A scene that is saved keeps the comments of the file that it comes from or goes to, or says that they are lost."""

from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.scene.document import load, to_mapping
from tests.scene.commented_scene import MINE, document


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_a_scene_that_is_saved_where_it_was_read_keeps_its_comments(mine: Path) -> None:
    Scene.load(mine).changed(title="High rank").save(mine)
    assert mine.read_text(encoding="utf-8") == MINE.replace("Low rank", "High rank")
    Scene.load(mine).save(mine)
    assert load(mine).title == "High rank"


def test_a_scene_takes_its_comments_along_to_another_file(mine: Path, tmp_path: Path) -> None:
    scene = Scene.load(mine)
    scene.save(tmp_path / "other.yml")
    assert (tmp_path / "other.yml").read_text(encoding="utf-8") == MINE
    scene.changed(title="t").edited("out = relu(x @ down)").save(tmp_path / "third.yaml")
    assert "# the input\n" in (tmp_path / "third.yaml").read_text(encoding="utf-8")
    mine.unlink()
    (tmp_path / "other.yml").unlink()
    scene.save(tmp_path / "fourth.yaml")  # there is nothing left to take comments from
    assert "#" not in (tmp_path / "fourth.yaml").read_text(encoding="utf-8")


def test_comments_that_come_after_a_scene_was_saved_are_kept_the_next_time(mine: Path, tmp_path: Path) -> None:
    scene, other = Scene.load(mine), tmp_path / "other.yaml"
    scene.save(other)
    other.write_text(MINE.replace("# the end", "# a new end"), encoding="utf-8")
    scene.changed(title="t").save(other)
    assert "# a new end" in other.read_text(encoding="utf-8")


def test_a_scene_of_python_keeps_the_comments_of_the_file_that_it_is_written_over(mine: Path) -> None:
    scene = Scene(**to_mapping(document(MINE, title="of Python")))
    scene.save(mine)
    assert load(mine) == scene.document
    assert "# the input\n" in mine.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content", ["expr: [", "# nothing\n", "\x00", "{" * 50], ids=["broken", "empty", "zero", "deep"]
)
def test_what_is_no_scene_is_written_over(content: str, mine: Path) -> None:
    scene = Scene.load(mine)
    mine.write_text(content, encoding="utf-8")
    scene.save(mine)
    assert load(mine) == scene.document


def test_a_file_that_is_too_large_for_a_scene_is_written_over(mine: Path) -> None:
    scene = Scene.load(mine)
    mine.write_text(MINE + "#" * (1 << 20), encoding="utf-8")
    scene.save(mine)
    assert mine.stat().st_size < 2000


def test_json_has_no_comments_and_is_written_anew(mine: Path, tmp_path: Path) -> None:
    scene, other = Scene.load(mine), tmp_path / "scene.json"
    scene.save(other)
    assert load(other) == scene.document
    Scene.load(other).save(tmp_path / "again.yaml")
    assert load(tmp_path / "again.yaml") == scene.document


def test_comments_that_cannot_be_kept_are_told(mine: Path) -> None:
    scene = Scene.load(mine)
    assert scene.changed(title="t").save(mine) is None
    mine.write_text("# of nothing\nexpr: [", encoding="utf-8")
    assert scene.save(mine) == f"{mine}: was written anew; the comments of {mine} could not be kept."
    assert scene.save(mine) is None


LISTED = """\
expr: A @ B
tensors: {A: {init: rows, shape: [2, 2]}, B: {init: eye, shape: [2, 2]}}   # "#" no comment
camera:  # how
  keyframes:   # "#" and a text
    - focus: A
      # when it is there
      at: 1
      zoom: 2
captions:
  - {start: A, text: "# one"}
# the end
title: >-  # of all
  a # b
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "listed.yaml"
    path.write_text(LISTED, encoding="utf-8")
    return path


def test_a_key_that_is_written_anew_without_its_comments_is_told(listed: Path) -> None:
    scene = Scene.load(listed).changed(camera={"keyframes": [{"at": 1, "zoom": 2}]})
    told = f"{listed}: camera was written anew; the comments within, of {listed}, could not be kept."
    assert scene.save(listed) == told
    assert load(listed) == scene.document
    kept = [line for line in LISTED.splitlines() if line not in LISTED.splitlines()[2:8]]
    assert [line for line in listed.read_text(encoding="utf-8").splitlines() if line in kept] == kept
    assert scene.save(listed) is None


def test_several_keys_that_are_written_anew_are_told_together(listed: Path, tmp_path: Path) -> None:
    first = listed.read_text(encoding="utf-8")
    listed.write_text(
        first.replace('{start: A, text: "# one"}', 'start: A  # then\n    text: "# one"'), encoding="utf-8"
    )
    scene = Scene.load(listed).changed(camera={"keyframes": [{"at": 1, "zoom": 2}]}, captions=[])
    told = scene.save(tmp_path / "other.yaml")
    assert told == (
        f"{tmp_path / 'other.yaml'}: camera and captions were written anew; the comments within, of {listed}, "
        "could not be kept."
    )


def test_a_key_without_comments_is_written_anew_without_a_word(listed: Path) -> None:
    text = (
        listed.read_text(encoding="utf-8").replace("      # when it is there\n", "").replace('   # "#" and a text', "")
    )
    listed.write_text(text.replace("  # how", ""), encoding="utf-8")
    scene = Scene.load(listed).changed(camera={"keyframes": [{"at": 1, "zoom": 2}]})
    assert scene.save(listed) is None
    assert load(listed) == scene.document
