"""Several roots side by side: where they stand, what is written over them, and when they run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import mmviz
from mmviz.picture.eye.camera import fit, project
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.marks.root_titles import LONGEST, over, root_titles
from mmviz.picture.space.layout import Layout
from mmviz.scene.keys.options import CameraOptions

USUAL = np.array(CameraOptions().direction)
SIZES = {"A": [6, 4], "B": [4, 5], "C": [9, 3], "D": [3, 12], "E": [12, 2]}
TENSORS = {name: {"init": "gaussian", "shape": shape, "seed": n} for n, (name, shape) in enumerate(SIZES.items())}
ROOTS = {
    "small": "A @ B",
    "large": "softmax(C @ D) @ E",
    "a sum of two": "A @ B + A @ B",
    "one matrix": "E.T @ D.T",
}


def scene(count: int = 4, **parts: Any) -> mmviz.Scene:
    return mmviz.Scene(dict(list(ROOTS.items())[:count]), TENSORS, **parts)


def of_two(roots: Sequence[str] | Mapping[str, str], **parts: Any) -> mmviz.Scene:
    """A scene of A and B alone."""
    return mmviz.Scene(roots=roots, tensors={name: TENSORS[name] for name in "AB"}, **parts)


def seen(layout: Layout, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest place in the picture of the usual eye, from far away, where there is no perspective."""
    low, high = layout.roots[path]
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    right, toward = np.cross([0, 1, 0], USUAL) / np.sqrt(2), USUAL / np.sqrt(3)
    flat = np.stack([corners @ right, corners @ np.cross(toward, right)], axis=1)
    return flat.min(axis=0), flat.max(axis=0)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("roots", ["auto", "row", "column"])
def test_every_root_is_whole_and_none_reaches_into_another(count: int, roots: str) -> None:
    made = scene(count, layout={"roots": roots})
    layout = made.layout()
    assert list(layout.roots) == [f"root{n}" for n in range(count)]
    for path, place in layout.items():
        low, high = layout.roots[path.partition(".")[0]]
        assert (place.corners(0.5) >= low - 1e-9).all()
        assert (place.corners(0.5) <= high + 1e-9).all()
    boxes = list(layout.roots.values())
    for n, one in enumerate(boxes):
        for other in boxes[:n]:
            assert (np.maximum(one[0], other[0]) > np.minimum(one[1], other[1])).any()


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("roots", ["auto", "column"])
def test_the_usual_eye_sees_none_before_another(count: int, roots: str) -> None:
    layout = scene(count, layout={"roots": roots}).layout()
    places = [seen(layout, path) for path in layout.roots]
    for n, (low, high) in enumerate(places):
        for other_low, other_high in places[:n]:
            assert (np.maximum(low, other_low) > np.minimum(high, other_high)).any()


@pytest.mark.parametrize("direction", [(-0.3, 0.4, 1), (1, 0.5, 0.2), (0, 1, 0)])
def test_steps_follow_the_camera_of_the_scene(direction: tuple[float, float, float]) -> None:
    made = of_two(["A @ B", "A @ B"], camera={"direction": direction})
    step = made.layout()["root1"].origin - made.layout()["root0"].origin
    toward = np.array(direction, float)
    assert step @ toward == pytest.approx(0)
    assert step[1] == pytest.approx(0)
    placed = of_two(["A @ B", "A @ B"], camera={"position": tuple(9 * toward)})
    assert np.allclose(placed.layout()["root1"].origin, made.layout()["root1"].origin)


def test_a_camera_moves_nothing_of_a_root_alone() -> None:
    alone = mmviz.Scene("A @ B", {name: TENSORS[name] for name in "AB"})
    layout = alone.layout()
    assert alone.changed(camera={"direction": (0, 0, 1)}).layout() is layout
    several = of_two(["A @ B", "A @ B"])
    assert several.changed(camera={"direction": (0, 0, 1)}).layout() is not several.layout()


def test_roots_that_are_alike_stand_alike() -> None:
    layout = of_two(["A @ B", "A @ B", "A @ B"]).layout()
    steps = [layout[f"root{n}"].origin - layout["root0"].origin for n in range(3)]
    assert np.allclose(steps[2], 2 * steps[1])
    assert np.allclose(steps[1] @ USUAL, 0)  # all as far from the usual eye
    for part in ("left", "right"):
        assert np.allclose(layout[f"root1.{part}"].origin - layout[f"root0.{part}"].origin, steps[1])


def test_in_a_row_the_results_stand_in_one_plane_and_apart_is_what_lies_between() -> None:
    made = of_two(["A @ B", "A @ B"], layout={"roots": "column", "apart": 7})
    one, other = made.layout().roots.values()
    across = np.ptp(one, axis=0)[[0, 2]].sum() / np.sqrt(2)
    assert one[0, 1] - other[1, 1] == pytest.approx(7 + across / np.sqrt(2))  # and what is seen from above
    row = scene(3, layout={"roots": "row"}).layout()
    assert np.ptp([row[path].center()[2] for path in row.roots]) == pytest.approx(0)
    assert (np.diff([row[path].center()[0] for path in row.roots]) > 0).all()


def test_wide_pictures_get_rows_where_these_are_larger() -> None:
    many = of_two(["A @ B"] * 9).layout()
    heights = {round(float(many[path].center()[1]), 6) for path in many.roots}
    assert 1 < len(heights) < 9


def test_one_root_alone_stands_as_ever() -> None:
    assert mmviz.Scene("A @ B", {name: TENSORS[name] for name in "AB"}).layout().roots == {}


@pytest.mark.parametrize("toward", [USUAL, (0, 0, 1), (1, 0.2, 0), (-1, -1, 0.3)])
def test_titles_stand_over_their_roots_upright_for_every_eye(toward: Any) -> None:
    layout = scene().layout()
    camera = fit(layout.box, np.array(toward, float), 1.7)
    titles = root_titles(layout, dict(zip(layout.roots, ROOTS, strict=True)))
    assert [one.text for one in titles] == list(ROOTS)
    assert len({one.height for one in titles}) == 1
    for one in titles:
        label = over(one, camera)
        assert label is not None
        right, upward, _ = camera.axes()
        assert (label.along == right).all()
        assert (label.up == upward).all()
        foot = label.center - 0.5 * label.height * label.up
        places = project(camera, one.corners, 1.7)
        x, y = project(camera, foot[None], 1.7)[0]
        assert y > places[:, 1].max()
        assert x == pytest.approx((places[:, 0].min() + places[:, 0].max()) / 2, abs=1e-6)
        width, _, depth = np.ptp(one.corners, axis=0)
        assert label.height * length_of(one.text) <= LONGEST * (width + depth) / np.sqrt(2) + 1e-9


def test_titles_are_drawn_and_go_with_their_root() -> None:
    composition = scene().composition
    camera = composition.camera(1.7)
    drawn = [one.text for one in composition.at(0, camera, 1.7).labels if one.key.kind == "title"]
    assert drawn == list(ROOTS)
    places = np.concatenate([project(camera, one.corners(), 1.7) for one in composition.layout.cubes.values()])
    assert (places > 0).all()
    listed = mmviz.Scene(roots=list(ROOTS.values()), tensors=TENSORS).composition
    assert not [one for one in listed.at(0, camera, 1.7).labels if one.key.kind == "title"]


def test_all_of_a_title_is_in_the_picture() -> None:
    composition = of_two({"a long title over a small one": "A @ B", "b": "B.T @ A.T"}).composition
    camera = composition.camera(1.0)
    for corners in composition.writing.toward(camera).corners():
        places = project(camera, corners, 1.0)
        assert (places >= 0).all()
        assert (places <= 1).all()


def test_all_roots_begin_at_once_and_the_shorter_one_waits() -> None:
    made = of_two(["A @ B", "B.T @ A.T"])
    runs = made.timeline().schedule.runs
    assert [(runs[path].start, runs[path].end) for path in ("root0", "root1")] == [(0, 6), (0, 5)]
    now = made.timeline().frame(4.5)
    assert now["root1"].visible.all()
    assert not now["root0"].visible.all()


@pytest.mark.parametrize("fuse", ["none", "chain", "sync", "async", "decode"])
def test_in_turn_each_begins_when_the_one_before_it_is_done(fuse: str) -> None:
    made = scene(4, animation={"fuse": fuse, "roots": "in turn"})
    runs = made.timeline().schedule.runs
    own = [[run for path, run in runs.items() if path.startswith(root)] for root in made.layout().roots]
    spans = [(min(run.start for run in some), max(run.end for run in some)) for some in own]
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert made.timeline().steps == spans[-1][1]


def test_hidden_inputs_leave_every_result() -> None:
    made = scene(3, animation={"hide_inputs": True})
    last = made.timeline().frame(made.timeline().steps)
    assert {path for path, state in last.items() if state.visible.any()} == set(made.layout().roots)
