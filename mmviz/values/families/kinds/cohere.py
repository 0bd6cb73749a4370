"""Cohere 1 and 2: attention and MLP side by side by one LayerNorm without a bias, and neighbours that turn together."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, SizeKeys, one_rope
from mmviz.values.families.kinds.llama import BIASES, NAMES, OF_LLAMAS, WINDOW
from mmviz.values.families.layouts import norm, norm_of_each
from mmviz.values.families.sliding import all_but_every

_COHERES: Mapping[str, Key] = {
    **{key: each for key, each in OF_LLAMAS.items() if key not in ("rms_norm_eps", "rope_interleaved")},
    "max_position_embeddings": Key("most tokens of a prompt", default=8192),
    "layer_norm_eps": Key("added to the variance in norms", default=1e-5),
    "attention_bias": BIASES,
    "mlp_bias": only(False, "biases, which a Cohere has none of"),
    "logit_scale": Key("what logits are multiplied by", default=0.0625),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
}
COHERE: Mapping[str, Key] = {
    **_COHERES,
    "rope_theta": Key("base of the rotary wavelengths", default=500_000.0),
    "use_qk_norm": Key("queries and keys are normalized, each head by its own weights", default=False),
}
COHERE2: Mapping[str, Key] = {
    **_COHERES,
    "sliding_window": Key(WINDOW, default=4096),
    "sliding_window_pattern": Key("every how many layers one sees all, where layer_types is null", default=4),
    "_sliding_window_pattern": harmless("the same as transformers writes it down, beside layer_types"),
    "use_qk_norm": only(False, "norms of queries and keys, which a Cohere 2 has none of"),
    # of its own code; transformers passes over it, and knows nothing but this
    "position_embedding_type": only("rope_gptj", "which numbers of a head are rotated together"),
    "rotary_pct": only(1.0, "which part of a head is rotated"),
    "order_of_interleaved_layers": only("local_attn_first", "which layers slide"),
    **dict.fromkeys(("use_gated_activation", "use_parallel_block"), only(True, "what a layer is made of")),
    **dict.fromkeys(("use_embedding_sharing", "use_parallel_embedding", "layer_switch"), harmless("of its own code")),
}
COHERE_NAMES = replace(
    NAMES,
    layer_weights={
        **{name: each for name, each in NAMES.layer_weights.items() if each.when not in ("qk_norm", "mlp_bias")},
        **norm("ln2", "input_layernorm"),  # both read by the same norm
        **norm_of_each("attn.q_norm", "self_attn.q_norm", "heads", "qk_norm"),
        **norm_of_each("attn.k_norm", "self_attn.k_norm", "kv_heads", "qk_norm"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    rope, _ = one_rope(keys, d_head)
    return rope and replace(rope, neighbours=True), None


def _slides(keys: Keys, layers: int) -> frozenset[int]:
    return all_but_every(keys.whole("sliding_window_pattern"), keys, layers)


def _cohere(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    return replace(
        config,
        norm="layer",
        norm_biased=False,
        parallel=True,
        shared_norm=True,
        qkv_bias=biased,
        o_bias=biased,
        qk_norm="each" if keys.flag("use_qk_norm") else "",
        logit_factor=keys.positive("logit_scale"),
    )


def _cohere2(keys: Keys, config: ModelConfig) -> ModelConfig:
    """Only layers with a sliding window rotate.

    Source: Hugging Face transformers 5.24, Cohere2Attention.
    """
    return replace(_cohere(keys, config), unrotated=frozenset(range(config.layers)) - config.sliding)


KINDS = (
    Kind(
        "cohere",
        "Cohere",
        Drawn(
            "Cohere",
            "Command R and R+, Aya 23",
            "as GPT-J, with a gated MLP, and norms without biases",
            ("command-r",),
        ),
        COHERE,
        COHERE_NAMES,
        SizeKeys(eps="layer_norm_eps"),
        rope=_rope,
        more=_cohere,
    ),
    Kind(
        "cohere2",
        "Cohere2",
        Drawn(
            "Cohere 2",
            "Command R7B, Command A",
            "as Cohere, with sliding layers, and full ones without positions",
            ("cohere2",),
        ),
        COHERE2,
        COHERE_NAMES,
        SizeKeys(eps="layer_norm_eps"),
        rope=_rope,
        sliding=_slides,
        more=_cohere2,
    ),
)
