"""How large a model is, as far as a window tells it; reads no file and knows no family's names."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """The sizes of a scene's model."""

    name: str  # for people
    layers: int
    heads: int  # of queries, in a layer
    kv_heads: int  # of keys and values, in a layer
    d_model: int
    d_head: int
    context: int  # most tokens that it reads
    layers_alike: bool  # all layers compute the same expression; else some constant in it goes with the layer
    arithmetic: Hashable  # equal where the same expressions are right for two models: norms, positions, biases ...
