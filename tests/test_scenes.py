"""Every scene that comes with mmviz loads, comes back from a file as it was, passes the checks and draws."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mmviz
from mmviz import cli
from mmviz.machine.shipped import scene_names
from mmviz.pipeline import Scene
from mmviz.scene.language.tree import walk

FOLDER = Path(mmviz.__file__).resolve().parents[1] / "scenes"
FILES = sorted(FOLDER.iterdir())

every_scene = pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])


def test_every_file_is_a_scene_that_is_known_by_its_name() -> None:
    assert {file.suffix for file in FILES} == {".yaml"}
    assert tuple(file.stem for file in FILES) == scene_names()


@every_scene
def test_it_loads_and_says_what_it_shows(file: Path) -> None:
    scene = Scene.load(file)
    assert scene.document == Scene.load(file.stem).document
    assert scene.document.title


@every_scene
@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_it_comes_back_from_another_folder_as_it_was(file: Path, suffix: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    scene, copy = Scene.load(file), tmp_path / "deep" / f"copy{suffix}"
    scene.save(copy)
    loaded = Scene.load(copy)
    if scene.document.model is not None and loaded.document.model is not None:
        first = FOLDER / scene.document.model.path
        second = copy.parent / loaded.document.model.path
        assert first.samefile(second)
        same_path = loaded.document.model.model_copy(update={"path": scene.document.model.path})
        assert loaded.document.model_copy(update={"model": same_path}) == scene.document
    else:
        assert loaded.document == scene.document
    assert loaded.shapes == scene.shapes
    text = copy.read_bytes()
    loaded.save(copy)
    assert copy.read_bytes() == text


@every_scene
def test_it_passes_the_checks_and_is_inspected(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(list(walk(Scene.load(file).root)))
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
    for matrix in Scene.load(file).values().values():
        assert np.isfinite(matrix).all()


@pytest.mark.slow
@every_scene
def test_its_first_and_last_picture_differ_and_show_both_signs(file: Path, tmp_path: Path) -> None:
    scene = Scene.load(file)
    pictures = []
    for step in (0, None):
        scene.screenshot(tmp_path / "x.png", step, width=160, height=120)
        with Image.open(tmp_path / "x.png") as picture:
            assert (picture.size, picture.mode) == ((160, 120), "RGB")
            pictures.append(np.asarray(picture).astype(int))
    first, last = pictures
    assert (first != last).any()
    red, blue = last[..., 0], last[..., 2]
    assert (blue - red > 60).any()  # positive numbers are blue, negative ones red
    assert (red - blue > 60).any()
