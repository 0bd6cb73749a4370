"""What one group of families brings to the tests of all families."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

SIZES: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 48,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "max_position_embeddings": 64,
}
GROUPED: dict[str, Any] = {**SIZES, "num_key_value_heads": 2}
GPT2: dict[str, Any] = {
    "vocab_size": 96,
    "n_embd": 48,
    "n_layer": 3,
    "n_head": 6,
    "n_positions": 32,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
"""Of the variants: a d_head of 8, and three query heads for each key-value head where they share it."""
TINY: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 40,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
"""For random configurations, of those whose padding would be outside of a small vocabulary."""


@dataclass(frozen=True)
class Cases:
    """Small models, and what their config.json may say."""

    variants: Mapping[str, Any] = field(
        default_factory=dict
    )  # name -> a config of transformers; tests/values/variants.py makes the models
    both: Mapping[str, Any] = field(default_factory=dict)  # the same of models with two stacks
    no_gguf: tuple[str, ...] = ()  # those of the variants that GGUF files do not hold, or we do not read from them
    sizes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # model_type -> of a tiny model, if unusual
    random: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = field(default_factory=dict)
    """model_type -> keys and what they may be, right and wrong, for test_random_configs.py."""
    random_llamas: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = field(default_factory=dict)
    """The same of those that share a Llama's keys: what they have beside them."""
    real: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    """Name of a well-known model -> its model_type, and what its config.json says beside its sizes."""
