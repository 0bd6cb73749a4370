"""Sizes along the edges and what columns are, turned so that they are never mirrored or upside down."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from mmviz.picture.drawlist import Label
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import Brief, ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector, cross, length
from mmviz.picture.time.planes import Plane
from mmviz.scene.language.tree import Node, Tree, computed, elementwise, products, roots

NAME: Color = (0.93, 0.92, 1.0)
SIZE: Color = (0.62, 0.62, 0.70)
HEADINGS: Mapping[Brief, tuple[str, float]] = {
    "maximum": ("m", -0.5),
    "total": ("l", 0.5),
    "factor": ("×", 0.0),
    "sink": ("sink", 0.0),
}
"""What is written over a column, and how far beside its middle, as a share of a capital's height."""
OF_COLUMN = 0.07
"""Height of a word over a column, at most, as a share of the column's: the column is one of many in a small matrix."""
SIGNS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
ASIDE, UPWARD = (np.array(signs)[:, None] for signs in ((-1.0, 1, 1, -1), (-1.0, -1, 1, 1)))
"""(4, 1): the corners of a text, one after the other around it, from its middle."""
NOTHING_TAKEN: Mapping[tuple[str, int], float] = {}


def sizes(
    root: Tree,
    layout: Layout,
    axes: Mapping[str, tuple[str, str]],
    camera: Camera,
    taken: Mapping[tuple[str, int], float] = NOTHING_TAKEN,
) -> tuple[Label, ...]:
    """The lengths of the sides of the result and of all arguments that are no products, beside their outer edges.

    An axis that is cut says into how many blocks: I = 256 / 8; one that is folded, how much shorter it is drawn:
    I = 256, at 1/8. Behind a product that is the first term of a sum stands the second one: the rows and columns of
    both are told there.

    Args:
        root: The tree.
        layout: Where everything stands.
        axes: Names of rows and columns of the matrix at each path, "" where they have none.
        camera: From where the labels are read.
        taken: How much of the room beside an edge other texts take, in cells, by path and axis.
    """
    largest = largest_beside(layout)
    labels: list[Label] = []
    for node, axis, away_from, letter in sides(root, layout):
        place = layout[node.path]
        blocks = place.blocks[axis]
        text = f"{axes[node.path][axis] or letter} = {place.shape[axis]}" + (f" / {blocks}" if blocks > 1 else "")
        text += _folded(place.folds[axis])
        edge = place.reach[axis] + 1 + 2 * place.margins(MARGIN)[axis]
        height = min(largest, 1.25 * edge / length_of(text))  # hardly longer than its edge
        away = outward(place, axis, away_from)
        distance = taken.get((node.path, axis), 0.0)
        labels.append(_edge(ItemKey("size", node.path, axis), text, place, axis, away, height, distance, camera))
    return tuple(labels)


def _folded(fold: float) -> str:
    """How much shorter or longer an axis is drawn than it is."""
    return "" if fold == 1 else f", at 1/{fold:g}" if fold > 1 else f", {1 / fold:g} cells each"


def headings(planes: Iterable[Plane], largest: float, camera: Camera) -> tuple[Label, ...]:
    """What is written over columns of numbers that stand beside a matrix.

    Args:
        planes: All that fly and stand beside matrices.
        largest: Height of a capital letter, in cells.
        camera: From where it is read.
    """
    found = []
    for plane in planes:
        if plane.kind in HEADINGS:
            text, shift = HEADINGS[plane.kind]
            place = plane.drawn
            height = min(largest, OF_COLUMN * (place.reach[0] + 1)) if len(text) > 1 else largest
            down, across = place.ways
            middle = place.spot(0, 0) - (0.5 + height) * down + shift * height * across
            along, up = readable(place.across, place.down, camera, middle)
            found.append(Label(ItemKey("heading", plane.owner, plane.key), text, middle, along, up, height, SIZE))
    return tuple(found)


def largest_beside(layout: Layout) -> float:
    """Height of the largest capitals beside an edge, in cells."""
    return 0.016 * float(np.linalg.norm(layout.box[1] - layout.box[0]))


def sides(root: Tree, layout: Layout) -> Iterator[tuple[Node, int, Vector, str]]:
    """The sides whose lengths are told: the node, its axis, the point to keep away from, and the axis's letter."""
    told = _told_behind(root)
    return (side for side in _sides(root, layout) if (side[0].path, side[1]) not in told)


def outward(placement: Placement, axis: int, away_from: Vector) -> Vector:
    """(3,): the unit vector across one side of a matrix, outward where it is farther from a point."""
    across = placement.ways[1 - axis]
    return -across if np.dot(placement.center() - away_from, across) < 0 else across


def _sides(root: Tree, layout: Layout) -> Iterator[tuple[Node, int, Vector, str]]:
    told = {node.path for node in products(root)}  # a product as an argument tells its own sides
    outermost = {node.path for node in roots(root)}
    for node in roots(root):
        if node.path not in told:
            place = layout[node.path]
            left_free = computed(node)  # for the names of the terms
            yield node, 0, place.center() + (-1 if left_free else 1) * place.across, "I"
            yield node, 1, place.center() - place.down, "J"
    for node in products(root):
        result, left, right = (layout[n.path].center() for n in (node, node.left, node.right))
        if node.left.path not in told:
            yield node.left, 0, result, "I"
            yield node.left, 1, right, "K"
        if node.right.path not in told:
            yield node.right, 1, result, "J"
            if node.left.path in told:  # K is said once
                yield node.right, 0, left, "K"
        if node.path in outermost:
            yield node, 0, left, "I"
            yield node, 1, right, "J"


def _told_behind(root: Tree) -> set[tuple[str, int]]:
    """Path and axis of the rows and columns of products that are the first term of a sum."""
    first = {node.left.path for node in elementwise(root)}
    behind = [node for node in products(root) if node.path in first]
    return {(node.left.path, 0) for node in behind} | {(node.right.path, 1) for node in behind}


def _edge(
    key: ItemKey, text: str, placement: Placement, axis: int, away: Vector, height: float, taken: float, camera: Camera
) -> Label:
    """A label along one side of a matrix, beside it in the direction `away`."""
    along = placement.down if axis == 0 else placement.across
    half = placement.reach[1 - axis] / 2 + placement.margins(MARGIN)[1 - axis]
    middle = placement.center() + away * (half + taken + 1.1 * height)
    along, up = readable(along, away, camera, middle)
    return Label(key, text, middle, along, up, height, SIZE)


def readable(along: Vector, up: Vector, camera: Camera, at: Vector) -> tuple[Vector, Vector]:
    """The signs of two axes of a plane under which text at a point is neither mirrored nor upside down."""
    along, up = along / length(along), up / length(up)
    right, above, _ = camera.axes()
    faces = float(cross(along, up) @ (camera.position - at))  # more than 0 where the pair is not mirrored
    rightward, upward = float(along @ right), float(up @ above)
    tilt = float(along @ above)
    best, chosen = (False, -np.inf), SIGNS[0]
    for s, t in SIGNS:
        # To the right and upright; what can only be read along a vertical line is read upward.
        reads = s * t * faces > 0, s * rightward + 0.7 * t * upward + 0.05 * s * tilt
        if reads > best:
            best, chosen = reads, (s, t)
    return chosen[0] * along, chosen[1] * up


def span(label: Label) -> Vector:
    """(4, 3): the corners of a label's text, one after the other around it, in cells."""
    half = 0.5 * label.height * length_of(label.text) * label.along
    rise = 0.7 * label.height * label.up
    return label.center + ASIDE * half + UPWARD * rise
