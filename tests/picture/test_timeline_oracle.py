"""Timeline against mm: what is shown, lit and in flight after each of its steps."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.layout import lay_out
from mmviz.picture.timeline import Frame, Matrix, Timeline
from mmviz.scene.options import AnimationOptions, LayoutOptions
from mmviz.scene.tree import LeafNode, Node, ProductNode, child

ORACLE = json.loads(Path(__file__).with_name("timeline_oracle.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in ORACLE["cases"]}
# What we do otherwise than mm, on purpose:
# - mm spends a step on the end of an argument, in which nothing flies: we have no idle steps.
# - mm draws a 0 black, as if it was hidden: ours has its own flag, so that "z" says nothing about it.
# - mm's planes vanish one step after the last; at our t = steps all is shown and nothing flies.


def sine(leaf: dict[str, list[int]]) -> Matrix:
    rows, columns = np.ogrid[: leaf["size"][0], : leaf["size"][1]]
    a, b, c = leaf["sine"]
    wave: NDArray[np.float64] = np.sin(rows * a + columns * b + c) / 2 + 0.01
    return wave.astype(np.float32)


def worn(epilog: str, sums: NDArray[np.float64]) -> Matrix:
    if epilog == "relu":
        sums = np.maximum(sums, 0)
    if epilog == "softmax":
        sums = np.exp(sums) / np.exp(sums).sum(axis=1, keepdims=True)
    return sums.astype(np.float32)


def grow(tree: Any, path: str, epilog: str, values: dict[str, Matrix]) -> Node:
    """The tree of a case, its matrices put into `values`."""
    if isinstance(tree, dict):
        values[path] = sine(tree)
        return LeafNode(path, path, path)
    left, right = (
        grow(side, child(path, name), "none", values) for side, name in zip(tree, ("left", "right"), strict=True)
    )
    values[path] = worn(epilog, values[left.path].astype(float) @ values[right.path])
    return ProductNode(path, path, left, right)


def timeline(case: dict[str, Any]) -> Timeline:
    values: dict[str, Matrix] = {}
    root = grow(case["tree"], "", case["epilog"], values)
    code = case["facing"]
    layout = lay_out(
        root,
        {path: (matrix.shape[0], matrix.shape[1]) for path, matrix in values.items()},
        LayoutOptions(
            polarity="positive" if code[0] == "P" else "negative",
            left="right" if code[1] == "R" else "left",
            right="bottom" if code[2] == "B" else "top",
            result="back" if code[3] == "B" else "front",
        ),
    )
    animation = AnimationOptions(
        algorithm=case["algorithms"][""],
        matrices=case["algorithms"],
        fuse="none" if case["fuse"] == "none" else "chain",
    )
    epilogs = {"": case["epilog"]}
    return Timeline(root, values, layout.cubes, animation, lambda path, sums: worn(epilogs.get(path, "none"), sums))


def busy(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The frames of a case in which something flies."""
    return [frame for frame in case["frames"] if frame["planes"]]


def assert_masks(frame: Frame, masks: dict[str, str]) -> None:
    assert set(frame) == set(masks)
    for path, text in masks.items():
        mask = np.array([list(row) for row in text.split("|")])
        known = mask != "z"
        np.testing.assert_array_equal(frame[path].visible[known], (mask != ".")[known], err_msg=path)
        np.testing.assert_array_equal(frame[path].highlighted[known], (mask == "#")[known], err_msg=path)


def assert_planes(frame: Frame, planes: list[dict[str, Any]]) -> None:
    found = {plane.owner: plane for plane in frame.planes}
    assert len(found) == len(frame.planes)
    assert set(found) == {plane["owner"] for plane in planes}
    for measured in planes:
        plane = found[measured["owner"]]
        rows, columns = plane.shape
        assert [rows, columns] == measured["shape"]
        corners = [plane.element(i, j) for i in (0, rows - 1) for j in (0, columns - 1)]
        np.testing.assert_allclose(corners, measured["corners"], rtol=0, atol=1e-5)
        np.testing.assert_allclose(plane.values.reshape(-1), measured["values"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_that_of_mm_without_its_idle_ones(name: str) -> None:
    case = CASES[name]
    animation = timeline(case)
    for step, measured in enumerate(busy(case)):
        frame = animation.frame(step)
        assert_masks(frame, measured["masks"])
        assert_planes(frame, measured["planes"])
        if "result" in measured:
            shown = frame[""].values.reshape(-1)
            np.testing.assert_allclose(shown, measured["result"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["whole"]])
def test_the_animation_takes_as_many_steps_as_mm_has_busy_ones(name: str) -> None:
    assert timeline(CASES[name]).steps == len(busy(CASES[name]))
