"""What is said of the models of one model_type, in one place: how its parts are named, and how its keys are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.families.layouts import Names
from mmviz.values.families.rope import Rope, read_rope

ACTIVATIONS: Mapping[str, str] = MappingProxyType(
    {
        "silu": "silu",
        "swish": "silu",
        "relu": "relu",
        "relu2": "relu2",
        "gelu": "gelu",
        "gelu_new": "gelu_tanh",
        "gelu_fast": "gelu_tanh",
        "gelu_pytorch_tanh": "gelu_tanh",
    }
)
"""Our functions by the names that Hugging Face gives them."""
Ropes = tuple[Rope | None, Rope | None]
"""How the layers rotate queries and keys, and how those with a sliding window do, where that is another way."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Models of one name in the list of those that can be drawn."""

    name: str
    such_as: str  # what they are called that have it
    has: str  # what their layers are made of
    gguf: tuple[str, ...] = ()  # general.architecture in GGUF files


@dataclass(frozen=True, slots=True)
class SizeKeys:
    """What the keys of a model's sizes are called."""

    d_model: str = "hidden_size"
    layers: str = "num_hidden_layers"
    heads: str = "num_attention_heads"
    kv_heads: str = "num_key_value_heads"  # "": as many as heads
    d_head: str = "head_dim"  # "": d_model / heads
    d_mlp: str = "intermediate_size"
    mlp_growth: int = 0  # d_mlp is so many d_model where its key is null; 0: it must be said
    vocabulary: str = "vocab_size"
    positions: str = "max_position_embeddings"
    eps: str | float = "rms_norm_eps"  # or what it is, where no key says it
    activation: str = "hidden_act"
    window: str = "sliding_window"


def one_rope(keys: Keys, d_head: int) -> Ropes:
    """Of models all of whose layers rotate all of a head."""
    if d_head % 2:
        raise keys.problem("head_dim", f"is {d_head}; rotary positions need an even number.")
    return read_rope(keys, d_head), None


def part_rope(keys: Keys, d_head: int) -> Ropes:
    """Of models whose partial_rotary_factor says which part of a head is rotated."""
    return read_rope(keys, d_head, share="partial_rotary_factor"), None


def no_rope(_: Keys, __: int) -> Ropes:
    """Of models without rotary positions."""
    return None, None


More = Callable[[Keys, ModelConfig], ModelConfig]
"""What a model's layers are beyond a plain Llama's, of its keys and the sizes that all families say."""


def _no_more(_: Keys, config: ModelConfig) -> ModelConfig:
    return config


@dataclass(frozen=True, slots=True)
class Kind:
    """The models of one model_type."""

    model_type: str
    classes: str  # what the names of its classes begin with in transformers
    drawn: Drawn
    keys: Mapping[str, Key]  # each one that transformers knows
    names: Names
    sizes: SizeKeys = field(default_factory=SizeKeys)
    rope: Callable[[Keys, int], Ropes] = one_rope  # of its keys and d_head
    sliding: Callable[[Keys, int], frozenset[int]] | None = None  # of its keys and how many layers; None: none slides
    more: More = _no_more
    activations: Mapping[str, str] = field(default_factory=lambda: ACTIVATIONS)  # by the names that it may say
    other_names: Mapping[str, str] = field(default_factory=dict)  # keys that it takes for others, and that win
    weaker: tuple[str, ...] = ()  # those that lose; see findings/experts-two-keys.sh
    old_names: Mapping[str, str] = field(default_factory=dict)  # the same of old files alone
    other_layouts: Mapping[str, Names] = field(default_factory=dict)  # of those whose ModelConfig.layout says so
    masked: bool = False  # logits are of tokens that are masked, through a head that not all files have
    decoder: "Kind | None" = None  # of models of two stacks, of which this one is the encoder
    loader: str = ""  # what makes its models in transformers; "": AutoModelForMaskedLM or AutoModelForCausalLM
