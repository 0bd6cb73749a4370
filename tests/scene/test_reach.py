"""A scene that reads outside its own folder is told when it is opened."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mmviz import Scene
from mmviz.cli import main
from mmviz.machine.shipped import scene_names


@pytest.fixture
def scene_of(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a scene in tmp_path/here that reads a file; there is one in it, and one in tmp_path/there."""
    for folder in ("here", "there"):
        (tmp_path / folder / "deep").mkdir(parents=True)
        np.save(tmp_path / folder / "a.npy", np.ones((2, 3), np.float32))
        np.save(tmp_path / folder / "deep" / "a.npy", np.ones((2, 3), np.float32))
    (tmp_path / "here" / "link.npy").symlink_to(tmp_path / "there" / "a.npy")
    (tmp_path / "here" / "inner.npy").symlink_to("deep/a.npy")
    (tmp_path / "here" / "linked").symlink_to(tmp_path / "there")

    def write(file: str) -> Path:
        path = tmp_path / "here" / "x.yaml"
        path.write_text(f"expr: A\ntensors: {{A: {{file: '{file}'}}}}\nexport: {{width: 32, height: 24}}\n")
        return path

    return write


@pytest.mark.parametrize("file", ["a.npy", "deep/a.npy", "deep/../a.npy", "inner.npy", "../here/a.npy"])
def test_nothing_is_said_of_files_in_the_folder(file: str, scene_of: Callable[[str], Path]) -> None:
    assert Scene.load(scene_of(file)).doubts() == ()


def test_nor_of_one_by_its_whole_path(tmp_path: Path, scene_of: Callable[[str], Path]) -> None:
    assert Scene.load(scene_of(f"{tmp_path}/here/a.npy")).doubts() == ()


def test_nor_of_a_scene_that_comes_with_mmviz() -> None:
    assert [line for name in scene_names() for line in Scene.load(name).doubts()] == []


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("../there/a.npy", "there/a.npy"),
        ("deep/../../there/deep/a.npy", "there/deep/a.npy"),
        ("{tmp}/there/a.npy", "there/a.npy"),
        ("~/there/a.npy", "there/a.npy"),
        ("link.npy", "there/a.npy"),
        ("linked/a.npy", "there/a.npy"),
        ("../there/none.npy", "there/none.npy"),
    ],
)
def test_a_file_outside_the_folder_is_named(
    file: str, place: str, tmp_path: Path, scene_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    scene = Scene.load(scene_of(file.replace("{tmp}", str(tmp_path))))
    line = f"A: is read from {os.path.realpath(tmp_path)}/{place}, which lies outside the scene's folder"
    assert scene.doubts() == (line,)
    assert scene.changed(title="Another").doubts() == (line,)


def test_a_scene_in_memory_is_its_authors(tmp_path: Path, scene_of: Callable[[str], Path]) -> None:
    scene_of("a.npy")
    assert Scene("A", {"A": {"file": str(tmp_path / "there" / "a.npy")}}).doubts() == ()


@pytest.mark.parametrize(
    "words", [("check",), ("inspect",), ("render", "-o", "o.png"), ("mesh", "-o", "o.glb"), ("movie", "-o", "o.gif")]
)
def test_every_command_that_opens_it_tells_it_once(
    words: tuple[str, ...],
    tmp_path: Path,
    scene_of: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    path = scene_of("link.npy")
    monkeypatch.setattr(sys, "argv", ["mmviz", words[0], str(path), *words[1:]])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 0
    assert told.count(f"note: A: is read from {os.path.realpath(tmp_path)}/there/a.npy, which lies outside") == 1
    assert told.count("\n") == 1
