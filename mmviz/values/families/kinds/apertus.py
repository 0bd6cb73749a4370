"""Apertus: as Llama, with norms of queries and keys, and an MLP whose function each layer has learned."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, one_rope
from mmviz.values.families.kinds.llama import BIASES, LLAMA, NAMES
from mmviz.values.families.layouts import Weight, linear, norm
from mmviz.values.families.sliding import none_slides

SCALING: Mapping[str, Any] = {
    "rope_type": "llama3",
    "rope_theta": 12_000_000.0,
    "factor": 8.0,
    "original_max_position_embeddings": 8192,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
}
"""What transformers takes where a configuration says nothing of rotary positions."""
APERTUS: Mapping[str, Key] = {
    **LLAMA,
    "hidden_act": only("xielu", "what the MLP goes through"),
    "max_position_embeddings": Key("most tokens of a prompt", default=65536),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "rope_theta": Key("base of the rotary wavelengths", default=12_000_000.0),
    "attention_bias": BIASES,
    "mlp_bias": only(False, "biases, which the MLP of an Apertus has none of"),
    # of its own code; transformers passes over it, and knows nothing but this
    "qk_norm": only(True, "queries and keys of each head are normalized"),
    "post_norm": only(False, "what attention and MLP give is normalized"),
}
APERTUS_NAMES = replace(
    NAMES,
    layer_weights={
        **{name: each for name, each in NAMES.layer_weights.items() if name.startswith("attn.")},
        **norm("ln1", "attention_layernorm"),
        **norm("ln2", "feedforward_layernorm"),
        **linear("mlp.{}_in", "mlp.up_proj", "d_model", "d_mlp"),
        **linear("mlp.{}_out", "mlp.down_proj", "d_mlp", "d_model"),
        "mlp.xielu_p": Weight("mlp.act_fn.alpha_p", ("",)),
        "mlp.xielu_n": Weight("mlp.act_fn.alpha_n", ("",)),
        "mlp.xielu_beta": Weight("mlp.act_fn.beta"),
        "mlp.xielu_eps": Weight("mlp.act_fn.eps"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    """Scaled as Llama 3 where nothing is said of it."""
    said = keys.config.get("rope_parameters") is not None or keys.config.get("rope_scaling")
    return one_rope(keys if said else keys.with_(rope_parameters=dict(SCALING)), d_head)


def _apertus(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias", null=False)
    return replace(config, qkv_bias=biased, o_bias=biased, qk_norm="head", gated=False)


KINDS = (
    Kind(
        "apertus",
        "Apertus",
        Drawn("Apertus", "Apertus 8B and 70B", "as Qwen3, with an MLP whose function each layer has learned"),
        APERTUS,
        APERTUS_NAMES,
        rope=_rope,
        sliding=none_slides,
        more=_apertus,
        activations={"xielu": "xielu"},
    ),
)
