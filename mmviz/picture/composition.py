"""Everything a scene shows at a time, as a draw list: the one place where layout, timeline, style and camera meet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import INSET_SIDE, Caption, DrawList, Inset, Label, Lines, Sheet
from mmviz.picture.eye.camera import Camera, same
from mmviz.picture.eye.giving_way import reach_of
from mmviz.picture.look.looks import Looks, colors_of, looks, sizes_of
from mmviz.picture.look.palette import Color
from mmviz.picture.look.scale_words import Scale, legend, named_with, scales_of
from mmviz.picture.marks import current_row, guides, inset, token_labels
from mmviz.picture.marks.arrows import Arrow, Yielding, arrows
from mmviz.picture.marks.captions import SUBTITLE, Captions
from mmviz.picture.marks.color_bar import ColorBars, color_bars
from mmviz.picture.marks.emphasis import DIMMED, PLAIN, Emphasis
from mmviz.picture.marks.inset import InsetView
from mmviz.picture.marks.labels import headings, largest_beside
from mmviz.picture.marks.links import links
from mmviz.picture.marks.narration import Narration
from mmviz.picture.marks.near_marks import borders_left, texts_left, ticks_left
from mmviz.picture.marks.root_titles import root_titles
from mmviz.picture.marks.sheet_before import FAINT, Before, Sheets
from mmviz.picture.marks.writing import Writing
from mmviz.picture.shots.cameras import Box, Cameras
from mmviz.picture.shots.framing import Framing, Look, focus
from mmviz.picture.space.item_key import BEHIND, ItemKey, of_matrix, of_sheet_behind
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Vector
from mmviz.picture.stages import Around, Ingredients
from mmviz.picture.time.chapters import Chapter, chapters_of
from mmviz.picture.time.pacing import Moment, moment_of
from mmviz.picture.time.planes import Plane
from mmviz.picture.time.scales import numbers_of
from mmviz.picture.time.timeline import Frame, Timeline
from mmviz.picture.time.token_steps import AXIS, SOURCE_AXIS
from mmviz.scene.keys.options import AnimationOptions, CameraOptions, CaptionOptions, StyleOptions
from mmviz.scene.language.tree import Tree, find, walk

HEADING = 0.035
"""Height of what is written over columns beside an inset's matrix, as a share of its longer side."""
COLUMNS = ("maximum", "total", "sink")
"""Kinds of what stands beside an inset's matrix, too."""
INSET: Color = (0.045, 0.045, 0.055)
WIDE = 16 / 9
"""Width divided by height of a picture of which nothing is said."""


@dataclass(frozen=True)
class Composition:
    """A scene that is ready to be drawn at any time from any side."""

    root: Tree
    layout: Layout
    timeline: Timeline
    values: Mapping[str, NDArray[np.float32]]  # path -> (rows, columns)
    masked: Mapping[str, NDArray[np.bool_]]  # path -> (rows, columns), where a mask forbids elements
    axes: Mapping[str, tuple[str, str]]  # path -> names of rows and columns
    style: StyleOptions
    eye: CameraOptions
    title: str = ""
    titles: tuple[str, ...] = ()  # of roots that stand side by side, from left to right
    subtitle: str = ""
    animation: AnimationOptions = field(default_factory=AnimationOptions)
    captions: tuple[CaptionOptions, ...] = ()
    tokens: tuple[str, ...] = ()  # what the axis named "tokens" counts
    raw_tokens: tuple[str, ...] = ()  # the tokenizer's own pieces of them
    source_tokens: tuple[str, ...] = ()  # what the axis named "source_tokens" counts
    raw_source_tokens: tuple[str, ...] = ()
    before: Before = field(default_factory=Before)  # sheets behind some of the matrices
    badge: str = ""  # how far the picture can be trusted; stands in the corner
    origins: Mapping[str, str] = field(default_factory=dict)  # in words where the numbers of each tensor come from
    around: Callable[[str, int, int], Around] | None = None  # path, row, column -> how functions make the element
    ingredients: Callable[[str], Ingredients] | None = None  # path -> what functions are computed from, besides values
    cancelled: Mapping[str, int] = field(default_factory=dict)  # path -> how many elements are 0 but for rounding
    known_looks: Looks | None = None  # found for the same numbers and style before
    fixed: Camera | None = None  # from where it is seen, whatever its own camera and keyframes say
    pixels: int = token_labels.USUAL_HEIGHT  # height of pictures: what cannot be read in them is left out

    def for_height(self, pixels: int) -> "Composition":
        """The same scene in pictures of another height."""
        return self if pixels == self.pixels else replace(self, pixels=pixels, known_looks=self.looks)

    def filmed_from(self, camera: Camera) -> "Composition":
        """The same scene, always seen from one camera."""
        return replace(self, fixed=camera, known_looks=self.looks)

    def camera(self, aspect: float) -> Camera:
        """The scene's own camera for pictures of this width divided by height."""
        return self.cameras.shots(aspect).own

    def camera_at(self, t: float | Moment, aspect: float) -> Camera:
        """The camera at a time: the scene's own, or where its keyframes and chapters lead it.

        Args:
            t: The time, in steps, or a moment of a film.
            aspect: Width of the picture divided by its height.
        """
        return self.cameras.work(aspect).at(self.moment(t))

    def camera_toward(self, look: Look, aspect: float, path: str | None = None, emphasis: Emphasis = PLAIN) -> Camera:
        """The camera that sees one matrix, or else all that is not left out, from a side.

        Args:
            look: From which side, and how near.
            aspect: Width of the picture divided by its height.
            path: Of the matrix.
            emphasis: What is left out.
        """
        view = self.cameras.shots(aspect).inset
        if path is not None:
            return focus(self.layout[path], look, aspect, view, self.bars.room(aspect))
        paths = [node.path for node in walk(self.root) if not emphasis.hides(node.path)]
        if len(paths) in (0, len(self.layout)):
            return self.framing.whole(look, aspect, view)
        writing = replace(self.writing, emphasis=emphasis)
        frames = replace(
            self.framing,
            extent=self.extent_of(paths),
            placements=tuple(self.layout[one] for one in paths),
            texts=lambda camera: writing.toward(camera).corners(),
        )
        return frames.whole(look, aspect, view if self.inset_path in paths else None)

    def moment(self, t: float | Moment) -> Moment:
        """A time in steps as a moment: in the first chapter that shows it."""
        return t if isinstance(t, Moment) else moment_of(self.chapters, t)

    def still(self, first: Moment, last: Moment, aspect: float) -> bool:
        """Whether two moments of a film show the same picture."""
        alike = first.time == last.time and self.narration.at(first) == self.narration.at(last)
        return alike and same(self.camera_at(first, aspect), self.camera_at(last, aspect))

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """The parts of the film, in order; the whole animation is one where the scene has none."""
        return chapters_of(self.root, self.timeline.schedule, self.animation)

    @cached_property
    def cameras(self) -> Cameras:
        """From where it is seen, in pictures of any shape."""
        over = lambda aspect: [*self.captioned.boxes(aspect, self.pixels), *self.bars.boxes(aspect)]  # noqa: E731
        return Cameras(
            root=self.root,
            layout=self.layout,
            schedule=self.timeline.schedule,
            framing=self.framing,
            writing=self.writing,
            eye=self.eye,
            animation=self.animation,
            chapters=self.chapters,
            over=over,
            fixed=self.fixed,
        )

    @cached_property
    def framing(self) -> Framing:
        """Which camera sees what."""
        placements = tuple(place for path, place in self.layout.items() if path not in self.layout.unseen)
        texts = lambda camera: self.writing.toward(camera).corners()  # noqa: E731
        return Framing(self.extent, placements, texts, self._inset_views, self.bars.room)

    @cached_property
    def bars(self) -> ColorBars:
        """The colour bars beside it."""
        return color_bars(self, self.inset_path)

    def _inset_views(self, aspect: float) -> tuple[InsetView, ...]:
        path = self.inset_path
        if path is None:
            return ()
        beside = [corner for one in self.timeline.tilings.values() if one.scores == path for corner in one.corners()]
        beside += self.timeline.sinks.corners(path)
        return inset.views(path, self.layout[path], self.axes[path], self.token_texts, aspect, beside, self.pixels)

    @cached_property
    def inset_path(self) -> str | None:
        """Path of the matrix that is shown by itself."""
        node = None if self.eye.inset is None else find(self.root, self.eye.inset)
        return None if node is None else node.path

    def at(
        self,
        t: float | Moment,
        camera: Camera,
        aspect: float = WIDE,
        emphasis: Emphasis = PLAIN,
        *,
        steady: bool = False,
        over: tuple[Box, ...] = (),
    ) -> DrawList:
        """The frame at a time.

        Args:
            t: The time, in steps, or a moment of a film.
            camera: Toward which names are turned.
            aspect: Width of the picture divided by its height, by which insets go.
            emphasis: What a person looks at just now.
            steady: Names keep the places that they had for the camera before, while a person turns the scene.
            over: What a window shows over the picture; names keep off it.
        """
        moment = self.moment(t)
        t = moment.time
        frame = emphasis.seen(self.timeline.frame(t))
        behind = dict(self.behind.seen_from(camera))
        flying = [plane.drawn for plane in frame.planes]
        patches, edges = self._yielding.at(camera, {path: frame[path].shown for path in frame}, flying)
        lettering = self.cameras.lettering(aspect, emphasis.hidden, over)
        texts = lettering.at(moment, camera)
        names, leaders = lettering.names(moment, camera, [one.corners(0.5) for one in flying], steady=steady)
        titles = emphasis.kept(self.writing.titled(camera))
        return DrawList(
            sheets=tuple(self._sheets(frame, behind, emphasis, t)),
            lines=(*self._lines(frame, emphasis, borders_left(self.standing_lines, behind) + edges), *leaders),
            labels=texts_left(names + texts.labels + titles, camera) + self._headings(frame, camera),
            ticks=ticks_left(texts.ticks, camera),
            patches=emphasis.kept(patches),
            captions=self.captioned.at(self.narration.at(moment)),
            insets=self._insets(frame, aspect, emphasis) + self.bars.insets(aspect),
            extent=self.extent,
            near=reach_of(camera),
        )

    def _sheets(self, frame: Frame, behind: Mapping[str, float], emphasis: Emphasis, t: float) -> Iterator[Sheet]:
        """Every matrix, what stands behind some of them, and what is in flight."""
        yield from (emphasis.on(self._sheet(path, frame)) for path in frame)
        yield from (self._sheet_before(path, share, frame, t) for path, share in behind.items() if path in frame)
        yield from (self._plane(plane) for plane in frame.planes)

    @cached_property
    def extent(self) -> Vector:
        """(n, 3): the corners of all matrices and of all cubes, through which planes fly, in cells."""
        return self.extent_of([path for path in self.layout if path not in self.layout.unseen])

    def extent_of(self, paths: Sequence[str]) -> Vector:
        """(n, 3): the corners of some matrices, of the sheets behind them and of their cubes."""
        places = [place[path] for place in (self.layout, self.behind.placements) for path in paths if path in place]
        cubes = [self.layout.cubes[path].corners() for path in paths if path in self.layout.cubes]
        beside = [corners for path in paths for corners in self.timeline.sinks.corners(path)]
        return np.concatenate([*(place.corners(guides.MARGIN) for place in places), *cubes, *beside])

    @cached_property
    def behind(self) -> Sheets:
        """The sheets behind matrices."""
        return Sheets(self.root, self.layout, self.timeline, self.before, self.style)

    @cached_property
    def looks(self) -> Looks:
        """Look and scale of each matrix, and of all that is there only during a run."""
        if self.known_looks is not None:
            return self.known_looks
        return looks(self.root, numbers_of(self.values, self.masked, self.timeline), self.style)

    def colors(self) -> dict[str, NDArray[np.float64]]:
        """The colour of every element of the finished matrices, (rows, columns, 3) by path, RGB 0..1."""
        return {path: colors_of(matrix, *self.looks[of_matrix(path)]) for path, matrix in self.values.items()}

    def sizes(self) -> dict[str, NDArray[np.float64]]:
        """The size of every element of the finished matrices, (rows, columns) by path; see `looks.sizes_of`."""
        return {path: sizes_of(matrix, *self.looks[of_matrix(path)]) for path, matrix in self.values.items()}

    def _sheet(self, path: str, frame: Frame) -> Sheet:
        state = frame[path]
        key = of_matrix(path)
        look, scale = self.looks[key]
        return Sheet(
            key=key,
            placement=self.layout[path],
            values=state.values,
            scale=scale,
            look=look,
            masked=self.masked.get(path),
            shown=state.shown,
            lit=state.lit,
            dimmed=DIMMED if state.lit else 0.0,
        )

    def _sheet_before(self, path: str, share: float, frame: Frame, t: float) -> Sheet:
        """Some of the sheet behind a matrix: its cells are there when those of the matrix are."""
        look, scale = self.behind.looks[path]
        front = self._sheet(path, frame)
        return replace(
            front,
            key=of_sheet_behind(path),
            placement=self.behind.placements[path],
            values=self.behind.values(path, t),
            scale=scale / share**2,  # sizes go by its root
            look=look,
            masked=self.behind.masked.get(path),
            dimmed=max(front.dimmed, FAINT),
        )

    def _plane(self, plane: Plane) -> Sheet:
        look, scale = self.looks[plane.look]
        return Sheet(plane.key, plane.drawn, plane.values, scale, plane.masked, look, plane.shown)

    def _insets(self, frame: Frame, aspect: float, emphasis: Emphasis) -> tuple[Inset, ...]:
        """One matrix from the front: rows run down, columns to the right."""
        path = self.inset_path
        view = None if path is None else self.cameras.shots(aspect).inset
        if path is None or path not in frame or view is None:
            return ()
        columns = [plane for plane in frame.planes if plane.kind in COLUMNS and plane.owner == path]
        borders = [guides.border(plane) for plane in columns]
        lit = emphasis.cells(path)
        sheet = emphasis.on(replace(self._sheet(path, frame), dimmed=0.0))
        borders += guides.mark(path, self.layout[path], lit)
        naming = None if view.naming is None else self._namer.at(sheet, lit, view.naming, view.camera)
        borders += [] if naming is None else [naming.lines]
        drawing = DrawList(
            sheets=(sheet, *map(self._plane, columns)),
            lines=(
                *(line for line in self.standing_lines if self._is_inset(line, path)),
                *borders,
            ),
            ticks=view.ticks if naming is None else naming.ticks,
            labels=headings(columns, HEADING * (max(self.layout[path].reach) + 1), view.camera),
            captions=(self.inset_caption(path, view),),
            background=INSET,
            extent=self.layout[path].corners(guides.MARGIN),
        )
        return (Inset(ItemKey("inset", path), drawing, view.camera, view.side),)

    def _is_inset(self, line: Lines, path: str) -> bool:
        """Whether a line that stands is seen beside a matrix alone."""
        return line.key.path == path and line.key.part != BEHIND and line.key.kind != "link"

    def inset_caption(self, path: str, view: InsetView) -> Caption:
        """What is written over the inset of a matrix."""
        name = f"{self._names[path]}   {self.scales[path].range()}"
        return Caption("inset", name, 0.97, SUBTITLE, 0.04 * INSET_SIDE / view.side, plate=None)

    def _lines(self, frame: Frame, emphasis: Emphasis, standing: tuple[Lines, ...]) -> Iterator[Lines]:
        """What stands, what is selected, the borders of planes, and strokes over what is pointed at."""
        yield from emphasis.kept(standing + guides.selected(emphasis.outlined, self.layout))
        yield from map(guides.border, frame.planes)
        for path, pointed in emphasis.pointed.items():
            if path in frame:
                yield from guides.strokes(path, self.layout[path], pointed)

    @cached_property
    def _namer(self) -> current_row.Namer:
        return current_row.Namer(self.token_texts, self.axes)

    def _headings(self, frame: Frame, camera: Camera) -> tuple[Label, ...]:
        """What the columns are that stand beside matrices."""
        return headings(frame.planes, largest_beside(self.layout), camera) if self.style.names else ()

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {node.path: node.name for node in walk(self.root)}

    @cached_property
    def standing_lines(self) -> tuple[Lines, ...]:
        """Outlines, guides and edges of masks: the lines that stay."""
        if not self.style.guides:
            return ()
        lines = [*guides.all_guides(self.root, self.layout, self.masked), *self.behind.guides()]
        seen = (line for line in lines if len(line.points) and line.key.path not in self.layout.merged)
        return (*seen, *links(self.root, self.layout))

    @cached_property
    def arrows(self) -> list[Arrow]:
        """The arrows of all products."""
        return arrows(self.root, self.layout) if self.style.arrows else []

    @cached_property
    def _yielding(self) -> Yielding:
        return Yielding(self.arrows, self.layout)

    @cached_property
    def narration(self) -> Narration:
        """What is said below the picture."""
        return Narration(self.root, self.timeline, self.axes, self.tokens, self.captions, self.chapters)

    @cached_property
    def captioned(self) -> Captions:
        """What is written over the picture."""
        return Captions(self.title, self.subtitle, self.badge, self._legend)

    @cached_property
    def _legend(self) -> str:
        return legend(self.root, self.looks, self.style) if self.style.legend else ""

    @cached_property
    def scales(self) -> Mapping[str, Scale]:
        """Which |x| of each matrix is drawn at full size, and why; by path."""
        return scales_of(self.root, self.values, self.masked, self.looks, self.style)

    @cached_property
    def writing(self) -> Writing:
        """What there is to be written in space."""
        root = named_with(self.root, self.scales) if self.style.scales.shown else self.root
        writing = Writing(root, self.layout, self.axes, self.token_texts, self.style, self.behind, self.extent)
        hidden = Emphasis(hidden=self.layout.merged)
        titles = root_titles(self.layout, dict(zip(self.layout.roots, self.titles, strict=False)))
        columns = self.timeline.sinks.whole
        return replace(writing, emphasis=hidden, pixels=self.pixels, titles=titles, columns=columns)

    @cached_property
    def token_texts(self) -> token_labels.TokenTexts:
        """What is written for each token, by the name of the axes that count them."""
        raw = {AXIS: self.raw_tokens, SOURCE_AXIS: self.raw_source_tokens}
        read = {axis: self.tokens_along(axis) for axis in raw}
        return token_labels.texts_of({"raw": raw, "decoded": read, "none": {}}[self.style.tokens])

    def tokens_along(self, axis: str) -> tuple[str, ...]:
        """What axes of a name count; empty where they count no tokens."""
        return {AXIS: self.tokens, SOURCE_AXIS: self.source_tokens}.get(axis, ())
