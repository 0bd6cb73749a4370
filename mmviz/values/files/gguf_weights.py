"""Which weight of Hugging Face's each tensor of a GGUF file is, and how it is laid out; reads no numbers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.files.gguf_architectures import ARCHITECTURES, Architecture
from mmviz.values.files.gguf_header import Header, StoredTensor
from mmviz.values.files.gguf_scales import find_scales
from mmviz.values.files.gguf_stacks import Stack, find_stacks

LAYER = re.compile(r"blk\.(0|[1-9][0-9]{0,8})\.(\w+)\.(weight|bias)")
EXPERT = re.compile(r"blk\.(0|[1-9][0-9]{0,8})\.(ffn_gate|ffn_up|ffn_down)\.(0|[1-9][0-9]{0,8})\.weight")
"""Of old files, which have a tensor for each expert."""
COUNTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
"""How config.json may say how many experts a layer has."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A stored tensor, or some rows of one, as Hugging Face has it."""

    tensor: StoredTensor
    transposed: bool = False
    heads: int = 0  # so many heads' rows are interleaved (see findings/gguf-llama-query-rows.sh); 0: none are
    by_kind: tuple[int, int] | None = None  # of so many query and key-value heads queries come first, then keys, then
    # values; None: as in Hugging Face's
    added: float = 0.0  # by how much each number is more than Hugging Face's
    scale: StoredTensor | None = None  # of one number, which all others are multiplied by
    rows: range | None = None  # its own, the axes before the last counted as one; None: all
    as_row: bool = False  # a vector that Hugging Face has as a matrix of one row

    @property
    def tensors(self) -> tuple[StoredTensor, ...]:
        """The tensor, and its scale."""
        return (self.tensor,) if self.scale is None else (self.tensor, self.scale)

    @property
    def shape(self) -> tuple[int, ...]:
        """In Hugging Face's orientation."""
        if self.as_row:
            return 1, *self.tensor.shape
        if self.rows is not None:
            return len(self.rows), *self.tensor.shape[1:][-1:]
        return self.tensor.shape[::-1] if self.transposed else self.tensor.shape

    @property
    def kind(self) -> str:
        """What it is stored as."""
        return self.tensor.kind

    @property
    def stored_bytes(self) -> int:
        """Of its own rows, and of its scale."""
        of_scale = 0 if self.scale is None else self.scale.stored_bytes
        rows = prod(self.tensor.shape[:-1]) if len(self.tensor.shape) > 1 else self.tensor.shape[0]
        return self.tensor.stored_bytes * (rows if self.rows is None else len(self.rows)) // rows + of_scale


def read_weights(header: Header, config: Mapping[str, Any], path: Path) -> dict[str, Weight | Stack]:
    """Every tensor under its Hugging Face name; one that Hugging Face does not know keeps its own.

    Raises:
        SourceError: the rows of queries or keys do not divide into heads; or a weight has more beside it than a scale.
    """
    scales, beside = find_scales(header, path)
    architecture = ARCHITECTURES[header.metadata["general.architecture"]]
    for marker, names in architecture.names_with.items():
        if marker in header.tensors:
            others = architecture.other_names_with.get(marker, architecture.other_names)
            architecture = replace(architecture, names=names, other_names=others)
    blk = architecture.names["blk"]
    matches = [match for name in header.tensors if (match := of_layer(name, architecture))]
    layers = {f"blk.{match[1]}.": blk.format(layer=match[1]) for match in matches}
    stacks, stacked = find_stacks(header, layers, architecture.stacks)
    for name in sorted(stacked & scales.keys()):
        raise SourceError(
            f"{path}, {scales[name]}: is a scale of experts, which is not read; a file without is needed."
        )
    weights: dict[str, Weight | Stack] = {**stacks}
    for stored, tensor in header.tensors.items():
        if stored in architecture.of_rope or stored in beside or stored in stacked:
            continue
        name, short = _name(stored, architecture)
        weight = _laid_out(stored, short, tensor, architecture, config, f"{path}, {stored}")
        weight = replace(weight, scale=header.tensors[scales[stored]] if stored in scales else None)
        for part, of_part in _parts(stored, name, short, weight, config):
            if part in weights:
                raise SourceError(f"{path}, {stored}: is {part}, which another tensor is, too; one of both is needed.")
            weights[part] = of_part
    return weights


def of_layer(stored: str, architecture: Architecture) -> re.Match[str] | None:
    """The number and the name of a tensor of a layer; None where it is of none."""
    if not stored.startswith(architecture.stack):
        return None
    within = stored.removeprefix(architecture.stack)
    return LAYER.fullmatch(within) or EXPERT.fullmatch(within)


def _name(stored: str, architecture: Architecture) -> tuple[str, str]:
    """What Hugging Face calls a tensor, and the name that our table has it under; its own where nobody knows it."""
    names, match = architecture.names, of_layer(stored, architecture)
    if architecture.other_stack and stored.startswith(architecture.other_stack):
        return _name_beside(stored, architecture), ""
    prefix = names["blk"].format(layer=match[1]) if match else ""
    if match and match.re is EXPERT:
        together = names.get(f"{match[2]}_exps", "")
        return (f"{prefix}{together.format(match[3])}.weight" if "{}" in together else stored), ""
    if match and f"{match[2]}.{match[3]}" in architecture.bare:
        return f"{prefix}{architecture.bare[f'{match[2]}.{match[3]}']}", match[2]
    whole, _, rest = stored.removeprefix(architecture.stack).partition(".")
    short, end = (match[2], match[3]) if match else (whole, rest)
    known = short in names and end in ("weight", "bias")
    return (f"{prefix}{names[short]}.{end}" if known else stored), (short if match else "")


def _name_beside(stored: str, architecture: Architecture) -> str:
    """What Hugging Face calls a tensor of the other stack."""
    names, within = architecture.other_names, stored.removeprefix(architecture.other_stack)
    match = LAYER.fullmatch(within)
    whole, _, rest = within.partition(".")
    short, end = (match[2], match[3]) if match else (whole, rest)
    prefix = names["blk"].format(layer=match[1]) if match else ""
    return f"{prefix}{names[short]}.{end}" if short in names and end in ("weight", "bias") else f"decoder.{stored}"


def _laid_out(
    stored: str, short: str, tensor: StoredTensor, architecture: Architecture, config: Mapping[str, Any], where: str
) -> Weight:
    """A tensor in the order that its architecture stores it in; short is its name in a layer, "" outside of them."""
    as_row = short in architecture.rows and len(tensor.shape) == 1
    weight = Weight(tensor, as_row=as_row, added=architecture.added_to_norms if stored.endswith("norm.weight") else 0.0)
    if short and short in architecture.turned:
        weight = replace(weight, transposed=len(tensor.shape) == 2)
    if architecture.interleaved and short in ("attn_q", "attn_k"):
        key = "num_attention_heads" if short == "attn_q" else "num_key_value_heads"
        weight = replace(weight, heads=_dividing(config[key], tensor, where))
    if architecture.by_kind and short == "attn_qkv":
        weight = replace(weight, by_kind=_dividing_in_three(config, tensor, where))
    return weight


def _parts(
    stored: str, name: str, short: str, weight: Weight, config: Mapping[str, Any]
) -> Iterator[tuple[str, Weight]]:
    """The parameters that a tensor holds: one, or one of each expert, or queries, keys and values."""
    shape = weight.tensor.shape
    if name == stored or "{}" not in name:
        yield name, weight
    elif short == "attn_qkv":
        first, d_head = 0, config["head_dim"]
        for kind, heads in (("q", "num_attention_heads"), ("k", "num_key_value_heads"), ("v", "num_key_value_heads")):
            last = min(first + config[heads] * d_head, shape[0]) if kind != "v" else shape[0]
            yield name.format(kind), replace(weight, rows=range(first, last))
            first = last
    elif len(shape) != 3 or shape[0] not in [config.get(key) for key in COUNTS]:
        yield stored, weight
    else:
        for expert in range(shape[0]):
            yield name.format(expert), replace(weight, rows=range(expert * shape[1], (expert + 1) * shape[1]))


def _dividing(heads: int, tensor: StoredTensor, where: str) -> int:
    if tensor.shape[0] % (2 * heads):
        raise SourceError(f"{where}: has {tensor.shape[0]} rows; {heads} heads of an even size are needed.")
    return heads


def _dividing_in_three(config: Mapping[str, Any], tensor: StoredTensor, where: str) -> tuple[int, int]:
    """How many query and key-value heads share the rows of a tensor evenly."""
    heads: int = config["n_head"] if "n_head" in config else config["num_attention_heads"]
    kv_heads: int = config.get("num_kv_heads") or heads
    if heads % kv_heads or tensor.shape[0] % (heads + 2 * kv_heads):
        raise SourceError(f"{where}: has {tensor.shape[0]} rows; queries, keys and values of {heads} heads are needed.")
    return heads, kv_heads
