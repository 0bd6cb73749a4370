"""What a dropped or pasted thing names: a path, a link of mm, or a whole scene; opens no window."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from mmviz.errors import MmvizError, SceneError
from mmviz.scene import document as documents
from mmviz.scene.keys.problems import printable
from mmviz.scene.mm import link as links
from mmviz.scene.text import scene_file
from mmviz.scene.text.yaml_text import MAX_SIZE
from mmviz.viewer.session.shown_scene import Opener, Shown

PASTED = "pasted scene"
"""What messages call it."""
LONGEST_NAME = 4096
"""Letters of a path or name; a link may be longer."""


def named_by(offered: QMimeData | None) -> str:
    """The path, link or text that something dropped or copied holds; "" where there is none."""
    if offered is None:  # as some systems say that the clipboard is empty
        return ""
    for url in offered.urls():
        return url.toLocalFile() if url.isLocalFile() else url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
    text = offered.text().strip()
    if text.startswith("file:") and "\n" not in text:
        return QUrl(text).toLocalFile()
    return text.strip("\"'") if "\n" not in text else text


def maker(text: str, opener: Opener, like: Shown | type[Shown], folder: Path) -> Callable[[], Shown]:
    """What makes a scene of a text; it may take long.

    Args:
        text: A path, a name, a link, or a whole scene in YAML or JSON.
        opener: For all but the last.
        like: Any scene, or the class of all.
        folder: What relative paths of a whole scene start from.
    """

    def make() -> Shown:
        if is_link(text):
            return opener(text)
        content = _content(text) if "\n" in text or links.is_parameters(text) else None
        if isinstance(content, dict) and any(key in content for key in documents.WHOLE):
            return like.of(documents.from_mapping(content, PASTED), folder, PASTED)
        if "\n" in text or len(text) > LONGEST_NAME:
            raise SceneError(
                f"{PASTED}: '{printable(text[:40])}' … is no scene; copy a whole scene file (it has a line 'expr: …'), "
                "a link of mm or a path."
            )
        return opener(text)

    return make


def is_link(text: str) -> bool:
    """Whether a text is the address of something."""
    return links.is_address(text) and "\n" not in text


def as_file(text: str) -> Path | None:
    """The file or folder of that name; None where it is something else."""
    if not text or "\n" in text or len(text) > LONGEST_NAME or links.is_link(text):
        return None
    try:
        place = Path(text).expanduser()
        return place.absolute() if place.exists() else None
    except (OSError, ValueError, RuntimeError):  # no file can have this name, or there is no such home
        return None


def _content(text: str) -> object:
    """A whole scene as plain values; None where it is none.

    Raises:
        MmvizError: it seems to be one, and is broken.
    """
    if len(text) > MAX_SIZE:
        return None
    try:
        return scene_file.parse(text, PASTED)
    except MmvizError:
        if any(key in text for key in documents.WHOLE):
            raise
        return None
