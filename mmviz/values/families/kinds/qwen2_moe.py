"""Qwen 2 with experts: some are chosen for each token, and one that all tokens share counts by a number of each."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen, sparse_layers
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.experts import CHOSEN, COUNT, QWEN3_MOE, QWEN_MOE_NAMES, shared_expert
from mmviz.values.families.kinds.llama import WINDOW
from mmviz.values.families.sliding import EITHER, SLIDING, by_types

QWEN2_MOE: Mapping[str, Key] = {
    **{key: each for key, each in QWEN3_MOE.items() if key not in ("attention_bias", "num_local_experts")},
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=16),
    "qkv_bias": Key("queries, keys and values have biases", default=True),
    "sliding_window": Key(WINDOW, default=4096),
    "max_window_layers": Key("in how many layers, the first, every second one may look back a window only", default=28),
    "moe_intermediate_size": Key("how many numbers are inside an expert", default=1408),
    "shared_expert_intermediate_size": Key("the same of the expert that all tokens share", default=5632),
    "num_experts": Key(COUNT, default=60),
    "num_experts_per_tok": Key(CHOSEN, default=4),
}
QWEN2_MOE_NAMES = replace(
    QWEN_MOE_NAMES,
    layer_weights={
        **{name: each for name, each in QWEN_MOE_NAMES.layer_weights.items() if "_norm" not in name},
        **shared_expert("mlp.shared_expert", "mlp.shared_expert_gate"),
    },
)


def _slides(keys: Keys, layers: int) -> frozenset[int]:
    """Every second layer of the first ones where a window holds, unless layer_types says otherwise.

    Raises:
        SourceError: layer_types are of another number or others, or there is no window for those that slide.
    """
    types, window = keys.each("layer_types", layers, EITHER), keys.flag("use_sliding_window", null=False)
    if types is not None:
        if SLIDING in types and not (window and keys.given("sliding_window") is not None):
            raise keys.problem("layer_types", f"has {SLIDING}, but there is no window; use_sliding_window is needed.")
        return by_types(types)
    first = min(layers, keys.whole("max_window_layers", least=0)) if window else 0
    return frozenset(range(0, first, 2))


def _qwen2_moe(keys: Keys, config: ModelConfig) -> ModelConfig:
    config = replace(config, qkv_bias=keys.flag("qkv_bias", null=False))
    experts = Experts(
        keys.whole("num_experts"),
        keys.whole("num_experts_per_tok"),
        keys.whole("moe_intermediate_size"),
        sparse_layers(keys, config.layers),
        normalized=keys.flag("norm_topk_prob", null=False),
        d_shared=keys.whole("shared_expert_intermediate_size"),
        shared_gated=True,
    )
    return replace(config, experts=check_chosen(keys, experts, "num_experts_per_tok")) if experts.layers else config


KINDS = (
    Kind(
        "qwen2_moe",
        "Qwen2Moe",
        Drawn(
            "Qwen2-MoE",
            "Qwen 1.5 MoE A2.7B, Qwen 2 57B-A14B",
            "as Qwen2, with experts, and one of all tokens",
            ("qwen2moe",),
        ),
        QWEN2_MOE,
        QWEN2_MOE_NAMES,
        sliding=_slides,
        more=_qwen2_moe,
    ),
)
