"""mm's sizes and colours against its own measured ones. Deliberate difference: no NaN where all elements are equal."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.looks import looks
from mmviz.picture.mm_color import color, full_range, radius, size
from mmviz.picture.palette import BLUE_ORANGE, PALETTE, SEQUENTIAL, MmLook
from mmviz.scene.grammar import parse
from mmviz.scene.options import MmColors, StyleOptions
from mmviz.scene.tree import build

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "mm_color_oracle.json").read_text())["cases"]


def numbers(values: list[float | str]) -> NDArray[np.float64]:
    return np.array([float(value) for value in values])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_sizes_and_colours_are_mms(case: dict[str, Any]) -> None:
    colors = MmColors(**case["viz"])
    for matrix in case["matrices"]:
        values = numbers(matrix["values"])
        ends = full_range(float(matrix["absmax"]), float(matrix["absmin"]), float(case["largest_of_all"]), colors)
        sizes, rgb = size(values, *ends, colors), color(values, *ends, colors).reshape(-1)
        measured_sizes, measured = numbers(matrix["sizes"]), numbers(matrix["colors"])
        known = ~np.isnan(measured)
        np.testing.assert_allclose(sizes, measured_sizes, atol=1e-5)
        np.testing.assert_allclose(rgb[known], measured[known], atol=1e-5)
        assert np.isfinite(rgb).all()
        if not known.all():
            assert colors.sensitivity == "superlocal"
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
    plain = looks(root, values, StyleOptions())
    assert {look for look, _ in plain.values()} == {PALETTE}
    assert plain[""][1] == 7.0
    orange = looks(root, values, StyleOptions(palette="blue-orange", patterns="sequential"))
    assert orange[""][0] == BLUE_ORANGE
    assert orange["left"][0] == SEQUENTIAL
    mm = looks(root, values, StyleOptions(mm=MmColors(sensitivity="global")))
    assert {look.high for look, _ in mm.values() if isinstance(look, MmLook)} == {7.0}
    local = looks(root, values, StyleOptions(mm=MmColors(sensitivity="local")))["left"][0]
    assert isinstance(local, MmLook)
    assert local.high == 0.5
