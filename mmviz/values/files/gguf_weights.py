"""Which weight of Hugging Face's each tensor of a GGUF file is, and how it is laid out; reads no numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.files.gguf_architectures import ARCHITECTURES
from mmviz.values.files.gguf_header import Header, StoredTensor
from mmviz.values.files.gguf_scales import find_scales

LAYER = re.compile(r"blk\.(0|[1-9][0-9]{0,8})\.(\w+)\.(weight|bias)")


@dataclass(frozen=True, slots=True)
class Weight:
    """A stored tensor as Hugging Face has it."""

    tensor: StoredTensor
    transposed: bool = False
    heads: int = 0  # so many heads' rows are interleaved (see findings/gguf-llama-query-rows.sh); 0: none are
    by_kind: int = 0  # of so many heads queries come first, then keys, then values; 0: as in Hugging Face's
    added: float = 0.0  # by how much each number is more than Hugging Face's
    scale: StoredTensor | None = None  # of one number, which all others are multiplied by

    @property
    def shape(self) -> tuple[int, ...]:
        """In Hugging Face's orientation."""
        return self.tensor.shape[::-1] if self.transposed else self.tensor.shape


def read_weights(header: Header, config: Mapping[str, Any], path: Path) -> dict[str, Weight]:
    """Every tensor under its Hugging Face name; one that Hugging Face does not know keeps its own.

    Raises:
        SourceError: the rows of queries or keys do not divide into heads; or a weight has more beside it than a scale.
    """
    scales, beside = find_scales(header, path)
    architecture = ARCHITECTURES[header.metadata["general.architecture"]]
    names = architecture.names
    weights: dict[str, Weight] = {}
    for stored, tensor in header.tensors.items():
        if stored in architecture.of_rope or stored in beside:
            continue
        match = LAYER.fullmatch(stored)
        layer, (short, _, end) = ("", stored.partition(".")) if match is None else (match[1], (match[2], ".", match[3]))
        known = short in names and end in ("weight", "bias")
        prefix = names["blk"].format(layer=layer) if match else ""
        weight = Weight(tensor, added=architecture.added_to_norms if stored.endswith("norm.weight") else 0.0)
        if match and short in architecture.turned:
            weight = replace(weight, transposed=len(tensor.shape) == 2)
        if architecture.interleaved and match and short in ("attn_q", "attn_k"):
            key = "num_attention_heads" if short == "attn_q" else "num_key_value_heads"
            weight = replace(weight, heads=_dividing(config[key], tensor, f"{path}, {stored}"))
        if architecture.by_kind and match and short == "attn_qkv":
            heads = config["n_head"] if "n_head" in config else config["num_attention_heads"]
            weight = replace(weight, by_kind=_dividing_in_three(heads, tensor, f"{path}, {stored}"))
        scale = header.tensors[scales[stored]] if stored in scales else None
        weights[f"{prefix}{names[short]}.{end}" if known else stored] = replace(weight, scale=scale)
    return weights


def _dividing(heads: int, tensor: StoredTensor, where: str) -> int:
    if tensor.shape[0] % (2 * heads):
        raise SourceError(f"{where}: has {tensor.shape[0]} rows; {heads} heads of an even size are needed.")
    return heads


def _dividing_in_three(heads: int, tensor: StoredTensor, where: str) -> int:
    if tensor.shape[0] % (3 * heads):
        raise SourceError(f"{where}: has {tensor.shape[0]} rows; queries, keys and values of {heads} heads are needed.")
    return heads
