"""What a scene can be turned into: pictures, films and meshes. The half of a Scene that writes files.

Heavy libraries are imported where they are first needed, so that `import mmviz` is quick.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.filming.film_part import WHOLE, Part, part_of
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.time.pacing import Film, Moment, film
from mmviz.scene.document import Document
from mmviz.scene.tree import walk

if TYPE_CHECKING:
    from mmviz.picture.ground import Ground
    from mmviz.render.film.movie import MovieOptions
    from mmviz.render.film.stopwatch import Timings

Progress = Callable[[int], None]


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
    ) -> None:
        """Write a PNG of one moment, of any size up to 32768 pixels a side.

        Args:
            path: The file.
            step: Time in steps, or a moment of a film; the finished picture by default.
            width: Pixels; the scene's export size by default.
            height: Pixels.
            ground: black, white, or transparent; the scene's own by default.
            camera: From where it is seen; the scene's own by default.
            emphasis: Cells that are lit, and matrices that are left out.

        Raises:
            MmvizError: as `values`; or the file cannot be written, or this machine cannot draw.
        """
        from mmviz.filming.studio import write_still
        from mmviz.render.offscreen import offscreen
        from mmviz.render.still import check_still

        size = self._size(width, height)
        check_still(Path(path), size)
        moment = step if isinstance(step, Moment) else self._time(step)
        ground = ground or self.document.export.ground
        write_still(self.composition, Path(path), size, moment, ground, offscreen, (camera, emphasis))

    def movie(
        self,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: int | None = None,
        crf: int | None = None,
        part: Part = WHOLE,
        workers: int = 1,
        progress: Progress | None = None,
    ) -> "Timings":
        """Write the animation as a film: an MP4 or GIF file, or a PNG for each frame.

        Args:
            path: Ends in .mp4 or .gif; or in .png, with a number such as %05d; or in / for a folder of pictures.
            width: Pixels, even for MP4; the scene's export size by default.
            height: Pixels, even for MP4.
            fps: Frames a second.
            crf: H.264 quality: 0 best, 51 smallest.
            part: First and last step.
            workers: Processes that share the work; the film is the same. A script of your own needs
                `if __name__ == "__main__":` then.
            progress: Called with the number of frames that are done.

        Returns:
            How long each stage took.

        Raises:
            MmvizError: as `values`; or the film cannot be written, or this machine cannot draw.
        """
        from mmviz.filming.studio import film_file, write_film
        from mmviz.render.offscreen import offscreen

        film = film_file(path, self.document.export, (width, height), fps, crf, part)
        return write_film(self, film, offscreen, workers=workers, progress=progress)

    def check_movie(
        self,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: int | None = None,
        crf: int | None = None,
        part: Part = WHOLE,
    ) -> "MovieOptions":
        """What a film will be written with; arguments as in `movie`. No number is computed.

        Raises:
            OutputError: the file's name or folder, the picture size, or another option.
        """
        from mmviz.filming.studio import film_file

        return film_file(path, self.document.export, (width, height), fps, crf, part).options

    def times(self, fps: int) -> NDArray[np.float64]:
        """(frames,): the time of every frame of a film, in steps; the end is held as the scene says.

        Raises:
            MmvizError: as `film`.
        """
        return self.film(fps).times

    def film(self, fps: int, part: Part = WHOLE) -> Film:
        """What every frame of a film shows: its chapters one after the other, or what lies between two steps.

        Raises:
            MmvizError: as `values`; or a chapter ends before it begins, there are more than a million frames, or
                none between these steps.
        """
        return part_of(
            film(self.composition.chapters, fps), part, self.composition.timeline.steps, self.document.animation, fps
        )

    def mesh(self, path: Path | str, step: float | None = None, *, limit: int | None = None) -> None:
        """Write one moment as a GLB file for other 3D programs; a cell is a centimetre.

        Args:
            path: Ends in .glb.
            step: Time in steps; the finished picture by default.
            limit: Elements that are drawn as spheres, at most; larger matrices are pictures, one texel an element.

        Raises:
            MmvizError: as `values`; or the file cannot be written.
        """
        from mmviz.machine.output_files import check_output
        from mmviz.render.mesh import LIMIT, write_glb

        check_output(Path(path), (".glb",))
        drawing = self.composition.at(self._time(step), self.composition.camera(1.0))
        names = {node.path: node.name for node in walk(self.composition.root)}
        write_glb(Path(path), drawing, names, LIMIT if limit is None else limit)

    def _size(self, width: int | None, height: int | None) -> tuple[int, int]:
        export = self.document.export
        return export.width if width is None else width, export.height if height is None else height

    def _time(self, step: float | None) -> float:
        steps = self.composition.timeline.steps
        if step is None:
            return float(steps)
        if not 0 <= step <= steps:
            raise OutputError(f"step {step:g}: the animation runs from step 0 to step {steps}.")
        return step
