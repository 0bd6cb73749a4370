"""What `mmviz inspect` knows about a model, as plain data: sizes, costs, what its files hold.

Reads no weights, unless it has to find out whether two that may be tied are equal.
"""

from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.reports.architecture_report import architecture_of
from mmviz.values.families import costs
from mmviz.values.families.config import ModelConfig, Stack
from mmviz.values.families.layer_kinds import LayerKind, layer_kinds
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config, stacks_of
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.json_file import read_json
from mmviz.values.files.model_files import CONFIG, config_of, quantization_by, weights_of
from mmviz.values.files.safetensors_file import INDEX
from mmviz.values.model.inventory import take_inventory
from mmviz.values.model.tying import described
from mmviz.values.origin.locate import locate_for_report, locate_model


def model_report(name: str, tokens: int | None = None, stack: Stack = "") -> dict[str, Any]:
    """A model's architecture, parameters, tensors, operations and memory, as plain numbers.

    Args:
        name: A model as in `locate_model`; or a config.json alone, which is all that is downloaded of a model of the
            Hugging Face Hub.
        tokens: Of the prompt whose costs are told; 1,024 by default, or the longest prompt where that is shorter.
        stack: Of a model that has two: which is told alone; "": the encoder, and the decoder beside it.

    Raises:
        SourceError: the model cannot be opened, is not supported, or reads no prompt of that length.
    """
    checkpoint, settings, where, not_checked = _open(locate_for_report(name, Path()))
    quantization = quantization_by(settings, where) if where.suffix == ".json" else None
    config = _described(checkpoint, settings, where, stack)
    beside = not stack and "decoder" in stacks_of(settings, str(where))
    decoder = _described(checkpoint, settings, where, "decoder") if beside else None
    if tokens is not None and tokens > config.positions:
        raise SourceError(f"{where}: the model reads at most {config.positions} tokens; got {tokens}.")
    short = min(costs.USUAL_TOKENS, config.positions) if tokens is None else tokens
    lengths = sorted({short, config.positions})
    return {
        "model": name,
        "config": str(where),
        "quantized_by": None if quantization is None else quantization.method,
        **_of_stack(config, settings, where, lengths),
        "tensors": None if checkpoint is None else _tensors(decoder or config, checkpoint),
        "tensors_not_checked": not_checked or None,
        "decoder": None if decoder is None else _of_stack(decoder, settings, where, lengths),
        "parameters_of_both": None if decoder is None else _count_of_both(decoder),
        "weight_bytes_read": 0 if checkpoint is None else checkpoint.bytes_read,
    }


def _described(checkpoint: Checkpoint | None, settings: dict[str, Any], where: Path, stack: Stack) -> ModelConfig:
    if checkpoint is None:
        return read_model_config(settings, str(where), stack)
    return described(checkpoint, stack)


def _of_stack(config: ModelConfig, settings: dict[str, Any], where: Path, lengths: list[int]) -> dict[str, Any]:
    """What is told of a model of one stack, or of one of two, but for its files."""
    said = read_model_config(settings, str(where), config.stack).tied
    return {
        "architecture": {**architecture_of(config), "said_to_be_tied": said},
        "parameters": _parameters(config),
        "layer_kinds": [_kind(kind, lengths) for kind in layer_kinds(config)],
        "operations": _operations(config, lengths),
        "memory": _memory(config, lengths),
    }


def _count_of_both(decoder: ModelConfig) -> int:
    """The parameters of a decoder and of its encoder, those that both have once."""
    found: dict[str, int] = {}
    for config in (decoder.source, decoder):
        if config is not None:
            sizes = config.sizes()
            found |= {name: prod(sizes[axis] for axis in axes) for name, axes in parameters(config).items()}
    return sum(found.values())


def weight_report(name: str, weight: str, head: int | None = None) -> dict[str, Any]:
    """A few numbers about one weight, or about a head's part of it, and how many bytes were read for them.

    Args:
        name: A model as in `locate_model`.
        weight: Its TransformerLens or Hugging Face name.
        head: A query head; None for all.

    Raises:
        SourceError: the model cannot be opened, or has no such weight or head.
    """
    from mmviz.values.model.weight_summary import summarize  # only what reads numbers needs torch

    summary = asdict(summarize(Checkpoint.open(locate_model(name, Path())), weight, head))
    return {"model": name, **summary, "shape": list(summary["shape"]), "axes": list(summary["axes"])}


def check_whole(report: dict[str, Any]) -> None:
    """The files hold every parameter that the configuration asks for, each in its shape; or they were not looked at.

    Args:
        report: A model's.

    Raises:
        SourceError: some are missing, or of another shape.
    """
    tensors = report["tensors"] or {"missing": (), "wrong_shape": ()}
    missing, misshapen = len(tensors["missing"]), len(tensors["wrong_shape"])
    found = [f"{missing} {'is' if missing == 1 else 'are'} missing"] if missing else []
    found += [f"{misshapen} {'has' if misshapen == 1 else 'have'} another shape"] if misshapen else []
    if found:
        raise SourceError(
            f"{report['model']}: of {tensors['needed']} parameters, {' and '.join(found)}; "
            f"all that {report['config']} asks for are needed."
        )


def _open(place: Path) -> tuple[Checkpoint | None, dict[str, Any], Path, str]:
    """The weights if they are there, the configuration and where it was found, and why there are no weights."""
    if place.suffix.lower() == ".json" and place.name.lower() != INDEX and not place.is_dir():
        return None, read_json(place), place, "only the configuration is here, not the weights"
    config = config_of(place / CONFIG)
    if place.is_dir() and config.is_file() and not _holds_weights(place):
        return None, read_json(config), config, _without_weights(place)
    checkpoint = Checkpoint.open(place)
    return checkpoint, checkpoint.config, checkpoint.where, ""


def _holds_weights(folder: Path) -> bool:
    """Whether there is something that can be read; if it is broken, that is worth a message of its own."""
    try:
        weights_of(folder)
    except SourceError:
        ends = (".safetensors", ".gguf", ".index.json")
        return any(file.name.lower().endswith(ends) for file in folder.iterdir())
    return True


def _without_weights(folder: Path) -> str:
    """What opening the weights would end with, such as that they are pickles."""
    try:
        Checkpoint.open(folder)
    except SourceError as error:
        return str(error).removeprefix(f"{folder}: ").rstrip(".")
    return ""


def _parameters(config: ModelConfig) -> dict[str, Any]:
    parts, layer = costs.model_parameters(config), costs.layer_parameters(config)
    return {
        "total": sum(parts.values()),
        "active": costs.active_parameters(config),
        "parts": parts,
        "a_layer": {"total": sum(layer.values()), "parts": layer},
    }


def _tensors(config: ModelConfig, checkpoint: Checkpoint) -> dict[str, Any]:
    inventory = take_inventory(config, checkpoint)
    wrong = [{"name": bad.name, "stored": list(bad.stored), "needed": list(bad.needed)} for bad in inventory.misshapen]
    return {
        "needed": inventory.needed,
        "missing": list(inventory.missing),
        "wrong_shape": wrong,
        "extra": [
            {"name": extra.name, "dtype": extra.dtype, "bytes": extra.size, "meaning": extra.meaning}
            for extra in inventory.extra
        ],
        "dtypes": {kind.dtype: {"tensors": kind.tensors, "bytes": kind.size} for kind in inventory.stored},
        "bytes": inventory.size,
    }


def _kind(kind: LayerKind, lengths: list[int]) -> dict[str, Any]:
    """What one of these layers costs, of a prompt of each length, and of the token that is the last of as many."""
    return {
        "name": kind.name,
        "layers": list(kind.layers),
        "parameters": kind.parameters,
        "prefill": [{"tokens": length, "operations": kind.operations(length)} for length in lengths],
        "decode": [{"before": length - 1, "operations": kind.operations(1, length - 1)} for length in lengths],
        "cache": [{"tokens": length, "bytes": kind.cache_bytes(length)} for length in lengths],
    }


def _operations(config: ModelConfig, lengths: list[int]) -> dict[str, Any]:
    """Of a prompt of each length, and of the token that is the last of as many."""
    return {
        "prefill": [_pass(costs.forward_operations(config, length)) for length in lengths],
        "decode": [_pass(costs.forward_operations(config, 1, length - 1)) for length in lengths],
    }


def _pass(operations: costs.Operations) -> dict[str, int]:
    return {**asdict(operations), "weights": operations.weights, "total": operations.total}


def _memory(config: ModelConfig, lengths: list[int]) -> dict[str, Any]:
    needed = costs.memory_bytes(costs.model_parameters(config))
    return {
        "inference_bytes": needed["infer"],
        "training_bytes": needed["train"],
        "cache_bytes_a_token": costs.cache_bytes(config, 1),
        "cache": [{"tokens": length, "bytes": costs.cache_bytes(config, length)} for length in lengths],
    }
