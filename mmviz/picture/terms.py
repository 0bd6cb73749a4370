"""How a sum, difference or elementwise product is read: = and its sign before the names of its terms.

The sheets of a sum stand one behind the other, so that all but the nearest are covered. What they are called is
written into the space before each of them, along the edge that is seen best.
"""

from collections.abc import Iterator

import numpy as np

from mmviz.picture.camera import Camera
from mmviz.picture.drawlist import Label
from mmviz.picture.guides import MARGIN
from mmviz.picture.labels import ADVANCE, LARGEST, NAME, readable
from mmviz.picture.layout import Layout
from mmviz.picture.placement import Placement, Vector
from mmviz.scene.tree import ElementwiseNode, Node, walk

SIGNS = {"+": "+", "-": "−", "*": "∗"}
FILLED = 0.62
"""Height of a capital letter as a share of the space that it stands in."""


def covered(root: Node, layout: Layout, camera: Camera) -> set[str]:
    """The paths of the matrices whose faces other sheets of their sum hide from the camera."""
    hidden: set[str] = set()
    for node in _sums(root):
        hidden |= {node.left.path, node.path if _from_behind(node, layout, camera) else node.right.path}
    return hidden


def signs(root: Node, layout: Layout, camera: Camera) -> tuple[Label, ...]:
    """Before every term of a sum what it does there, "= x" or "+ y", and the name of a sum that its terms cover."""
    largest = LARGEST * float(np.linalg.norm(layout.box[1] - layout.box[0]))
    labels: list[Label] = []
    for node in _sums(root):
        away = _away(node, layout)
        space = float(np.linalg.norm(away))
        before = -away / space  # unit vector from a term toward the sum
        for term, sign in ((node.left, "="), (node.right, SIGNS[node.sign])):
            text = f"{sign} {term.name}"
            labels.append(_label(f"term:{term.path}", text, layout[term.path], space * before, camera, largest))
        if _from_behind(node, layout, camera):
            place = layout[node.path]
            room = max(place.gap, 1.0) * before
            labels.append(_label(f"sum:{node.path}", node.name, place, room, camera, largest))
    return tuple(labels)


def _sums(root: Node) -> Iterator[ElementwiseNode]:
    return (node for node in walk(root) if isinstance(node, ElementwiseNode))


def _away(node: ElementwiseNode, layout: Layout) -> Vector:
    """From a sum to its first term."""
    return layout[node.left.path].center() - layout[node.path].center()


def _from_behind(node: ElementwiseNode, layout: Layout, camera: Camera) -> bool:
    """True where the terms stand between the eye and their sum."""
    return float(np.dot(camera.position - layout[node.path].center(), _away(node, layout))) > 0


def _label(key: str, text: str, place: Placement, room: Vector, camera: Camera, largest: float) -> Label:
    """A text at the edge of a matrix, in the space `room` before it, where it is seen largest."""
    center, reach = place.center(), np.add(place.reach, 1.0)
    up = room / np.linalg.norm(room)
    space = FILLED * float(np.linalg.norm(room))
    best: tuple[float, Label] | None = None
    for edge, outward, length, half in (
        (place.across, place.down, reach[1], reach[0] / 2),
        (place.down, place.across, reach[0], reach[1] / 2),
    ):
        height = min(space, largest, 0.9 * float(length) / (ADVANCE * len(text)))
        for side in (1, -1):
            middle = center + side * (half + MARGIN) * outward + room / 2
            toward = (camera.position - middle) / np.linalg.norm(camera.position - middle)
            width = float(np.linalg.norm(edge - np.dot(edge, toward) * toward))
            seen = height * width * float(np.dot(side * outward, toward))
            if best is None or seen > best[0]:
                best = seen, Label(key, text, middle, *readable(edge, up, camera, middle), height, NAME)
    assert best is not None  # noqa: S101  (narrows the type)
    return best[1]
