"""GLM-4.5, dots.llm1, Solar Open: experts weighted by sigmoids and chosen with a number of each, as DeepSeek has it."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, part_rope
from mmviz.values.families.kinds.experts import (
    CHOSEN,
    COUNT,
    OF_ROUTERS,
    QWEN_MOE_NAMES,
    choice_bias,
    shared_expert,
)
from mmviz.values.families.kinds.llama import BIASES, LLAMA, WINDOW
from mmviz.values.families.sliding import EITHER, by_types, none_slides

OF_DEEPSEEK: Mapping[str, Key] = {
    **LLAMA,
    **OF_ROUTERS,
    "mlp_bias": only(False, "biases, which the MLP has none of"),
    "attention_bias": BIASES,
    **dict.fromkeys(("n_routed_experts", "num_local_experts"), Key(COUNT)),
    "n_shared_experts": Key("how many experts all tokens share, side by side in one MLP"),
    "num_experts_per_tok": Key(CHOSEN),
    "moe_intermediate_size": Key("how many numbers are inside an expert", default=1408),
    "first_k_dense_replace": Key("how many layers, the first, have no experts", default=0),
    "norm_topk_prob": Key("the weights of the chosen experts add up to 1", default=False),
    "routed_scaling_factor": Key("what the weights of the chosen experts are multiplied by", default=1.0),
    **dict.fromkeys(("n_group", "topk_group"), only(1, "groups of experts, of which some are chosen first")),
    "scoring_func": only("sigmoid", "what makes shares of scores"),
    "topk_method": only("noaux_tc", "how experts are chosen"),
    "moe_layer_freq": only(1, "every how many layers one has experts"),
}
GLM4_MOE: Mapping[str, Key] = {
    **OF_DEEPSEEK,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads", default=8),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "partial_rotary_factor": Key("which part of a head is rotated", default=0.5),
    "attention_bias": Key("queries, keys and values have biases", default=False),
    **dict.fromkeys(("n_routed_experts", "num_local_experts"), Key(COUNT, default=128)),
    "n_shared_experts": Key("how many experts all tokens share, side by side in one MLP", default=1),
    "num_experts_per_tok": Key(CHOSEN, default=8),
    "first_k_dense_replace": Key("how many layers, the first, have no experts", default=1),
    "norm_topk_prob": Key("the weights of the chosen experts add up to 1", default=True),
    "use_qk_norm": Key("queries and keys of each head are normalized", default=False),
    **dict.fromkeys(("num_mtp_layers", "num_nextn_predict_layers"), harmless("layers for the token after the next")),
}
DOTS1: Mapping[str, Key] = {
    **OF_DEEPSEEK,
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=32),
    "sliding_window": Key(WINDOW, default=4096),
    "max_window_layers": Key("how many layers, the first, look back to all tokens in any case", default=62),
    "use_sliding_window": harmless("of Qwen 2; here a window holds where there is one"),
}
SOLAR_OPEN: Mapping[str, Key] = {
    **{
        key: each
        for key, each in GLM4_MOE.items()
        if key not in ("first_k_dense_replace", "num_mtp_layers", "num_nextn_predict_layers")
    },
    "head_dim": Key("d_head", default=128),
    "rope_theta": Key("base of the rotary wavelengths", default=1_000_000.0),
    "partial_rotary_factor": Key("which part of a head is rotated", default=1.0),
    "intermediate_size": harmless("of MLPs, which it has none of"),
    "moe_intermediate_size": Key("how many numbers are inside an expert", default=1280),
    "use_qk_norm": only(False, "queries and keys of each head are normalized"),
    "first_k_dense_replace": only(0, "how many layers, the first, have no experts"),
}
NAMES = replace(
    QWEN_MOE_NAMES,
    layer_weights={
        **QWEN_MOE_NAMES.layer_weights,
        **choice_bias("mlp.gate.e_score_correction_bias"),
        **shared_expert("mlp.shared_experts"),
    },
)


SOLAR_NAMES = replace(
    NAMES, layer_weights={name: each for name, each in NAMES.layer_weights.items() if each.when != "dense"}
)


def deepseek_experts(keys: Keys, config: ModelConfig) -> ModelConfig:
    """With experts in all layers but the first."""
    first = keys.whole("first_k_dense_replace", least=0)
    d_expert = keys.whole("moe_intermediate_size")
    experts = Experts(
        keys.whole("n_routed_experts", least=2),  # transformers compares the two best of each group
        keys.whole("num_experts_per_tok"),
        d_expert,
        frozenset(range(first, config.layers)),
        normalized=keys.flag("norm_topk_prob"),
        scoring="sigmoid",
        corrected=True,
        factor=keys.positive("routed_scaling_factor"),
        d_shared=d_expert * keys.whole("n_shared_experts"),
    )
    return replace(config, experts=check_chosen(keys, experts, "num_experts_per_tok")) if experts.layers else config


def _glm4_moe(keys: Keys, config: ModelConfig) -> ModelConfig:
    qk_norm = keys.flag("use_qk_norm", null=False)
    config = replace(config, qkv_bias=keys.flag("attention_bias", null=False), qk_norm="head" if qk_norm else "")
    return deepseek_experts(keys, config)


def _solar_open(keys: Keys, config: ModelConfig) -> ModelConfig:
    config = replace(config, qkv_bias=keys.flag("attention_bias", null=False))
    return deepseek_experts(keys.with_(first_k_dense_replace=0), config)


def _dots1(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias", null=False)
    return deepseek_experts(keys, replace(config, qkv_bias=biased, o_bias=biased, qk_norm="head"))


def _dots1_slides(keys: Keys, layers: int) -> frozenset[int]:
    """The last layers, where there is a window, unless layer_types says otherwise."""
    types = keys.each("layer_types", layers, EITHER)
    if types is not None:
        return by_types(types)
    window = keys.given("sliding_window") is not None
    return frozenset(range(keys.whole("max_window_layers", least=0) if window else layers, layers))


KINDS = (
    Kind(
        "glm4_moe",
        "Glm4Moe",
        Drawn(
            "GLM-4.5",
            "GLM-4.5 and 4.5-Air, 4.6, 4.7",
            "as Llama, half of each head rotated, with experts",
            ("glm4moe",),
        ),
        GLM4_MOE,
        NAMES,
        rope=part_rope,
        sliding=none_slides,
        more=_glm4_moe,
        other_names={"num_local_experts": "n_routed_experts", "num_mtp_layers": "num_nextn_predict_layers"},
    ),
    Kind(
        "dots1",
        "Dots1",
        Drawn("dots.llm1", "dots.llm1", "as Qwen3, with experts, and some of all tokens", ("dots1",)),
        DOTS1,
        NAMES,
        sliding=_dots1_slides,
        more=_dots1,
        other_names={"num_local_experts": "n_routed_experts"},
    ),
    Kind(
        "solar_open",
        "SolarOpen",
        Drawn("Solar Open", "Solar Open 100B", "as GLM-4.5, with experts in all layers"),
        SOLAR_OPEN,
        SOLAR_NAMES,
        SizeKeys(d_mlp="moe_intermediate_size"),
        rope=part_rope,
        sliding=none_slides,
        more=_solar_open,
        other_names={"num_local_experts": "n_routed_experts"},
    ),
)
