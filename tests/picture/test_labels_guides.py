"""Sizes and outlines: readable from everywhere, with the right numbers, at the right places."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.drawlist import Label
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.marks import labels
from mmviz.picture.marks.guides import MARGIN, mask_edge, outline
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.space.placement import Placement
from mmviz.scene.keys.options import Counts, LayoutOptions
from mmviz.scene.keys.partition import partition
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import Shapes, infer
from mmviz.scene.language.tree import LeafNode, Node, root_of, walk
from tests.examples import examples

SHAPES = {"A": (3, 4), "B": (4, 20), "C": (20, 2), "D": (2, 70), "S": (3, 4), "T": (4, 20), "U": (3, 20)}
AXES = {"A": ("tokens", "d_model"), "D": ("", "d_mlp")}
TEXTS = [
    "A",
    "A + S",
    "A @ B",
    "A @ B @ C",
    "A @ (B @ C)",
    "(A @ B) @ (C @ D)",
    "(A + S) @ (B - T)",
    "U + A @ B",
    "B.T @ A.T",
]
UNCUT: Mapping[str, int | Counts] = {}
DOWN, ACROSS = np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Stage:
    """A laid out expression."""

    root: Node
    shapes: Shapes
    layout: Layout

    def camera(self, direction: NDArray[np.float64], aspect: float = 16 / 9) -> Camera:
        return fit(np.concatenate([place.corners(MARGIN) for place in self.layout.values()]), direction, aspect)

    def node(self, path: str) -> Node:
        return next(node for node in walk(self.root) if node.path == path)

    def sizes(self, camera: Camera) -> dict[ItemKey, Label]:
        return {label.key: label for label in labels.sizes(self.root, self.layout, self.shapes.axes, camera)}


def stage(text: str, options: LayoutOptions | None = None, cuts: Mapping[str, int | Counts] = UNCUT) -> Stage:
    root = root_of(build(parse(text)))
    used = {node.tensor for node in walk(root) if isinstance(node, LeafNode)}
    shapes = infer(root, {name: SHAPES[name] for name in used}, {name: AXES[name] for name in used & set(AXES)})
    blocks = partition(root, shapes.of, shapes.axes, cuts)
    return Stage(root, shapes, lay_out(root, shapes.of, options or LayoutOptions(), blocks))


stages = st.builds(
    stage,
    st.sampled_from(TEXTS),
    st.builds(
        LayoutOptions,
        polarity=st.sampled_from(["negative", "positive"]),
        left=st.sampled_from(["left", "right"]),
        right=st.sampled_from(["top", "bottom"]),
        result=st.sampled_from(["front", "back"]),
        gap=st.sampled_from([0.0, 1.0, 4.0]),
    ),
    st.dictionaries(st.sampled_from("ij"), st.integers(1, 8)),
)
directions = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array).filter(lambda v: bool(np.linalg.norm(v) > 0.1))


def seen(camera: Camera, label: Label, step: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2,): the direction on the screen, right and up, of a small step from a label's centre."""
    axes = np.stack(camera.axes())
    x, y, z = axes @ (label.center - camera.position)  # z < 0: in front of the eye
    dx, dy, dz = axes @ step
    direction: NDArray[np.float64] = np.array([dx - x * dz / z, dy - y * dz / z]) / -z
    return direction / max(float(np.linalg.norm(direction)), 1e-12)


def assert_readable(label: Label, camera: Camera) -> None:
    """Neither mirrored nor upside down; a label that is seen from its very edge cannot be read anyway."""
    normal = np.cross(label.along, label.up)
    sight = camera.position - label.center
    slant = float(normal @ sight) / float(np.linalg.norm(sight))
    if abs(slant) < 1e-3:
        return
    assert slant > 0, "mirrored"
    along, up = seen(camera, label, label.along), seen(camera, label, label.up)
    assert along[0] > -0.1 or up[1] > -0.1, "upside down"


@given(stages, directions, st.floats(0.5, 2.5))
@examples(60)
def test_no_label_is_mirrored_or_upside_down(scene: Stage, direction: NDArray[np.float64], aspect: float) -> None:
    camera = scene.camera(direction, aspect)
    for label in scene.sizes(camera).values():
        assert_readable(label, camera)
        np.testing.assert_allclose([np.linalg.norm(label.along), np.linalg.norm(label.up)], 1)
        assert abs(label.along @ label.up) < 1e-9
        assert label.height > 0


@pytest.mark.parametrize("tilt", [-1e-9, 0.0, 1e-9])
def test_a_size_on_a_vertical_edge_is_read_upward(tilt: float) -> None:
    scene = stage("A")
    camera = scene.camera(np.array([tilt, tilt, 1.0]))
    np.testing.assert_allclose(scene.sizes(camera)[ItemKey("size", "", 0)].along, -DOWN)


@given(stages, directions)
def test_every_size_is_that_of_the_edge_it_stands_beside(scene: Stage, direction: NDArray[np.float64]) -> None:
    for key, label in scene.sizes(scene.camera(direction)).items():
        path, axis = key.path, int(key.part == 1)
        place = scene.layout[path]
        name, number, *blocks = re.split(" = | / ", label.text)
        assert int(number) == place.shape[axis] == scene.shapes.of[path][axis]
        assert [int(count) for count in blocks] == [count for count in [place.blocks[axis]] if count > 1]
        assert name == (scene.shapes.axes[path][axis] or name)
        edge, outward = (place.down, place.across) if axis == 0 else (place.across, place.down)
        assert abs(label.along @ edge) == pytest.approx(1)
        offset = label.center - middle(place)
        half = place.reach[1 - axis] / 2
        assert abs(offset @ outward) > half + MARGIN
        assert abs(offset @ edge) < 1e-9
        assert abs(offset @ place.normal) < 1e-9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", {"0:": "tokens = 3", "1:": "d_model = 4"}),
        ("A + S", {"0:": "tokens = 3", "1:": "d_model = 4"}),
        (
            "A @ B",
            {
                "0:left": "tokens = 3",
                "1:left": "d_model = 4",
                "1:right": "J = 20",
                "0:": "tokens = 3",
                "1:": "J = 20",
            },
        ),
        (
            "(S + S) @ (B @ C)",
            {
                "0:left": "I = 3",
                "1:left": "K = 4",
                "0:right.left": "I = 4",
                "1:right.left": "K = 20",
                "1:right.right": "J = 2",
                "0:": "I = 3",
                "1:": "J = 2",
            },
        ),
        (
            "U + S @ B",
            {"0:": "I = 3", "1:": "J = 20", "0:right.left": "I = 3", "1:right.left": "K = 4"}
            | {"1:right.right": "J = 20"},
        ),
    ],
)
def test_all_sides_of_the_given_matrices_and_of_the_result_have_their_size(text: str, expected: dict[str, str]) -> None:
    scene = stage(text)
    found = scene.sizes(scene.camera(np.array([-1.0, 1.0, 1.0])))
    assert {f"{key.part}:{key.path}": label.text for key, label in found.items()} == expected


def middle(place: Placement) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = place.corners().mean(axis=0)
    return mean


def test_the_size_of_an_axis_that_is_cut_says_into_how_many_blocks() -> None:
    """The blocks that are there: 3 in 8 are 3 blocks of 1, 20 in 8 are 7 blocks of up to 3."""
    found = stage("A @ B", cuts={"tokens": 8, "j": 8}).sizes(stage("A @ B").camera(np.array([-1.0, 1.0, 1.0])))
    assert {label.text for label in found.values()} == {"tokens = 3 / 3", "J = 20 / 7", "d_model = 4"}


# Guides


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 7), (300, 40)])
def test_the_outline_encloses_the_elements_and_marks_the_first_corner(shape: tuple[int, int]) -> None:
    place = Placement(shape, np.array([3.0, 2.0, 1.0]), DOWN, ACROSS)
    border, guides = outline("x", place)
    corners = place.corners()
    low, high = corners.min(axis=0) - MARGIN, corners.max(axis=0) + MARGIN
    np.testing.assert_allclose(border.points.min(axis=0)[:2], low[:2])
    np.testing.assert_allclose(border.points.max(axis=0)[:2], high[:2])
    start, end = border.points[-2:]
    first = place.element(0, 0) + MARGIN * (DOWN * -1 - ACROSS)
    np.testing.assert_allclose(np.sort([start[0], end[0]])[0], first[0])
    np.testing.assert_allclose(np.sort([start[1], end[1]])[1], first[1])
    assert len(border.points) % 2 == len(guides.points) % 2 == 0


@given(st.integers(1, 2000), st.integers(1, 30))
def test_row_guides_run_between_two_rows_and_are_few(rows: int, columns: int) -> None:
    _, guides = outline("x", Placement((rows, columns), np.zeros(3), DOWN, ACROSS))
    heights = -guides.points[:, 1]
    np.testing.assert_allclose(heights % 1, 0.5)
    assert ((heights > 0) & (heights < rows)).all()
    assert len(guides.points) <= 2 * 16


def cut_sheet(gap: float, shape: tuple[int, int] = (7, 9)) -> Placement:
    """Blocks of 3 rows and 4 columns."""
    return Placement(shape, np.array([3.0, 2.0, 1.0]), DOWN, ACROSS, row_block=3, column_block=4, gap=gap)


def segments(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(segments, 2, 2): x and y of both ends."""
    return points.reshape(-1, 2, 3)[:, :, :2]


@pytest.mark.parametrize("gap", [0.25, 0.5, 2.0, 4.0])
def test_every_block_has_a_border_and_no_line_crosses_its_elements(gap: float) -> None:
    place = cut_sheet(gap)
    outer, faint = outline("x", place)
    i, j = (index.ravel() for index in np.indices(place.shape))
    centers = place.element(i, j)[:, :2]
    lines = np.concatenate([segments(outer.points)[:4], segments(faint.points)])
    for start, end in lines:
        low, high = np.minimum(start, end) - 1e-9, np.maximum(start, end) + 1e-9
        inside = ((centers > low - 0.45) & (centers < high + 0.45)).all(axis=1)
        assert not inside.any()
    for row, column in ((0, 0), (3, 4), (6, 8)):  # one element of every kind of block
        block = centers[(i // 3 == row // 3) & (j // 4 == column // 4)]
        for axis, side in ((0, -1), (0, 1), (1, -1), (1, 1)):
            edge = (side * block[:, axis]).max() + 0.5
            beyond = side * lines[:, :, axis]
            along = lines[:, :, 1 - axis]
            near = (abs(beyond - edge) <= 0.5 * gap + 0.26).all(axis=1)
            spans = (along.min(axis=1) < block[:, 1 - axis].min()) & (along.max(axis=1) > block[:, 1 - axis].max())
            assert (near & spans).any()


def test_very_many_blocks_get_no_borders() -> None:
    place = Placement((2000, 2000), np.zeros(3), DOWN, ACROSS, row_block=1, column_block=1, gap=1.0)
    _, faint = outline("x", place)
    assert len(faint.points) <= 2 * 16


def test_the_edge_of_a_mask_runs_along_its_cells_also_beside_a_gap() -> None:
    place = cut_sheet(2.0)
    masked = ~np.tri(*place.shape, dtype=np.bool_)
    edge = mask_edge("x", place, masked)
    assert edge is not None
    i, j = (index.ravel() for index in np.indices(place.shape))
    centers = place.element(i, j)[:, :2]
    for start, end in segments(edge.points):
        assert np.linalg.norm(end - start) == pytest.approx(1)
        assert np.linalg.norm(centers - (start + end) / 2, axis=1).min() == pytest.approx(0.5)
