"""Frames for meshes, which one walks around: names lie flat on their matrices, and arrows do not give way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mmviz.picture.drawlist import DrawList, Label
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.arrows import Arrow
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.marks.labels import NAME, readable
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.marks.terms import SIGNS
from mmviz.picture.space.beside_scores import right_behind
from mmviz.picture.space.item_key import BEHIND, ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector, cross, length
from mmviz.scene.language.tree import ElementwiseNode, Node, Tree, elementwise, walk

LARGEST = 0.055
"""Height of the largest names' capitals as a share of the scene's diagonal."""
LIFT = 0.9
"""Largest distance of a name from its matrix, toward the eye, in cells."""
FILLED = 0.62
"""Height of a capital letter as a share of the space that it stands in."""
Behind = Mapping[str, tuple[str, Placement]]
"""Name and place of each sheet behind a matrix, by the path of that."""
IN_A_PICTURE = ("name", "term", "leader", "edge")
"""What is drawn for one camera only."""


def lying(
    drawing: DrawList, root: Tree, layout: Layout, behind: Behind, camera: Camera, arrows: Sequence[Arrow] = ()
) -> DrawList:
    """A frame whose names lie on their matrices, or before sheets that others cover, if it has names; with all arrows.

    Args:
        drawing: The frame, as a camera sees it.
        root: The tree.
        layout: Where everything stands.
        behind: The sheets behind matrices.
        camera: Toward which names are turned.
        arrows: Of the scene.
    """
    rest = tuple(label for label in drawing.labels if label.key.kind not in IN_A_PICTURE)
    lines = tuple(line for line in drawing.lines if line.key.kind not in IN_A_PICTURE)
    named = len(rest) < len(drawing.labels)
    names = (*flat_names(root, layout, camera), *names_before(root, layout, behind, camera)) if named else ()
    patches = tuple(vane for one in arrows for vane in one.vanes)
    return replace(drawing, labels=(*names, *rest), lines=lines, patches=patches)


def flat_names(root: Tree, layout: Layout, camera: Camera) -> Iterator[Label]:
    """The name of every matrix on its face, but of the terms of sums, which are covered."""
    largest, covered = _largest(layout), {term.path for node in _sums(root, layout) for term in (node.left, node.right)}
    shown = (node for node in walk(root) if node.path not in covered and node.path not in layout.merged)
    return (_name(node, layout[node.path], camera, largest) for node in shown)


def names_before(root: Tree, layout: Layout, behind: Behind, camera: Camera) -> Iterator[Label]:
    """In the space before each term of a sum its sign and its name, and the name of each sheet behind a matrix."""
    largest = _largest(layout)
    for node in _sums(root, layout):
        room = layout[node.path].origin - layout[right_behind(node).path].origin
        for sign, term in (("=", node.left), (SIGNS[node.sign], node.right)):
            key = ItemKey("name", term.path)
            yield _standing(key, f"{sign} {term.name}", layout[term.path], room, camera, largest)
    for path, (name, place) in behind.items():
        key, room = ItemKey("name", path, BEHIND), layout[path].center() - place.center()
        yield _standing(key, name, place, room, camera, largest)


def _sums(root: Tree, layout: Layout) -> Iterator[ElementwiseNode]:
    """The sums whose sheets stand one behind the other."""
    return (node for node in elementwise(root) if node.path not in layout.grids and node.path not in layout.merged)


def _largest(layout: Layout) -> float:
    return LARGEST * float(np.linalg.norm(layout.box[1] - layout.box[0]))


def _standing(key: ItemKey, text: str, place: Placement, room: Vector, camera: Camera, largest: float) -> Label:
    """A name above the top edge of its sheet, as high as the space before it lets it be."""
    down, across = place.ways
    middle = place.center() - (place.reach[0] / 2 + place.margins(MARGIN)[0]) * down + room / 2
    height = min(FILLED * length(room), largest, 0.9 * (place.reach[1] + 1) / length_of(text))
    along, up = readable(across, room, camera, middle)
    return Label(key, text, middle, along, up, height, NAME)


def _name(node: Node, placement: Placement, camera: Camera, largest: float) -> Label:
    height, width = placement.reach
    spans = (width + 1, height + 1)  # along the rows, along the columns
    directions = (placement.across, placement.down)
    letters = length_of(node.name)
    heights = [min(0.8 * span / letters, 0.6 * other, largest) for span, other in zip(spans, spans[::-1], strict=True)]
    flat = int(heights[1] > 1.4 * heights[0])  # read along the columns only where that is clearly larger
    center = placement.center()
    along, up = readable(directions[flat], directions[1 - flat], camera, center)
    normal = cross(along, up)
    altitude = float(np.dot(camera.position - center, normal))  # of the eye above the matrix
    lift = min(LIFT, altitude / 2) * normal
    return Label(ItemKey("name", node.path), node.name, center + lift, along, up, heights[flat], NAME)
