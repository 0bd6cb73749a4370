"""MiniMax-M2: as Mixtral, with a norm of all heads' queries and keys, and experts that are weighted by sigmoids."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, Ropes
from mmviz.values.families.kinds.experts import CHOSEN, COUNT, MIXTRAL_NAMES, OF_ROUTERS, choice_bias
from mmviz.values.families.kinds.llama import LLAMA
from mmviz.values.families.layouts import Weight
from mmviz.values.families.rope import read_rope
from mmviz.values.families.sliding import passed_over

MINIMAX_M2: Mapping[str, Key] = {
    **LLAMA,
    **OF_ROUTERS,
    "max_position_embeddings": Key("most tokens of a prompt", default=196608),
    "num_key_value_heads": Key("its key-value heads", default=8),
    "head_dim": Key("d_head", default=128),
    "rope_theta": Key("base of the rotary wavelengths", default=5_000_000.0),
    "partial_rotary_factor": Key("which part of a head is rotated", default=1.0),
    "rotary_dim": Key("how many numbers of a head are rotated, where partial_rotary_factor does not say it"),
    **dict.fromkeys(("num_experts", "num_local_experts"), Key(COUNT, default=256)),
    "num_experts_per_tok": Key(CHOSEN, default=8),
    **dict.fromkeys(("attention_bias", "mlp_bias"), only(False, "biases, which a MiniMax-M2 has none of")),
    # of its own code; transformers passes over it, and knows nothing but this
    **dict.fromkeys(("use_qk_norm", "use_routing_bias"), only(True, "what a layer is made of")),
    "qk_norm_type": only("per_layer", "which numbers are normalized together"),
    "scoring_func": only("sigmoid", "what makes shares of scores"),
    "shared_intermediate_size": only(0, "an expert that all tokens share"),
    **dict.fromkeys(
        ("layernorm_full_attention_beta", "layernorm_linear_attention_beta", "layernorm_mlp_beta"),
        only(1.0, "what the residual stream is multiplied by"),
    ),
    **dict.fromkeys(
        ("use_mtp", "num_mtp_modules", "mtp_transformer_layers"), harmless("layers for the token after the next")
    ),
    **dict.fromkeys(("attn_type_list", "mlp_intermediate_size", "shared_moe_mode"), harmless("of its own code")),
}
CORRECTION = "e_score_correction_bias"
NAMES = replace(
    MIXTRAL_NAMES,
    layer_weights={
        **MIXTRAL_NAMES.layer_weights,
        "attn.q_norm.w": Weight("self_attn.q_norm.weight", ("q_width",), cut="q_width"),
        "attn.k_norm.w": Weight("self_attn.k_norm.weight", ("kv_width",), cut="kv_width"),
        **choice_bias(f"block_sparse_moe.{CORRECTION}"),
    },
    stacks={**MIXTRAL_NAMES.stacks, **choice_bias(f"mlp.{CORRECTION}")},
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    """Where rotary_dim says how many numbers are rotated, and nothing else does.

    Source: Hugging Face transformers 5.24, MiniMaxM2Config.convert_rope_params_to_dict.
    """
    if "partial_rotary_factor" not in keys.config and keys.given("rotary_dim") is not None:
        keys = keys.with_(partial_rotary_factor=keys.whole("rotary_dim") / d_head)
    return read_rope(keys, d_head, share="partial_rotary_factor"), None


def _minimax_m2(keys: Keys, config: ModelConfig) -> ModelConfig:
    experts = Experts(
        keys.whole("num_local_experts"),
        keys.whole("num_experts_per_tok"),
        config.d_mlp,
        frozenset(range(config.layers)),
        normalized=True,
        scoring="sigmoid",
        corrected=True,
    )
    return replace(config, qk_norm="whole", experts=check_chosen(keys, experts, "num_experts_per_tok"))


KINDS = (
    Kind(
        "minimax_m2",
        "MiniMaxM2",
        Drawn(
            "MiniMax-M2",
            "MiniMax-M2 and M2.1",
            "as Mixtral, with norms of all heads' queries and keys",
            ("minimax-m2",),
        ),
        MINIMAX_M2,
        NAMES,
        rope=_rope,
        sliding=passed_over,
        more=_minimax_m2,
        other_names={"num_experts": "num_local_experts"},
    ),
)
