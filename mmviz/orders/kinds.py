"""The kinds of files that a scene can be turned into: one row each, read by the command line, the window and Python.

A new kind is a row here and its writer: of films in mmviz.render.film.formats, of the others in mmviz.export.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmviz.errors import OutputError
from mmviz.machine.output_files import LARGEST_SIDE, LARGEST_STILL, is_named_as_folder
from mmviz.picture.ground_names import Ground

LARGEST_IMAGE = 8192
"""Side of the image of matrices between outlines, in pixels: it is in memory as a whole, with how far each pixel is."""
MOST_DPI = 9600
"""Pixels an inch: more than any press has."""


@dataclass(frozen=True, slots=True)
class ExportKind:
    """One kind of file, or of a folder of files."""

    name: str
    title: str  # what a person calls it
    files: str  # what a file dialog calls its files
    ending: str  # of its name; that of a folder is /
    command: Literal["movie", "render", "mesh", "page"]  # writes it from a terminal
    also: tuple[str, ...] = ()  # other endings that are as good
    grounds: tuple[Ground, ...] = ()  # what can be behind everything; empty: nothing is
    fastest: int = 0  # frames a second, at most; 0: it does not move
    even: str = ""  # for which codec width and height, in pixels, must be even; empty: they need not
    largest: int = LARGEST_SIDE  # width and height, in pixels, at most
    quality: Literal["", "crf", "percent"] = ""  # by which number it may be smaller and worse
    lossless: bool = False  # it can be asked to keep every pixel
    inches: bool = False  # it says how large it is on paper
    outlines: bool = False  # its texts and lines are no pixels
    proposed: Literal["own", "l", "window"] = "own"  # the size that the window proposes: the scene's, small, its own

    @property
    def sized(self) -> bool:
        """Whether it has a width and a height, in pixels."""
        return self.command in ("movie", "render")

    @property
    def moves(self) -> bool:
        """Whether it is a film of some kind."""
        return self.fastest > 0


FILM = ExportKind(
    name="film",
    title="Film (MP4)",
    files="Films (*.mp4)",
    ending=".mp4",
    command="movie",
    grounds=("black", "white"),
    fastest=240,
    even="H.264",
    quality="crf",
    lossless=True,
)
MOV = ExportKind(
    name="mov",
    title="Film for editing, can be transparent (MOV, ProRes 4444)",
    files="Films (*.mov)",
    ending=".mov",
    command="movie",
    grounds=("black", "white", "transparent"),
    fastest=240,
)
WEBM = ExportKind(
    name="webm",
    title="Film for web pages, can be transparent (WebM)",
    files="Films (*.webm)",
    ending=".webm",
    command="movie",
    grounds=("black", "white", "transparent"),
    fastest=240,
    even="VP9",
    quality="crf",
)
GIF = ExportKind(
    name="gif",
    title="Moving picture (GIF)",
    files="Moving pictures (*.gif)",
    ending=".gif",
    command="movie",
    grounds=("black", "white"),
    fastest=50,  # browsers slow down what is faster
    proposed="l",
)
FRAMES = ExportKind(
    name="frames",
    title="A picture for each frame (PNG, in a folder)",
    files="Folders (*)",
    ending="/",
    command="movie",
    grounds=("black", "white", "transparent"),
    fastest=240,
)
PICTURE = ExportKind(
    name="picture",
    title="Picture of one moment (PNG)",
    files="Pictures (*.png)",
    ending=".png",
    command="render",
    grounds=("black", "white", "transparent"),
    largest=LARGEST_STILL,
    inches=True,
    proposed="window",
)
JPEG = ExportKind(
    name="jpeg",
    title="Picture of one moment (JPEG)",
    files="Pictures (*.jpg *.jpeg)",
    ending=".jpg",
    command="render",
    also=(".jpeg",),
    grounds=("black", "white"),
    quality="percent",
    inches=True,
    proposed="window",
)
WEBP = ExportKind(
    name="webp",
    title="Picture of one moment (WebP)",
    files="Pictures (*.webp)",
    ending=".webp",
    command="render",
    grounds=("black", "white", "transparent"),
    largest=16383,  # of the format
    quality="percent",
    inches=True,
    proposed="window",
)
PDF = ExportKind(
    name="pdf",
    title="Picture whose texts and lines are outlines (PDF)",
    files="Pictures (*.pdf)",
    ending=".pdf",
    command="render",
    grounds=("black", "white", "transparent"),
    largest=LARGEST_IMAGE,
    inches=True,
    outlines=True,
    proposed="window",
)
SVG = ExportKind(
    name="svg",
    title="Picture whose texts and lines are outlines (SVG)",
    files="Pictures (*.svg)",
    ending=".svg",
    command="render",
    grounds=("black", "white", "transparent"),
    largest=LARGEST_IMAGE,
    inches=True,
    outlines=True,
    proposed="window",
)
MESH = ExportKind(
    name="mesh",
    title="Mesh of one moment (GLB, for 3D programs)",
    files="Meshes (*.glb)",
    ending=".glb",
    command="mesh",
)
USDZ = ExportKind(
    name="usdz",
    title="Mesh of one moment (USDZ, for AR)",
    files="Meshes (*.usdz)",
    ending=".usdz",
    command="mesh",
)
PAGE = ExportKind(
    name="page",
    title="Page that plays in any browser (HTML)",
    files="Pages (*.html)",
    ending=".html",
    command="page",
    also=(".htm",),
    grounds=("black", "white"),
)
KINDS = (FILM, MOV, WEBM, GIF, FRAMES, PICTURE, JPEG, WEBP, PDF, SVG, MESH, USDZ, PAGE)


def kind_of(path: Path | str) -> ExportKind | None:
    """The kind that a file's name asks for; None where it asks for none.

    Args:
        path: Ends in / for a folder of pictures; a .png with % in its name is a picture for each frame, too.
    """
    if is_folder(path):
        return FRAMES
    place = Path(path)
    ending = place.suffix.lower()
    if ending == PICTURE.ending and "%" in place.name:
        return FRAMES
    return next((kind for kind in KINDS if ending in (kind.ending, *kind.also)), None)


def is_folder(path: Path | str) -> bool:
    """Whether a name is that of a folder of pictures."""
    return is_named_as_folder(path)


def endings_of(command: str) -> list[str]:
    """The endings of the files that a command writes."""
    return [ending for kind in KINDS if kind.command == command for ending in (kind.ending, *kind.also)]


def possible_rate(path: Path | str, wished: int) -> int:
    """The frames a second that come nearest to those that are wished for, in a film of this name."""
    kind = kind_of(path)
    return wished if kind is None or not kind.moves else min(wished, kind.fastest)


def check_ground(path: Path | str, ground: Ground) -> None:
    """Refuses a ground that a film or picture of this name cannot have.

    Raises:
        OutputError: as said; the message names the kinds that can have it.
    """
    kind = kind_of(path)
    if kind is None or ground in kind.grounds:
        return
    what = "film" if kind.moves else "picture"
    others = [other for other in KINDS if other.command == kind.command and ground in other.grounds]
    can = ", ".join("/ (a folder of pictures)" if other is FRAMES else other.ending for other in others)
    raise OutputError(
        f"{path}: a {what} of the kind {kind.ending} cannot be {ground}; {' or '.join(kind.grounds)} is needed, or one "
        f"of the kinds {can}."
    )
