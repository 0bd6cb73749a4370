"""The models on this machine that need no path: shipped, fetched, and in the Hugging Face cache; asks no network."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mmviz.errors import MmvizError, SourceError
from mmviz.machine.shipped import find_asset, model_names
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.json_file import read_json
from mmviz.values.files.model_files import CONFIG, quantization_by, weights_of
from mmviz.values.origin.cached import BRANCH, MODEL, REFS, meant_in_cache, name_of
from mmviz.values.origin.fetch import MODELS, find_fetched
from mmviz.values.origin.hub import has_weights, hub_cache, is_whole


@dataclass(frozen=True, slots=True)
class ModelHere:
    """A model, as far as a list tells it."""

    name: str  # what it is opened by
    title: str  # for people
    kind: str  # model_type, such as llama; "" where it cannot be read
    layers: int
    size: int  # of its files, in bytes
    trouble: str  # why it cannot be drawn; "" where it can


def models_here() -> tuple[ModelHere, ...]:
    """All of them: those that come with mmviz, fetched ones, and then the cache's; those that cannot be drawn last."""
    own = [(name, place) for name in model_names() if (place := find_asset(name))]
    fetched = [(name, place) for name in MODELS if (place := find_fetched(name))]
    found = [*(_model(name, name, place) for name, place in (*own, *fetched)), *_cached()]
    return tuple(sorted(found, key=lambda model: bool(model.trouble)))


def _cached() -> Iterator[ModelHere]:
    try:
        folders = sorted(hub_cache().glob(f"{MODEL}*"), key=lambda folder: folder.name.lower())
    except (MmvizError, OSError):  # no such home, or nobody may look into it
        return
    for folder in folders:
        if folder.is_dir():
            yield _of_cache(folder)


def _of_cache(folder: Path) -> ModelHere:
    name = name_of(folder.name)
    try:
        place = meant_in_cache(folder)
    except MmvizError as error:
        return ModelHere(name, name, "", 0, _size(folder), _reason(error, folder))
    # Else asking by its id would ask the hub for the rest.
    named = (folder / REFS / BRANCH).is_file() and (place / CONFIG).is_file() and is_whole(place)
    return _model(name if named else str(place), name, place)


def _model(name: str, title: str, place: Path) -> ModelHere:
    try:
        config = _config(place)
    except MmvizError as error:
        return ModelHere(name, title, "", 0, _size(place), _reason(error, place))
    return ModelHere(name, title, config.kind, config.layers, _size(place), "")


def _config(place: Path) -> ModelConfig:
    """The configuration of a folder whose weights are there; no weights are opened, but the header of a GGUF file.

    Raises:
        MmvizError: it cannot be drawn.
    """
    config = place / CONFIG
    if config.is_file():
        said = read_json(config)
        checked = read_model_config(said, str(config))
        quantization_by(said, config)  # refuses what is not known here
        if not has_weights(place):
            weights_of(place)  # says of a pickle that it is one
            raise SourceError(f"{place}: not all of its weights are here.")
        return checked
    weights = weights_of(place)
    if weights.suffix.lower() != ".gguf":
        raise SourceError(f"{config}: no such file; the model's {CONFIG} is needed.")
    from mmviz.values.files.checkpoint import Checkpoint

    return read_model_config(Checkpoint.open(weights).config, str(weights))


def _reason(error: MmvizError, place: Path) -> str:
    """What is wrong, without the long path of a folder that the list has by its name."""
    return str(error).removeprefix(str(place)).removeprefix("/").removeprefix(": ")


def _size(folder: Path) -> int:
    """Bytes of all files, those that links lead to among them, but none twice."""
    total = 0
    for place in {file.resolve() for file in folder.rglob("*") if not file.is_dir()}:
        try:
            total += place.stat().st_size
        except OSError:  # a link that leads nowhere
            continue
    return total
