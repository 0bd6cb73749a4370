"""Where the scenes and weights that come with mmviz lie: inside the installed package, or beside it in a checkout."""

from difflib import get_close_matches
from pathlib import Path

from mmviz.errors import SceneError

_PACKAGE = Path(__file__).resolve().parents[1]
_ROOTS = (_PACKAGE / "shipped", _PACKAGE.parent)


def find_scene(name: str) -> Path | None:
    """The shipped scene of that name, such as 'attention_head', or one of the gallery; None when there is none."""
    bare = name.removesuffix(".yaml")
    if bare in scene_names():
        return _find(f"scenes/{bare}.yaml")
    return _find(f"scenes/gallery/{bare}.yaml") if bare in gallery_names() else None


def locate_scene(path: Path | str) -> Path:
    """The file of a scene that is given by its path, or by its name when it comes with mmviz.

    Raises:
        SceneError: there is neither.
    """
    if not isinstance(path, str | Path):
        raise SceneError(f"scene: must be the path or the name of a scene, as text, got {path!r}.")
    place, shipped = Path(path), find_scene(str(path))
    try:
        if place.exists() and not (shipped and place.is_dir()):
            return place
    except OSError as error:  # such as a name that is too long
        raise SceneError(f"{path}: {error.strerror}.") from None
    if shipped is None:
        close = get_close_matches(place.stem, known_names(), n=1)
        hint = f"; did you mean '{close[0]}'?" if close else "."
        raise SceneError(
            f"{path}: there is no such file, and no scene of that name comes with mmviz{hint}\n"
            f"These do: {', '.join(scene_names())}. `mmviz gallery` lists more."
        )
    return shipped


def find_asset(name: str) -> Path | None:
    """The shipped model folder of that name, such as 'smollm2-135m-2layers'; None when there is none."""
    return _find(f"assets/{name}") if name in model_names() else None


def scene_names() -> tuple[str, ...]:
    """The names of all shipped scenes besides those of the gallery, in alphabetical order."""
    return _names_in("scenes")


def gallery_names() -> tuple[str, ...]:
    """The names of all scenes of the gallery, in alphabetical order; `mmviz.scene.gallery` says what they are."""
    return _names_in("scenes/gallery")


def known_names() -> tuple[str, ...]:
    """The names of all shipped scenes."""
    return (*scene_names(), *gallery_names())


def model_names() -> tuple[str, ...]:
    """The names of all shipped models, in alphabetical order."""
    return tuple(sorted({file.parent.name for root in _ROOTS for file in (root / "assets").glob("*/config.json")}))


def _names_in(folder: str) -> tuple[str, ...]:
    return tuple(sorted({file.stem for root in _ROOTS for file in (root / folder).glob("*.yaml")}))


def _find(place: str) -> Path | None:
    return next((root / place for root in _ROOTS if (root / place).exists()), None)
