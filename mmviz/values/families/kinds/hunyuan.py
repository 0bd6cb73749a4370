"""HunYuan, the dense ones: as Llama, with norms of queries and keys after they are rotated."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import SCALING, Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, one_rope
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
HUNYUAN_NAMES = replace(
    NAMES,
    layer_weights={
        **NAMES.layer_weights,
        **norm("attn.q_norm", "self_attn.query_layernorm", "d_head", when="qk_norm"),
        **norm("attn.k_norm", "self_attn.key_layernorm", "d_head", when="qk_norm"),
    },
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
)
