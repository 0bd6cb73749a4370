"""What a scene can be turned into: pictures, films, meshes and pages. The half of a Scene that writes files.

Heavy libraries are imported where they are first needed, so that `import mmviz` is quick.
"""

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import MmvizError, OutputError
from mmviz.filming.step_range import between
from mmviz.orders import given
from mmviz.orders.order import (
    SPHERES,
    WHOLE,
    FilmOrder,
    MeshOrder,
    Order,
    PageOrder,
    PictureOrder,
    Quality,
    StepRange,
)
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.marks.flat_names import lying
from mmviz.picture.time.pacing import Film, Moment, film
from mmviz.scene.document import Document
from mmviz.scene.language.tree import walk

if TYPE_CHECKING:
    from mmviz.page.widget import SceneWidget
    from mmviz.picture.ground_names import Ground
    from mmviz.render.film.stopwatch import Timings

Progress = Callable[[int], None]
NOTEBOOK = (960, 540)
"""Width and height of what a notebook shows, in pixels."""


def widget(scene: "Exports", **traits: Any) -> "SceneWidget":
    """A scene as a live widget of a notebook: JupyterLab, VS Code, Colab, marimo, by anywidget.

    Its `step`, `playing`, `camera`, `picked` and `height` can be read, set and observed; another `scene` takes the
    place of the one before, and what is seen of it stays.

    Args:
        scene: What is shown.
        **traits: What those are at the beginning.

    Raises:
        MmvizError: as `Scene.values`; or anywidget is not installed.

    Example:
        >>> live = mmviz.widget(scene, step=1)
        >>> live.step
        1.0
    """
    from mmviz.machine.installing import pip_install

    try:
        from mmviz.page.widget import SceneWidget
    except ModuleNotFoundError as error:
        if error.name not in {"anywidget", "traitlets"}:
            raise
        needed = pip_install("mmviz[notebook]")
        raise OutputError(f"mmviz.widget needs anywidget; install it with: {needed}") from None
    return SceneWidget(scene, **traits)


class Exports(ABC):
    """Anything with a document and a composition."""

    document: Document

    @property
    @abstractmethod
    def composition(self) -> Composition:
        """A draw list for every time."""

    def screenshot(
        self,
        path: Path | str,
        step: float | Moment | None = None,
        *,
        width: int | None = None,
        height: int | None = None,
        ground: "Ground | None" = None,
        camera: Camera | None = None,
        emphasis: Emphasis = PLAIN,
        dpi: int | None = None,
        quality: int | None = None,
    ) -> None:
        """Write a picture of one moment: a PNG of up to 32768 pixels a side, or a JPEG or WebP of up to half that.

        In a PDF or SVG, of up to a quarter, the matrices are an image, and texts, lines and arrows are outlines.

        Args:
            path: Ends in .png, .jpg, .jpeg, .webp, .pdf or .svg.
            step: Time in steps, or a moment of a film; the finished picture by default.
            width: Pixels; the scene's export size by default.
            height: Pixels.
            ground: black, white, or, but for JPEG, transparent; the scene's own by default.
            camera: From where it is seen; the scene's own by default.
            emphasis: Cells that are lit, and matrices that are left out.
            dpi: Pixels an inch: how large the picture is on paper; the scene's own, 300, by default.
            quality: Of JPEG and WebP, from 1 to 100; the scene's own, 90, by default. A WebP of 100 is lossless.

        Raises:
            MmvizError: as `values`; or the file cannot be written, or this machine cannot draw.

        Example:
            >>> scene.screenshot("small.png", step=1, width=64, height=48)
        """
        export = self.document.export
        order = PictureOrder.of(
            export, path, width=width, height=height, ground=ground, step=step, dpi=dpi, quality=quality
        )
        self.make(replace(order, camera=camera, emphasis=emphasis))

    def movie(
        self,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: int | None = None,
        crf: Quality | None = None,
        ground: "Ground | None" = None,
        part: StepRange = WHOLE,
        workers: int = 1,
        fine: bool = False,
        progress: Progress | None = None,
    ) -> "Timings":
        """Write the animation as a film: an MP4, MOV, WebM or GIF file, or a PNG for each frame.

        Args:
            path: Ends in .mp4, .mov (ProRes 4444), .webm (VP9) or .gif; or in .png, with a number such as %05d; or
                in / for a folder of pictures.
            width: Pixels, even for MP4 and WebM; the scene's export size by default.
            height: Pixels, even for MP4 and WebM.
            fps: Frames a second.
            crf: H.264 quality: 0 best, which is the same as 1, 51 smallest; or "lossless", which keeps every pixel as
                it was drawn; not for browsers, for only players with FFmpeg's decoder show it. WebM takes it, too.
            ground: black, white, or of MOV, WebM and pictures transparent; the scene's own by default.
            part: First and last step.
            workers: Processes that share the work; the film is the same. A script of your own needs
                `if __name__ == "__main__":` then.
            fine: Every pixel is the mean of four samples, as of pictures: smoother, and some three times as slow.
            progress: Called with the number of frames that are done.

        Returns:
            How long each stage took.

        Raises:
            MmvizError: as `values`; or the film cannot be written, or this machine cannot draw.

        Example:
            >>> timings = scene.movie("small.gif", width=64, height=48, fps=2)
        """
        order = FilmOrder.of(
            self.document.export,
            path,
            width=width,
            height=height,
            fps=fps,
            crf=crf,
            ground=ground,
            steps=part,
            workers=workers,
            fine=fine,
        )
        return self.make_film(order, progress)

    def check_movie(
        self,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: int | None = None,
        crf: Quality | None = None,
        ground: "Ground | None" = None,
        part: StepRange = WHOLE,
    ) -> FilmOrder:
        """What a film will be written with; arguments as in `movie`. No number is computed.

        Raises:
            OutputError: the file's name or folder, the picture size, or another option.

        Example:
            >>> scene.check_movie("small.mp4", fps=24).fps
            24
        """
        export = self.document.export
        order = FilmOrder.of(export, path, width=width, height=height, fps=fps, crf=crf, ground=ground, steps=part)
        self.check_order(order)
        return order

    def times(self, fps: int) -> NDArray[np.float64]:
        """(frames,): the time of every frame of a film, in steps; the end is held as the scene says.

        Raises:
            MmvizError: as `film`.

        Example:
            >>> scene.times(fps=2)[-1]
            np.float64(2.0)
        """
        return self.film(fps).times

    def film(self, fps: int, part: StepRange = WHOLE) -> Film:
        """What every frame of a film shows: its chapters one after the other, or what lies between two steps.

        Raises:
            MmvizError: as `values`; or a chapter ends before it begins, there are more than a million frames, or
                none between these steps.

        Example:
            >>> len(scene.film(fps=2))  # two seconds of them show the end
            6
        """
        fps, part = given.whole("fps", fps), given.steps("part", part)
        if fps < 1:
            raise OutputError(f"fps: must be 1 or more, got {fps}.")
        whole = film(self.composition.chapters, fps)
        return between(whole, part, self.composition.timeline.steps, self.document.animation, fps)

    def mesh(
        self, path: Path | str, step: float | None = None, *, limit: int | None = None, plain: bool = False
    ) -> None:
        """Write one moment as a GLB file for other 3D programs, or as USDZ for AR; a cell is a centimetre.

        Args:
            path: Ends in .glb or .usdz.
            step: Time in steps; the finished picture by default.
            limit: Elements that are drawn as spheres, at most; larger matrices are pictures, one texel an element.
            plain: Of a GLB: triangles only, some thirty times as large, for Blender and for programs that do not know
                EXT_mesh_gpu_instancing.

        Raises:
            MmvizError: as `values`; or the file cannot be written, would be too large, or needs OpenUSD, which
                `pip install "mmviz[usd]"` installs.

        Example:
            >>> scene.mesh("small.glb")
        """
        self.make(MeshOrder(str(path), step, SPHERES if limit is None else limit, plain))

    def page(
        self,
        path: Path | str,
        step: float | None = None,
        *,
        ground: "Ground | None" = None,
        max_size: int | None = None,
    ) -> None:
        """Write the animation as a page: one HTML file that any browser draws and plays, without a network.

        Args:
            path: Ends in .html or .htm.
            step: Time in steps at which it opens, and waits; by default it plays from the beginning.
            ground: black or white; the scene's own by default.
            max_size: Megabytes of the file, at most; 200 by default. A larger one is refused.

        Raises:
            MmvizError: as `values`; or the file cannot be written, or would be too large.

        Example:
            >>> scene.page("small.html")
        """
        self.make(PageOrder.of(self.document.export, path, step=step, ground=ground, most=max_size))

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """What a notebook shows for a scene that is the last value of a cell: a page, a picture, or its expression.

        Of a scene that cannot be drawn here, there are its expression and the reason.
        """
        try:
            return self._shown_in_a_notebook()
        except MmvizError as error:
            return {"text/plain": f"{self!r}\n{error}"}

    def _shown_in_a_notebook(self) -> dict[str, Any]:
        from mmviz.page.notebook import framed
        from mmviz.page.writing import page_of

        light = PageOrder.of(self.document.export, "x.html").ground == "white"
        with TemporaryDirectory() as folder:
            place = Path(folder, "x.png")
            self.screenshot(place, width=NOTEBOOK[0], height=NOTEBOOK[1], ground="white" if light else "black")
            picture = place.read_bytes()
        page = framed(page_of(self.composition, light=light), picture, *NOTEBOOK)
        return {"text/plain": repr(self), "image/png": b64encode(picture).decode("ascii"), "text/html": page}

    # what is ordered as a whole

    def check_order(self, order: Order) -> None:
        """Refuse what cannot be written; no number is computed.

        Raises:
            OutputError: the file's name or folder, the picture size, another option, or a package that is not there.
        """
        from mmviz.machine.output_files import check_no_folder

        if not isinstance(order, FilmOrder):
            check_no_folder(order.path)
        match order:
            case FilmOrder():
                from mmviz.render.film.formats import film_of

                film_of(order)
            case PictureOrder():
                from mmviz.render.still import check_still

                check_still(order)
            case MeshOrder():
                from mmviz.render.mesh import check_mesh

                check_mesh(order)
            case PageOrder():
                from mmviz.page.writing import check_page

                check_page(order)
            case _:
                assert_never(order)

    def make(self, order: Order, progress: Progress | None = None) -> None:
        """Write what is ordered; of a film `progress` is told the number of frames that are done.

        Raises:
            MmvizError: as `values`; or the file cannot be written, or this machine cannot draw.
        """
        match order:
            case FilmOrder():
                self.make_film(order, progress)
            case PictureOrder():
                self._make_picture(order)
            case MeshOrder():
                self._make_mesh(order)
            case PageOrder():
                self._make_page(order)
            case _:
                assert_never(order)

    def make_film(self, order: FilmOrder, progress: Progress | None = None) -> "Timings":
        """Write a film; gives how long each stage took.

        Raises:
            MmvizError: as `movie`.
        """
        from mmviz.filming.studio import write_film
        from mmviz.render.offscreen import offscreen

        return write_film(self, order, offscreen, progress)

    def _make_picture(self, order: PictureOrder) -> None:
        from mmviz.filming.studio import write_still
        from mmviz.render.offscreen import offscreen

        self.check_order(order)
        step = order.step if isinstance(order.step, Moment) else self._time(order.step)
        write_still(self.composition, replace(order, step=step), offscreen)

    def _make_mesh(self, order: MeshOrder) -> None:
        from mmviz.render.mesh import write_mesh

        self.check_order(order)
        composition = self.composition
        camera = composition.camera(1.0)
        frame = composition.at(self._time(order.step), camera)
        drawing = lying(
            frame, composition.root, composition.layout, composition.behind.named, camera, composition.arrows
        )
        names = {node.path: node.name for node in walk(self.composition.root)}
        write_mesh(drawing, names, order)

    def _make_page(self, order: PageOrder) -> None:
        from mmviz.page.writing import write_page

        self.check_order(order)
        if order.step is not None:
            self._time(order.step)
        write_page(self.composition, order)

    def _time(self, step: float | None) -> float:
        steps = self.composition.timeline.steps
        if step is None:
            return float(steps)
        if not 0 <= step <= steps:
            raise OutputError(f"step {step:g}: the animation runs from step 0 to step {steps}.")
        return step
