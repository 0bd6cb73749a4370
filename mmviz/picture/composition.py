"""Everything a scene shows at a time, as a draw list: the one place where layout, timeline, style and camera meet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import floor

import numpy as np
from numpy.typing import NDArray

from mmviz.picture import guides, inset, tokens
from mmviz.picture.before import FAINT, Before, Sheets
from mmviz.picture.camera import Camera, same
from mmviz.picture.camera_work import CameraWork, camera_work
from mmviz.picture.chapters import Chapter, chapters_of, whole_of
from mmviz.picture.drawlist import (
    INSET_SIDE,
    Caption,
    DrawList,
    Inset,
    Lines,
    Patch,
    Sheet,
)
from mmviz.picture.framing import Framing
from mmviz.picture.inset import InsetView
from mmviz.picture.layout import Layout
from mmviz.picture.lettering import Lettering
from mmviz.picture.looks import colors_of, legend, looks, sizes_of
from mmviz.picture.pacing import Moment
from mmviz.picture.palette import Color, MmLook, Palette
from mmviz.picture.placement import Vector
from mmviz.picture.planes import Plane
from mmviz.picture.shots import Shots
from mmviz.picture.timeline import Frame, Timeline
from mmviz.picture.writing import Writing
from mmviz.scene.options import AnimationOptions, CameraOptions, CaptionOptions, StyleOptions
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
    animation: AnimationOptions = field(default_factory=AnimationOptions)
    captions: tuple[CaptionOptions, ...] = ()
    tokens: tuple[str, ...] = ()  # what the axis named "tokens" counts
    raw_tokens: tuple[str, ...] = ()  # the tokenizer's own pieces of them
    before: Before = field(default_factory=Before)  # sheets behind some of the matrices
    badge: str = ""  # how far the picture can be trusted; stands in the corner

    def camera(self, aspect: float) -> Camera:
        """The scene's own camera for pictures of this width divided by height."""
        return self._shots(aspect).own

    def camera_at(self, t: float | Moment, aspect: float) -> Camera:
        """The camera at a time: the scene's own, or where its keyframes and chapters lead it.

        Args:
            t: The time, in steps, or a moment of a film.
            aspect: Width of the picture divided by its height.
        """
        return self._camera_work(aspect)[0].at(self.moment(t))

    def moment(self, t: float | Moment) -> Moment:
        """A time in steps as a moment: in the first chapter that shows it."""
        if isinstance(t, Moment):
            return t
        shows = [number for number, chapter in enumerate(self.chapters) if chapter.holds(t)]
        goes_on = [number for number in shows if t < self.chapters[number].last]
        return Moment(t, next(iter(goes_on or shows), None))

    def still(self, first: Moment, last: Moment, aspect: float) -> bool:
        """Whether two moments of a film show the same picture."""
        alike = first.time == last.time and self._caption(first) == self._caption(last)
        return alike and same(self.camera_at(first, aspect), self.camera_at(last, aspect))

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """The parts of the film, in order; the whole animation is one where the scene has none."""
        return chapters_of(self.root, self.timeline.schedule, self.animation)

    def _shots(self, aspect: float) -> Shots:
        """What cameras see in pictures of this width divided by height; the latest is kept."""
        if aspect not in self._kept_shots:
            self._kept_shots.clear()
            own, view = self._framing.own(self.eye, aspect)
            schedule = self.timeline.schedule
            shots = Shots(self.root, self.layout, schedule, self._framing, self.eye, aspect, own, view)
            self._kept_shots[aspect] = shots
        return self._kept_shots[aspect]

    def _camera_work(self, aspect: float) -> tuple[CameraWork, Lettering]:
        """The paths of the camera through such pictures, and what is read on them; the latest are kept."""
        if aspect not in self._kept_work:
            self._kept_work.clear()
            whole = whole_of(self.root, self.timeline.schedule, self.animation, self.eye.keyframes)
            work = camera_work(self._shots(aspect), whole, self.chapters, self.animation.spin)
            self._kept_work[aspect] = work, Lettering(self._writing, work)
        return self._kept_work[aspect]

    @cached_property
    def _kept_shots(self) -> dict[float, Shots]:
        return {}

    @cached_property
    def _kept_work(self) -> dict[float, tuple[CameraWork, Lettering]]:
        return {}

    @cached_property
    def _framing(self) -> Framing:
        placements = tuple(self.layout.values())
        return Framing(
            self.extent, placements, lambda camera: self._writing.toward(camera).corners(), self._inset_views
        )

    def _inset_views(self, aspect: float) -> tuple[InsetView, ...]:
        path = self._inset_path
        if path is None:
            return ()
        return inset.views(path, self.layout[path], self.axes[path], self._token_texts, aspect)

    @cached_property
    def _inset_path(self) -> str | None:
        node = None if self.eye.inset is None else find(self.root, self.eye.inset)
        return None if node is None else node.path

    def at(self, t: float | Moment, camera: Camera, aspect: float = WIDE) -> DrawList:
        """The frame at a time.

        Args:
            t: The time, in steps, or a moment of a film.
            camera: Toward which names are turned.
            aspect: Width of the picture divided by its height, by which insets go.
        """
        moment = self.moment(t)
        t = moment.time
        frame = self.timeline.frame(t)
        sheets = [self._sheet(path, frame) for path in frame]
        sheets += [self._sheet_before(path, frame, t) for path in self.behind.names]
        sheets += [self._plane(plane) for plane in frame.planes]
        lines, patches = self._guides
        texts = self._camera_work(aspect)[1].at(moment, camera)
        frames = tuple(guides.border(f"border:{plane.key}", plane.drawn) for plane in frame.planes)
        return DrawList(
            sheets=tuple(sheets),
            lines=lines + frames,
            labels=texts.labels,
            ticks=texts.ticks,
            patches=patches,
            captions=self._captions(moment),
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
        numbers |= {f"partial:{path}": sums for path, sums in self.timeline.partial_results().items()}
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
        look, scale = self.looks[f"partial:{plane.owner}" if plane.partial else f"plane:{plane.owner}"]
        return Sheet(plane.key, plane.drawn, plane.values, scale, look=look, shown=plane.shown)

    def _insets(self, frame: Frame, aspect: float) -> tuple[Inset, ...]:
        """One matrix from the front: rows run down, columns to the right."""
        path = self._inset_path
        view = None if path is None else self._shots(aspect).inset
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

    @cached_property
    def _writing(self) -> Writing:
        return Writing(self.root, self.layout, self.axes, self._token_texts, self.style, self.behind)

    @cached_property
    def _token_texts(self) -> tuple[str, ...]:
        chosen = {"decoded": self.tokens, "raw": self.raw_tokens, "none": ()}[self.style.tokens]
        return tuple(tokens.visible(token) for token in chosen)

    def _captions(self, moment: Moment) -> tuple[Caption, ...]:
        lines = [
            ("title", self.title, 0.955, TITLE, 0.019),
            ("subtitle", _shortened(self.subtitle), 0.915, SUBTITLE, 0.0135),
        ]
        lines.append(("caption", self._caption(moment), 0.05, TITLE, 0.0155))
        if self.style.legend:
            lines.append(("legend", legend(self.style), 0.016, LEGEND, 0.0092))
        captions = tuple(Caption(key, text, level, color, height) for key, text, level, color, height in lines if text)
        return captions + (
            (Caption("badge", self.badge, 0.99, DOUBT if self.badge.startswith("✗") else BADGE, 0.0095, badge=True),)
            if self.badge
            else ()
        )

    def _caption(self, moment: Moment) -> str:
        """What happens: the chapter's words or else the scene's, and the token that is being worked on."""
        begun = [(self._start(caption), caption.text) for caption in self.captions]
        begun = [entry for entry in begun if entry[0] <= moment.time]
        title = "" if moment.chapter is None else self.chapters[moment.chapter].title
        text = title or max(begun, default=(0, ""), key=lambda entry: entry[0])[1]
        token = self._token(moment.time)
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
