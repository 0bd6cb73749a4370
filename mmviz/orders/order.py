"""What is ordered of a scene: a film, picture, mesh or page. The whole order goes to who checks, draws or writes it.

Each order has an `of`, which takes what a person asked for and puts the scene's own words in the place of None. What
is of the wrong kind is refused when an order is made, whoever makes it.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, get_args

from mmviz.errors import OutputError
from mmviz.orders import given
from mmviz.orders.kinds import FRAMES, GIF, USDZ, kind_of, possible_rate
from mmviz.picture.eye.camera import Camera
from mmviz.picture.ground_names import Ground
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
LARGEST_PAGE = 200
"""Megabytes of a page, at most, where nothing else is said: browsers open larger ones, but not soon."""
DPI = 300
"""Pixels an inch, as presses ask for."""
QUALITY = 90
"""Of JPEG and WebP, from 1 to 100."""
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

    def _put(self, **fields: Any) -> None:
        """Fill in fields as they are checked, while the order is made."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)


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
    dpi: int = DPI  # of pictures for each frame: pixels an inch, which they say
    fine: bool = False  # every pixel is the mean of several samples, as of pictures
    camera: Camera | None = None  # that stays where it is; None: the scene's own, with its keyframes
    hidden: frozenset[str] = frozenset()  # paths of matrices that are left out

    def __post_init__(self) -> None:
        """Refuse what is of the wrong kind; the names are those of the arguments in Python."""
        numbers = {name: getattr(self, name) for name in ("width", "height", "fps", "workers", "dpi")}
        self._put(**{name: given.whole(name, value) for name, value in numbers.items()})
        self._put(crf=given.whole("crf", self.crf, ' or "lossless"'))
        given.one_of("ground", get_args(Ground), self.ground)
        given.of_kind("fine", bool, "True or False", self.fine)
        self._put(steps=given.steps("part", self.steps))

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
        ground: Ground | None = None,
        steps: StepRange = WHOLE,
        workers: int = 1,
        fine: bool = False,
    ) -> Self:
        """The film that was asked for; what is None is as the scene says, as far as a film of its kind can be so.

        Where it cannot have the scene's ground it is black, where it cannot be as fast it is as fast as it can be. A
        crf that is asked for wins over a scene that says lossless.

        Raises:
            OutputError: lossless is asked for of a kind of film that never is, such as a GIF with its few colours, or a
                crf of one that has none.
        """
        kind = kind_of(path)
        if _is_lossless(crf) and kind is not None and kind.moves and not (kind.lossless or kind is FRAMES):
            found = "a GIF has 256 colours and" if kind is GIF else f"a film of the kind {kind.ending}"
            raise OutputError(f"{path}: {found} is not lossless; .mp4 or pictures are needed.")
        if crf is not None and not _is_lossless(crf) and kind is not None and kind.moves and kind.quality != "crf":
            found = "a picture for each frame" if kind is FRAMES else f"a film of the kind {kind.ending}"
            raise OutputError(f"{path}: {found} has no crf to choose; .mp4 or .webm is needed.")
        own = export.ground if kind is not None and export.ground in kind.grounds else "black"
        return cls(
            path=str(path),
            width=_given(width, export.width),
            height=_given(height, export.height),
            fps=_given(fps, possible_rate(path, export.fps)),
            crf=export.crf if crf is None or (isinstance(crf, str) and crf == LOSSLESS) else crf,
            ground=_given(ground, own),
            steps=steps,
            workers=workers,
            lossless=(export.lossless if crf is None else _is_lossless(crf)) and kind is not None and kind.lossless,
            dpi=export.dpi,
            fine=fine,
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
    dpi: int = DPI  # pixels an inch: says how large it is on paper
    quality: int = QUALITY  # of JPEG and WebP: 1 smallest, 100 best
    fine: bool = True  # every pixel is the mean of several samples, unless there are too many pixels

    def __post_init__(self) -> None:
        """Refuse what is of the wrong kind; the names are those of the arguments in Python."""
        numbers = {name: getattr(self, name) for name in ("width", "height", "dpi", "quality")}
        self._put(**{name: given.whole(name, value) for name, value in numbers.items()})
        given.one_of("ground", get_args(Ground), self.ground)
        if self.step is not None and not isinstance(self.step, Moment):
            self._put(step=given.number("step", self.step))
        if self.camera is not None:
            given.of_kind("camera", Camera, "a camera, such as scene.composition.camera(1)", self.camera)
        given.of_kind("emphasis", Emphasis, "an Emphasis", self.emphasis)
        given.of_kind("fine", bool, "True or False", self.fine)

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
        dpi: int | None = None,
        quality: int | None = None,
    ) -> Self:
        """The picture that was asked for; what is None is as the scene says, and the last step.

        Raises:
            OutputError: a quality is asked for of a kind of picture that has none, such as a PNG.
        """
        kind = kind_of(path)
        if quality is not None and kind is not None and kind.command == "render" and kind.quality != "percent":
            raise OutputError(f"{path}: a {kind.ending} has no quality to choose; .jpg or .webp is needed.")
        return cls(
            path=str(path),
            width=_given(width, export.width),
            height=_given(height, export.height),
            ground=_given(ground, export.ground),
            step=step,
            dpi=_given(dpi, export.dpi),
            quality=_given(quality, export.quality),
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
    plain: bool = False  # of a GLB: each sphere is triangles of its own, for programs that cannot draw one many times

    def __post_init__(self) -> None:
        """Refuse what is of the wrong kind; the names are those of the arguments in Python."""
        if self.step is not None:
            self._put(step=given.number("step", self.step))
        self._put(spheres=given.whole("limit", self.spheres))
        if self.spheres < 0:
            raise OutputError(f"limit: must be 0 or more, got {self.spheres}.")
        given.of_kind("plain", bool, "True or False", self.plain)
        if self.plain and kind_of(self.path) is USDZ:
            raise OutputError(f"{self.path}: plain is a choice of GLB files; a .usdz is triangles in any case.")


@dataclass(frozen=True)
class PageOrder(_ToFile):
    """A page: the whole animation in one HTML file, for any browser."""

    step: float | None = None  # at which it opens and waits; None: it plays from the beginning
    ground: Ground = "black"
    most: int = LARGEST_PAGE  # megabytes of the file, at most

    def __post_init__(self) -> None:
        """Refuse what is of the wrong kind; the names are those of the arguments in Python."""
        if self.step is not None:
            self._put(step=given.number("step", self.step))
        self._put(most=given.whole("max_size", self.most))
        if self.most < 1:
            raise OutputError(f"max_size: must be 1 megabyte or more, got {self.most}.")
        given.one_of("ground", get_args(Ground), self.ground)

    @classmethod
    def of(
        cls,
        export: ExportOptions,
        path: Path | str,
        *,
        step: float | None = None,
        ground: Ground | None = None,
        most: int | None = None,
    ) -> Self:
        """The page that was asked for; on black where the scene has a ground that no page can have."""
        own: Ground = "white" if export.ground == "white" else "black"
        return cls(str(path), step, _given(ground, own), _given(most, LARGEST_PAGE))


Order = FilmOrder | PictureOrder | MeshOrder | PageOrder


def _given(value: Given | None, own: Given) -> Given:
    return own if value is None else value


def _is_lossless(crf: Quality | None) -> bool:
    return isinstance(crf, str) and crf == LOSSLESS
