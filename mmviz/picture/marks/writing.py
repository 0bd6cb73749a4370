"""What is written in space: names, sizes and tokens, as they are read from one camera."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.palette import Color
from mmviz.picture.marks import labels, terms, token_labels
from mmviz.picture.marks.crowding import uncrowded
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.marks.faces_seen import FacesSeen, faces_seen, seen
from mmviz.picture.marks.name_choice import Outlook
from mmviz.picture.marks.name_places import Nameplate, nameplate
from mmviz.picture.marks.root_titles import RootTitle, over
from mmviz.picture.marks.sheet_before import Sheets
from mmviz.picture.space.item_key import BEHIND, ItemKey, of_matrix, of_sheet_behind
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.time.planes import Plane
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.language.functions import PATTERNS
from mmviz.scene.language.tree import Tree, walk

LARGEST_SEEN = 0.075
"""Height of the capitals of sizes, as a share of the picture's: nearer ones are drawn smaller."""
SMALLEST_SEEN = 0.0055
"""The same of the smallest ones, however many pixels they have."""
READABLE = 6.8
"""The same in pixels: what is smaller is left out."""
ENLARGED = 1.6
"""How much larger a size is written at most, so that it can be read."""
PARTS = 6
"""Into how many boxes a text that runs aslant is taken to pieces."""
BEHIND_NAME: Color = (0.76, 0.75, 0.84)
HIDES = 0.1
"""Share of a size over other matrices from which it is left out."""
SAMPLES = np.stack(np.meshgrid(np.linspace(0, 1, 13), np.linspace(0, 1, 3))).reshape(2, -1, 1)
"""(2, 39, 1): shares of the way along and across a size, at which it is asked what it hides."""
NOTHING = np.zeros((0, 4))
ROOM_ABOVE = 0.5
"""Over the title of a root, as a multiple of a capital's height."""
LONGEST = 30
"""Letters of a name; a longer one is cut off."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """What lies flat in space: sizes and tokens; and titles over roots, to be seen beside them."""

    labels: tuple[Label, ...]
    ticks: tuple[TickLabels, ...]
    titles: tuple[Label, ...] = ()  # upright for one camera: see `Writing.titled`

    def corners(self) -> list[Vector]:
        """(4, 3) each: corners of a rectangle around every text, in cells."""
        return [
            *map(labels.span, (*self.labels, *self.titles, *map(_raised, self.titles))),
            *map(token_labels.corners, self.ticks),
        ]


@dataclass(frozen=True, eq=False)
class Writing:
    """What there is to be written."""

    root: Tree
    layout: Layout
    axes: Mapping[str, tuple[str, str]]  # path -> names of rows and columns
    tokens: token_labels.TokenTexts
    style: StyleOptions
    behind: Sheets
    extent: Vector  # (n, 3): points that enclose everything, in cells
    emphasis: Emphasis = PLAIN  # matrices that are left out have no texts
    pixels: int = token_labels.USUAL_HEIGHT  # of pictures: tokens that cannot be read in them are left out
    titles: tuple[RootTitle, ...] = ()  # over roots that stand side by side
    columns: tuple[Plane, ...] = ()  # that stand beside matrices all the time: names keep off what is over them

    def toward(self, camera: Camera, view: FacesSeen | None = None, taken: Vector = NOTHING) -> Texts:
        """All sizes and tokens as they are read from a camera; what finds no room or cannot be read is left out.

        Args:
            camera: From where they are read.
            view: What it sees: sizes that hide other matrices are left out.
            taken: (boxes, 4), as shares of the picture's height: what lies over the picture.
        """
        ticks = token_labels.beside_edges(self.root, self.layout, self.axes, self.tokens, camera, self.pixels)
        lengths: tuple[Label, ...] = ()
        if self.style.sizes:
            beside = {edge: token_labels.reach(one) for edge, one in ticks.items()}
            found = labels.sizes(self.root, self.layout, self.axes, camera, beside)
            told = (label for label in found if label.key.path not in self._repeated)
            lengths = tuple(one for label in told for one in legible(label, camera, max(SMALLEST_SEEN, self._least)))
        if view is not None:
            lengths = tuple(label for label in lengths if not _hides(label, view, taken))
        kept = self.emphasis.kept
        titles = self.titled(camera)
        return Texts(uncrowded(titles, kept(lengths), camera)[len(titles) :], kept(ticks.values()), titles)

    def titled(self, camera: Camera) -> tuple[Label, ...]:
        """The titles over roots as they are read from a camera."""
        return self.emphasis.kept(found for one in self.titles if (found := over(one, camera)) is not None)

    def names(self) -> tuple[Nameplate, ...]:
        """The names of all matrices and of the sheets behind them, and the signs of sums."""
        return self._names

    @cached_property
    def _names(self) -> tuple[Nameplate, ...]:
        return self.emphasis.kept(self._all_names()) if self.style.names else ()

    def _all_names(self) -> Iterator[Nameplate]:
        yield from terms.signs(self.root, self.layout, {*self.emphasis.hidden, *self._repeated})
        for node in walk(self.root):
            pattern = any(worn.function in PATTERNS for worn in node.worn)
            if node.path in self._repeated and node.path not in self.layout.named_in_each:
                continue
            place, key = self.layout[node.path], ItemKey("name", node.path)
            text = _shortened(node.name)
            yield nameplate(key, text, labels.NAME, of_matrix(node.path), place, may_cover=not pattern)
        for path, place in self.behind.placements.items():
            if path in self._repeated:
                continue
            key, text = ItemKey("name", path, BEHIND), _shortened(self.behind.names[path])
            yield nameplate(key, text, BEHIND_NAME, of_sheet_behind(path), place, may_cover=False)

    def outlook(self, view: FacesSeen, texts: Texts, taken: Vector) -> Outlook:
        """What names have to keep off.

        Args:
            view: What the camera sees.
            texts: What is written in space besides.
            taken: (boxes, 4), as shares of the picture's height: what lies over the picture.
        """
        columns = self.emphasis.kept(labels.headings(self.columns, labels.largest_beside(self.layout), view.camera))
        spans = [*texts.corners(), *map(labels.span, columns)]
        boxes = [box for corners in spans for box in _boxes(corners, view)]
        written = np.concatenate([taken.reshape(-1, 4), np.array(boxes).reshape(-1, 4)])
        return Outlook(self.names(), view, written, self._least)

    @property
    def _least(self) -> float:
        """Height of a capital that can be read, as a share of the picture's height."""
        return READABLE / self.pixels

    def view(self, camera: Camera, aspect: float) -> FacesSeen:
        """Which matrix a camera sees where."""
        cubes = [cube for path, cube in self.layout.cubes.items() if not self.emphasis.hides(path)]
        return faces_seen(self._faces, cubes, self.extent, camera, aspect)

    @cached_property
    def _repeated(self) -> frozenset[str]:
        """Of heads in a grid the patterns are named, of experts what they add, and of the first one everything."""
        return self.layout.repeated

    @cached_property
    def _faces(self) -> dict[ItemKey, Placement]:
        places = {of_matrix(path): place for path, place in self.layout.items()}
        places |= {of_sheet_behind(path): place for path, place in self.behind.placements.items()}
        return {key: place for key, place in places.items() if not self.emphasis.hides(key.path)}


def _raised(title: Label) -> Label:
    """A title with some room above it."""
    return replace(title, center=title.center + ROOM_ABOVE * title.height * title.up)


def _shortened(name: str) -> str:
    """A name that is not too long, with the numbers that stand beside it."""
    called, space, numbers = name.partition("  ")
    return (called if len(called) <= LONGEST else f"{called[: LONGEST - 1].rstrip()}…") + space + numbers


def _hides(label: Label, view: FacesSeen, taken: Vector) -> bool:
    """Whether a label is seen over other matrices, or over what lies over the picture."""
    a, b, _, d = labels.span(label)
    places, depth = seen(view.camera, a + SAMPLES[0] * (b - a) + SAMPLES[1] * (d - a), view.aspect)
    if (depth <= 0).any():
        return True
    number, key = view.at(places), of_matrix(label.key.path)
    own = view.keys.index(key) if key in view.keys else -1
    inside = (places[:, None] > taken[:, :2]) & (places[:, None] < taken[:, 2:])  # (places, boxes, 2)
    return bool(((number >= 0) & (number != own)).mean() > HIDES or inside.all(axis=-1).any())


def _boxes(corners: Vector, view: FacesSeen) -> list[Vector]:
    """Boxes, (4,) each, around the parts of a rectangle in space as it is seen; none for what is behind the eye."""
    a, b, c, d = corners
    if np.linalg.norm(b - a) < np.linalg.norm(d - a):
        b, d = d, b
    share = np.linspace(0, 1, PARTS + 1)[:, None]
    flat, depth = seen(view.camera, np.concatenate([a + share * (b - a), d + share * (c - d)]), view.aspect)
    if (depth <= 0).any():
        return []
    sides = flat.reshape(2, PARTS + 1, 2)
    parts = np.stack([sides[:, :-1], sides[:, 1:]])  # (2, 2, PARTS, 2)
    return list(np.concatenate([parts.min(axis=(0, 1)), parts.max(axis=(0, 1))], axis=1))


def legible(label: Label, camera: Camera, least: float) -> Iterator[Label]:
    """A label whose capitals are seen so high, made a little larger where it has to be; none where that is not enough.

    Args:
        label: Flat in space.
        camera: From where it is read.
        least: Height of a capital, as a share of the picture's height.
    """
    one = TickLabels(label.key, (label.text,), label.center[None], label.along, label.up, label.height, label.color)
    high = token_labels.seen_height(one, camera)
    if high >= least:
        yield label
    elif high * ENLARGED >= least:
        yield replace(label, height=label.height * least / high * 1.001)


def turned(texts: Texts, camera: Camera) -> Texts:
    """The same texts where they are, as they are read from another camera: not mirrored, and never huge."""
    ticks = tuple(_turned_ticks(one, camera) for one in texts.ticks)
    return Texts(tuple(smaller(_turned(label, camera), camera) for label in texts.labels), ticks, texts.titles)


def smaller(label: Label, camera: Camera) -> Label:
    """A label that a camera sees no larger than it may be."""
    depth = float(camera.depths(label.center))
    most = LARGEST_SEEN * 2 * depth * camera.slope
    return replace(label, height=most) if 0 < most < label.height else label


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
