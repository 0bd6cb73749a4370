"""A scene document in another folder: its relative paths are rewritten, and nothing else is."""

import os
from pathlib import Path

from mmviz.scene.document import Document


def moved(document: Document, old: Path, new: Path) -> Document:
    """The same document for a file in another folder: relative paths that lead to something still lead there."""

    def place(path: str) -> str:
        if old.resolve() == new.resolve() or Path(path).is_absolute() or not (old / path).exists():
            return path
        return _way(old / path, new)

    content = document.model_dump(exclude_defaults=True)
    if "model" in content:
        content["model"]["path"] = place(content["model"]["path"])
        if "adapter" in content["model"]:
            content["model"]["adapter"] = place(content["model"]["adapter"])
    for source in content.get("tensors", {}).values():
        if "file" in source:
            source["file"] = place(source["file"])
    return Document.model_validate(content)


def _way(place: Path, folder: Path) -> str:
    """The way from a folder to a place; links on the way are followed, a link at its end stays one."""
    target = place.parent.resolve() / place.name
    try:
        return Path(os.path.relpath(target, folder.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        return target.as_posix()
