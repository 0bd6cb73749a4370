"""Scenes with unsaved changes in files of their own, so that a crash does not lose them; knows no widget."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmviz.errors import MmvizError, SceneError
from mmviz.machine.left_folders import LeftFolder
from mmviz.machine.output_files import whole_file
from mmviz.scene.document import Document, check_size, from_mapping, to_mapping

NAME = "scene.json"
BROKEN = "broken.json"
"""What a file is called then that could not be read: nobody is told of it twice."""
LARGEST = 16 << 20
"""Bytes of such a file, at most."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A scene as it was when it was kept."""

    name: str  # what it is called, in questions
    document: Document
    folder: Path  # what its relative paths start from
    where: str  # what messages call it
    file: Path | None  # where it is saved
    seconds: float  # when it was kept, since 1970

    @property
    def hour(self) -> str:
        """When that was, in words: of today the time alone."""
        when, now = time.localtime(self.seconds), time.localtime()
        today = when[:3] == now[:3]
        return time.strftime("%H:%M" if today else "%d %B %Y, %H:%M", when).lstrip("0" if not today else "")


def write(kept: Kept, folder: Path) -> None:
    """Write a scene into a folder; what is there stays until it is written whole.

    Raises:
        SceneError: it has so many numbers that it could not be saved, either.
        OutputError: it cannot be written.
    """
    check_numbers(kept.document)
    content = {
        "name": kept.name,
        "folder": str(kept.folder.absolute()),
        "where": kept.where,
        "file": None if kept.file is None else str(kept.file.absolute()),
        "seconds": kept.seconds,
        "scene": to_mapping(kept.document),
    }
    with whole_file(folder / NAME) as part:
        part.write_text(json.dumps(content), encoding="utf-8")


def check_numbers(document: Document) -> None:
    """Refuse a scene with so many numbers of its own that no scene file may have them.

    Raises:
        SceneError: as said.
    """
    place = Path("scene")
    try:
        check_size(document, place)
    except SceneError as error:
        raise SceneError(str(error).removeprefix(f"{place}: ")) from None


def read(left: LeftFolder) -> Kept | None:
    """The scene that a killed program left; None where there is none.

    Raises:
        SceneError: the file is broken. It is called `broken.json` from now on.
    """
    file = left.folder / NAME
    try:
        if not file.is_file():
            return None
        if file.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST >> 20} MiB")
        return _kept(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, RecursionError, MmvizError) as error:
        broken = left.folder / BROKEN
        reason = _reason(error)
        try:
            file.replace(broken)
        except OSError:
            broken = file
        raise SceneError(
            f"{broken}: unsaved changes of an earlier time that cannot be read ({reason}); the file stays there."
        ) from None


def _kept(content: Any) -> Kept:
    if not isinstance(content, Mapping):
        raise TypeError
    file = content["file"]
    return Kept(
        name=str(content["name"]),
        document=from_mapping(content["scene"], "scene"),
        folder=Path(str(content["folder"])),
        where=str(content["where"]),
        file=None if file is None else Path(str(file)),
        seconds=float(content["seconds"]),
    )


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError() | UnicodeDecodeError():
            return "it is no JSON"
        case OSError():
            return error.strerror or "it cannot be opened"
        case KeyError() | TypeError() | RecursionError():
            return "it is no scene that mmviz kept"
        case _:
            return str(error).rstrip(".")
