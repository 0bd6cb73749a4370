"""A scene's document into a file, with the comments of the file that it comes from or goes to; reads no scene."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from mmviz.errors import SceneError
from mmviz.machine.output_files import whole_file
from mmviz.scene import document as documents
from mmviz.scene.changes.yaml_round_trip import rewritten
from mmviz.scene.document import Document
from mmviz.scene.text import scene_file


def save_over(document: Document, place: Path, source: Path | None) -> str | None:
    """Write a scene file, whole or not at all.

    Args:
        document: Its relative paths start from the file's folder.
        place: The file; one that is there is replaced.
        source: The scene file that the scene was read from, whose comments it takes along; None where there is none.

    Returns:
        A line for the user where comments are lost; else None.

    Raises:
        OutputError: the file cannot be written.
        SceneError: it would be larger than a scene file may be.
    """
    documents.check_size(document, place)
    olds = [old for old in dict.fromkeys((source, place)) if old is not None]
    text, note = _with_comments(document, place, olds)
    with whole_file(place) as part:
        if text is None:
            documents.save(document, part)
        else:
            scene_file.write_text(text, part)
        documents.check_size(document, place, part.stat().st_size)
    return note


def _with_comments(document: Document, place: Path, olds: Iterable[Path]) -> tuple[str | None, str | None]:
    """The text of the first old file that can be changed into the document, and what to say of lost comments."""
    note: str | None = None
    for old in olds:
        if {old.suffix.lower(), place.suffix.lower()} - {".yaml", ".yml"}:
            continue
        try:
            found = scene_file.read_text(old, keep_mark=True)
        except SceneError:  # there is none, or it cannot be read
            continue
        new = rewritten(found, document)
        if new is not None:
            return new.text, _told(place, old, new.anew)
        if "#" in found:
            note = f"{place}: was written anew; the comments of {old} could not be kept."
    return None, note


def _told(place: Path, old: Path, anew: Sequence[str]) -> str | None:
    """What to say of a file of which some keys were written anew."""
    if not anew:
        return None
    *others, last = anew
    keys = f"{', '.join(others)} and {last} were" if others else f"{last} was"
    return f"{place}: {keys} written anew; the comments within, of {old}, could not be kept."
