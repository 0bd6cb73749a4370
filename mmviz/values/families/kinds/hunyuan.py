"""HunYuan, dense and with experts: as Llama, with norms of queries and keys after they are rotated."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import SCALING, Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, one_rope
from mmviz.values.families.kinds.experts import (
    CHOSEN,
    COUNT,
    OF_ROUTERS,
    experts_apart,
    experts_stacked,
    shared_expert,
    without_mlp,
)
from mmviz.values.families.kinds.llama import LLAMA, NAMES
from mmviz.values.families.layouts import norm

HUNYUAN: Mapping[str, Key] = {
    **LLAMA,
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "mlp_bias": only(False, "biases, which the MLP of a HunYuan has none of"),
    "eod_token_id": harmless("which tokens are special"),
    # of its own code; transformers passes over it, and knows nothing but this
    **dict.fromkeys(("use_qk_norm", "use_rotary_pos_emb"), only(True, "what a layer is made of")),
    **dict.fromkeys(("use_cla", "use_mla", "position_embedding_xdrope"), only(False, "what a layer is made of")),
    **dict.fromkeys(("num_experts", "moe_topk", "num_shared_expert"), only(1, "experts")),
    "norm_type": only("rms", "which norms a layer has"),
    **dict.fromkeys(
        ("cla_share_factor", "attention_head_dim", "moe_layer_num_skipped", "dense_list"), harmless("of its own code")
    ),
}
HUNYUAN_MOE: Mapping[str, Key] = {
    **{key: each for key, each in HUNYUAN.items() if key != "num_experts_per_tok"},
    **OF_ROUTERS,
    **dict.fromkeys(("num_experts", "num_local_experts"), Key(COUNT, default=1)),
    **dict.fromkeys(("moe_topk", "num_experts_per_tok"), Key(CHOSEN, default=1)),
    "sep_token_id": harmless("which tokens are special"),
    **dict.fromkeys(
        (
            "num_shared_expert",
            "moe_intermediate_size",
            "use_mixed_mlp_moe",
            "moe_drop_tokens",
            "moe_random_routing_dropped_token",
        ),
        harmless("of its own code; transformers passes over it"),
    ),
    "moe_layer_num_skipped": only(0, "layers without experts, of its own code"),
}
HUNYUAN_NAMES = replace(
    NAMES,
    layer_weights={
        **NAMES.layer_weights,
        **norm("attn.q_norm", "self_attn.query_layernorm", "d_head", when="qk_norm"),
        **norm("attn.k_norm", "self_attn.key_layernorm", "d_head", when="qk_norm"),
    },
)


ROUTER = "mlp.gate.wg"
HUNYUAN_MOE_NAMES = replace(
    HUNYUAN_NAMES,
    layer_weights={
        **without_mlp(HUNYUAN_NAMES.layer_weights),
        **experts_apart(ROUTER, "mlp.experts", "gate_proj", "up_proj", "down_proj"),
        **shared_expert("mlp.shared_mlp"),
    },
    stacks=experts_stacked(ROUTER, "mlp.experts.gate_up_proj", "mlp.experts.down_proj"),
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    """Where dynamic has an alpha, it makes the base larger, whatever the length of the prompt.

    Source: Hugging Face transformers 5.24, HunYuanDenseV1RotaryEmbedding.
    """
    name = "rope_scaling" if keys.part("rope_scaling", SCALING).config else "rope_parameters"
    scaling = keys.part(name, SCALING)
    kind = scaling.config.get("rope_type") or scaling.config.get("type")
    if kind != "dynamic" or not scaling.config.get("alpha"):
        return one_rope(keys, d_head)
    if d_head < 4:
        raise keys.problem("head_dim", f"is {d_head}; with an alpha of rotary positions, more than 2 are needed.")
    alpha = Keys(scaling.config, scaling.where, {"alpha": Key("how much larger the base is")}).positive("alpha")
    theta = scaling.positive("rope_theta", missing=keys.positive("rope_theta"))
    said = {"rope_type": "default", "rope_theta": theta * alpha ** (d_head / (d_head - 2))}
    return one_rope(keys.with_(rope_scaling=None, rope_parameters=said), d_head)


def _hunyuan(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias", null=False)
    return replace(config, qkv_bias=biased, o_bias=biased, qk_norm="head", qk_norm_last=True)


def _of_all_layers(keys: Keys, key: str, layers: int) -> int:
    """A number that may be said for each layer, if it is the same in all."""
    said = keys.given(key)
    if isinstance(said, list):
        if len(said) != layers or len(set(map(str, said))) != 1:
            raise keys.problem(key, f"is {said!r}; one number, or {layers} times the same, is needed.")
        keys = keys.with_(**{key: said[0]})
    return keys.whole(key)


def _hunyuan_moe(keys: Keys, config: ModelConfig) -> ModelConfig:
    count, chosen = keys.whole("num_experts"), _of_all_layers(keys, "moe_topk", config.layers)
    experts = Experts(
        count, chosen, config.d_mlp, frozenset(range(config.layers)), normalized=True, d_shared=config.d_mlp
    )
    return replace(_hunyuan(keys, config), experts=check_chosen(keys, experts, "moe_topk"))


KINDS = (
    Kind(
        "hunyuan_v1_dense",
        "HunYuanDenseV1",
        Drawn(
            "HunYuan (dense)",
            "HunYuan 0.5B to 7B, Hunyuan-MT",
            "as Llama, with norms of queries and keys after they are rotated",
            ("hunyuan-dense",),
        ),
        HUNYUAN,
        HUNYUAN_NAMES,
        rope=_rope,
        more=_hunyuan,
    ),
    Kind(
        "hunyuan_v1_moe",
        "HunYuanMoEV1",
        Drawn(
            "HunYuan MoE",
            "Hunyuan-A13B",
            "as HunYuan, with experts, and one of all tokens",
            ("hunyuan-moe",),
        ),
        HUNYUAN_MOE,
        HUNYUAN_MOE_NAMES,
        rope=_rope,
        more=_hunyuan_moe,
        other_names={"num_experts_per_tok": "moe_topk", "num_local_experts": "num_experts"},
    ),
)
