"""gpt-oss: attention with sinks, every second layer sliding, and experts whose branches are cut off at a limit."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless
from mmviz.values.families.kind import Drawn, Kind, Ropes, one_rope
from mmviz.values.families.kinds.experts import CHOSEN, COUNT, OF_ROUTERS, experts_transposed, without_mlp
from mmviz.values.families.kinds.llama import NAMES, OF_LLAMAS, WINDOW
from mmviz.values.families.layouts import Weight
from mmviz.values.families.sliding import all_but_every

YARN: Mapping[str, Any] = {
    "rope_type": "yarn",
    "factor": 32.0,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "truncate": False,
    "original_max_position_embeddings": 4096,
}
"""What transformers takes where a configuration says nothing of rotary positions."""
GPT_OSS: Mapping[str, Key] = {
    **OF_LLAMAS,
    **OF_ROUTERS,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=64),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "rope_theta": Key("base of the rotary wavelengths", default=150_000.0),
    "attention_bias": Key("queries, keys, values and attention outputs have biases", default=True),
    "sliding_window": Key(WINDOW, default=128),
    **dict.fromkeys(("num_experts", "num_local_experts"), Key(COUNT, default=128)),
    "num_experts_per_tok": Key(CHOSEN, default=4),
    "experts_per_token": harmless("the same for other programs"),
    "swiglu_limit": Key("where gates and the other branch of an expert are cut off", default=7.0),
    "swiglu_alpha": Key("how sharp the gates of an expert are", default=1.702),
    "initial_context_length": harmless("the original context, for other programs"),
}
GPT_OSS_NAMES = replace(
    NAMES,
    layer_weights={
        **without_mlp(NAMES.layer_weights),
        "attn.sinks": Weight("self_attn.sinks", ("heads",), cut="heads"),
        **experts_transposed("mlp.router", "mlp.experts"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    """Scaled by yarn where nothing is said of it."""
    said = keys.config.get("rope_parameters") is not None or keys.config.get("rope_scaling")
    return one_rope(keys if said else keys.with_(rope_parameters=dict(YARN)), d_head)


def _gpt_oss(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias", null=False)
    experts = Experts(
        keys.whole("num_local_experts"),
        keys.whole("num_experts_per_tok"),
        config.d_mlp,
        frozenset(range(config.layers)),
        normalized=True,
        biased=True,
        limit=keys.positive("swiglu_limit"),
        sharpness=keys.positive("swiglu_alpha"),
    )
    experts = check_chosen(keys, experts, "num_experts_per_tok")
    return replace(config, qkv_bias=biased, o_bias=biased, sinks=True, experts=experts)


KINDS = (
    Kind(
        "gpt_oss",
        "GptOss",
        Drawn(
            "gpt-oss",
            "gpt-oss 20B and 120B",
            "attention sinks, biases, sliding layers, experts of which some are chosen",
            ("gpt-oss",),
        ),
        GPT_OSS,
        GPT_OSS_NAMES,
        rope=_rope,
        sliding=partial(all_but_every, 2),
        more=_gpt_oss,
        other_names={"num_experts": "num_local_experts"},
    ),
)
