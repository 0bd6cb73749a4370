"""Where a model lies: beside the scene, with mmviz, fetched, or on the Hugging Face Hub; opens no weights."""

from pathlib import Path

from mmviz.errors import SourceError
from mmviz.machine.shipped import find_asset, model_names
from mmviz.values.files.kind_of_file import kind_of
from mmviz.values.files.model_files import CONFIG, SHARD, config_of, ggufs_of
from mmviz.values.origin.cached import id_of, meant_in_cache
from mmviz.values.origin.fetch import MODELS, find_fetched
from mmviz.values.origin.hub import HubId, has_weights, hub_config, hub_model


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
    if not found.is_dir() and (found.suffix.lower() in (".gguf", ".json") or kind_of(found) == "gguf"):
        return found
    config = config_of(found / CONFIG if found.is_dir() else found)
    if config.is_file():
        return config
    ggufs = ggufs_of(found) if found.is_dir() else []
    if len(ggufs) != 1:
        raise SourceError(f"{config}: no such file; the model's {CONFIG} is needed.")
    return ggufs[0]


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
    if (cached := id_of(meant_in_cache(beside(name, folder)).absolute())) is not None:
        return cached
    if place.suffix.lower() == ".gguf":
        part = SHARD.fullmatch(place.name)
        return part["name"] if part else place.stem
    return (place if place.is_dir() else place.parent).name


def beside(path: str, folder: Path) -> Path:
    """The place of a path that is absolute, starts with ~, or is relative to `folder`; it need not exist."""
    try:
        return folder / Path(path).expanduser()
    except RuntimeError:  # ~name, and there is nobody of that name
        return folder / path


def _here(name: str, folder: Path) -> Path | None:
    place = beside(name, folder)
    if not _exists(place):
        return find_asset(name) or find_fetched(name)
    if _is_empty(place) and (hidden := _hidden(name)):
        raise SourceError(f"{place}: is an empty folder, and hides {hidden} of that name; rename or remove it.")
    return meant_in_cache(place)


def _is_empty(place: Path) -> bool:
    """Whether it is a folder with nothing in it but what systems put there."""
    return place.is_dir() and all(file.name.startswith(".") for file in place.iterdir())


def _hidden(name: str) -> str:
    """What a name would mean if there were no such path; "" for what can only be a path."""
    if find_asset(name) is not None:
        return "the model that comes with mmviz"
    if find_fetched(name) is not None or name in MODELS:
        return "the model that `mmviz fetch` fetches"
    model = HubId.read(name)
    known = model is not None and (model.has_organization or model.is_known) and name not in (".", "..")
    return "the model of the Hugging Face Hub" if known else ""


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
