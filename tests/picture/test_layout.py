"""Layout: every matrix stands where mm stands it, and single products may do otherwise than the rest."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.errors import SceneError
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.scene.keys.options import LayoutOptions, MatrixLayout, Scheme
from mmviz.scene.language.tree import ElementwiseNode, LeafNode, ProductNode
from mmviz.scene.mm.importer import document_from_mm
from tests.picture.trees import FACINGS, cuboid, facing, measured_tree, options

ORACLE = json.loads(Path(__file__).with_name("layout_oracle.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in ORACLE["cases"]}
# Parent, left child, right child; source: mm's scheme `blocks`, measured.
CHILDREN = [
    "NLTF PLBB PRTB",
    "NLTB PRBB PRBB",
    "NLBF PLTB PRTF",
    "NLBB PRTB PRBF",
    "NRTF PLBF PLTB",
    "NRTB PRBF PLBB",
    "NRBF PLTF PLTF",
    "NRBB PRTF PLBF",
    "PLTF NRBF NRBF",
    "PLTB NLBF NRTF",
    "PLBF NRTF NRBB",
    "PLBB NLTF NRTB",
    "PRTF NRBB NLBF",
    "PRTB NLBB NLTF",
    "PRBF NRTB NLBB",
    "PRBB NLTB NLTB",
]


def measured_layout(case: dict[str, Any]) -> Layout:
    return Scene.of(document_from_mm(case["params"]), Path()).layout()


def test_the_measured_cases_show_everything() -> None:
    products = [product for case in CASES.values() for product in case["products"].values()]
    layouts = [case["params"]["layout"] for case in CASES.values()]
    assert {product["facing"] for product in products} == set(FACINGS)
    assert {layout["scheme"] for layout in layouts} == set(get_args(Scheme))
    assert {layout["gap"] for layout in layouts} == {0, 1, 2, 4, 5, 8, 10, 24}
    assert {np.sign(layout["blast"]) for layout in layouts if layout["scatter"]} == {-1, 0, 1}
    assert any(0 < size < 12 for product in products for size in product["blocks"])
    assert any(distance > 0 for product in products for distance in product["scatter"])


@pytest.mark.parametrize("name", CASES)
def test_every_element_stands_where_mm_stands_it(name: str) -> None:
    case = CASES[name]
    layout = measured_layout(case)
    assert set(layout) == set(case["matrices"])
    for path, (*corners, (i, j, middle)) in case["matrices"].items():
        rows, columns = layout[path].shape
        found = layout[path].element([0, 0, rows - 1, rows - 1, i], [0, columns - 1, 0, columns - 1, j])
        np.testing.assert_allclose(found, [*corners, middle], rtol=0, atol=1e-5, err_msg=path)


@pytest.mark.parametrize("name", CASES)
def test_every_cuboid_and_the_whole_box_are_those_of_mm(name: str) -> None:
    case = CASES[name]
    layout = measured_layout(case)
    assert set(layout.cubes) == set(case["products"])
    for path, measured in case["products"].items():
        cube = layout.cubes[path]
        np.testing.assert_allclose(cuboid(cube), measured["box"], rtol=0, atol=1e-5, err_msg=path)
        sizes = [block or size for block, size in zip(cube.blocks, cube.shape, strict=True)]
        assert sizes == measured["blocks"], path
    np.testing.assert_allclose(layout.box, case["box"], rtol=0, atol=1e-5)


def swapped(code: str, place: int) -> str:
    """A facing with its left or right argument on the other side."""
    other = str.maketrans("LRTB", "RLBT")
    return code[:place] + code[place].translate(other) + code[place + 1 :]


@pytest.mark.parametrize("codes", CHILDREN)
def test_arguments_face_as_in_mm(codes: str) -> None:
    parent, left, right = codes.split()
    assert facing(parent).of_left("blocks") == facing(left)
    assert facing(parent).of_right("blocks") == facing(right)
    assert facing(parent).of_left("zigzag") == facing(swapped(left, 2))
    assert facing(parent).of_right("zigzag") == facing(swapped(right, 1))
    assert facing(parent).of_left("wheel") == facing(parent).of_right("wheel") == facing(parent)


def test_the_root_faces_as_the_options_say() -> None:
    tree = measured_tree([[2, 3], [3, 4]])
    for code in FACINGS:
        layout = lay_out(tree.root, tree.shapes, options(code, 4.0))
        cube, center = layout.cubes[""], layout.cubes[""].center()
        assert (cube.inward[2] < 0) == (code[0] == "P")  # positive: away from the front
        assert (layout["left"].origin[0] > center[0]) == (code[1] == "R")
        assert (layout["right"].origin[1] < center[1]) == (code[2] == "B")
        assert (layout[""].origin[2] < center[2]) == (code[3] == "B")


# What single products and sums do otherwise.


def chain_layout(**layout: Any) -> Layout:
    """((A @ B) @ C) @ D, (2, 3) @ (3, 4) @ (4, 5) @ (5, 6), positive: the root's left argument is at x <= 0."""
    tree = measured_tree([[[[2, 3], [3, 4]], [4, 5]], [5, 6]])
    return lay_out(tree.root, tree.shapes, LayoutOptions.model_validate({"polarity": "positive", **layout}))


def sides(layout: Layout) -> dict[str, list[float]]:
    """x, y and z of each cuboid."""
    found = {path: np.ptp(cuboid(cube), axis=0) for path, cube in layout.cubes.items()}
    return {path: side.round(9).tolist() for path, side in found.items()}


def test_a_gap_of_its_own_is_handed_on_and_changes_nothing_above() -> None:
    plain, own = chain_layout(gap=4), chain_layout(gap=4, matrices={"left": {"gap": 1}})
    assert sides(own)[""] == sides(plain)[""] == [13, 9, 12]
    # left: (2, 4) @ (4, 5), its j along the root's k; left.left: (2, 3) @ (3, 4), its j along left's k.
    assert sides(own)["left"] == [5, 3, 6]
    assert sides(own)["left.left"] == [5, 3, 4]
    back = chain_layout(gap=4, matrices={"left": {"gap": 1}, "left.left": {"gap": 4}})
    assert sides(back)["left.left"] == sides(plain)["left.left"] == [11, 9, 10]


def test_the_corners_of_both_frames_meet_whatever_their_gaps() -> None:
    """mm's rule: a child's point (x, y, z) goes to (-z, y, x), whatever gap lies between point and element."""
    layout = chain_layout(gap=4, matrices={"left": {"gap": 1}})
    root, left = cuboid(layout.cubes[""]), cuboid(layout.cubes["left"])
    assert left[1, 0] == root[0, 0]  # x: outside of the root, touching it
    assert left[1, 1] == root[1, 1]  # y = 0 of both frames; the world's y runs up
    assert left[1, 2] == root[1, 2]  # x = 0 of the child is z = 0 of the root


@pytest.mark.parametrize("key", ["left", "named"])
def test_scatter_moves_the_arguments_of_the_products_below(key: str) -> None:
    tree = measured_tree([[[[2, 3], [3, 4]], [4, 5]], [5, 6]])
    assert isinstance(tree.root, ProductNode)
    root = replace(tree.root, left=replace(tree.root.left, name="named"))
    own = lay_out(root, tree.shapes, LayoutOptions(polarity="positive", matrices={key: MatrixLayout(scatter=7)}))
    plain = chain_layout()
    for path, cube in own.cubes.items():
        moved = cuboid(cube) - cuboid(own.cubes[""]) - (cuboid(plain.cubes[path]) - cuboid(plain.cubes[""]))
        np.testing.assert_allclose(np.abs(moved).max(), 7 if path == "left.left" else 0, atol=1e-9)


@pytest.mark.parametrize(
    ("molecule", "blast", "left", "left_left"),
    [
        (1, 0, 10, 10),
        (2, 0, 10, 0),
        (3, 0, 0, 0),
        (0, 1, 20, 10),
        (1, 1.5, 10 * 2**1.5, 10),
        (1, -1, 10 * (3 - 2), 10 * (3 - 1)),
        (1, -0.5, 10, 10 * 2**0.5),
    ],
)
def test_an_argument_is_as_far_away_as_its_size_and_the_blast_say(
    molecule: int, blast: float, left: float, left_left: float
) -> None:
    """The whole has 3 products, the left argument 2, and its left argument 1."""
    layout = chain_layout(scatter=10, molecule=molecule, blast=blast)
    root, first, second = (cuboid(layout.cubes[path]) for path in ("", "left", "left.left"))
    assert root[0, 0] - first[1, 0] == pytest.approx(left)
    assert outside(first, second) == pytest.approx(left_left)


def outside(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The distance of two boxes."""
    return float(np.maximum(a[0] - b[1], b[0] - a[1]).max())


def test_leaves_are_scattered_without_molecules_only() -> None:
    plain, moved = chain_layout(), chain_layout(scatter=5, molecule=0)
    right = (plain["right"].origin - plain[""].origin, moved["right"].origin - moved[""].origin)
    np.testing.assert_allclose(right[1] - right[0], [0, 5, 0])


def test_a_distance_beyond_all_measure_is_refused() -> None:
    with pytest.raises(SceneError) as problem:
        chain_layout(scatter=2, blast=1e300)
    assert str(problem.value) == (
        "layout: scatter 2 and blast 1e+300 move left away by inf cells; at most 1,000,000 are possible."
    )


def test_custom_arguments_face_as_they_say_and_else_as_their_consumer() -> None:
    matrices: dict[str, Any] = {"left": {"polarity": "negative", "result": "back", "scheme": "wheel"}}
    layout = chain_layout(scheme="custom", matrices={**matrices, "left.left": {"result": "front"}})
    cube, middle = layout.cubes["left"], layout.cubes["left"].center()
    toward_result = (layout["left"].center() - middle) @ cube.inward
    assert toward_result < 0  # negative: k = 0 is at the back, where the result is
    below = layout.cubes["left.left"]
    assert (layout["left.left"].center() - below.center()) @ below.inward < 0  # wheel: as its consumer


def test_a_term_of_a_sum_with_a_gap_of_its_own_stands_behind_the_sum_element_by_element() -> None:
    """X + (U @ V), as in a residual: mm has no sums, and here what is added up stays one behind the other."""
    product = ProductNode("right", "uv", LeafNode("right.left", "U", "U"), LeafNode("right.right", "V", "V"))
    root = ElementwiseNode("", "out", LeafNode("left", "X", "X"), product, "+")
    shapes = {"": (2, 3), "left": (2, 3), "right": (2, 3), "right.left": (2, 5), "right.right": (5, 3)}
    layout = lay_out(root, shapes, LayoutOptions(matrices={"uv": MatrixLayout(gap=1)}))
    step = layout["right"].element([0, 1], [0, 2]) - layout[""].element([0, 1], [0, 2])
    np.testing.assert_allclose(step[:, :2], 0, atol=1e-9)
    assert layout.cubes["right"].gap == 1
