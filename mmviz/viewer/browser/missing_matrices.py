"""What takes the place of CSV files that a link of mm names and that are not here: copies or patterns; fetches none."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from mmviz.errors import MmvizError
from mmviz.scene.document import Document
from mmviz.scene.keys.sources import InitializerName, UrlSource
from mmviz.scene.mm.importer import document_from_mm
from mmviz.scene.mm.link import is_link, read_link
from mmviz.viewer import settings
from mmviz.viewer.question import Answer, Question
from mmviz.viewer.session.shown_scene import Shown

MOST_NAMED = 5
"""Addresses that are told; of more the number."""
LONGEST = 70
"""Letters of an address that is told."""
FOLDER, PATTERNS = Answer.Open, Answer.Apply
WORDS = {FOLDER: "Choose a folder …", PATTERNS: "Initializers in their place …", Answer.Cancel: "Cancel"}
WAYS = "mmviz fetches nothing. Choose the folder where copies lie, or let patterns stand in their place."
Make = Callable[[], Shown]


def missing_of(document: Document) -> list[str]:
    """The addresses of a scene's matrices, whose numbers are not here."""
    sources = document.tensors.values()
    return list(dict.fromkeys(source.url for source in sources if isinstance(source, UrlSource)))


def filled(parent: QWidget, text: str, like: Shown | type[Shown], make: Make | None) -> Make | None:
    """What makes the scene of a link, when the user has said what takes the place of its missing files.

    Args:
        parent: Whose question it is.
        text: What was pasted or opened.
        like: Any scene.
        make: What is given back of any other text, or one without missing files.

    Returns:
        None where the user changes their mind.
    """
    if not is_link(text):
        return make
    folder: Path | None = None
    while True:
        try:
            params = read_link(text)
            document = document_from_mm(params, csv_folder=folder)
        except MmvizError:
            return make  # which says what is wrong
        if not missing_of(document):
            return make if folder is None else _of(like, document)
        answer = ask_missing(parent, missing_of(document), folder)
        if answer == FOLDER:
            folder = ask_folder(parent) or folder
        elif answer == PATTERNS:
            name = ask_pattern(parent, len(missing_of(document)))
            if name is not None:
                return _of(like, document_from_mm(params, csv_folder=folder, missing=name))
        else:
            return None


def _of(like: Shown | type[Shown], document: Document) -> Make:
    return lambda: like.of(document, Path())


def ask_missing(parent: QWidget, addresses: Sequence[str], folder: Path | None) -> Answer:
    """FOLDER, PATTERNS or Cancel."""
    count = len(addresses)
    files = "a CSV file that is" if count == 1 else f"{count} CSV files that are"
    where = "not here" if folder is None else f"not in {folder}"
    told = [one if len(one) <= LONGEST else f"{one[: LONGEST // 2]} … {one[-LONGEST // 2 :]}" for one in addresses]
    told = told[:MOST_NAMED] + ([f"and {count - MOST_NAMED} more"] if count > MOST_NAMED else [])
    known = "\n".join(one or "(an empty address)" for one in told)
    text = f"This link names {files} {where}."
    more = (
        f"{known}\n\nmmviz fetches nothing. Choose the folder where copies lie, or let patterns stand in their place."
    )
    return Question(parent, text, more, WORDS).answer()


def ask_folder(parent: QWidget) -> Path | None:
    """The folder in which copies lie; None where the user changes their mind."""
    begin = settings.last_folder("open") or Path.cwd()
    name = QFileDialog.getExistingDirectory(parent, "The folder with copies of the CSV files", str(begin))
    if not name:
        return None
    settings.keep_folder("open", Path(name))
    return Path(name)


def ask_pattern(parent: QWidget, count: int) -> str | None:
    """The initializer that stands in; None where the user changes their mind."""
    names = list(get_args(InitializerName))
    matrices = "the matrix" if count == 1 else f"the {count} matrices"
    title, label = "Initializers in their place", f"Fill {matrices} with:"
    name, chosen = QInputDialog.getItem(parent, title, label, names, names.index("gaussian"), False)
    return name if chosen else None
