"""mm's sizes and colours, driven through Scene.from_mm, against its own measured ones; and which look a scene gives."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.look.looks import looks
from mmviz.picture.look.mm_color import radius
from mmviz.picture.look.palette import BLUE_ORANGE, PALETTE, SEQUENTIAL, MmLook
from mmviz.picture.space.item_key import of_matrix
from mmviz.scene.keys.options import MmColors, StyleOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "mm" / "colors.json").read_text())["cases"]
DIFFERENT = {
    "nan in an input": "a sum with NaN stays NaN and is white, where mm stores 0 and shows black (oddity 4)",
    "constants and zeros": "superlocal with equal elements keeps its colour, where mm has NaN (oddity 7)",
}
"""Deliberate differences, by what they concern."""


def numbers(values: list[float | str]) -> NDArray[np.float64]:
    return np.array([float(value) for value in values])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_sizes_and_colours_are_mms(case: dict[str, Any]) -> None:
    scene = Scene.from_mm(case["params"])
    values, colors, sizes = scene.values(), scene.colors(), scene.sizes()
    for matrix in case["matrices"]:
        path = matrix["path"].removesuffix("result").removesuffix(".")
        shown = ~np.isnan(values[path].reshape(-1))
        assert shown.all() or any(kind in case["name"] for kind in DIFFERENT)
        if not shown.all() and "superlocal" in case["name"]:
            continue  # mm's zeros for NaN are its smallest |x|
        measured, measured_sizes = numbers(matrix["colors"]).reshape(-1, 3), numbers(matrix["sizes"])
        known = shown & ~np.isnan(measured).any(axis=1)
        np.testing.assert_allclose(colors[path].reshape(-1, 3)[known], measured[known], atol=1e-5)
        if "nan in an input" not in case["name"] or matrix["path"] != "result":
            np.testing.assert_allclose(sizes[path].reshape(-1), measured_sizes, atol=1e-5)
        assert np.isfinite(colors[path]).all()
        if not known[shown].all():
            assert "superlocal" in case["name"]
            assert matrix["absmax"] == matrix["absmin"]


def test_radii_are_half_sizes_and_never_leave_the_cell() -> None:
    colors = MmColors(elem_scale=3.0)
    assert radius(np.array([0.001, 1.0, np.inf]), 0.0, 1.0, colors).max() == 0.5
    small = MmColors(elem_scale=1.0)
    assert radius(1.0, 0.0, 1.0, small) == pytest.approx(0.5 / 1.2071)


def test_a_scene_chooses_its_looks() -> None:
    root = build(parse("out = softmax(A @ B) @ C"))
    values = {path: np.full((2, 2), 1 + n, np.float32) for n, path in enumerate(["left.left", "left.right", "right"])}
    values |= {"left": np.full((2, 2), 0.5, np.float32), "": np.full((2, 2), -7.0, np.float32)}
    numbers = {of_matrix(path): matrix for path, matrix in values.items()}
    plain = looks(root, numbers, StyleOptions())
    assert {look for look, _ in plain.values()} == {PALETTE}
    assert plain[of_matrix("")][1] == 7.0
    orange = looks(root, numbers, StyleOptions(palette="blue-orange", patterns="sequential"))
    assert orange[of_matrix("")][0] == BLUE_ORANGE
    assert orange[of_matrix("left")][0] == SEQUENTIAL
    mm = looks(root, numbers, StyleOptions(mm=MmColors(sensitivity="global")))
    assert {look.high for look, _ in mm.values() if isinstance(look, MmLook)} == {7.0}
    local = looks(root, numbers, StyleOptions(mm=MmColors(sensitivity="local")))[of_matrix("left")][0]
    assert isinstance(local, MmLook)
    assert local.high == 0.5


def test_our_own_colours_and_radii_are_given_by_path() -> None:
    scene = Scene(expr="A", tensors={"A": {"values": [[1.0, -1.0, 0.0]]}})
    (blue, red, zero), (large, also, small) = scene.colors()[""][0], scene.sizes()[""][0]
    assert blue.argmax() == 2
    assert red.argmax() == 0
    np.testing.assert_array_equal(zero, PALETTE.zero)
    assert (large, also, small) == (PALETTE.largest, PALETTE.largest, PALETTE.smallest)
