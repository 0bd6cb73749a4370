"""Frames for meshes, which one walks around: names lie flat on their matrices, and arrows do not give way."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mmviz.picture.drawlist import DrawList, Label
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.arrows import Arrow
from mmviz.picture.marks.labels import NAME, readable
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, cross
from mmviz.scene.language.tree import Node, walk

LARGEST = 0.055
"""Height of the largest names' capitals as a share of the scene's diagonal."""
LIFT = 0.9
"""Largest distance of a name from its matrix, toward the eye, in cells."""
IN_A_PICTURE = ("name", "term", "leader", "edge")
"""What is drawn for one camera only."""


def lying(drawing: DrawList, root: Node, layout: Layout, camera: Camera, arrows: Sequence[Arrow] = ()) -> DrawList:
    """A frame whose names lie on their matrices, if it has names; with all arrows.

    Args:
        drawing: The frame, as a camera sees it.
        root: The tree.
        layout: Where everything stands.
        camera: Toward which names are turned.
        arrows: Of the scene.
    """
    rest = tuple(label for label in drawing.labels if label.key.kind not in IN_A_PICTURE)
    lines = tuple(line for line in drawing.lines if line.key.kind not in IN_A_PICTURE)
    named = flat_names(root, layout, camera) if len(rest) < len(drawing.labels) else ()
    patches = tuple(vane for one in arrows for vane in one.vanes)
    return replace(drawing, labels=(*named, *rest), lines=lines, patches=patches)


def flat_names(root: Node, layout: Layout, camera: Camera) -> Iterator[Label]:
    """The name of every matrix, on its face."""
    largest = LARGEST * float(np.linalg.norm(layout.box[1] - layout.box[0]))
    shown = (node for node in walk(root) if node.path not in layout.merged)
    return (_name(node, layout[node.path], camera, largest) for node in shown)


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
