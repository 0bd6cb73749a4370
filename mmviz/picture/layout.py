"""Where every matrix and every cube of products stands in space; no numbers, no time.

A product is a cuboid [0, X] x [0, Y] x [0, Z] with x = j, y = i, z = k. Its result, left and right matrix lie on
three of its faces, each inset by the gap. An argument that is itself a product is turned so that its own result
becomes the face, and lies wholly outside its consumer. In the world the root's j runs right, its i runs down,
its front faces +z, and the centre of the bounding box is the origin.

Source: the geometry of mm (bhosmer/mm), measured.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from mmviz.picture.placement import Placement, Vector
from mmviz.scene.options import LayoutOptions
from mmviz.scene.shapes import Shape
from mmviz.scene.tree import LeafNode, Node, ProductNode, SumNode


@dataclass(frozen=True, slots=True)
class Facing:
    """On which faces of its cuboid a product wears its three matrices, and which way k runs."""

    positive: bool = False  # k runs along +z, from the near face to the far one
    left_at_right: bool = False
    right_at_bottom: bool = False
    result_at_back: bool = False

    def of_left(self) -> "Facing":
        """The facing of a left argument, scheme blocks: its result touches this cuboid, polarity alternates."""
        return Facing(
            positive=not self.positive,
            left_at_right=self.positive != self.result_at_back,
            right_at_bottom=not self.right_at_bottom,
            result_at_back=self.positive == self.left_at_right,
        )

    def of_right(self) -> "Facing":
        """The facing of a right argument, scheme blocks."""
        return Facing(
            positive=not self.positive,
            left_at_right=not self.left_at_right,
            right_at_bottom=self.positive != self.result_at_back,
            result_at_back=self.positive == self.right_at_bottom,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """The products of one matrix product: L[i, k] * R[k, j] sits at origin + i*down + j*across + k*inward."""

    shape: tuple[int, int, int]  # i, k, j
    origin: Vector  # centre of (0, 0, 0), in cells
    down: Vector  # step of i
    across: Vector  # step of j
    inward: Vector  # step of k

    def element(self, i: ArrayLike, k: ArrayLike, j: ArrayLike) -> Vector:
        """(..., 3) position of the product L[i, k] * R[k, j], in cells; fractions are allowed."""
        rows, inner, columns = (np.asarray(index, float)[..., None] for index in (i, k, j))
        return self.origin + rows * self.down + columns * self.across + inner * self.inward

    def center(self) -> Vector:
        """(3,) middle of the cube, in cells."""
        i, k, j = ((size - 1) / 2 for size in self.shape)
        return self.element(i, k, j)


@dataclass(frozen=True, slots=True, eq=False)
class Layout(Mapping[str, Placement]):
    """The placement of every matrix by its path, and the cube of every product."""

    placements: Mapping[str, Placement]
    cubes: Mapping[str, Cube]
    box: Vector  # (2, 3): lowest and highest corner of everything, in cells

    def __getitem__(self, path: str) -> Placement:
        return self.placements[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.placements)

    def __len__(self) -> int:
        return len(self.placements)


def lay_out(root: Node, shapes: Mapping[str, Shape], options: LayoutOptions) -> Layout:
    """Place every matrix of a tree.

    Args:
        root: The tree.
        shapes: Rows and columns of the matrix at each path.
        options: Scheme, gap and the root's facing.

    Returns:
        Placements in the world, in cells.
    """
    facing = Facing(
        positive=options.polarity == "positive",
        left_at_right=options.left == "right",
        right_at_bottom=options.right == "bottom",
        result_at_back=options.result == "back",
    )
    part = _Builder(shapes, options.gap).part(root, facing)
    turn = np.diag([1.0, -1.0, -1.0])
    box = _bounds(part.box @ turn.T)
    return part.moved(turn, -box.mean(axis=0)).layout(box - box.mean(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A subtree in the frame of its own root."""

    depth: float  # Z of the root's cuboid
    box: Vector  # (2, 3): lowest and highest corner
    placements: dict[str, Placement]
    cubes: dict[str, Cube]

    def moved(self, turn: Vector, shift: Vector) -> "_Part":
        """The same after p -> turn @ p + shift."""
        placements = {
            path: replace(p, origin=turn @ p.origin + shift, down=turn @ p.down, across=turn @ p.across)
            for path, p in self.placements.items()
        }
        cubes = {
            path: replace(
                c,
                origin=turn @ c.origin + shift,
                down=turn @ c.down,
                across=turn @ c.across,
                inward=turn @ c.inward,
            )
            for path, c in self.cubes.items()
        }
        return _Part(self.depth, _bounds(self.box @ turn.T + shift), placements, cubes)

    def layout(self, box: Vector) -> Layout:
        return Layout(self.placements, self.cubes, box)


def _bounds(points: Vector) -> Vector:
    return np.stack([points.min(axis=0), points.max(axis=0)])


def _joined(depth: float, box: Vector, parts: list[_Part], placements: dict[str, Placement]) -> _Part:
    cubes: dict[str, Cube] = {}
    for part in parts:
        placements |= part.placements
        cubes |= part.cubes
    return _Part(depth, _bounds(np.concatenate([box, *(part.box for part in parts)])), placements, cubes)


class _Builder:
    def __init__(self, shapes: Mapping[str, Shape], gap: float) -> None:
        self.shapes = shapes
        self.gap = gap

    def part(self, node: Node, facing: Facing) -> _Part:
        match node:
            case LeafNode():
                return self.leaf(node)
            case ProductNode():
                return self.product(node, facing)
            case SumNode():
                return self.sum(node, facing)

    def extent(self, size: int) -> float:
        """Length of a cuboid along an axis of `size` elements."""
        return size + 2 * self.gap - 1

    def sheet(self, path: str, z: float) -> Placement:
        """A matrix in the plane z of its own frame: columns along +x, rows along +y, inset by the gap."""
        origin = np.array([self.gap, self.gap, z])
        return Placement(self.shapes[path], origin, np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]))

    def face(self, path: str, depth: float) -> Vector:
        rows, columns = self.shapes[path]
        return np.array([[0.0, 0.0, 0.0], [self.extent(columns), self.extent(rows), depth]])

    def leaf(self, node: LeafNode) -> _Part:
        return _Part(0.0, self.face(node.path, 0.0), {node.path: self.sheet(node.path, 0.0)}, {})

    def product(self, node: ProductNode, facing: Facing) -> _Part:
        size = self.shapes[node.left.path][1]
        depth = self.extent(size)
        box = self.face(node.path, depth)
        width, height, _ = box[1]
        left = self.part(node.left, facing.of_left())
        right = self.part(node.right, facing.of_right())
        parts = [
            left.moved(*_left_map(facing, width, depth, left.depth)),
            right.moved(*_right_map(facing, height, depth, right.depth)),
        ]
        # Leaves lie on the cuboid's own faces and do not widen the box.
        parts = [
            replace(part, box=box) if isinstance(argument, LeafNode) else part
            for part, argument in zip(parts, (node.left, node.right), strict=True)
        ]
        joined = _joined(depth, box, parts, {node.path: self.sheet(node.path, depth if facing.result_at_back else 0.0)})
        joined.cubes[node.path] = self.cube(node.path, size, facing, depth)
        return joined

    def cube(self, path: str, size: int, facing: Facing, depth: float) -> Cube:
        rows, columns = self.shapes[path]
        x, y, z = np.eye(3)
        near = np.array([self.gap, self.gap, self.gap if facing.positive else depth - self.gap])
        return Cube((rows, size, columns), near, y, x, z if facing.positive else -z)

    def sum(self, node: SumNode, facing: Facing) -> _Part:
        """The terms stand one behind the other along the normal, away from the consumer."""
        parts: list[_Part] = []
        depth = 0.0
        for term in (node.left, node.right):
            part = self.part(term, replace(facing, result_at_back=False))
            depth += max(self.gap, 1.0)
            part = part.moved(np.eye(3), np.array([0.0, 0.0, depth - part.box[0, 2]]))
            depth = part.box[1, 2]
            parts.append(part)
        joined = _joined(depth, self.face(node.path, 0.0), parts, {node.path: self.sheet(node.path, 0.0)})
        if not facing.result_at_back:
            return joined
        return joined.moved(np.diag([1.0, 1.0, -1.0]), np.array([0.0, 0.0, depth]))


def _left_map(facing: Facing, width: float, depth: float, child: float) -> tuple[Vector, Vector]:
    """How a left argument's frame lies in its consumer's: the child's x becomes z, its z points outward."""
    if facing.positive:
        turn = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
        return turn, np.array([width + child if facing.left_at_right else 0.0, 0.0, 0.0])
    turn = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    return turn, np.array([width if facing.left_at_right else -child, 0.0, depth])


def _right_map(facing: Facing, height: float, depth: float, child: float) -> tuple[Vector, Vector]:
    """How a right argument's frame lies in its consumer's: the child's y becomes z, its z points outward."""
    if facing.positive:
        turn = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
        return turn, np.array([0.0, height + child if facing.right_at_bottom else 0.0, 0.0])
    turn = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    return turn, np.array([0.0, height if facing.right_at_bottom else -child, depth])
