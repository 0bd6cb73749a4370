"""OLMoE and FlexOlmo: as Llama or OLMo 2, with experts; all heads' queries and keys are normalized together."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.experts import (
    CHOSEN,
    COUNT,
    OF_ROUTERS,
    experts_apart,
    experts_stacked,
    of_experts,
    without_mlp,
)
from mmviz.values.families.kinds.llama import BIASES, LLAMA, NAMES
from mmviz.values.families.kinds.olmo import AFTERWARDS
from mmviz.values.families.layouts import Weight
from mmviz.values.families.sliding import none_slides

OLMOE: Mapping[str, Key] = {
    **LLAMA,
    **OF_ROUTERS,
    "max_position_embeddings": Key("most tokens of a prompt", default=4096),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "attention_bias": BIASES,
    "mlp_bias": only(False, "biases, which an OLMoE has none of"),
    "clip_qkv": Key("the largest query, key or value, behind their norms; null: none"),
    **dict.fromkeys(("num_experts", "num_local_experts"), Key(COUNT, default=64)),
    "num_experts_per_tok": Key(CHOSEN, default=8),
    "norm_topk_prob": Key("the weights of the chosen experts add up to 1", default=False),
}
OLMOE_NAMES = replace(
    NAMES,
    layer_weights={
        **without_mlp(NAMES.layer_weights),
        "attn.q_norm.w": Weight("self_attn.q_norm.weight", ("q_width",), cut="q_width"),
        "attn.k_norm.w": Weight("self_attn.k_norm.weight", ("kv_width",), cut="kv_width"),
        **experts_apart("mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"),
    },
    stacks=experts_stacked("mlp.gate", "mlp.experts.gate_up_proj", "mlp.experts.down_proj"),
)


FLEX_OLMO: Mapping[str, Key] = {
    **OLMOE,
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-6),
    "rope_theta": Key("base of the rotary wavelengths", default=500_000.0),
    "clip_qkv": only(None, "the largest query, key or value, of an OLMoE, which transformers passes over here"),
    "num_experts": Key(COUNT, default=7),
    "num_experts_per_tok": Key(CHOSEN, default=5),
}
FLEX_OLMO_NAMES = replace(
    OLMOE_NAMES, layer_weights={**without_mlp(AFTERWARDS.layer_weights), **of_experts(OLMOE_NAMES.layer_weights)}
)


def _olmoe(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased, normalized = keys.flag("attention_bias"), keys.flag("norm_topk_prob", null=False)
    count, chosen = keys.whole("num_experts"), keys.whole("num_experts_per_tok")
    experts = Experts(count, chosen, config.d_mlp, frozenset(range(config.layers)), normalized)
    experts = check_chosen(keys, experts, "num_experts_per_tok")
    clip = keys.cap("clip_qkv")
    return replace(config, qkv_bias=biased, o_bias=biased, qk_norm="whole", clip_qkv=clip, experts=experts)


def _flex_olmo(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_olmoe(keys, config), norm_inputs=False, norm_outputs=True)


KINDS = (
    Kind(
        "olmoe",
        "Olmoe",
        Drawn("OLMoE", "OLMoE 1B-7B", "as Llama, with experts, and all heads' queries normed together", ("olmoe",)),
        OLMOE,
        OLMOE_NAMES,
        sliding=none_slides,
        more=_olmoe,
        other_names={"num_local_experts": "num_experts"},
    ),
    Kind(
        "flex_olmo",
        "FlexOlmo",
        Drawn("FlexOlmo", "FlexOlmo 7x7B", "as OLMo 2, with experts of which each token chooses some"),
        FLEX_OLMO,
        FLEX_OLMO_NAMES,
        sliding=none_slides,
        more=_flex_olmo,
        other_names={"num_local_experts": "num_experts"},
    ),
)
