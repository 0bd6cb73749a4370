"""Which files a scene reads that lie outside its own folder; opens none of them."""

import os
from collections.abc import Iterator
from pathlib import Path

from mmviz.scene.document import Document
from mmviz.scene.keys.sources import FileSource


def outside(document: Document, folder: Path) -> Iterator[str]:
    """A line for each matrix whose file lies outside a folder: by .., a path from the root, ~ or a link.

    Args:
        document: The scene.
        folder: What its relative paths start from.
    """
    home = os.path.realpath(folder)
    for name, source in document.tensors.items():
        if isinstance(source, FileSource):
            try:
                place = os.path.realpath(folder / os.path.expanduser(source.file))
            except ValueError:  # no file can have this name, which is said when it is read
                continue
            if not Path(place).is_relative_to(home):
                shown = place if place.isprintable() else repr(place)
                yield f"{name}: is read from {shown}, which lies outside the scene's folder"
