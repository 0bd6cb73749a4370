"""Where the scenes and weights that come with mmviz lie: inside the installed package, or beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "shipped", _PACKAGE.parent)


def find_scene(name: str) -> Path | None:
    """The shipped scene of that name, such as 'attention_head'; None when there is none."""
    bare = name.removesuffix(".yaml")
    return _find(f"scenes/{bare}.yaml") if bare in scene_names() else None


def find_asset(name: str) -> Path | None:
    """The shipped model folder of that name, such as 'smollm2-135m-2layers'; None when there is none."""
    return _find(f"assets/{name}") if name in model_names() else None


def scene_names() -> tuple[str, ...]:
    """The names of all shipped scenes, in alphabetical order."""
    return tuple(sorted({file.stem for root in _ROOTS for file in (root / "scenes").glob("*.yaml")}))


def model_names() -> tuple[str, ...]:
    """The names of all shipped models, in alphabetical order."""
    return tuple(sorted({file.parent.name for root in _ROOTS for file in (root / "assets").glob("*/config.json")}))


def _find(place: str) -> Path | None:
    return next((root / place for root in _ROOTS if (root / place).exists()), None)
