"""How large a model is, as far as a window tells it; reads no file and knows no family's names."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KindOfLayer:
    """Layers of a model that are alike, and what one of them costs."""

    name: str  # how they attend
    layers: tuple[int, ...]
    parameters: int
    operations: int  # additions and multiplications for the last token of a prompt, or in the mean, if all see all
    cache: int  # bytes of its KV cache after that prompt, in 16-bit numbers


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
    family: str = ""
    has: str = ""  # what the layers of the family are made of
    dequantized_from: str = ""  # what its weights are stored as; "" where they are floats by themselves
    kinds: tuple[KindOfLayer, ...] = ()
    prompt: int = 0  # tokens of the prompt that the costs of the kinds are told for
