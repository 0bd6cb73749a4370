"""What a scene file says of how the window shows the scene: kept as it is said, and refused in words."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz import Scene
from mmviz.errors import SceneError
from mmviz.scene.changes.edits import edited
from mmviz.scene.changes.hidden import hidden_in
from mmviz.scene.document import Document, from_mapping, load, save, to_mapping
from mmviz.scene.keys.view import KeptView, SeenFrom, ViewOptions
from mmviz.scene.language.tree import find

BASE: dict[str, Any] = {
    "expr": "out = relu(A @ B)",
    "tensors": {name: {"init": "rows", "shape": [4, 4]} for name in "AB"},
}
PLACES = st.tuples(*[st.floats(-1e7, 1e7)] * 3)
ANGLES = st.floats(1, 150)
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
APART = {"position": PLACES.map(lambda spot: (spot[0], spot[1], 1e7)), "target": PLACES.map(lambda s: (*s[:2], 0.0))}
VIEWS = st.builds(
    ViewOptions,
    camera=st.none() | st.builds(SeenFrom, **APART, view_angle=ANGLES),
    step=st.none() | st.floats(0, 1 << 53),
    hidden=st.lists(st.sampled_from(["", "left", "B", "gone"]), max_size=3).map(tuple),
    kept=st.lists(st.builds(KeptView, **APART, view_angle=ANGLES, name=st.none() | WORDS), max_size=3).map(tuple),
    tab=st.none() | WORDS,
)


@given(view=VIEWS, suffix=st.sampled_from([".yaml", ".json"]))
def test_a_view_is_read_as_it_was_written(
    view: ViewOptions, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"view{suffix}"
    document = from_mapping(BASE, "scene").model_copy(update={"view": view})
    save(document, path)
    assert load(path) == document
    assert ("view" in to_mapping(document)) == (view != ViewOptions())


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ({"step": -1}, "scene, view.step: must be 0 or more, got -1."),
        ({"step": "end"}, 'scene, view.step: must be a number, got "end".'),
        ({"zoom": 2}, "scene, view: unknown key 'zoom'; known keys: camera, hidden, kept, step, tab."),
        ({"camera": {"target": [0, 0, 0]}}, "scene, view.camera.position: is missing."),
        ({"camera": {"position": [0, 0, 0]}}, "scene, view.camera: position and target must differ."),
        (
            {"camera": {"position": [0, 0, 9], "view_angle": 170}},
            "scene, view.camera.view_angle: must be 150 or less, got 170.",
        ),
        (
            {"kept": [{"position": [0, 0, 2e7]}]},
            "scene, view.kept.0.position.2: must be 10000000 or less, got 20000000.0.",
        ),
        ({"hidden": "A"}, 'scene, view.hidden: must be a list, got "A".'),
    ],
)
def test_what_is_no_view_is_told(view: dict[str, Any], expected: str) -> None:
    with pytest.raises(SceneError) as caught:
        from_mapping(BASE | {"view": view}, "scene")
    assert str(caught.value) == expected


def test_what_is_hidden_follows_its_matrix_and_what_is_gone_is_no_error() -> None:
    before = from_mapping(BASE | {"view": {"hidden": ["A", "out", "nobody"]}}, "scene")
    assert before.view.hidden == ("A", "out", "nobody")
    assert edited(before, "y = C @ relu(A @ B)").view.hidden == ("A", "")


def test_a_scene_takes_its_view_as_any_other_part() -> None:
    scene = Scene(BASE["expr"], BASE["tensors"], view={"step": 2})
    assert scene.changed(view=None).document == from_mapping(BASE, "scene")
    assert scene.changed(title="x").document.view == ViewOptions(step=2)


def test_no_picture_or_film_goes_by_a_view(tmp_path: Path) -> None:
    plain = Scene(BASE["expr"], BASE["tensors"])
    composition = plain.composition
    view = {"camera": {"position": [0, 0, 90]}, "step": 1, "hidden": ["A"]}
    assert plain.changed(view=view).composition is composition
    reads = {re.sub(r"\..*", "", key) for key in stage_keys()}
    assert "view" not in reads
    assert "expr" in reads


def stage_keys() -> set[str]:
    from mmviz.computed import Computed
    from mmviz.machine.derived import Stage, parts_of

    return {key for name, made in vars(Computed).items() if isinstance(made, Stage) for key in parts_of(Computed, name)}


def test_the_document_has_a_view_that_says_nothing() -> None:
    assert Document(expr="A").view == ViewOptions()


@given(names=st.lists(st.sampled_from(["", "left", "right.left", "A", "B", "A.T", "x", "left.right"]), max_size=4))
def test_what_is_called_hidden_is_what_find_finds(names: list[str]) -> None:
    root = from_mapping(BASE | {"expr": "x = (A @ B) + (A.T @ B)"}, "scene").tree()
    nodes = [find(root, name) for name in names]
    assert hidden_in(root, names) == {node.path for node in nodes if node is not None}
