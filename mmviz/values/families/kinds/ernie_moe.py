"""ERNIE 4.5 with experts: as ERNIE 4.5, with experts that are chosen with a number of each, and one of all tokens."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.experts import CHOSEN, COUNT, OF_ROUTERS, QWEN_MOE_NAMES, choice_bias, shared_expert
from mmviz.values.families.kinds.helium import ERNIE, neighbours_rotated
from mmviz.values.families.layouts import Weight

ERNIE_MOE: Mapping[str, Key] = {
    **ERNIE,
    **OF_ROUTERS,
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=4),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads"),
    "use_bias": only(False, "biases, of all but its experts"),
    "moe_intermediate_size": Key("how many numbers are inside an expert", default=1536),
    **dict.fromkeys(("moe_num_experts", "num_experts"), Key(COUNT, default=64)),
    **dict.fromkeys(("moe_k", "num_experts_per_tok"), Key(CHOSEN, default=6)),
    "moe_num_shared_experts": Key("how many experts all tokens share, side by side in one MLP", default=2),
    "moe_layer_start_index": Key("the first layer that may have experts", default=1),
    "moe_layer_end_index": Key("the last layer that may have experts; -1: the last of all", default=-1),
    "moe_layer_interval": Key("every how many layers one has experts", default=1),
    "moe_norm_min": only(1e-12, "the least that weights of experts are divided by"),
    "moe_gate": only("topk", "how experts are chosen"),
    **dict.fromkeys(("moe_capacity", "moe_use_aux_free"), harmless("how it is trained")),
}
CORRECTION = "moe_statics.e_score_correction_bias"


def _correction(within: str) -> dict[str, Weight]:
    """It is stored as a matrix of one row."""
    return {name: replace(each, axes=("", "experts")) for name, each in choice_bias(f"{within}.{CORRECTION}").items()}


NAMES = replace(
    QWEN_MOE_NAMES,
    layer_weights={
        **QWEN_MOE_NAMES.layer_weights,
        **_correction("mlp"),
        **shared_expert("mlp.shared_experts"),
    },
    stacks={**QWEN_MOE_NAMES.stacks, **_correction("mlp.gate")},
)


def _ernie_moe(keys: Keys, config: ModelConfig) -> ModelConfig:
    first, every = keys.whole("moe_layer_start_index", least=0), keys.whole("moe_layer_interval")
    last = config.layers - 1 if keys.given("moe_layer_end_index") == -1 else keys.whole("moe_layer_end_index", least=0)
    d_expert = keys.whole("moe_intermediate_size")
    experts = Experts(
        keys.whole("moe_num_experts"),
        keys.whole("moe_k"),
        d_expert,
        frozenset(layer for layer in range(config.layers) if first <= layer <= last and (layer + 1) % every == 0),
        normalized=True,
        corrected=True,
        d_shared=d_expert * keys.whole("moe_num_shared_experts", least=0),
    )
    return replace(config, experts=check_chosen(keys, experts, "moe_k")) if experts.layers else config


KINDS = (
    Kind(
        "ernie4_5_moe",
        "Ernie4_5_Moe",
        Drawn(
            "ERNIE 4.5 MoE",
            "ERNIE 4.5 21B-A3B and 300B-A47B",
            "as ERNIE 4.5, with experts, and some of all tokens",
            ("ernie4_5-moe",),
        ),
        ERNIE_MOE,
        NAMES,
        rope=neighbours_rotated,
        more=_ernie_moe,
        other_names={"num_experts": "moe_num_experts", "num_experts_per_tok": "moe_k"},
    ),
)
