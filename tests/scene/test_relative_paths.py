"""A scene in another folder, and a scene in a line."""

import os
from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.scene.changes.relative_paths import moved
from mmviz.scene.document import Document, from_mapping
from mmviz.scene.summary import LONGEST, MOST, told


def document(**sources: object) -> Document:
    return from_mapping({"expr": " @ ".join(sources), "tensors": sources}, "test")


@pytest.mark.parametrize("new", [".", "deep/er", "../beside", "deep/../other"])
def test_files_are_found_from_the_new_folder_and_what_is_not_there_stays_as_it_is(tmp_path: Path, new: str) -> None:
    old = tmp_path / "old"
    (old / "numbers").mkdir(parents=True)
    (old / "numbers" / "a.npy").touch()
    (old / new).mkdir(parents=True, exist_ok=True)
    absolute = str(tmp_path / "old" / "numbers" / "a.npy")
    scene = document(
        a={"file": "numbers/a.npy"}, b={"file": "none.npy"}, c={"file": absolute}, d={"init": "eye", "shape": [2, 2]}
    )
    there = moved(scene, old, old / new).model_dump(exclude_defaults=True)
    here = scene.model_dump(exclude_defaults=True)
    assert os.path.samefile(old / new / there["tensors"]["a"].pop("file"), absolute)
    here["tensors"]["a"].pop("file")
    assert there == here


def test_a_scene_that_does_not_move_is_not_changed_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.npy").touch()
    scene = document(a={"file": "./a.npy"})
    assert moved(scene, tmp_path, tmp_path / "x" / "..") == scene


def test_model_and_adapter_move_with_the_scene(tmp_path: Path) -> None:
    for name in ("old/model", "old/adapter", "new"):
        (tmp_path / name).mkdir(parents=True)
    weight = {"weight": "blocks.0.attn.W_Q", "head": 0}
    content = {"expr": "a", "tensors": {"a": weight}, "model": {"path": "model", "adapter": "adapter"}}
    there = moved(from_mapping(content, "test"), tmp_path / "old", tmp_path / "new").model
    assert there is not None
    assert (there.path, there.adapter) == ("../old/model", "../old/adapter")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    for name in ("old", "new", "real"):
        (tmp_path / name).mkdir()
    (tmp_path / "real" / "a.npy").touch()
    (tmp_path / "old" / "a.npy").symlink_to(tmp_path / "real" / "a.npy")
    there = moved(document(a={"file": "a.npy"}), tmp_path / "old", tmp_path / "new")
    assert there.model_dump()["tensors"]["a"]["file"] == "../old/a.npy"


def test_a_scene_in_a_line_has_the_shapes_of_its_inputs_and_of_its_result() -> None:
    sides = {name: {"init": "eye", "shape": shape} for name, shape in (("x", [4, 3]), ("w", [3, 2]))}
    scene = Scene("out = x @ w", sides)
    assert told(scene.document, scene.shapes) == 'Scene("out = x @ w", x 4x3, w 3x2, out 4x2)'
    assert told(scene.document, None) == 'Scene("out = x @ w")'
    plain = Scene("x", {"x": sides["x"]})
    assert told(plain.document, plain.shapes) == 'Scene("x", x 4x3)'


def test_a_long_scene_in_a_line_is_cut_between_words() -> None:
    names = [f"matrix_{number}" for number in range(9)]
    scene = Scene(" @ ".join(names), {name: {"init": "eye", "shape": [2, 2]} for name in names})
    line = told(scene.document, scene.shapes)
    expr, inputs = line.removeprefix('Scene("').removesuffix(")").split('", ')
    assert expr.endswith(" ...")
    assert len(expr) <= LONGEST
    assert scene.document.expr.startswith(expr.removesuffix(" ..."))
    assert inputs.split(", ")[: MOST - 1] == [f"{name} 2x2" for name in names[: MOST - 1]]
    assert inputs.split(", ")[MOST - 1 :] == ["...", "result 2x2"]
