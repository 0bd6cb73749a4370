"""What is ordered of a scene: a film, a picture or a mesh. The whole order goes to whoever checks, draws or writes it.

Each order has an `of`, which takes what a person asked for and puts the scene's own words in the place of None.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self, TypeVar

from mmviz.errors import OutputError
from mmviz.orders.kinds import FILM, GIF, kind_of
from mmviz.picture.eye.camera import Camera
from mmviz.picture.ground import Ground
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.time.pacing import Moment
from mmviz.scene.keys.options import ExportOptions

StepRange = tuple[float | None, float | None]
"""First and last step of a film; None: that of the whole animation."""
WHOLE: StepRange = (None, None)
LOSSLESS: Literal["lossless"] = "lossless"
Quality = int | Literal["lossless"]
"""Of H.264: a crf, or every pixel as it was drawn."""
SPHERES = 20_000
"""Elements of a mesh that are spheres, at most; the matrices for which nothing is left are textured quads."""
Given = TypeVar("Given")


@dataclass(frozen=True)
class _ToFile:
    """What all orders have."""

    path: str  # of the file; that of a folder of pictures ends in /

    @property
    def place(self) -> Path:
        """The file, or the folder of pictures."""
        return Path(self.path)

    def to(self, path: Path | str) -> Self:
        """The same into another file."""
        return replace(self, path=str(path))


@dataclass(frozen=True)
class FilmOrder(_ToFile):
    """A film, of any kind."""

    width: int = 1920  # in pixels
    height: int = 1080  # in pixels
    fps: int = 30  # frames a second
    crf: int = 18  # of H.264: 0 best, which is the same as 1, 51 smallest
    ground: Ground = "black"  # one that its kind can have
    steps: StepRange = WHOLE
    workers: int = 1  # processes that share the work; the film is the same
    lossless: bool = False  # of H.264: every pixel as it was drawn, in a profile that only some players show

    @classmethod
    def of(
        cls,
        export: ExportOptions,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: int | None = None,
        crf: Quality | None = None,
        steps: StepRange = WHOLE,
        workers: int = 1,
    ) -> Self:
        """The film that was asked for; what is None is as the scene says, and black where it can be no other ground.

        A crf that is asked for wins over a scene that says lossless.

        Raises:
            OutputError: lossless is asked for of a GIF, which has few colours.
        """
        kind = kind_of(path)
        if crf == LOSSLESS and kind is GIF:
            raise OutputError(f"{path}: a GIF has 256 colours and is not lossless; .mp4 or pictures are needed.")
        return cls(
            path=str(path),
            width=_given(width, export.width),
            height=_given(height, export.height),
            fps=_given(fps, export.fps),
            crf=export.crf if crf is None or crf == LOSSLESS else crf,
            ground=export.ground if kind is not None and export.ground in kind.grounds else "black",
            steps=steps,
            workers=workers,
            lossless=(export.lossless if crf is None else crf == LOSSLESS) and kind is FILM,
        )


@dataclass(frozen=True)
class PictureOrder(_ToFile):
    """A picture of one moment."""

    width: int = 1920  # in pixels
    height: int = 1080  # in pixels
    ground: Ground = "black"  # transparent: the file has an alpha channel
    step: float | Moment | None = None  # None: the last one
    camera: Camera | None = None  # None: the scene's own
    emphasis: Emphasis = PLAIN  # cells that are lit, and matrices that are left out

    @classmethod
    def of(
        cls,
        export: ExportOptions,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        ground: Ground | None = None,
        step: float | Moment | None = None,
    ) -> Self:
        """The picture that was asked for; a size or ground that is None is as the scene says."""
        return cls(
            path=str(path),
            width=_given(width, export.width),
            height=_given(height, export.height),
            ground=_given(ground, export.ground),
            step=step,
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        return self.width, self.height


@dataclass(frozen=True)
class MeshOrder(_ToFile):
    """A mesh of one moment, for other 3D programs."""

    step: float | None = None  # None: the last one
    spheres: int = SPHERES  # elements that are spheres, at most


Order = FilmOrder | PictureOrder | MeshOrder


def _given(value: Given | None, own: Given) -> Given:
    return own if value is None else value
