"""Names of files that the window proposes; writes nothing."""

import os
import re
from itertools import count
from pathlib import Path

from mmviz.machine.shipped import find_scene
from mmviz.viewer.session.shown_scene import Shown

SCENE_FILES = (".yaml", ".yml", ".json")
OPENED = (
    "Scenes, models and tensors (*.yaml *.yml *.json *.safetensors *.gguf *.npy *.npz *.csv *.tsv *.pt *.pth);;"
    "All files (*)"
)
"""What is offered to be opened, as Qt wants it."""
LONGEST_STEM = 60
"""Letters of a proposed name without its ending."""


def own_file(scene: Shown) -> Path | None:
    """The scene file that a scene was read from; None where there is none, or where it comes with mmviz."""
    try:
        place = Path(scene.where)
        readable = place.suffix.lower() in SCENE_FILES and place.is_file()
    except (OSError, ValueError):  # no file can have this name
        return None
    return place.absolute() if readable and not is_shipped(place) else None


def is_shipped(place: Path) -> bool:
    """Whether a file is a scene that comes with mmviz."""
    shipped = find_scene(place.stem)
    return shipped is not None and place.exists() and shipped.resolve() == place.resolve()


def stem_of(scene: Shown, file: Path | None) -> str:
    """What files that are made of a scene are called, without an ending."""
    if file is not None:
        return file.stem
    try:
        from_file = Path(scene.where).suffix.lower() in SCENE_FILES
    except ValueError:
        from_file = False
    text = Path(scene.where).stem if from_file else scene.document.title or scene.document.text()
    return re.sub(r"[^\w-]+", "_", text.lower())[:LONGEST_STEM].strip("_") or "scene"


def numbered(folder: Path, stem: str, suffix: str) -> Path:
    """STEM_0001 with the suffix, or the next number that is not there yet."""
    pattern = re.compile(rf"{re.escape(stem)}_(\d+){re.escape(suffix)}")
    taken = [int(found[1]) for name in os.listdir(folder) if (found := pattern.fullmatch(name))]
    return folder / f"{stem}_{max(taken, default=0) + 1:04d}{suffix}"


def free(folder: Path, stem: str, ending: str) -> str:
    """STEM with the ending, or STEM_2 and so on, whichever is not there yet; an ending / is that of a folder."""
    names = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
    return next(f"{folder / name}{ending}" for name in names if not (folder / f"{name}{ending.rstrip('/')}").exists())
