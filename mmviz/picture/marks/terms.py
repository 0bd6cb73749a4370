"""How a sum, difference or elementwise product is read: = and its sign before the names of its terms.

The sheets of a sum stand one behind the other, so that all but the nearest are covered. What they are called is
written into the space before each of them, along the edge that is seen best.
"""

from collections.abc import Container, Iterator

import numpy as np

from mmviz.picture.drawlist import Label
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.marks.labels import ADVANCE, LARGEST, NAME, readable
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector, length
from mmviz.scene.language.tree import ElementwiseNode, Node, elementwise

SIGNS = {"+": "+", "-": "−", "*": "∗"}
EDGES = ((0, 1), (0, -1), (1, 1), (1, -1))
"""The edges of a matrix: the axis that leads out of it there, and whether that is down (right) or up (left)."""
FILLED = 0.62
"""Height of a capital letter as a share of the space that it stands in."""


def covered(root: Node, layout: Layout, camera: Camera, left_out: Container[str] = ()) -> set[str]:
    """The paths of the matrices whose faces other sheets of their sum hide from the camera; but of no sum left out."""
    hidden: set[str] = set()
    for node in _sums(root, left_out):
        hidden |= {node.left.path, node.path if _from_behind(node, layout, camera) else node.right.path}
    return hidden


def signs(root: Node, layout: Layout, camera: Camera, left_out: Container[str] = ()) -> tuple[Label, ...]:
    """Before every term of a sum what it does there, "= x" or "+ y", and the name of a sum that its terms cover.

    Sums whose paths are left out have none.
    """
    largest = LARGEST * float(np.linalg.norm(layout.box[1] - layout.box[0]))
    labels: list[Label] = []
    for node in _sums(root, left_out):
        away = _away(node, layout)
        texts = [
            (ItemKey("term", node.left.path), f"= {node.left.name}", layout[node.left.path], -away),
            (ItemKey("term", node.right.path), f"{SIGNS[node.sign]} {node.right.name}", layout[node.right.path], -away),
        ]
        if _from_behind(node, layout, camera):
            place = layout[node.path]
            texts.append(
                (ItemKey("sum", node.path), node.name, place, -away / np.linalg.norm(away) * max(place.gap, 1.0))
            )
        edges = [[_label(*text, edge, camera, largest) for text in texts] for edge in EDGES]
        best = max(range(len(EDGES)), key=lambda number: _seen(edges[number], layout[node.path], EDGES[number], camera))
        labels += edges[best]
    return tuple(labels)


def spine(key: ItemKey, text: str, behind: Placement, front: Placement, camera: Camera, largest: float) -> Label:
    """A text in the space between two sheets, along the edge that is seen best.

    Args:
        key: Of the label.
        text: What it says.
        behind: The sheet that it belongs to.
        front: The sheet before it.
        camera: From where it is read.
        largest: Height of a capital letter at most, in cells.
    """
    room = front.center() - behind.center()
    choices = [(_label(key, text, behind, room, edge, camera, largest), edge) for edge in EDGES]
    return max(choices, key=lambda choice: _seen([choice[0]], front, choice[1], camera))[0]


def _sums(root: Node, left_out: Container[str]) -> Iterator[ElementwiseNode]:
    return (node for node in elementwise(root) if node.path not in left_out)


def _away(node: ElementwiseNode, layout: Layout) -> Vector:
    """From a sum to its first term."""
    return layout[node.left.path].center() - layout[node.path].center()


def _from_behind(node: ElementwiseNode, layout: Layout, camera: Camera) -> bool:
    """True where the terms stand between the eye and their sum."""
    return float(np.dot(camera.position - layout[node.path].center(), _away(node, layout))) > 0


def _label(
    key: ItemKey, text: str, place: Placement, room: Vector, edge: tuple[int, int], camera: Camera, largest: float
) -> Label:
    """A text in the space `room` before a matrix, along one of its edges."""
    axis, side = edge
    half, long = place.reach[axis] / 2 + MARGIN, place.reach[1 - axis] + 1
    outward, along = place.ways if axis == 0 else place.ways[::-1]
    height = min(FILLED * length(room), largest, 0.9 * long / (ADVANCE * len(text)))
    middle = place.center() + side * half * outward + room / 2
    return Label(key, text, middle, *readable(along, room, camera, middle), height, NAME)


def _seen(labels: list[Label], place: Placement, edge: tuple[int, int], camera: Camera) -> float:
    """How large the labels along an edge of a matrix are seen; less than 0 where the matrix is before them."""
    axis, side = edge
    outward = side * place.ways[axis]
    seen = 0.0
    for label in labels:
        toward = camera.position - label.center
        toward /= length(toward)
        width = length(label.along - np.dot(label.along, toward) * toward)
        seen += label.height * width * float(np.dot(outward, toward))
    return seen
