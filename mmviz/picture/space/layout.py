"""Where every matrix and every cube of products stands in space; no numbers, no time.

A product is a cuboid [0, X] x [0, Y] x [0, Z] with x = j, y = i, z = k. Its result, left and right matrix lie on
three of its faces, each inset by the gap. An argument that is itself a product is turned so that the face is a slice
of its own cuboid, and lies wholly outside its consumer, moved away from it by the scatter. In the world the root's j
runs right, its i runs down, its front faces +z, and the centre of the bounding box is the origin. Several roots stand
side by side (`side_by_side.py`).

A sum, difference or elementwise product is a sheet with its two terms behind it, element behind element: first the
left one, then the right one, each with all that it is made of, and a space before each. A term that is a product has
its cube beyond its sheet. What is added to attention scores stands beside them (`beside_scores.py`). The function that
a matrix wears, with its vectors, is no sheet of its own: the matrix shows the result. A transpose is read at the
leaves, and a name that is used twice is one matrix in two places.

Source: the geometry of products is that of mm (bhosmer/mm), measured; that of sums is ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mmviz.errors import SceneError
from mmviz.picture.space.beside_scores import BEHIND, BiasedScores, biased_scores, corner
from mmviz.picture.space.cube import Cube
from mmviz.picture.space.facing import Facing
from mmviz.picture.space.gap import relative_gap
from mmviz.picture.space.head_grid import Heads, below, places, sums_of_heads
from mmviz.picture.space.joining import begins, free_depth
from mmviz.picture.space.part import Part, joined
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.selecting import (
    place_of,
    shown_elsewhere,
)
from mmviz.picture.space.side_by_side import (
    Beside,
    arranged,
)
from mmviz.scene.keys.options import LayoutOptions, MatrixLayout
from mmviz.scene.keys.partition import Blocks
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
    Tree,
    arguments,
    computed,
    products,
    roots,
    walk,
)

FARTHEST = 1e6
"""Farthest that scatter moves an argument, in cells."""
HEAD_SPACE = 0.4
"""Between heads in a grid, as a share of the lower side of one, and of the width of their sum from that."""
USUAL = (-1.0, 1.0, 1.0)
"""Toward the eye of a scene that says none."""
ONCE = (1, 1)
"""The folds of a matrix of which nothing is said."""
TERM_SPACE = 0.2
"""Least distance of the sheets of a sum, as a share of the side of a square as large as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout(Mapping[str, Placement]):
    """The placement of every matrix by its path, and the cube of every product."""

    placements: Mapping[str, Placement]
    cubes: Mapping[str, Cube]
    box: Vector  # (2, 3): lowest and highest corner of all cuboids, in cells
    unseen: frozenset[str] = frozenset()  # paths of matrices whose slices stand alone, for they are shown elsewhere
    grids: Mapping[str, Heads] = field(default_factory=dict)  # by the path of their sum, heads that stand beside it
    roots: Mapping[str, Vector] = field(default_factory=dict)  # (2, 3) by path: the box of each of several roots

    @property
    def merged(self) -> frozenset[str]:
        """The paths of what is not shown: sums where the sum of a grid is, and what slices of it stand for."""
        return self.unseen | {path for heads in self.grids.values() for path in heads.between}

    @property
    def repeated(self) -> frozenset[str]:
        """The paths of all that heads in a grid are made of, but for the first one."""
        later = (term for heads in self.grids.values() for term in heads.terms[1:])
        return frozenset(node.path for term in later for node in below(term))

    @property
    def named_in_each(self) -> frozenset[str]:
        """The paths of what is named in every head of a grid."""
        return frozenset(path for heads in self.grids.values() for path in heads.named)

    def __getitem__(self, path: str) -> Placement:
        return self.placements[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.placements)

    def __len__(self) -> int:
        return len(self.placements)


def lay_out(
    root: Tree,
    shapes: Mapping[str, Shape],
    options: LayoutOptions,
    blocks: Mapping[str, tuple[Blocks, Blocks]] | None = None,
    folds: Mapping[str, tuple[float, float]] | None = None,
    *,
    grid: bool = False,
    toward: tuple[float, float, float] = USUAL,
) -> Layout:
    """Place every matrix of a tree.

    Args:
        root: The tree.
        shapes: Rows and columns of the matrix at each path.
        options: Scheme, gap, scatter and facing of the root, and what single products and sums do otherwise.
        blocks: Blocks of the rows and columns of the matrix at each path; by default nothing is cut.
        folds: How many rows and how many columns of the matrix at each path share the length of a cell; by default
            each has its own.
        grid: The heads of a layer stand in a grid beside their sum, instead of one behind the other.
        toward: The eye that sees several roots side by side.

    Returns:
        Placements in the world, in cells.

    Raises:
        SceneError: scatter and blast move an argument farther than a million cells.
    """
    blocks, folds = blocks or {}, folds or {}
    sides = {
        path: (rows / folds.get(path, ONCE)[0], columns / folds.get(path, ONCE)[1])
        for path, (rows, columns) in shapes.items()
    }
    heads = sums_of_heads(root) if grid else {}
    builder = _Builder(root, shapes, blocks, folds, relative_gap(root, sides, blocks), heads)
    standing = [builder.root(node, options) for node in roots(root)]
    apart = None if options.apart == "auto" else options.apart
    part, boxes = (
        (standing[0].part, []) if len(standing) == 1 else arranged(standing, options.roots, apart, np.array(toward))
    )
    middle = part.box.mean(axis=0)
    part = part.moved(np.eye(3), -middle)
    several = {node.path: box - middle for node, box in zip(roots(root), boxes, strict=False)}
    return Layout(part.placements, part.cubes, part.box, builder.unseen, heads, several)


def _own(node: Node, options: LayoutOptions) -> MatrixLayout:
    """What a product or sum says itself."""
    if not computed(node):
        return MatrixLayout()
    return options.matrices.get(node.path) or options.matrices.get(node.name) or MatrixLayout()


def _chosen(node: Node, consumer: LayoutOptions, facing: Facing) -> Facing:
    """The facing that a scheme gives an argument, or in custom with what the argument says itself."""
    return facing.overlaid(_own(node, consumer)) if consumer.scheme == "custom" else facing


def _facing_of_term(node: Node, consumer: LayoutOptions, facing: Facing) -> Facing:
    """As `_chosen`, of a term of a sum, whose result is toward the sum."""
    return replace(_chosen(node, consumer, facing), result_at_back=False)


def _side(sheet: Placement) -> float:
    """Of a square as large as a matrix, in cells."""
    return float(np.sqrt(np.prod(np.add(sheet.reach, 1.0))))


class _Builder:
    def __init__(
        self,
        root: Tree,
        shapes: Mapping[str, Shape],
        blocks: Mapping[str, tuple[Blocks, Blocks]],
        folds: Mapping[str, tuple[float, float]],
        gap: float,
        heads: Mapping[str, Heads],
    ) -> None:
        self.shapes = shapes
        self.blocks = blocks
        self.folds = folds
        self.relative_gap = gap  # where none is said, in cells
        self.heads = heads  # by the path of their sum, where they stand in a grid
        self.at: Node = roots(root)[0]  # the root that is being placed
        self.grids_end = 0.0  # how far below the middle of their sums grids at the left reach so far, in cells
        self.unseen = frozenset(shown_elsewhere(root))
        self.products: dict[str, int] = {}  # path -> how many products are made for the matrix there
        made = {node.path for node in products(root)}
        for node in walk(root):
            self.products[node.path] = sum(self.products[argument.path] for argument in arguments(node))
            self.products[node.path] += node.path in made

    def root(self, node: Node, options: LayoutOptions) -> Beside:
        """A root in the world, but for where it stands: its j runs right, its i runs down, its front faces +z."""
        self.at, self.grids_end = node, 0.0
        options = options.inherited(_own(node, options))
        part = self.part(node, options, Facing().overlaid(options)).moved(np.diag([1.0, -1.0, -1.0]), np.zeros(3))
        return Beside(part, part.placements[node.path].center())

    def part(self, node: Node, options: LayoutOptions, facing: Facing) -> Part:  # noqa: PLR0911  (a case for each kind)
        match node:
            case LeafNode():
                gap = self.gap(options)
                face = self.face(node.path, 0.0, gap)
                return Part(0.0, face, {node.path: self.sheet(node.path, 0.0, gap)}, {})
            case ProductNode():
                return self.product(node, options, facing)
            case ElementwiseNode():
                if node.path in self.heads:
                    return self.grid(node, options, facing)
                scores = biased_scores(node)
                return self.biased(node, scores, options, facing) if scores else self.sum(node, options, facing)
            case JoinNode():
                return self.join(node, options, facing)
            case CutNode() | ReducedNode():
                return self.before_whole(node, options, facing)
            case TakenNode():
                return self.taken(node, options, facing)

    def gap(self, options: LayoutOptions) -> float:
        """In cells."""
        return self.relative_gap if options.gap == "auto" else options.gap

    def argument(self, node: Node, consumer: LayoutOptions, facing: Facing) -> Part:
        """An argument or term; options that it does not set itself are those of its consumer."""
        return self.part(node, consumer.inherited(_own(node, consumer)), facing)

    def distance(self, node: Node, consumer: LayoutOptions) -> float:
        """How far an argument or term is moved away from its consumer, in cells.

        Raises:
            SceneError: farther than FARTHEST.
        """
        products = self.products[node.path]
        if products < consumer.molecule or consumer.scatter == 0:
            return 0.0
        base = products if consumer.blast >= 0 else self.products[self.at.path] - products
        try:
            distance: float = consumer.scatter * float(base) ** abs(consumer.blast)
        except OverflowError:
            distance = float("inf")
        if distance > FARTHEST:
            raise SceneError(
                f"layout: scatter {consumer.scatter:g} and blast {consumer.blast:g} move {node.name} away by "
                f"{distance:.3g} cells; at most {FARTHEST:,.0f} are possible."
            )
        return distance

    def blocks_of(self, path: str) -> tuple[int, int]:
        """Rows and columns of a block; 0: one block."""
        if path not in self.blocks:
            return 0, 0
        rows, columns = (axis.size if axis.count > 1 else 0 for axis in self.blocks[path])
        return rows, columns

    def sheet(self, path: str, z: float, gap: float) -> Placement:
        """A matrix in the plane z of its own frame: columns along +x, rows along +y, inset by the gap."""
        x, y, _ = np.eye(3)
        rows, columns = self.folds.get(path, ONCE)
        down, across = self.inset(path, gap)
        origin = np.array([across, down, z])
        return Placement(self.shapes[path], origin, y / rows, x / columns, *self.blocks_of(path), gap)

    def inset(self, path: str, gap: float) -> tuple[float, float]:
        """From the sides of a face to its outermost rows and columns: the gap, and what is drawn longer than a cell."""
        down, across = (gap + 0.5 * (max(1.0, 1 / fold) - 1) for fold in self.folds.get(path, ONCE))
        return down, across

    def face(self, path: str, depth: float, gap: float) -> Vector:
        """(2, 3): the corners of a cuboid behind a matrix, with the gap around it."""
        (height, width), (down, across) = self.sheet(path, 0.0, gap).reach, self.inset(path, gap)
        return np.array([[0.0, 0.0, 0.0], [width + 2 * across, height + 2 * down, depth]])

    def product(self, node: ProductNode, options: LayoutOptions, facing: Facing) -> Part:
        gap = self.gap(options)
        depth = self.sheet(node.left.path, 0.0, gap).reach[1] + 2 * self.inset(node.left.path, gap)[1]
        box = self.face(node.path, depth, gap)
        width, height, _ = box[1]
        left = self.argument(node.left, options, _chosen(node.left, options, facing.of_left(options.scheme)))
        right = self.argument(node.right, options, _chosen(node.right, options, facing.of_right(options.scheme)))
        parts = [
            left.moved(*_left_map(facing, width, depth, left.depth, self.distance(node.left, options))),
            right.moved(*_right_map(facing, height, depth, right.depth, self.distance(node.right, options))),
        ]
        # Leaves lie on the cuboid's own faces and do not widen the box.
        parts = [
            part if computed(argument) else replace(part, box=box)
            for part, argument in zip(parts, (node.left, node.right), strict=True)
        ]
        result = self.sheet(node.path, depth if facing.result_at_back else 0.0, gap)
        whole = joined(depth, box, parts, {node.path: result})
        whole.cubes[node.path] = self.cube(node, facing, depth, gap)
        return whole

    def cube(self, node: ProductNode, facing: Facing, depth: float, gap: float) -> Cube:
        rows, columns = self.shapes[node.path]
        inner = self.shapes[node.left.path][1]
        (row_fold, column_fold), (_, inner_fold) = (self.folds.get(path, ONCE) for path in (node.path, node.left.path))
        (row_block, column_block), (_, inner_block) = self.blocks_of(node.path), self.blocks_of(node.left.path)
        x, y, z = np.eye(3)
        (down, across), (_, deep) = (self.inset(path, gap) for path in (node.path, node.left.path))
        near = np.array([across, down, deep if facing.positive else depth - deep])
        inward = z if facing.positive else -z
        blocks = (row_block, inner_block, column_block)
        last = facing.positive == facing.result_at_back
        steps = y / row_fold, x / column_fold, inward / inner_fold
        return Cube((rows, inner, columns), near, *steps, blocks, gap, facing.positive, last)

    def sum(self, node: ElementwiseNode, options: LayoutOptions, facing: Facing) -> Part:
        """The terms stand one behind the other along the normal, away from the consumer, element behind element.

        Each comes after everything that the one before it is made of, so that nothing overlaps.
        """
        gap = self.gap(options)
        sheet = self.sheet(node.path, 0.0, gap)
        space = max(gap, 1.0, TERM_SPACE * _side(sheet))
        parts: list[Part] = []
        depth = 0.0
        for term in (node.left, node.right):
            part = self.argument(term, options, _facing_of_term(term, options, facing))
            depth += space + self.distance(term, options)
            shift = sheet.origin - part.placements[term.path].origin
            part = part.moved(np.eye(3), np.array([shift[0], shift[1], depth - part.box[0, 2]]))
            depth = part.box[1, 2]
            parts.append(part)
        return self.with_terms(node, sheet, parts, facing)

    def biased(self, node: ElementwiseNode, terms: BiasedScores, options: LayoutOptions, facing: Facing) -> Part:
        """Scores behind their sum with a bias, and the bias in the corner that the cubes of the scores leave free."""
        gap = self.gap(options)
        sheet = self.sheet(node.path, 0.0, gap)
        near, far = (max(gap, 1.0, share * _side(sheet)) for share in (TERM_SPACE, BEHIND))
        faces = _facing_of_term(terms.scores, options, facing)
        scores = self.argument(terms.scores, options, faces)
        bias = self.argument(terms.bias, options, facing)
        behind = sheet.origin + np.array([0.0, 0.0, far + self.distance(terms.scores, options) - scores.box[0, 2]])
        apart = near + 2 * gap + self.distance(terms.bias, options)
        beside = behind + corner(faces, (*sheet.reach, scores.box[1, 2]), apart)
        parts = [
            part.moved(np.eye(3), place - part.placements[term.path].origin)
            for part, term, place in ((scores, terms.scores, behind), (bias, terms.bias, beside))
        ]
        return self.with_terms(node, sheet, parts, facing)

    def join(self, node: JoinNode, options: LayoutOptions, facing: Facing) -> Part:
        """Every part behind its own rows or columns, as near as those before it let it be."""
        gap = self.gap(options)
        sheet = self.sheet(node.path, 0.0, gap)
        space = max(gap, 1.0, TERM_SPACE * _side(sheet))
        parts: list[Part] = []
        firsts = begins(node.axis, [self.shapes[argument.path] for argument in node.parts])
        for argument, first in zip(node.parts, firsts, strict=True):
            part = self.argument(argument, options, _facing_of_term(argument, options, facing))
            shift = sheet.spot(*first) - part.placements[argument.path].origin
            part = part.moved(np.eye(3), np.array([shift[0], shift[1], space - part.box[0, 2]]))
            away = free_depth(part.box, [one.box for one in parts], gap, space) + self.distance(argument, options)
            parts.append(part.moved(np.eye(3), np.array([0.0, 0.0, away])))
        return self.with_terms(node, sheet, parts, facing)

    def before_whole(self, node: CutNode | ReducedNode, options: LayoutOptions, facing: Facing) -> Part:
        """A slice before its place in what it is cut from; what is reduced behind the column or row that it becomes."""
        gap = self.gap(options)
        sheet = self.sheet(node.path, 0.0, gap)
        whole = self.argument(node.whole, options, _facing_of_term(node.whole, options, facing))
        place = whole.placements[node.whole.path]
        shift = sheet.origin - place.spot(*place_of(node, place, gap))
        if node.whole.path in self.unseen:
            placements = {node.path: sheet} | whole.moved(np.eye(3), shift).placements
            return Part(0.0, self.face(node.path, 0.0, gap), placements, {})
        space = max(gap, 1.0, TERM_SPACE * _side(sheet)) + self.distance(node.whole, options)
        part = whole.moved(np.eye(3), np.array([shift[0], shift[1], space - whole.box[0, 2]]))
        return self.with_terms(node, sheet, [part], facing)

    def taken(self, node: TakenNode, options: LayoutOptions, facing: Facing) -> Part:
        """Ids and table where a product has its left and right matrix, but without a cube: each id names a row."""
        gap = self.gap(options)
        left, right = arguments(node)
        along = left if node.turned else right
        height, width = self.sheet(along.path, 0.0, gap).reach
        depth = (width if node.turned else height) + 2 * max(self.inset(along.path, gap))
        box = self.face(node.path, depth, gap)
        parts = []
        for side, turn in ((left, facing.of_left(options.scheme)), (right, facing.of_right(options.scheme))):
            part = self.argument(side, options, _chosen(side, options, turn))
            rows, columns = self.shapes[side.path]
            flat = side is node.ids and (rows if node.turned else columns) > 1  # ids in a row, where a column stands
            parts.append(part.moved(np.eye(3)[[1, 0, 2]], np.zeros(3)) if flat else part)
        width, height, _ = box[1]
        parts = [
            parts[0].moved(*_left_map(facing, width, depth, parts[0].depth, self.distance(left, options))),
            parts[1].moved(*_right_map(facing, height, depth, parts[1].depth, self.distance(right, options))),
        ]
        parts = [
            part if computed(side) else replace(part, box=box) for part, side in zip(parts, (left, right), strict=True)
        ]
        result = self.sheet(node.path, depth if facing.result_at_back else 0.0, gap)
        return joined(depth, box, parts, {node.path: result})

    def with_terms(
        self,
        node: ElementwiseNode | JoinNode | CutNode | ReducedNode,
        sheet: Placement,
        parts: list[Part],
        facing: Facing,
    ) -> Part:
        """A sum before its terms; behind them, where that is the side of its consumer."""
        whole = joined(0.0, self.face(node.path, 0.0, sheet.gap), parts, {node.path: sheet})
        depth = whole.box[1, 2]
        whole = replace(whole, depth=depth)
        return whole.moved(np.diag([1.0, 1.0, -1.0]), np.array([0.0, 0.0, depth])) if facing.result_at_back else whole

    def grid(self, node: ElementwiseNode, options: LayoutOptions, facing: Facing) -> Part:
        """The heads in rows and columns at the left of their sum, all facing as it does.

        Experts whose sum is added to something else, such as what heads have given, stand at the right.
        """
        gap = self.gap(options)
        sheet = self.sheet(node.path, 0.0, gap)
        heads = self.heads[node.path]
        parts = [self.argument(term, options, _facing_of_term(term, options, facing)) for term in heads.terms]
        anchors = [part.placements[term.path].origin for part, term in zip(parts, heads.terms, strict=True)]
        found, (width, height) = places([part.box for part in parts], anchors, HEAD_SPACE)
        space = max(2 * gap, HEAD_SPACE * sheet.reach[1])
        inner = node is not self.at
        if inner:  # what else its consumer is made of stands behind it
            space += max(float(np.ptp(part.box[:, 0])) for part in parts)
        right = heads.experts and inner
        middle = float(sheet.center()[1])
        down = middle - height / 2 if right or not self.grids_end else middle + self.grids_end
        if not right:  # another one, such as that of a decoder's second attention, stands below
            self.grids_end = down + height - middle + space
        beside = np.array([sheet.reach[1] + 2 * gap + space if right else -width - space, down, gap])
        parts = [
            part.moved(np.eye(3), beside + place - anchor)
            for part, place, anchor in zip(parts, found, anchors, strict=True)
        ]
        sheets = dict.fromkeys((*heads.between, node.path), sheet)
        whole = joined(0.0, self.face(node.path, 0.0, gap), parts, sheets)
        if not facing.result_at_back:
            return whole
        return whole.moved(np.diag([1.0, 1.0, -1.0]), np.array([0.0, 0.0, whole.box[1, 2]]))


def _left_map(facing: Facing, width: float, depth: float, child: float, distance: float) -> tuple[Vector, Vector]:
    """How a left argument's frame lies in its consumer's: the child's x becomes z, its z points outward.

    Args:
        facing: Of the consumer.
        width: Of the consumer's cuboid.
        depth: Of the consumer's cuboid.
        child: Depth of the argument's own cuboid, 0 for a leaf.
        distance: How far the argument is moved outward.
    """
    if facing.positive:
        turn = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
        return turn, np.array([width + child + distance if facing.left_at_right else -distance, 0.0, 0.0])
    turn = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    return turn, np.array([width + distance if facing.left_at_right else -child - distance, 0.0, depth])


def _right_map(facing: Facing, height: float, depth: float, child: float, distance: float) -> tuple[Vector, Vector]:
    """How a right argument's frame lies in its consumer's: the child's y becomes z; arguments as in `_left_map`."""
    if facing.positive:
        turn = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
        return turn, np.array([0.0, height + child + distance if facing.right_at_bottom else -distance, 0.0])
    turn = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    return turn, np.array([0.0, height + distance if facing.right_at_bottom else -child - distance, depth])
