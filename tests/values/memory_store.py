"""Weights that lie in memory, as a checkpoint takes them: what asks for names and shapes needs no file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from mmviz.errors import SourceError
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.store import Store

DTYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int8: "I8"}
LLAMA: Mapping[str, Any] = {
    "model_type": "llama",
    "num_hidden_layers": 2,
    "hidden_size": 12,
    "intermediate_size": 10,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 4,
    "vocab_size": 9,
    "max_position_embeddings": 7,
}
GPT2: Mapping[str, Any] = {
    "model_type": "gpt2",
    "n_layer": 2,
    "n_embd": 12,
    "n_head": 6,
    "n_positions": 7,
    "vocab_size": 9,
}
GPT_NEOX: Mapping[str, Any] = {
    "model_type": "gpt_neox",
    "num_hidden_layers": 2,
    "hidden_size": 12,
    "intermediate_size": 10,
    "num_attention_heads": 6,
    "rotary_pct": 1.0,
    "vocab_size": 9,
    "max_position_embeddings": 7,
}


class MemoryStore:
    """Counts what is read of it, and notes which weights were."""

    def __init__(self, weights: Mapping[str, torch.Tensor]) -> None:
        self.weights = dict(weights)
        self.bytes_read = 0
        self.asked: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.weights)

    @property
    def files(self) -> tuple[Path, ...]:
        return ()

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.weights[name].shape)

    def dtype(self, name: str) -> str:
        return DTYPES[self.weights[name].dtype]

    def stored_bytes(self, name: str) -> int:
        return self.weights[name].nbytes

    def check(self, name: str) -> None:
        """Refuse what files refuse.

        Raises:
            SourceError: it is not stored as floating point numbers.
        """
        if not self.weights[name].is_floating_point():
            raise SourceError(f"model, {name}: is stored as {self.dtype(name)}.")

    def lend(self, name: str) -> torch.Tensor:
        return self.read(name, None, None)

    def release(self) -> None:
        """It has no file that it could close."""

    def read(self, name: str, rows: slice | None, columns: slice | None) -> torch.Tensor:
        weight = self.weights[name]
        if not weight.ndim:
            return weight
        part = weight[rows or slice(None)] if columns is None else weight[rows or slice(None), columns]
        self.bytes_read += part.nbytes
        self.asked.append(name)
        return part.clone()


def checkpoint_of(config: Mapping[str, Any], store: Store) -> Checkpoint:
    """A checkpoint of the path `model`, which is nowhere."""
    return Checkpoint(Path("model"), Path("config.json"), dict(config), store)


def weights_of(config: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """Every parameter of a model in its shape, no two numbers the same."""
    read = read_model_config(config, "config.json")
    sizes, weights, first = read.sizes(), {}, 0
    for name, axes in parameters(read).items():
        shape = [sizes[axis] for axis in axes]
        count = torch.Size(shape).numel()
        weights[name] = torch.arange(first, first + count, dtype=torch.float32).reshape(shape)
        first += count
    return weights
