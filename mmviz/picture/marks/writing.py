"""What is written in space: names, sizes and tokens, as they are read from one camera."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks import labels, terms, token_labels
from mmviz.picture.marks.crowding import uncrowded
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.marks.sheet_before import Sheets
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Vector
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.language.tree import Node

LARGEST_SEEN = 0.075
"""Height of the capitals of names and sizes, as a share of the picture's: nearer ones are drawn smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Names, sizes and tokens."""

    labels: tuple[Label, ...]
    ticks: tuple[TickLabels, ...]

    def corners(self) -> list[Vector]:
        """(4, 3) each: corners of a rectangle around every text, in cells."""
        return [*map(labels.span, self.labels), *map(token_labels.corners, self.ticks)]


@dataclass(frozen=True, eq=False)
class Writing:
    """What there is to be written."""

    root: Node
    layout: Layout
    axes: Mapping[str, tuple[str, str]]  # path -> names of rows and columns
    tokens: tuple[str, ...]  # what is written for each token
    style: StyleOptions
    behind: Sheets
    emphasis: Emphasis = PLAIN  # matrices that are left out have no texts

    def toward(self, camera: Camera) -> Texts:
        """All texts as they are read from a camera; those that find no room are left out."""
        found: tuple[Label, ...] = ()
        lengths: tuple[Label, ...] = ()
        if self.style.names:
            hidden = self.emphasis.hidden
            covered = {ItemKey("name", path) for path in terms.covered(self.root, self.layout, camera, hidden)}
            named = labels.names(self.root, self.layout, camera)
            found += tuple(label for label in named if label.key not in covered)
            found += terms.signs(self.root, self.layout, camera, hidden)
            found += self.behind.names_toward(camera)
        ticks = token_labels.beside_edges(self.root, self.layout, self.axes, self.tokens, camera)
        if self.style.sizes:
            taken = {edge: token_labels.reach(one) for edge, one in ticks.items()}
            lengths = labels.sizes(self.root, self.layout, self.axes, camera, taken)
        kept = self.emphasis.kept
        return Texts(uncrowded(kept(found), kept(lengths), camera), kept(ticks.values()))


def turned(texts: Texts, camera: Camera) -> Texts:
    """The same texts where they are, as they are read from another camera: not mirrored, and never huge."""
    ticks = tuple(_turned_ticks(one, camera) for one in texts.ticks)
    return Texts(tuple(smaller(_turned(label, camera), camera) for label in texts.labels), ticks)


def smaller(label: Label, camera: Camera) -> Label:
    """A label that a camera sees no larger than it may be."""
    depth = float((camera.position - label.center) @ camera.axes()[2])
    most = LARGEST_SEEN * 2 * depth * np.tan(np.radians(camera.view_angle) / 2)
    return replace(label, height=float(most)) if 0 < most < label.height else label


def _turned(label: Label, camera: Camera) -> Label:
    along, up = labels.readable(label.along, label.up, camera, label.center)
    if np.array_equal(along, label.along) and np.array_equal(up, label.up):
        return label
    return replace(label, along=along, up=up)


def _turned_ticks(ticks: TickLabels, camera: Camera) -> TickLabels:
    along, up = labels.readable(ticks.along, ticks.up, camera, ticks.places.mean(axis=0))
    if np.array_equal(along, ticks.along) and np.array_equal(up, ticks.up):
        return ticks
    turned_around = bool(along @ ticks.along < 0)
    return replace(ticks, along=along, up=up, ends=ticks.ends != turned_around)
