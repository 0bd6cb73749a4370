"""Headers of GGUF files that are made up, and what becomes of them in the words of a config.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz.errors import SourceError
from mmviz.values.files.gguf_header import Header, StoredTensor
from mmviz.values.files.gguf_model import read_config

PATH = Path("m.gguf")
LLAMA: Mapping[str, Any] = {
    "general.architecture": "llama",
    "llama.block_count": 1,
    "llama.embedding_length": 8,
    "llama.feed_forward_length": 12,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "llama.context_length": 64,
    "llama.attention.layer_norm_rms_epsilon": float(np.float32(1e-5)),
}
GPT2: Mapping[str, Any] = {
    "general.architecture": "gpt2",
    **{f"gpt2.{key.partition('.')[2]}": value for key, value in LLAMA.items() if key.startswith("llama.")},
    "gpt2.attention.layer_norm_epsilon": 1e-5,
}


def tensor(*shape: int, kind: str = "F32") -> StoredTensor:
    return StoredTensor(kind, shape, 1, 4, 0)


def header(metadata: Mapping[str, Any], *names: str, **tensors: StoredTensor) -> Header:
    there = {"token_embd.weight": tensor(50, 8), "blk.0.attn_norm.weight": tensor(8)}
    return Header(metadata, {**there, **{name: tensor(8, 8) for name in names}, **tensors})


def config(*names: str, factors: list[float] | None = None, **metadata: Any) -> dict[str, Any]:
    """Of a Llama with other metadata, by keys without their beginning; None: without that key."""
    changed = {**LLAMA, **{f"llama.{key}": value for key, value in metadata.items()}}
    said = {key: value for key, value in changed.items() if value is not None}
    return read_config(header(said, *names), PATH, lambda _: factors or [])


def refusal(*names: str, factors: list[float] | None = None, **metadata: Any) -> str:
    with pytest.raises(SourceError) as caught:
        config(*names, factors=factors, **metadata)
    return str(caught.value)
