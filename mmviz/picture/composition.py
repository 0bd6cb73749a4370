"""Everything a scene shows at a time, as a draw list: the one place where layout, timeline, style and camera meet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import floor

import numpy as np
from numpy.typing import NDArray

from mmviz.picture import guides, inset, labels, terms, tokens
from mmviz.picture.before import FAINT, Before, Sheets
from mmviz.picture.camera import Camera, fit, placed
from mmviz.picture.crowding import uncrowded
from mmviz.picture.drawlist import (
    INSET_SIDE,
    Caption,
    DrawList,
    Inset,
    Label,
    Lines,
    Patch,
    Sheet,
    TickLabels,
)
from mmviz.picture.inset import InsetView
from mmviz.picture.layout import Layout
from mmviz.picture.looks import colors_of, legend, looks, sizes_of
from mmviz.picture.orbit import distance
from mmviz.picture.palette import Color, MmLook, Palette
from mmviz.picture.placement import Placement, Vector
from mmviz.picture.timeline import Frame, Plane, Timeline
from mmviz.scene.options import CameraOptions, CaptionOptions, StyleOptions
from mmviz.scene.tree import Node, ProductNode, find, walk

TITLE: Color = (0.95, 0.95, 1.0)
SUBTITLE: Color = (0.62, 0.62, 0.70)
LEGEND: Color = (0.46, 0.46, 0.52)
BADGE: Color = (0.55, 0.72, 0.60)
DOUBT: Color = (0.95, 0.50, 0.42)
INSET: Color = (0.045, 0.045, 0.055)
LONGEST_SUBTITLE = 150
"""Letters of an expression below the title: more would be too small to read."""
DIMMED = 0.5
"""How much darker the cells of an argument are that do not take part in the current step."""
ROOM_FOR_INSET = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
"""Shares of the picture's width that are tried, until the inset covers nothing."""
FARTHER = 1.1
"""How many times farther the eye may go for an inset that is enlarged for its tokens."""
WIDE = 16 / 9
"""Width divided by height of a picture of which nothing is said."""
SAMPLED_PLANES = 16
"""Planes over which the scale of a product's planes is taken."""


@dataclass(frozen=True)
class Composition:
    """A scene that is ready to be drawn at any time from any side."""

    root: Node
    layout: Layout
    timeline: Timeline
    values: Mapping[str, NDArray[np.float32]]  # path -> (rows, columns)
    masked: Mapping[str, NDArray[np.bool_]]  # path -> (rows, columns), where a mask forbids elements
    axes: Mapping[str, tuple[str, str]]  # path -> names of rows and columns
    style: StyleOptions
    eye: CameraOptions
    title: str = ""
    subtitle: str = ""
    captions: tuple[CaptionOptions, ...] = ()
    tokens: tuple[str, ...] = ()  # what the axis named "tokens" counts
    raw_tokens: tuple[str, ...] = ()  # the tokenizer's own pieces of them
    before: Before = field(default_factory=Before)  # sheets behind some of the matrices
    badge: str = ""  # how far the picture can be trusted; stands in the corner

    def camera(self, aspect: float) -> Camera:
        """The scene's own camera for pictures of this width divided by height."""
        return self._seen(aspect)[0]

    def _seen(self, aspect: float) -> tuple[Camera, InsetView | None]:
        """The scene's own camera, and how its inset is shown beside what that sees."""
        if aspect not in self._kept_views:
            self._kept_views.clear()
            self._kept_views[aspect] = self._beside_inset(aspect)
        return self._kept_views[aspect]

    @cached_property
    def _kept_views(self) -> dict[float, tuple[Camera, InsetView | None]]:
        return {}

    def _beside_inset(self, aspect: float) -> tuple[Camera, InsetView | None]:
        """An inset grows for its tokens only where the rest hardly gets smaller for it."""
        first = fit(self.extent, self.eye.direction, aspect)
        written, ticks = self._written(first)
        spans = [*(labels.span(label) for label in written), *(tokens.corners(one) for one in ticks)]
        edges = [*(_edges(placement) for placement in self.layout.values()), *spans]
        room = np.concatenate([self.extent, *spans])
        path = self._inset_path
        if path is None:
            return self._fitted(room, aspect, 0.0), None
        seen = []
        for view in inset.views(path, self.layout[path], self.axes[path], self._token_texts, aspect):
            cameras = (self._fitted(room, aspect, left) for left in ROOM_FOR_INSET)
            free = (camera for camera in cameras if not inset.covers(view, camera, edges, aspect))
            seen.append((next(free, None), view))
        camera = seen[-1][0] or self._fitted(room, aspect, ROOM_FOR_INSET[-1])
        for nearer, view in seen[:-1]:
            if nearer is not None and distance(nearer) <= FARTHER * distance(camera):
                return nearer, view
        return camera, seen[-1][1]

    def _fitted(self, room: Vector, aspect: float, left: float) -> Camera:
        """A camera that sees some points beside an empty share of the width at the left, or the one that is given."""
        eye = self.eye
        if eye.position is not None:
            return placed(eye.position, eye.target, eye.view_angle, aspect)
        return fit(room, eye.direction, aspect, zoom=eye.zoom, left=left)

    @cached_property
    def _inset_path(self) -> str | None:
        node = None if self.eye.inset is None else find(self.root, self.eye.inset)
        return None if node is None else node.path

    def at(self, t: float, camera: Camera, aspect: float = WIDE) -> DrawList:
        """The frame at time t, in steps.

        Args:
            t: The time.
            camera: Toward which names are turned.
            aspect: Width of the picture divided by its height, by which insets go.
        """
        frame = self.timeline.frame(t)
        sheets = [self._sheet(path, frame) for path in frame]
        sheets += [self._sheet_before(path, frame, t) for path in self.behind.names]
        sheets += [self._plane(plane) for plane in frame.planes]
        lines, patches = self._guides
        written, ticks = self._texts(camera)
        frames = tuple(guides.border(f"border:{plane.owner}", plane.placement) for plane in frame.planes)
        return DrawList(
            sheets=tuple(sheets),
            lines=lines + frames,
            labels=written,
            ticks=ticks,
            patches=patches,
            captions=self._captions(t),
            insets=self._insets(frame, aspect),
            extent=self.extent,
        )

    @cached_property
    def extent(self) -> Vector:
        """(n, 3): the corners of all matrices and of all cubes, through which planes fly, in cells."""
        matrices = [placement.corners(guides.MARGIN) for placement in self.layout.values()]
        matrices += [placement.corners(guides.MARGIN) for placement in self.behind.placements.values()]
        return np.concatenate([*matrices, *(cube.corners() for cube in self.layout.cubes.values())])

    @cached_property
    def behind(self) -> Sheets:
        """The sheets behind matrices."""
        return Sheets(self.root, self.layout, self.timeline, self.before, self.style)

    @cached_property
    def looks(self) -> Mapping[str, tuple[Palette | MmLook, float]]:
        """Look and scale (the |x| that is drawn at full size) of each matrix, by path, and of each product's planes."""
        numbers = {path: self._allowed(path) for path in self.values}
        numbers |= {f"plane:{path}": self._sampled_products(path) for path in self.timeline.products}
        return looks(self.root, numbers, self.style)

    def colors(self) -> dict[str, NDArray[np.float64]]:
        """The colour of every element of the finished matrices, (rows, columns, 3) by path, RGB 0..1."""
        return {path: colors_of(matrix, *self.looks[path]) for path, matrix in self.values.items()}

    def sizes(self) -> dict[str, NDArray[np.float64]]:
        """The size of every element of the finished matrices, (rows, columns) by path; see `looks.sizes_of`."""
        return {path: sizes_of(matrix, *self.looks[path]) for path, matrix in self.values.items()}

    def _allowed(self, path: str) -> NDArray[np.float32]:
        mask = self.masked.get(path)
        return self.values[path] if mask is None else self.values[path][~mask]

    def _sampled_products(self, path: str) -> NDArray[np.float32]:
        """Some of the products of a cube, evenly over its rows."""
        left, right = self.timeline.inputs(path)
        rows = np.unique(np.linspace(0, len(left) - 1, SAMPLED_PLANES).astype(int))
        inner = np.unique(np.linspace(0, len(right) - 1, 256).astype(int))
        columns = np.unique(np.linspace(0, right.shape[1] - 1, 256).astype(int))
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            products: NDArray[np.float32] = left[np.ix_(rows, inner)][:, :, None] * right[np.ix_(inner, columns)][None]
        return products

    def _sheet(self, path: str, frame: Frame) -> Sheet:
        state = frame[path]
        look, scale = self.looks[path]
        return Sheet(
            key=f"matrix:{path}",
            placement=self.layout[path],
            values=state.values,
            scale=scale,
            look=look,
            masked=self.masked.get(path),
            shown=state.shown,
            lit=state.lit,
            dimmed=DIMMED if state.lit else 0.0,
        )

    def _sheet_before(self, path: str, frame: Frame, t: float) -> Sheet:
        """The sheet behind a matrix: its cells are there when those of the matrix are."""
        look, scale = self.behind.looks[path]
        front = self._sheet(path, frame)
        return replace(
            front,
            key=f"{front.key} before",
            placement=self.behind.placements[path],
            values=self.behind.values(path, t),
            scale=scale,
            look=look,
            masked=self.behind.masked.get(path),
            dimmed=max(front.dimmed, FAINT),
        )

    def _plane(self, plane: Plane) -> Sheet:
        key = f"plane:{plane.owner}"
        look, scale = self.looks[key]
        return Sheet(key=key, placement=plane.placement, values=plane.values, scale=scale, look=look)

    def _insets(self, frame: Frame, aspect: float) -> tuple[Inset, ...]:
        """One matrix from the front: rows run down, columns to the right."""
        path = self._inset_path
        view = None if path is None else self._seen(aspect)[1]
        if path is None or view is None:
            return ()
        drawing = DrawList(
            sheets=(replace(self._sheet(path, frame), dimmed=0.0),),
            lines=tuple(line for line in self._guides[0] if line.key.endswith(f":{path}")),
            ticks=view.ticks,
            captions=(Caption("inset", self._names[path], 0.97, SUBTITLE, 0.04 * INSET_SIDE / view.side),),
            background=INSET,
            extent=self.layout[path].corners(guides.MARGIN),
        )
        return (Inset(f"inset:{path}", drawing, view.camera, view.side),)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {node.path: node.name for node in walk(self.root)}

    @cached_property
    def _guides(self) -> tuple[tuple[Lines, ...], tuple[Patch, ...]]:
        lines: list[Lines] = []
        patches: list[Patch] = []
        for node in walk(self.root):
            if self.style.guides:
                lines += guides.outline(node.path, self.layout[node.path])
                edge = self._mask_edge(node.path)
                lines += [] if edge is None else [edge]
            if self.style.arrows and isinstance(node, ProductNode):
                patches += guides.arrow(node.path, self.layout, node.left.path, node.right.path)
        if self.style.guides:
            lines += self.behind.guides()
        return tuple(line for line in lines if len(line.points)), tuple(patches)

    def _mask_edge(self, path: str) -> Lines | None:
        mask = self.masked.get(path)
        return None if mask is None else guides.mask_edge(path, self.layout[path], mask)

    def _texts(self, camera: Camera) -> tuple[tuple[Label, ...], tuple[TickLabels, ...]]:
        """Names, sizes and tokens; those of the camera before are kept, for a film has one camera."""
        kept = self._kept_texts
        if not kept or kept[0][0] is not camera:
            kept[:] = [(camera, self._written(camera))]
        return kept[0][1]

    @cached_property
    def _kept_texts(self) -> list[tuple[Camera, tuple[tuple[Label, ...], tuple[TickLabels, ...]]]]:
        return []

    def _written(self, camera: Camera) -> tuple[tuple[Label, ...], tuple[TickLabels, ...]]:
        found: tuple[Label, ...] = ()
        lengths: tuple[Label, ...] = ()
        if self.style.names:
            covered = {f"name:{path}" for path in terms.covered(self.root, self.layout, camera)}
            named = labels.names(self.root, self.layout, camera)
            found += tuple(label for label in named if label.key not in covered)
            found += terms.signs(self.root, self.layout, camera)
            found += self.behind.names_toward(camera)
        ticks = tokens.beside_edges(self.root, self.layout, self.axes, self._token_texts, camera)
        if self.style.sizes:
            taken = {edge: tokens.reach(one) for edge, one in ticks.items()}
            lengths = labels.sizes(self.root, self.layout, self.axes, camera, taken)
        return uncrowded(found, lengths, camera), tuple(ticks.values())

    @cached_property
    def _token_texts(self) -> tuple[str, ...]:
        chosen = {"decoded": self.tokens, "raw": self.raw_tokens, "none": ()}[self.style.tokens]
        return tuple(tokens.visible(token) for token in chosen)

    def _captions(self, t: float) -> tuple[Caption, ...]:
        lines = [
            ("title", self.title, 0.955, TITLE, 0.019),
            ("subtitle", _shortened(self.subtitle), 0.915, SUBTITLE, 0.0135),
        ]
        lines.append(("caption", self._caption(t), 0.05, TITLE, 0.0155))
        if self.style.legend:
            lines.append(("legend", legend(self.style), 0.016, LEGEND, 0.0092))
        captions = tuple(Caption(key, text, level, color, height) for key, text, level, color, height in lines if text)
        return captions + (
            (Caption("badge", self.badge, 0.99, DOUBT if self.badge.startswith("✗") else BADGE, 0.0095, badge=True),)
            if self.badge
            else ()
        )

    def _caption(self, t: float) -> str:
        """What happens at time t: the scene's own words, and the token that is being worked on."""
        begun = [(self._start(caption), caption.text) for caption in self.captions]
        text = max((entry for entry in begun if entry[0] <= t), default=(0, ""), key=lambda entry: entry[0])[1]
        token = self._token(t)
        return "   ·   ".join(part for part in (text, token) if part)

    def _start(self, caption: CaptionOptions) -> int:
        node = find(self.root, caption.start)
        return self.timeline.schedule.begins[node.path] if node is not None else 0

    def _token(self, t: float) -> str:
        swept = {"vmprod": 0, "mvprod": 1}
        for path, run in self.timeline.schedule.runs.items():
            axis = swept.get(run.algorithm)
            if axis is None or not run.start <= t < run.end or self.axes[path][axis] != "tokens":
                continue
            number = floor(t) - run.start
            if number < len(self.tokens):
                return f"token {number + 1} of {len(self.tokens)}: “{self.tokens[number]}”"
        return ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SUBTITLE else f"{text[:LONGEST_SUBTITLE].rstrip()} …"


def _edges(placement: Placement) -> Vector:
    """(n, 3): points along the border of a matrix."""
    rows, columns = placement.shape
    along = np.linspace(0, 1, 17)
    i = np.concatenate([np.zeros(17), np.ones(17), along, along]) * (rows - 1)
    j = np.concatenate([along, along, np.zeros(17), np.ones(17)]) * (columns - 1)
    return placement.element(i, j)
