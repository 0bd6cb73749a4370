"""Everything a scene shows at a time, as a draw list: the one place where layout, timeline, style and camera meet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import floor

import numpy as np
from numpy.typing import NDArray

from mmviz.picture import guides, labels, terms
from mmviz.picture.camera import Camera, fit, placed, project
from mmviz.picture.drawlist import (
    INSET_BOTTOM,
    INSET_MARGIN,
    INSET_SIDE,
    Caption,
    DrawList,
    Inset,
    Label,
    Lines,
    Patch,
    Sheet,
)
from mmviz.picture.layout import Layout
from mmviz.picture.looks import colors_of, legend, looks, sizes_of
from mmviz.picture.palette import Color, MmLook, Palette
from mmviz.picture.placement import Placement, Vector
from mmviz.picture.timeline import Frame, Plane, Timeline
from mmviz.scene.options import CameraOptions, CaptionOptions, StyleOptions
from mmviz.scene.tree import Node, ProductNode, find, walk

TITLE: Color = (0.95, 0.95, 1.0)
SUBTITLE: Color = (0.62, 0.62, 0.70)
LEGEND: Color = (0.46, 0.46, 0.52)
INSET: Color = (0.045, 0.045, 0.055)
DIMMED = 0.5
"""How much darker the cells of an argument are that do not take part in the current step."""
ROOM_FOR_INSET = (0.0, 0.05, 0.1, 0.15, 0.2)
"""Shares of the picture's width that are tried, until the inset covers nothing."""
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

    def camera(self, aspect: float) -> Camera:
        """The scene's own camera for pictures of this width divided by height."""
        eye = self.eye
        if eye.position is not None:
            return placed(eye.position, eye.target, eye.view_angle, aspect)
        direction = np.asarray(eye.direction)
        first = fit(self.extent, direction, aspect)
        room = np.concatenate([self.extent, *(_span(label) for label in self._labels(first))])
        camera = first
        for left in ROOM_FOR_INSET if self.eye.inset is not None else (0.0,):
            camera = fit(room, direction, aspect, zoom=self.eye.zoom, left=left)
            if not self._behind_inset(camera, aspect):
                break
        return camera

    def _behind_inset(self, camera: Camera, aspect: float) -> bool:
        """True where the inset would cover a part of a matrix."""
        edges = np.concatenate([_edges(placement) for placement in self.layout.values()])
        across, up = project(camera, edges, aspect).T
        right, top = INSET_SIDE + 2 * INSET_MARGIN, INSET_SIDE + INSET_BOTTOM + INSET_MARGIN
        return bool(((across * aspect < right) & (up < top)).any())

    def at(self, t: float, camera: Camera) -> DrawList:
        """The frame at time t, in steps, with its names turned toward a camera."""
        frame = self.timeline.frame(t)
        sheets = [self._sheet(path, frame) for path in frame]
        sheets += [self._plane(plane) for plane in frame.planes]
        lines, patches = self._guides
        frames = tuple(guides.border(f"border:{plane.owner}", plane.placement) for plane in frame.planes)
        return DrawList(
            sheets=tuple(sheets),
            lines=lines + frames,
            labels=self._labels(camera),
            patches=patches,
            captions=self._captions(t),
            insets=self._insets(frame),
            extent=self.extent,
        )

    @cached_property
    def extent(self) -> Vector:
        """(n, 3): the corners of all matrices and of all cubes, through which planes fly, in cells."""
        matrices = [placement.corners(guides.MARGIN) for placement in self.layout.values()]
        return np.concatenate([*matrices, *(cube.corners() for cube in self.layout.cubes.values())])

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

    def _plane(self, plane: Plane) -> Sheet:
        key = f"plane:{plane.owner}"
        look, scale = self.looks[key]
        return Sheet(key=key, placement=plane.placement, values=plane.values, scale=scale, look=look)

    def _insets(self, frame: Frame) -> tuple[Inset, ...]:
        """One matrix from the front: rows run down, columns to the right."""
        node = None if self.eye.inset is None else find(self.root, self.eye.inset)
        if node is None:
            return ()
        corners = self.layout[node.path].corners(guides.MARGIN)
        drawing = DrawList(
            sheets=(replace(self._sheet(node.path, frame), dimmed=0.0),),
            lines=tuple(line for line in self._guides[0] if line.key.endswith(f":{node.path}")),
            captions=(Caption("inset", node.name, 0.97, SUBTITLE, 0.04),),
            background=INSET,
            extent=corners,
        )
        front = self.layout[node.path]
        camera = fit(corners, front.normal, 1.0, border=(0.07, 0.07), up=-front.down)
        return (Inset(f"inset:{node.path}", drawing, camera),)

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
        return tuple(line for line in lines if len(line.points)), tuple(patches)

    def _mask_edge(self, path: str) -> Lines | None:
        mask = self.masked.get(path)
        return None if mask is None else guides.mask_edge(path, self.layout[path], mask)

    def _labels(self, camera: Camera) -> tuple[Label, ...]:
        found: tuple[Label, ...] = ()
        if self.style.names:
            covered = {f"name:{path}" for path in terms.covered(self.root, self.layout, camera)}
            named = labels.names(self.root, self.layout, camera)
            found += tuple(label for label in named if label.key not in covered)
            found += terms.signs(self.root, self.layout, camera)
        if self.style.sizes:
            found += labels.sizes(self.root, self.layout, self.axes, camera)
        return found

    def _captions(self, t: float) -> tuple[Caption, ...]:
        lines = [
            ("title", self.title, 0.955, TITLE, 0.019),
            ("subtitle", self.subtitle, 0.915, SUBTITLE, 0.0135),
        ]
        lines.append(("caption", self._caption(t), 0.05, TITLE, 0.0155))
        if self.style.legend:
            lines.append(("legend", legend(self.style), 0.016, LEGEND, 0.0092))
        return tuple(Caption(key, text, level, color, height) for key, text, level, color, height in lines if text)

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


def _edges(placement: Placement) -> Vector:
    """(n, 3): points along the border of a matrix."""
    rows, columns = placement.shape
    along = np.linspace(0, 1, 17)
    i = np.concatenate([np.zeros(17), np.ones(17), along, along]) * (rows - 1)
    j = np.concatenate([along, along, np.zeros(17), np.ones(17)]) * (columns - 1)
    return placement.element(i, j)


def _span(label: Label) -> Vector:
    """(4, 3): the corners of a label's text."""
    half = 0.5 * labels.ADVANCE * label.height * len(label.text) * label.along
    rise = 0.7 * label.height * label.up
    return np.array([label.center + s * half + u * rise for s in (1, -1) for u in (1, -1)])
