"""Where a model lies: beside the scene, with mmviz, fetched, or on the Hugging Face Hub; opens no weights."""

from pathlib import Path

from mmviz.errors import SourceError
from mmviz.machine.shipped import find_asset, model_names
from mmviz.values.origin.fetch import MODELS, find_fetched
from mmviz.values.origin.hub import CONFIG, HubId, has_weights, hub_config, hub_model


def locate_model(name: str, folder: Path) -> Path:
    """The folder or file of a model.

    Args:
        name: In this order: a path; a model that comes with mmviz; one that `mmviz fetch` has fetched; a Hugging Face
            id `org/name[@revision]`, downloaded where it is not in the cache; a one-word id such as `gpt2` whose
            model the cache knows.
        folder: What a relative path starts from.

    Raises:
        SourceError: there is none of these, or the download failed.
    """
    found = _here(name, folder)
    return hub_model(_hub_id(name, folder)) if found is None else found


def find_config(name: str, folder: Path) -> Path:
    """What says how a model is built, without its weights: its config.json, or its .gguf file, which holds both.

    Args:
        name: As in `locate_model`, or a config.json itself.
        folder: What a relative path starts from.

    Raises:
        SourceError: there is none, or it cannot be downloaded.
    """
    found = _here(name, folder)
    if found is None:
        return hub_config(_hub_id(name, folder))
    if found.suffix in (".gguf", ".json") and not found.is_dir():
        return found
    config = (found if found.is_dir() else found.parent) / CONFIG
    ggufs = list(found.glob("*.gguf"))
    if not config.is_file() and len(ggufs) != 1:
        raise SourceError(f"{config}: no such file; the model's {CONFIG} is needed.")
    return config if config.is_file() else ggufs[0]


def locate_for_report(name: str, folder: Path) -> Path:
    """As `locate_model`, but weights are not downloaded: without them, it is the model's config.json alone.

    Raises:
        SourceError: there is no such model, or its config.json cannot be downloaded.
    """
    found = _here(name, folder)
    if found is None:
        config = find_config(name, folder)
        return config.parent if has_weights(config.parent) else config
    return found


def model_title(name: str, folder: Path) -> str:
    """What to call a model: the name of its folder or .gguf file, or else what it is asked for by."""
    place = beside(name, folder)
    if not _exists(place):
        return name
    place = place.resolve()
    return place.stem if place.suffix == ".gguf" else (place if place.is_dir() else place.parent).name


def beside(path: str, folder: Path) -> Path:
    """The place of a path that is absolute, starts with ~, or is relative to `folder`; it need not exist."""
    try:
        return folder / Path(path).expanduser()
    except RuntimeError:  # ~name, and there is nobody of that name
        return folder / path


def _here(name: str, folder: Path) -> Path | None:
    place = beside(name, folder)
    return place if _exists(place) else find_asset(name) or find_fetched(name)


def _hub_id(name: str, folder: Path) -> HubId:
    """The Hugging Face id that a name must be, which leads to nothing on this machine."""
    model = HubId.read(name)
    if name in MODELS:
        raise SourceError(
            f"{name}: is not here yet; `mmviz fetch {name}` fetches it ({MODELS[name].download // 10**6} MB)."
        )
    if model is None or name in (".", ".."):
        raise SourceError(
            f"{beside(name, folder)}: no such file or folder; a folder with config.json and model.safetensors, "
            "or a .safetensors or .gguf file, is needed."
        )
    if not model.has_organization and not model.is_known:
        raise SourceError(
            f"{name}: no such file or folder, no model of that name comes with mmviz ({', '.join(model_names())}), "
            f"none was fetched (mmviz fetch {', '.join(MODELS)}), and it is not in the Hugging Face cache; "
            "a model of the Hugging Face Hub is named organization/name."
        )
    return model


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # a name that is longer than any file's
        return False
