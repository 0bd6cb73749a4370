"""Files outside a scene's folder, by names and links alone: whether there is a file at their end does not matter."""

from pathlib import Path

import pytest

from mmviz.scene.changes.reach import outside
from mmviz.scene.document import from_mapping


def told(folder: Path, **files: str) -> list[str]:
    sources = {name: {"file": file} for name, file in files.items()}
    content = {"version": 1, "expr": " @ ".join(["A", *files]), "tensors": {"A": {"init": "eye"}, **sources}}
    return list(outside(from_mapping(content, "s"), folder))


def lies(name: str, place: Path | str) -> str:
    return f"{name}: is read from {place}, which lies outside the scene's folder"


@pytest.mark.parametrize("file", ["x.npy", "a/../x.npy", "a/b.npy", "./x.npy"])
def test_nothing_is_told_of_a_file_in_the_folder(tmp_path: Path, file: str) -> None:
    assert told(tmp_path, B=file) == []


def test_each_matrix_of_another_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path(tmp_path).resolve()
    monkeypatch.setenv("HOME", str(real / "home"))
    here = real / "here"
    here.mkdir()
    (here / "link").symlink_to(real / "there")
    files = {"B": "../b.npy", "C": "inside.npy", "D": "~/d.npy", "E": "link/e.npy", "F": str(real / "here2" / "f.npy")}
    places = {"B": "b.npy", "D": "home/d.npy", "E": "there/e.npy", "F": "here2/f.npy"}
    assert told(here, **files) == [lies(name, real / place) for name, place in places.items()]


def test_a_folder_through_a_link_is_the_folder_that_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "here")
    assert told(tmp_path / "link", B="x.npy", C=str(tmp_path / "here" / "y.npy")) == []
