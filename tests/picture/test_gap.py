"""The gap where a scene says none: a small share of the larger matrices, never less than the spheres need."""

from math import sqrt

import pytest

from mmviz import Scene
from mmviz.picture.space.gap import LEAST, LEAST_OF_BLOCKS, SHARE, relative_gap
from mmviz.scene.document import Document
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.language.shapes import infer


def gap_of(expr: str, **shapes: tuple[int, int]) -> float:
    root = Document.model_validate({"expr": expr, "tensors": {name: {"init": "eye"} for name in shapes}}).tree()
    return relative_gap(root, infer(root, shapes).of, {})


@pytest.mark.parametrize("side", [64, 128, 768, 4096])
def test_the_gap_is_the_same_share_of_large_squares_whatever_their_size(side: int) -> None:
    assert gap_of("A @ B", A=(side, side), B=(side, side)) / side == pytest.approx(SHARE, abs=0.25 / side)


@pytest.mark.parametrize("side", [1, 3, 8, 32])
def test_small_matrices_get_what_their_spheres_need(side: int) -> None:
    assert gap_of("A @ B", A=(side, side), B=(side, side)) == LEAST


def test_long_arms_do_not_drive_the_small_matrices_at_the_centre_apart() -> None:
    head = gap_of("(x @ q) @ (x @ k).T @ (x @ v)", x=(64, 576), q=(576, 64), k=(576, 64), v=(576, 64))
    assert SHARE * 64 < head < SHARE * sqrt(64 * 576)


def test_a_single_large_product_between_many_small_ones_does_not_drive_these_apart() -> None:
    small = gap_of("a @ b", a=(64, 64), b=(64, 64))
    both = gap_of("a @ b @ b @ b @ b @ b @ c", a=(64, 64), b=(64, 64), c=(64, 64**2))
    assert small < both <= 2 * small


def test_a_matrix_alone_and_a_sum_have_a_gap_too() -> None:
    assert gap_of("A", A=(200, 200)) == gap_of("A + B", A=(200, 200), B=(200, 200)) == 6


def scene(**parts: dict[str, object]) -> Scene:
    square = {"init": "gaussian", "shape": [8, 8]}
    return Scene("A @ B", {"A": square, "B": square}, **parts)  # type: ignore[arg-type]


def test_a_scene_without_a_gap_has_the_relative_one_and_a_number_stays_a_number_of_cells() -> None:
    assert LayoutOptions().gap == "auto"
    assert scene().layout()["left"].gap == LEAST
    assert scene(layout={"gap": 4}).layout()["left"].gap == 4
    assert scene(layout={"gap": 0}).layout()["left"].gap == 0


def test_blocks_of_few_cells_stand_apart_though_the_matrix_is_small() -> None:
    assert scene(partition={"i": 2}).layout()[""].gap == LEAST_OF_BLOCKS
    assert scene(partition={"i": 1}).layout()[""].gap == LEAST


def test_a_scene_of_mm_keeps_the_gap_of_mm() -> None:
    assert Scene.from_mm({"left": {"h": 300, "w": 300}, "right": {"h": 300, "w": 300}}).layout()[""].gap == 4
