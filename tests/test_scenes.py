"""Every scene that comes with mmviz loads, comes back from a file as it was, passes the checks and draws."""

import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mmviz
from mmviz import cli
from mmviz.machine.shipped import scene_names
from mmviz.pipeline import Scene
from mmviz.scene.language.tree import walk

if TYPE_CHECKING:
    from tests.kept_canvases import Canvases

FOLDER = Path(mmviz.__file__).resolve().parents[1] / "scenes"
FILES = sorted(FOLDER.glob("*.*"))

loaded = functools.cache(Scene.load)
"""A scene for all tests that only look at it: its numbers are computed once."""
every_scene = pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])


def test_every_file_is_a_scene_that_is_known_by_its_name() -> None:
    assert {file.suffix for file in FILES} == {".yaml"}
    assert tuple(file.stem for file in FILES) == scene_names()


@every_scene
def test_it_loads_and_says_what_it_shows(file: Path) -> None:
    scene = loaded(file)
    assert scene.document == Scene.load(file.stem).document
    assert scene.document.title


@every_scene
@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_it_comes_back_from_another_folder_as_it_was(file: Path, suffix: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    scene, copy = loaded(file), tmp_path / "deep" / f"copy{suffix}"
    scene.save(copy)
    again = Scene.load(copy)
    if scene.document.model is not None and again.document.model is not None:
        first = FOLDER / scene.document.model.path
        second = copy.parent / again.document.model.path
        assert first.samefile(second)
        same_path = again.document.model.model_copy(update={"path": scene.document.model.path})
        assert again.document.model_copy(update={"model": same_path}) == scene.document
    else:
        assert again.document == scene.document
    assert again.shapes == scene.shapes
    text = copy.read_bytes()
    again.save(copy)
    assert copy.read_bytes() == text


@every_scene
def test_it_passes_the_checks_and_is_inspected(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(list(walk(loaded(file).root)))
    outputs = []
    for arguments in (["check", str(file)], ["inspect", "--json", str(file)], ["inspect", str(file)]):
        monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == f"{file}: fine, {count} matrices\n"
    assert len(json.loads(outputs[1])["matrices"]) == count
    assert f"\n{count} matrices, " in outputs[2]


@every_scene
def test_every_number_is_finite(file: Path) -> None:
    for matrix in loaded(file).values().values():
        assert np.isfinite(matrix).all()


@pytest.mark.slow
@every_scene
def test_its_first_and_last_picture_differ_and_show_both_signs(file: Path, canvases: "Canvases") -> None:
    made, aspect = loaded(file).composition, 160 / 120
    pictures = []
    with canvases(160, 120) as canvas:
        for step in (0, made.timeline.steps):
            camera = made.camera_at(step, aspect)
            canvas.show(made.at(step, camera, aspect), camera)
            pictures.append(canvas.draw().astype(int))
    first, last = pictures
    assert (first != last).any()
    red, blue = last[..., 0], last[..., 2]
    assert (blue - red > 60).any()  # positive numbers are blue, negative ones red
    assert (red - blue > 60).any()
