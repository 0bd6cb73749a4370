"""The titles of roots that stand side by side: each over its own, upright for whoever looks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmviz.picture.drawlist import Label
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.captions import TITLE
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Vector

HEIGHT = 0.018
"""Height of a capital, as a share of the diagonal of the whole scene."""
LONGEST = 1.3
"""Length of a title at most, as a multiple of the width of what it stands over."""
RISE = 2.2
"""From the upper edge to the middle of the title, in heights of a capital: sizes stand between."""


@dataclass(frozen=True, slots=True, eq=False)
class RootTitle:
    """What is written over a root."""

    path: str
    text: str
    corners: Vector  # (8, 3): of the root with all that it is made of, in cells
    height: float  # of a capital, in cells


def root_titles(layout: Layout, titles: Mapping[str, str]) -> tuple[RootTitle, ...]:
    """The titles over roots, all of one height.

    Args:
        layout: Where everything stands.
        titles: By the path of the root; "" where there is none.
    """
    told = {path: text for path, text in titles.items() if text and path in layout.roots}
    room = (LONGEST * _wide(layout.roots[path]) / length_of(text) for path, text in told.items())
    height = min([HEIGHT * float(np.linalg.norm(np.ptp(layout.box, axis=0))), *room])
    return tuple(RootTitle(path, text, _corners(layout.roots[path]), height) for path, text in told.items())


def over(title: RootTitle, camera: Camera) -> Label | None:
    """A title over the highest corner of its root, as a camera sees that; None where some of it is behind the eye."""
    right, upward, _ = camera.axes()
    middle = title.corners.mean(axis=0)
    depths, far = camera.depths(title.corners), float(camera.depths(middle))
    if depths.min() <= 0:
        return None
    seen = camera.position - middle + (title.corners - camera.position) * (far / depths)[:, None]  # all equally far
    aside, up = seen @ right, seen @ upward
    center: Vector = middle + (aside.min() + aside.max()) / 2 * right + (up.max() + RISE * title.height) * upward
    return Label(ItemKey("title", title.path), title.text, center, right, upward, title.height, TITLE)


def _corners(box: Vector) -> Vector:
    return np.array([[x, y, z] for x in box[:, 0] for y in box[:, 1] for z in box[:, 2]])


def _wide(box: Vector) -> float:
    """Seen from aside, in cells."""
    width, _, depth = np.ptp(box, axis=0)
    return float(width + depth) / 2**0.5
