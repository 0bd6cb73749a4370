"""Which model, which prompt: what every scene of a model starts with, checked before anything is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmviz.errors import SourceError
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.reading import read_model_config

if TYPE_CHECKING:
    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.model.adapter import Adapter


@dataclass(frozen=True, slots=True)
class Reading:
    """A model and what it reads, as a scene file says it."""

    model: str  # a folder, a file, a Hugging Face id, or the name of a model that comes with mmviz
    prompt: str | None = None
    tokens: Sequence[int] | None = None  # token ids, instead of a prompt
    device: str = "auto"
    dtype: str = "float32"
    adapter: str | None = None  # the folder of a LoRA adapter, which is merged into the model
    special_tokens: bool = True  # around a prompt, as the tokenizer puts them around a text

    def source(self) -> dict[str, Any]:
        """The key `model` of a scene file."""
        source: dict[str, Any] = {"path": self.model, "device": self.device, "dtype": self.dtype}
        source |= {} if self.adapter is None else {"adapter": self.adapter}
        if self.tokens is not None:
            return source | {"tokens": list(self.tokens)}
        return source | {"prompt": self.prompt, "special_tokens": self.special_tokens}


@dataclass(frozen=True, slots=True)
class Opened:
    """A model whose layer and prompt have been checked."""

    reading: Reading
    name: str  # of the model, for titles
    config: ModelConfig
    checkpoint: "Checkpoint"
    tokens: int  # that it reads
    adapter: "Adapter | None" = None
    scales: Mapping[str, float] = field(default_factory=dict)  # attn.W_Q and so on -> what B A is multiplied by


def opened(reading: Reading, layer: int, head: int | None = None, checkpoint: "Checkpoint | None" = None) -> Opened:
    """Open a model, and refuse a layer, head or prompt that it does not have, or files that do not hold what it needs.

    Args:
        reading: The model and its prompt.
        layer: From 0.
        head: From 0.
        checkpoint: The model's, if somebody has opened it already.

    Raises:
        SourceError: as said; or the model cannot be opened, or an adapter does not fit.
    """
    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.model.lookup import Lookup
    from mmviz.values.origin.locate import locate_model, model_title

    checkpoint = checkpoint or Checkpoint.open(locate_model(reading.model, Path()))
    config = read_model_config(checkpoint.config, str(checkpoint.where))
    _check("layer", layer, config.layers, reading.model)
    if head is not None:
        _check("head", head, config.heads, reading.model)
    token_ids = _token_ids(reading, checkpoint)
    lookup = Lookup(config, checkpoint)
    lookup.check_tokens(token_ids)
    lookup.check_all_used(range(layer + 1))
    Lookup(replace(config, layers=layer + 1, unembeds=False), checkpoint).check_parameters()
    name = model_title(reading.model, Path())
    if reading.adapter is None:
        return Opened(reading, name, config, checkpoint, len(token_ids))
    from mmviz.values.model.adapter import Adapter

    adapter = Adapter.open(Path(reading.adapter))
    scales = _scales(adapter, checkpoint, config, layer)
    title = f"{name} with {Path(reading.adapter).name}"
    return Opened(reading, title, config, checkpoint, len(token_ids), adapter, scales)


def _scales(adapter: "Adapter", checkpoint: "Checkpoint", config: ModelConfig, layer: int) -> dict[str, float]:
    """By which factors an adapter adds to the weights of a layer; those that it does not change are left out."""
    from mmviz.values.families.names import in_layer
    from mmviz.values.families.registry import names_of
    from mmviz.values.model.adapter import Updates

    updates = Updates(adapter.updates(checkpoint, config))
    names = names_of(config)
    parameters = {name: in_layer(names, layer, weight.parameter) for name, weight in names.layer_weights.items()}
    found = {name: updates.of(parameter) for name, parameter in parameters.items()}
    return {name: update.scale for name, update in found.items() if update is not None}


def _token_ids(reading: Reading, checkpoint: "Checkpoint") -> Sequence[int]:
    from mmviz.values.text.tokens import open_tokenizer

    if (reading.prompt is None) == (reading.tokens is None):
        raise SourceError(f"{reading.model}: a prompt, or tokens instead of one, is needed.")
    if reading.tokens is not None:
        return reading.tokens
    return open_tokenizer(checkpoint).encode(_text(reading.prompt or ""), special_tokens=reading.special_tokens)


def _check(kind: str, number: int, count: int, model: str) -> None:
    if not 0 <= number < count:
        has = f"has {count} {kind}s, 0 to {count - 1}" if count > 1 else f"has 1 {kind}, 0"
        raise SourceError(f"{model}: {has}; got {kind} {number}.")


def _text(prompt: str) -> str:
    try:
        prompt.encode()
    except UnicodeEncodeError:  # how a command line passes on bytes that are no UTF-8
        raise SourceError(f"prompt: {prompt!a} is no text; UTF-8 is needed.") from None
    return prompt
