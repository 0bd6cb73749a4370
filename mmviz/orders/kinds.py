"""The kinds of files that a scene can be turned into: one row each, read by the command line, the window and Python.

A new kind is a row here and its writer: of films in mmviz.render.film.formats, of pictures and meshes in mmviz.export.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmviz.machine.output_files import is_named_as_folder
from mmviz.picture.ground import Ground


@dataclass(frozen=True, slots=True)
class ExportKind:
    """One kind of file, or of a folder of files."""

    name: str
    title: str  # what a person calls it
    files: str  # what a file dialog calls its files
    ending: str  # of its name; that of a folder is /
    command: Literal["movie", "render", "mesh"]  # writes it from a terminal
    grounds: tuple[Ground, ...] = ()  # what can be behind everything; empty: nothing is
    fastest: int = 0  # frames a second, at most; 0: it does not move
    even: str = ""  # for which codec width and height, in pixels, must be even; empty: they need not
    quality: bool = False  # it may be smaller and worse
    lossless: bool = False  # it can be asked to keep every pixel
    proposed: Literal["own", "l", "window"] = "own"  # the size that the window proposes: the scene's, small, its own

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
    quality=True,
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
    quality=True,
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
    proposed="window",
)
MESH = ExportKind(
    name="mesh",
    title="Mesh of one moment (GLB, for 3D programs)",
    files="Meshes (*.glb)",
    ending=".glb",
    command="mesh",
)
KINDS = (FILM, MOV, WEBM, GIF, FRAMES, PICTURE, MESH)


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
    return next((kind for kind in KINDS if kind.ending == ending), None)


def is_folder(path: Path | str) -> bool:
    """Whether a name is that of a folder of pictures."""
    return is_named_as_folder(path)
