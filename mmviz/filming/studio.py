"""Pictures and films of a scene: its draw lists at the times of the frames, drawn and written; computes no number."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.machine import workers as processes
from mmviz.machine.output_files import work_folder
from mmviz.orders.kinds import kind_of
from mmviz.orders.order import WHOLE as WHOLE_FILM
from mmviz.orders.order import FilmOrder, PictureOrder, StepRange
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.picture.ground import BLACK, WHITE, Repainter, over
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.time.pacing import Film, Moment
from mmviz.render.film.alpha import with_alpha
from mmviz.render.film.formats import FilmFile, Segment, film_of, segments
from mmviz.render.film.stopwatch import Stopwatch, Timings
from mmviz.render.renderer import Renderer, Renderers
from mmviz.render.still import write_picture
from mmviz.render.vector.files import write_vector

Picture = NDArray[np.uint8]
Tell = Callable[[int], None]
MOST_WORKERS = 256
"""Processes that share a film, at most."""


class Shown(Protocol):
    """A scene, as far as films need it. It can be sent to another process."""

    @property
    def composition(self) -> Composition:
        """A draw list for every time."""

    def film(self, fps: int, part: StepRange = WHOLE_FILM) -> Film:
        """What every frame of a film shows, or of a part of it, in steps."""


def write_still(composition: Composition, order: PictureOrder, renderers: Renderers) -> None:
    """Write a picture of one moment.

    Args:
        composition: The scene.
        order: What is drawn; without a step it is the last one.
        renderers: Opens what draws.

    Raises:
        OutputError: the file's name, its folder or the size.
        DisplayError: this machine cannot draw.
    """
    composition, aspect = composition.for_height(order.height), order.width / order.height
    moment = composition.timeline.steps if order.step is None else order.step
    camera = order.camera or composition.camera_at(moment, aspect)
    drawing = Repainter(order.ground)(composition.at(moment, camera, aspect, order.emphasis))

    kind = kind_of(order.path)
    if kind is not None and kind.outlines:
        write_vector(order, drawing, camera, renderers)
        return

    def draw(renderer: Renderer) -> Picture:
        return _drawn(renderer, drawing, camera)

    def draw_twice(renderer: Renderer) -> Picture:
        return with_alpha(*(_drawn(renderer, over(drawing, background), camera) for background in (BLACK, WHITE)))

    if order.ground == "transparent":
        write_picture(order, draw_twice, renderers)
    else:
        write_picture(order, draw, renderers)


def _drawn(renderer: Renderer, drawing: DrawList, camera: Camera) -> Picture:
    renderer.show(drawing, camera)
    return renderer.draw()


class Studio:
    """Draws the frames of one film, and writes its segments. One renderer serves them all.

    Args:
        scene: What is filmed.
        film: Where it goes, and what it is written with.
        renderers: Opens what draws.

    Raises:
        MmvizError: the scene's numbers cannot be had, or this machine cannot draw.
    """

    def __init__(self, scene: Shown, film: FilmFile, renderers: Renderers) -> None:
        order = film.order
        self._film = film
        self._watch = Stopwatch()
        with self._watch.stage("schedule"):
            composition = scene.composition
            if order.camera is not None:
                composition = composition.filmed_from(order.camera)
            self._composition = composition.for_height(order.height)
            self._moments = scene.film(order.fps, order.steps)
        self._emphasis = Emphasis(hidden=order.hidden)
        self._repaint = Repainter(order.ground)
        light, self._clear = order.ground == "white", order.ground == "transparent"
        self._renderer = renderers(order.width, order.height, light=light, rimmed=self._clear)
        if order.fine:
            self._renderer.refine()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._renderer.close()

    @property
    def count(self) -> int:
        """Of the film's frames."""
        return len(self._moments)

    def samples(self, count: int) -> list[Picture]:
        """Some frames, evenly over the film."""
        chosen = np.unique(np.linspace(0, self.count - 1, count).astype(int)) if count else ()
        return [self._frame(self._moments[int(number)]) for number in chosen]

    def write(self, folder: Path, segment: Segment, tell: Tell) -> dict[str, float]:
        """Write a segment into a folder; gives the seconds since the last one, by stage."""
        self._film.write(folder, segment, self._frames(segment, tell), self._watch)
        seconds, self._watch.seconds = self._watch.seconds, Stopwatch().seconds
        return seconds

    def use(self, film: FilmFile) -> None:
        """Write this film from now on, whose frames are the same."""
        self._film = film

    def _frames(self, segment: Segment, tell: Tell) -> Iterator[Picture]:
        """The pictures of a segment; what does not move is drawn once."""
        last: tuple[Moment, Picture] | None = None
        width, height = self._renderer.size
        for moment in self._moments[segment.first : segment.last]:
            if last is None or not self._composition.still(last[0], moment, width / height):
                last = moment, self._frame(moment)
            yield last[1]
            tell(1)

    def _frame(self, moment: Moment) -> Picture:
        width, height = self._renderer.size
        with self._watch.stage("schedule"):
            camera = self._composition.camera_at(moment, width / height)
            drawing = self._repaint(self._composition.at(moment, camera, width / height, self._emphasis))
        if not self._clear:
            return self._drawn(drawing, camera)
        on_black, on_white = (self._drawn(over(drawing, ground), camera) for ground in (BLACK, WHITE))
        with self._watch.stage("read back"):
            return with_alpha(on_black, on_white)

    def _drawn(self, drawing: DrawList, camera: Camera) -> Picture:
        with self._watch.stage("upload"):
            self._renderer.show(drawing, camera)
        with self._watch.stage("draw"):
            if self._film.order.fine:
                return self._renderer.draw()
            self._renderer.render()
        with self._watch.stage("read back"):
            return self._renderer.read()


def render_segment(
    scene: Shown, film: FilmFile, segment: Segment, folder: Path, renderers: Renderers
) -> dict[str, float]:
    """Write one segment of a film into a folder, from nothing but its arguments: a task for any process or machine.

    `film.join(folder, segments)` makes the film when all segments are in one folder.

    Returns:
        Seconds by stage.

    Raises:
        MmvizError: the scene's numbers cannot be had, or this machine cannot draw.
    """
    with Studio(scene, film, renderers) as studio:
        return studio.write(folder, segment, lambda _: None)


def write_film(scene: Shown, order: FilmOrder, renderers: Renderers, progress: Tell | None = None) -> Timings:
    """Write a film; it is there as a whole or not at all, and the same for any number of workers.

    Args:
        scene: What is filmed.
        order: The film.
        renderers: Opens what draws, in every process.
        progress: Called with the number of frames that are done.

    Raises:
        MmvizError: the numbers cannot be had, the film cannot be written, or this machine cannot draw.
    """
    film = film_of(order)
    if not 1 <= order.workers <= MOST_WORKERS:
        raise OutputError(f"workers: must be from 1 to {MOST_WORKERS}, got {order.workers}.")
    start, watch, told = perf_counter(), Stopwatch(), _Sum(progress)
    with work_folder(film.path) as folder:
        parts = segments(len(scene.film(order.fps, order.steps)))
        crew = min(order.workers, len(parts))
        if crew == 1 or film.samples:
            with Studio(scene, film, renderers) as studio:
                film = film.prepared(studio.samples(film.samples))
                studio.use(film)
                results = [studio.write(folder, part, told) for part in parts] if crew == 1 else []
        if crew > 1:
            opening = partial(_studio, scene, film, folder, renderers)
            results = processes.share(opening, parts, crew, told)
        for seconds in results:
            watch.add(seconds)
        film.join(folder, parts)
    return Timings(parts[-1].last, perf_counter() - start, crew, watch.seconds)


@contextmanager
def _studio(
    scene: Shown, film: FilmFile, folder: Path, renderers: Renderers
) -> Iterator[Callable[[Segment, Tell], dict[str, float]]]:
    """A worker's studio."""
    with Studio(scene, film, renderers) as studio:
        yield partial(studio.write, folder)


class _Sum:
    """Adds up how many frames are done."""

    def __init__(self, progress: Tell | None) -> None:
        self._done = 0
        self._progress = progress

    def __call__(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done)
