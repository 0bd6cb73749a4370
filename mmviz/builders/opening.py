"""Which model, which prompt: what every scene of a model starts with, checked before anything is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmviz.errors import SourceError
from mmviz.values.families.config import ModelConfig, Stack
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
    stack: Stack = ""  # of a model that has two; "": the encoder, or the decoder where heads look across
    cross: bool = False  # heads are those of a decoder's attention to what the encoder gives
    target: str | None = None  # what the decoder has been given so far; prompt or tokens are what the encoder reads
    target_tokens: Sequence[int] | None = None  # all that it reads, its start token, too, instead

    @property
    def wanted(self) -> Stack:
        """The stack that is drawn: the decoder's heads alone look across."""
        return self.stack or ("decoder" if self.cross else "")

    def source(self) -> dict[str, Any]:
        """The key `model` of a scene file."""
        source: dict[str, Any] = {"path": self.model, "device": self.device, "dtype": self.dtype}
        source |= {} if self.adapter is None else {"adapter": self.adapter}
        source |= {"stack": self.wanted} if self.wanted else {}
        source |= {"target": self.target} if self.target is not None else {}
        source |= {"target_tokens": list(self.target_tokens)} if self.target_tokens is not None else {}
        if self.tokens is None:
            return source | {"prompt": self.prompt, "special_tokens": self.special_tokens}
        source["tokens"] = list(self.tokens)
        return source | ({} if self.target is None else {"special_tokens": self.special_tokens})


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
    from mmviz.values.model.left_out import as_stored
    from mmviz.values.model.lookup import Lookup
    from mmviz.values.origin.locate import locate_model, model_title

    checkpoint = checkpoint or Checkpoint.open(locate_model(reading.model, Path()))
    config = as_stored(read_model_config(checkpoint.config, str(checkpoint.where), reading.wanted), checkpoint)
    if reading.cross and not config.crosses:
        raise SourceError(
            f"{reading.model}: the encoder's heads look at its own tokens alone; its decoder is needed to look across."
        )
    _check("layer", layer, config.layers, reading.model)
    if head is not None:
        _check("head", head, config.heads, reading.model)
    if (reading.target or reading.target_tokens) is not None and not config.crosses:
        raise SourceError(
            f"{reading.model}: a target is what a decoder has been given; its decoder is needed (--stack decoder)."
            if config.stack
            else f"{reading.model}: has no decoder that a target could be given; leave the target out."
        )
    token_ids = _token_ids(reading, checkpoint)
    if config.source is not None:
        encoder = Lookup(config.source, checkpoint)
        encoder.check_tokens(token_ids)
        encoder.check_all_used(range(config.source.layers))
        encoder.check_parameters()
        token_ids = _target_ids(reading, checkpoint)
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


def _target_ids(reading: Reading, checkpoint: "Checkpoint") -> Sequence[int]:
    from mmviz.values.text.target import target_ids

    if reading.target is not None and reading.target_tokens is not None:
        raise SourceError(f"{reading.model}: both a target and target tokens; give one of them.")
    if reading.target_tokens is not None:
        return reading.target_tokens
    text = None if reading.target is None else _text(reading.target, "target")
    return target_ids(checkpoint, text, special_tokens=reading.special_tokens)


def _check(kind: str, number: int, count: int, model: str) -> None:
    if not 0 <= number < count:
        has = f"has {count} {kind}s, 0 to {count - 1}" if count > 1 else f"has 1 {kind}, 0"
        raise SourceError(f"{model}: {has}; got {kind} {number}.")


def _text(text: str, where: str = "prompt") -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # how a command line passes on bytes that are no UTF-8
        raise SourceError(f"{where}: {text!a} is no text; UTF-8 is needed.") from None
    return text
