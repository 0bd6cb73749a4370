"""Which model, which prompt: what every scene of a model starts with, checked before anything is computed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmviz.errors import SourceError
from mmviz.values.config import ModelConfig

if TYPE_CHECKING:
    from mmviz.values.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Reading:
    """A model and what it reads, as a scene file says it."""

    model: str  # a folder, a file, a Hugging Face id, or the name of a model that comes with mmviz
    prompt: str | None = None
    tokens: Sequence[int] | None = None  # token ids, instead of a prompt
    device: str = "auto"
    dtype: str = "float32"

    def source(self) -> dict[str, Any]:
        """The key `model` of a scene file."""
        source: dict[str, Any] = {"path": self.model, "device": self.device, "dtype": self.dtype}
        return source | ({"prompt": self.prompt} if self.tokens is None else {"tokens": list(self.tokens)})


@dataclass(frozen=True, slots=True)
class Opened:
    """A model whose layer and prompt have been checked."""

    reading: Reading
    name: str  # of the model, for titles
    config: ModelConfig


def opened(reading: Reading, layer: int, head: int | None = None) -> Opened:
    """Open a model, and refuse a layer, head or prompt that it does not have, or files that do not hold what it needs.

    Raises:
        SourceError: as said; or the model cannot be opened.
    """
    from mmviz.values.checkpoint import Checkpoint
    from mmviz.values.locate import locate_model, model_title
    from mmviz.values.lookup import Lookup

    checkpoint = Checkpoint.open(locate_model(reading.model, Path()))
    config = ModelConfig.from_json(checkpoint.config, str(checkpoint.where))
    _check("layer", layer, config.layers, reading.model)
    if head is not None:
        _check("head", head, config.heads, reading.model)
    Lookup(config, checkpoint).check_tokens(_token_ids(reading, checkpoint))
    Lookup(replace(config, layers=layer + 1, unembeds=False), checkpoint).check_parameters()
    return Opened(reading, model_title(reading.model, Path()), config)


def _token_ids(reading: Reading, checkpoint: "Checkpoint") -> Sequence[int]:
    from mmviz.values.tokens import open_tokenizer

    if (reading.prompt is None) == (reading.tokens is None):
        raise SourceError(f"{reading.model}: a prompt, or tokens instead of one, is needed.")
    if reading.tokens is not None:
        return reading.tokens
    return open_tokenizer(checkpoint).encode(_text(reading.prompt or ""))


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
