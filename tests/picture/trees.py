"""Trees with the shapes of their matrices: mm's measured ones, and any others as strategies for hypothesis."""

from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.space.cube import Cube
from mmviz.picture.space.facing import Facing
from mmviz.scene.keys.options import Counts, LayoutOptions, Scheme
from mmviz.scene.keys.partition import Blocks, partition
from mmviz.scene.language.expression import Sign
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import ElementwiseNode, LeafNode, Node, ProductNode, child, walk

FACINGS = ["".join(letters) for letters in product("NP", "LR", "TB", "FB")]


@dataclass(frozen=True)
class Tree:
    """A tree with the shape of each of its matrices."""

    root: Node
    shapes: dict[str, Shape]

    def __repr__(self) -> str:
        return f"{self.root.name} {self.shapes}"


def facing(code: str) -> Facing:
    return Facing(*(letter == second for letter, second in zip(code, "PRBB", strict=True)))


def options(code: str, gap: float, scheme: Scheme = "blocks", **more: Any) -> LayoutOptions:
    return LayoutOptions(
        **more,
        scheme=scheme,
        gap=gap,
        polarity="positive" if code[0] == "P" else "negative",
        left="right" if code[1] == "R" else "left",
        right="bottom" if code[2] == "B" else "top",
        result="back" if code[3] == "B" else "front",
    )


def measured_tree(tree: Any, path: str = "") -> Tree:
    """The tree of one of mm's cases: [rows, columns] of a matrix, [left, right] of a product."""
    left, right = tree
    if isinstance(left, int):
        return Tree(LeafNode(path, path, path), {path: (left, right)})
    a, b = (measured_tree(side, child(path, name)) for side, name in ((left, "left"), (right, "right")))
    shape = (a.shapes[a.root.path][0], b.shapes[b.root.path][1])
    return Tree(ProductNode(path, path, a.root, b.root), {**a.shapes, **b.shapes, path: shape})


def cuboid(cube: Cube) -> NDArray[np.float64]:
    """(2, 3): lowest and highest corner of a product's cuboid, its gap included."""
    points = cube.corners()
    return np.stack([points.min(axis=0) - cube.gap, points.max(axis=0) + cube.gap])


schemes: st.SearchStrategy[Scheme] = st.sampled_from(["blocks", "zigzag"])


@st.composite
def cut_trees(draw: st.DrawFn, depth: int) -> tuple[Tree, dict[str, tuple[Blocks, Blocks]]]:
    """A tree and a partition of it."""
    tree = draw(trees(depth))
    counts = st.none() | st.integers(1, 6)
    of_product = st.builds(Counts, k=counts)
    cuts: dict[str, int | Counts] = {node.path: draw(of_product) for node in products(tree)}
    cuts |= {letter: count for letter in "ij" if (count := draw(counts)) is not None}
    unnamed = dict.fromkeys(tree.shapes, ("", ""))
    return tree, partition(tree.root, tree.shapes, unnamed, cuts)


def products(tree: Tree) -> list[ProductNode]:
    return [node for node in walk(tree.root) if isinstance(node, ProductNode)]


@st.composite
def trees(draw: st.DrawFn, depth: int) -> Tree:
    """A tree of at most `depth` operators one in the other."""
    shapes: dict[str, Shape] = {}
    sizes = st.integers(1, 5)
    operators: list[Sign | Literal["@"]] = ["@", "+", "-", "*"]

    def grow(path: str, rows: int, columns: int, left: int) -> Node:
        shapes[path] = (rows, columns)
        if left == 0 or (path and draw(st.integers(0, 4)) == 0):
            return LeafNode(path, path, path)
        operator = draw(st.sampled_from(operators))
        inner = (draw(sizes),) * 2 if operator == "@" else (columns, rows)
        a = grow(child(path, "left"), rows, inner[0], left - 1)
        b = grow(child(path, "right"), inner[1], columns, left - 1)
        name = f"({a.name} {operator} {b.name})"
        if operator == "@":
            return ProductNode(path, name, a, b)
        return ElementwiseNode(path, name, a, b, operator)

    return Tree(grow("", draw(sizes), draw(sizes), depth), shapes)


facings = st.sampled_from(FACINGS)
gaps = st.sampled_from([0.0, 0.3, 1.0, 2.5, 4.0, 100.0])


def grid(rows: int, columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return i, j
