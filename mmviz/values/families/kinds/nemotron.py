"""Nemotron, Arcee and Jais 2: as Llama, with an MLP that is not gated and squares what its relu lets through."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, part_rope
from mmviz.values.families.kinds.llama import LLAMA, NAMES
from mmviz.values.families.layouts import linear, norm, plus_one

_SQUARED: Mapping[str, Key] = {
    **LLAMA,
    "hidden_act": Key("what the MLP goes through", default="relu2"),
    "max_position_embeddings": Key("most tokens of a prompt", default=4096),
}
NEMOTRON: Mapping[str, Key] = {
    **{key: each for key, each in _SQUARED.items() if key != "rms_norm_eps"},
    "norm_eps": Key("added to the variance in norms", default=1e-5),
    "partial_rotary_factor": Key("which part of a head is rotated", default=0.5),
    "rope_percent": only(0.5, "the same in Minitron's files, which transformers passes over"),
}
ARCEE: Mapping[str, Key] = {**_SQUARED, "rms_norm_eps": Key("added to the mean square in norms", default=1e-5)}
ARCEE_NAMES = replace(
    NAMES,
    layer_weights={
        **{name: each for name, each in NAMES.layer_weights.items() if name.startswith(("ln", "attn.W_", "attn.b_"))},
        **linear("mlp.{}_in", "mlp.up_proj", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.down_proj", "d_mlp", "d_model", "mlp_bias"),
    },
)
NEMOTRON_NAMES = replace(
    NAMES,
    model_weights=plus_one({**NAMES.model_weights, **norm("ln_final", "norm", biased=True)}),
    layer_weights=plus_one(
        {
            **ARCEE_NAMES.layer_weights,
            **norm("ln1", "input_layernorm", biased=True),
            **norm("ln2", "post_attention_layernorm", biased=True),
        }
    ),
)


JAIS2: Mapping[str, Key] = {
    **{key: each for key, each in _SQUARED.items() if key != "rms_norm_eps"},
    "max_position_embeddings": Key("most tokens of a prompt", default=8192),
    "layer_norm_eps": Key("added to the variance in norms", default=1e-5),
    **dict.fromkeys(("attention_bias", "mlp_bias"), Key("its linear maps have biases", default=True)),
}
JAIS2_NAMES = replace(
    NAMES,
    model_weights={**NAMES.model_weights, **norm("ln_final", "norm", biased=True)},
    layer_weights={
        **ARCEE_NAMES.layer_weights,
        **norm("ln1", "input_layernorm", biased=True),
        **norm("ln2", "post_attention_layernorm", biased=True),
    },
)


def _arcee(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias", null=False)
    return replace(config, qkv_bias=biased, o_bias=biased, gated=False, mlp_bias=keys.flag("mlp_bias", null=False))


def _nemotron(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_arcee(keys, config), norm="layer")


KINDS = (
    Kind(
        "nemotron",
        "Nemotron",
        Drawn(
            "Nemotron",
            "Nemotron-4, Minitron 4B and 8B",
            "LayerNorm by 1 + w, half of each head rotated, an MLP that squares",
            ("nemotron",),
        ),
        NEMOTRON,
        NEMOTRON_NAMES,
        SizeKeys(eps="norm_eps"),
        rope=part_rope,
        more=_nemotron,
    ),
    Kind(
        "arcee",
        "Arcee",
        Drawn("Arcee", "AFM 4.5B", "as Llama, with an MLP that is not gated and squares", ("arcee",)),
        ARCEE,
        ARCEE_NAMES,
        more=_arcee,
    ),
    Kind(
        "jais2",
        "Jais2",
        Drawn("Jais 2", "Jais 2 8B and 70B", "as Nemotron, with norms by w, and all of each head rotated", ("jais2",)),
        JAIS2,
        JAIS2_NAMES,
        SizeKeys(eps="layer_norm_eps"),
        more=_nemotron,
    ),
)
