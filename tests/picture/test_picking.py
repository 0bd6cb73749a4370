"""What is under the pointer is what the camera projects there; its text says what it is."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.cell.picking import Picked, describe, pick
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.sweep import Sweep

ASPECT = 1.5
TRUE: dict[str, int] = {}
FOLDED = {"i": 3, "k": 4, "j": 2}


def nested(fold: dict[str, int] = TRUE, **animation: str) -> Composition:
    tensors = {
        name: {"init": "gaussian", "shape": shape, "seed": seed}
        for seed, (name, shape) in enumerate({"A": [3, 5], "B": [5, 4], "C": [4, 6], "D": [6, 7]}.items())
    }
    return Scene("(A @ B) @ (C @ D)", tensors, animation=animation, layout={"fold": fold}).composition


def share(camera: Camera, point: Vector) -> tuple[float, float]:
    """Where a point lies in the picture, from left and top."""
    right, up, toward = camera.axes()
    away = point - camera.position
    reach = np.tan(np.radians(camera.view_angle) / 2) * -(away @ toward)
    return (away @ right / (reach * ASPECT) + 1) / 2, (1 - away @ up / reach) / 2


def facing(composition: Composition, path: str) -> Camera:
    """From close before a matrix, so that nothing stands between."""
    placement = composition.layout[path]
    return fit(placement.corners(), placement.normal, ASPECT, zoom=1.0, up=-placement.down)


@pytest.mark.parametrize("path", ["", "left", "right", "left.left", "left.right", "right.left", "right.right"])
@pytest.mark.parametrize(("side", "fold"), [(1, TRUE), (-1, TRUE), (1, FOLDED)])
def test_every_element_is_picked_where_the_camera_shows_it(path: str, side: int, fold: dict[str, int]) -> None:
    composition = nested(fold)
    camera = facing(composition, path)
    if side < 0:
        camera = replace(camera, position=2 * camera.target - camera.position)
    frame = composition.timeline.frame(composition.timeline.steps)
    frame = replace(frame, states={path: frame[path]})
    rows, columns = composition.layout[path].shape
    for i in range(rows):
        for j in range(columns):
            x, y = share(camera, composition.layout[path].element(i, j))
            found = pick(composition, frame, camera, x, y, ASPECT)
            assert found is not None
            assert (found.path, found.i, found.j, found.k) == (path, i, j, None)
            assert found.value == composition.values[path][i, j]


def test_corner_elements_are_picked_unless_another_matrix_is_nearer() -> None:
    composition = nested()
    camera = composition.camera(ASPECT)
    frame = composition.timeline.frame(composition.timeline.steps)
    seen = set()
    for path, placement in composition.layout.items():
        rows, columns = placement.shape
        for i in (0, rows - 1):
            for j in (0, columns - 1):
                point = placement.element(i, j)
                found = pick(composition, frame, camera, *share(camera, point), ASPECT)
                assert found is not None
                if (found.path, found.i, found.j) == (path, i, j):
                    seen.add(path)
                    continue
                other = composition.layout[found.path].element(found.i, found.j)
                assert np.linalg.norm(other - camera.position) < np.linalg.norm(point - camera.position)
    assert len(seen) >= 5


def test_beside_the_scene_there_is_nothing() -> None:
    composition = nested()
    frame = composition.timeline.frame(0)
    assert pick(composition, frame, composition.camera(ASPECT), 0.001, 0.001, ASPECT) is None


def test_cells_that_are_not_there_yet_are_looked_through() -> None:
    composition = nested(algorithm="vmprod")
    camera = facing(composition, "")
    steps = composition.timeline.steps
    x, y = share(camera, composition.layout[""].element(2, 3))
    for t in range(steps + 1):
        frame = composition.timeline.frame(t)
        found = pick(composition, frame, camera, x, y, ASPECT)
        is_there = bool(frame[""].visible[2, 3])
        assert (found is not None and found.path == "" and found.k is None) == is_there


def test_a_running_sum_says_so() -> None:
    composition = nested(algorithm="vvprod", fuse="none")
    camera = facing(composition, "")
    x, y = share(camera, composition.layout[""].element(1, 1))
    start = composition.timeline.schedule.runs[""].start
    found = pick(composition, composition.timeline.frame(start + 1), camera, x, y, ASPECT)
    assert found is not None
    left, right = composition.timeline.inputs("")
    assert found.value == pytest.approx(float(left[1, :2] @ right[:2, 1]), rel=1e-5)
    assert describe(found, composition) == f"(A @ B @ (C @ D))[1, 1] = {found.value:.4g} so far"
    last = pick(composition, composition.timeline.frame(composition.timeline.steps), camera, x, y, ASPECT)
    assert last is not None
    assert describe(last, composition) == f"(A @ B @ (C @ D))[1, 1] = {left[1] @ right[:, 1]:.4g}"


@pytest.mark.parametrize("algorithm", ["vmprod", "mvprod", "vvprod", "dotprod"])
@pytest.mark.parametrize(("share_of_step", "fold"), [(0.0, TRUE), (0.37, TRUE), (0.98, TRUE), (0.37, FOLDED)])
def test_a_product_in_flight_is_the_product_of_the_elements_it_names(
    algorithm: str, share_of_step: float, fold: dict[str, int]
) -> None:
    composition = nested(fold, algorithm=algorithm)
    named = 0
    for step in range(composition.timeline.steps):
        frame = composition.timeline.frame(step + share_of_step)
        for plane in frame.planes:
            rows, columns = plane.shape
            only = replace(frame, states={}, planes=(plane,))
            placement = plane.placement
            normal = placement.normal
            camera = fit(placement.corners(1.0), normal, ASPECT, up=-placement.down)
            left, right = composition.timeline.inputs(plane.owner)
            for row, column in {(0, 0), (rows - 1, columns - 1), (rows // 2, columns // 2)}:
                x, y = share(camera, plane.element(row, column))
                found = pick(composition, only, camera, x, y, ASPECT)
                assert found is not None
                assert found.k is not None
                assert found.path == plane.owner
                assert found.value == pytest.approx(float(left[found.i, found.k] * right[found.k, found.j]))
                named += 1
    assert named


def test_the_text_of_a_product_in_flight_names_its_factors() -> None:
    composition = nested(algorithm="vvprod")
    plane_frame = replace(composition.timeline.frame(2), states={})
    plane = plane_frame.planes[0]
    camera = fit(plane.placement.corners(1.0), plane.placement.normal, ASPECT, up=-plane.placement.down)
    found = pick(composition, plane_frame, camera, *share(camera, plane.element(1, 3)), ASPECT)
    assert found is not None
    product = composition.values["left.left"][1, 2] * composition.values["left.right"][2, 3]
    assert describe(found, composition) == (
        f"A[1, 2] * B[2, 3] = {product:.4g}   (product k = 2 in the sum for (A @ B)[1, 3])"
    )


def test_blocks_with_gaps_are_picked_and_gaps_are_not() -> None:
    scene = Scene("A", {"A": {"init": "row major", "shape": [6, 7]}}).composition
    blocks = Placement(
        (6, 7),
        np.zeros(3),
        np.array([0.0, -1.0, 0.0]),
        np.array([1.0, 0.0, 0.0]),
        row_block=4,
        column_block=3,
        gap=1.5,
    )
    composition = replace(scene, layout=replace(scene.layout, placements={"": blocks}))
    camera = fit(blocks.corners(2.0), blocks.normal, ASPECT, up=-blocks.down)
    frame = composition.timeline.frame(0)
    for i in range(6):
        for j in range(7):
            for shift in (-0.45, 0.0, 0.45):
                spot = blocks.element(i, j) + shift * (blocks.down + blocks.across)
                found = pick(composition, frame, camera, *share(camera, spot), ASPECT)
                assert found is not None
                assert (found.i, found.j) == (i, j)
    between = blocks.element(3, 0) + 1.0 * blocks.down
    assert pick(composition, frame, camera, *share(camera, between), ASPECT) is None
    outside = blocks.element(5, 6) + 1.0 * blocks.across
    assert pick(composition, frame, camera, *share(camera, outside), ASPECT) is None


@pytest.fixture(scope="module")
def head() -> Composition:
    return Scene.load("attention_head").composition


def picked_in_inset(head: Composition, i: int, j: int) -> Picked:
    camera = head.camera(ASPECT)
    drawing = head.at(head.timeline.steps, camera)
    (inset,) = drawing.insets
    spot = head.layout["left.left"].element(i, j)
    right, up, toward = inset.camera.axes()
    away = spot - inset.camera.position
    reach = np.tan(np.radians(inset.camera.view_angle) / 2) * -(away @ toward)
    # An inset is a square; its side and its distances to the picture's edges are shares of the height.
    x = (inset.margin + inset.side * (away @ right / reach + 1) / 2) / ASPECT
    y = 1 - (inset.bottom + inset.side * (away @ up / reach + 1) / 2)
    frame = head.timeline.frame(head.timeline.steps)
    found = pick(head, frame, camera, x, y, ASPECT, insets=drawing.insets)
    assert found is not None
    return found


def test_an_element_with_tokens_shows_their_text(head: Composition) -> None:
    found = picked_in_inset(head, 41, 40)
    value = head.values["left.left"][41, 40]
    assert describe(found, head) == (
        f"attn[41 “{head.tokens[41]}”, 40 “{head.tokens[40]}”] = {value:.4g}   (rows: tokens, columns: tokens)"
    )


def test_a_masked_element_says_so(head: Composition) -> None:
    found = picked_in_inset(head, 3, 10)
    assert found.masked
    assert describe(found, head).startswith(f"attn[3 “{head.tokens[3]}”, 10 “{head.tokens[10]}”] = masked   (")


def test_control_characters_of_a_token_are_written_out(head: Composition) -> None:
    lines = replace(head, tokens=("\n", "\t", *head.tokens[2:]))
    found = picked_in_inset(head, 1, 0)
    assert describe(found, lines).startswith("attn[1 “\\t”, 0 “\\n”]")


@pytest.mark.parametrize(
    "sweep",
    [
        Sweep(),
        Sweep(first=1, last=0),
        Sweep(row_turn=1, first=2, last=4),
        Sweep(column_turn=1, last=3),
        Sweep(row_turn=7, column_turn=1, last=19),
        Sweep(row_turn=1, first=1, last=1, row_block=3),
        Sweep(row_turn=2, column_turn=1, last=3, row_block=2, column_block=4),
        Sweep(row_turn=1, first=1, last=1, row_size=2),
        Sweep(row_turn=3, column_turn=1, first=2, last=5, row_size=4, column_size=3),
        Sweep(row_turn=2, column_turn=1, last=1, row_block=4, column_block=5, row_size=3, column_size=2),
    ],
)
def test_one_cell_is_in_a_sweep_where_the_sweeps_mask_is_true(sweep: Sweep) -> None:
    mask = sweep.mask((6, 7))
    assert [[sweep.holds(i, j) for j in range(7)] for i in range(6)] == mask.tolist()
