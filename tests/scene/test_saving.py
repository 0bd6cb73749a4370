"""A document into a file: whose comments it takes along, what is said of those that are lost, and nothing by halves."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mmviz.errors import OutputError, SceneError
from mmviz.scene.changes import saving
from mmviz.scene.changes.saving import save_over
from mmviz.scene.document import Document, from_mapping, load

EYE = {"init": "eye", "shape": [2, 2]}
TEXT = "version: 1\nexpr: A   # of {who}\ntensors:\n  A: {{init: eye, shape: [2, 2]}}\n"


def document(**parts: Any) -> Document:
    return from_mapping({"version": 1, "expr": "A", "tensors": {"A": EYE}, **parts}, "s")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.yaml"
    path.write_text(TEXT.format(who="source"), encoding="utf-8")
    return path


def test_comments_are_those_of_the_file_that_a_scene_comes_from_before_those_of_the_file_that_it_goes_to(
    source: Path, tmp_path: Path
) -> None:
    place = tmp_path / "place.yml"
    place.write_text(TEXT.format(who="place"), encoding="utf-8")
    assert save_over(document(title="t"), place, source) is None
    assert "# of source" in place.read_text(encoding="utf-8")
    place.write_text(TEXT.format(who="place"), encoding="utf-8")
    for nothing in (None, tmp_path / "none.yaml", tmp_path / "scene.json"):
        (tmp_path / "scene.json").write_text("{}", encoding="utf-8")
        assert save_over(document(title="t"), place, nothing) is None
        assert "# of place" in place.read_text(encoding="utf-8")
    assert load(place) == document(title="t")


@pytest.mark.parametrize("name", ["x.yaml", "x.json"])
def test_where_there_are_no_comments_a_file_is_written_anew(source: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    assert save_over(document(), place, source if name.endswith("json") else None) is None
    assert load(place) == document()
    assert "#" not in place.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("anew", "note"),
    [
        ((), None),
        (("tensors",), "{place}: tensors was written anew; the comments within, of {source}, could not be kept."),
        (("a", "b"), "{place}: a and b were written anew; the comments within, of {source}, could not be kept."),
        (
            ("a", "b", "c"),
            "{place}: a, b and c were written anew; the comments within, of {source}, could not be kept.",
        ),
    ],
)
def test_keys_that_were_written_anew_are_told(
    source: Path, tmp_path: Path, anew: tuple[str, ...], note: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "rewritten", lambda text, _: SimpleNamespace(text=f"# new\n{text}", anew=anew))
    place = tmp_path / "place.yaml"
    told = None if note is None else note.format(place=place, source=source)
    assert save_over(document(), place, source) == told
    assert place.read_text(encoding="utf-8").startswith("# new\n")


@pytest.mark.parametrize("commented", [True, False])
def test_comments_that_cannot_be_kept_at_all_are_told(
    source: Path, tmp_path: Path, commented: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "rewritten", lambda *_: None)
    if not commented:
        source.write_text(TEXT.format(who="it").replace("# of it", ""), encoding="utf-8")
    place = tmp_path / "place.yaml"
    note = f"{place}: was written anew; the comments of {source} could not be kept."
    assert save_over(document(), place, source) == (note if commented else None)
    assert load(place) == document()


def test_what_cannot_be_written_leaves_the_file_as_it_was(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    large = document(tensors={"A": {"values": [[0.5] * 3000] * 200}})
    with pytest.raises(SceneError, match="which makes the file larger than the 1 MiB that a scene file may have"):
        save_over(large, source, source)
    with pytest.raises(OutputError):
        save_over(document(), tmp_path / "none" / "x.yaml", source)
    assert source.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["source.yaml"]
