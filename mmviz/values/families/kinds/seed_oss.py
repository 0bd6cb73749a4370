"""Seed-OSS: as Qwen 2, whose queries, keys and values have biases, with a size of heads of its own."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.llama import LLAMA, NAMES
from mmviz.values.families.sliding import none_slides

SEED_OSS: Mapping[str, Key] = {
    **LLAMA,
    "max_position_embeddings": Key("most tokens of a prompt", default=524288),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "attention_bias": Key("queries, keys and values have biases", default=True),
    "attention_out_bias": Key("attention outputs have a bias", default=False),
    "residual_dropout": harmless("how it is trained"),
}


def _seed_oss(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        config,
        qkv_bias=keys.flag("attention_bias"),
        o_bias=keys.flag("attention_out_bias"),
        mlp_bias=keys.flag("mlp_bias"),
    )


KINDS = (
    Kind(
        "seed_oss",
        "SeedOss",
        Drawn("Seed-OSS", "Seed-OSS 36B", "as Qwen2, with heads of a size of their own", ("seed_oss",)),
        SEED_OSS,
        NAMES,
        sliding=none_slides,
        more=_seed_oss,
    ),
)
