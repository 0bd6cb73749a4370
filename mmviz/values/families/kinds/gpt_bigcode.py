"""GPT-BigCode: as GPT-2, but all query heads share one key and value, of a module that is stored as (out, in)."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless
from mmviz.values.families.kind import Drawn, Kind, no_rope
from mmviz.values.families.kinds.gpt2 import GPT2, OLD_NAMES, SIZES
from mmviz.values.families.layouts import Names, embedding, joined, linear, norm, unembedding

_OF_GPT2_ALONE = ("n_ctx", "scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn")
GPT_BIGCODE: Mapping[str, Key] = {
    **{key: each for key, each in GPT2.items() if key not in _OF_GPT2_ALONE},
    "activation_function": Key("what the MLP goes through", default="gelu_pytorch_tanh"),
    "multi_query": Key("all query heads share one key and value", default=True),
    "num_key_value_heads": harmless("what multi_query says"),
    **dict.fromkeys(
        ("attention_softmax_in_fp32", "scale_attention_softmax_in_fp32"), harmless("in which dtype scores are computed")
    ),
    **dict.fromkeys(
        (
            *("inference_runner", "validate_runner_input", "pre_allocate_kv_cache", "pad_key_length"),
            *("max_batch_size", "max_sequence_length"),
        ),
        harmless("by which program the same numbers are computed"),
    ),
}
BY_HEAD = "by head"
"""Each head's queries, keys and values stand together."""


def _names(*, by_head: bool) -> Names:
    return Names(
        prefix="transformer.",
        layer="h.",
        model_weights={
            **embedding("wte"),
            **embedding("wpe", "pos_embed.W_pos", "positions"),
            **norm("ln_final", "ln_f", biased=True),
            **unembedding(),
        },
        layer_weights={
            **norm("ln1", "ln_1", biased=True),
            **joined("attn.c_attn", "qkv_bias", by_head=by_head),
            **linear("attn.{}_O", "attn.c_proj", "q_width", "d_model", "o_bias"),
            **norm("ln2", "ln_2", biased=True),
            **linear("mlp.{}_in", "mlp.c_fc", "d_model", "d_mlp", "mlp_bias"),
            **linear("mlp.{}_out", "mlp.c_proj", "d_mlp", "d_model", "mlp_bias"),
        },
    )


def _gpt_bigcode(keys: Keys, config: ModelConfig) -> ModelConfig:
    shared = keys.flag("multi_query", null=False)
    return replace(
        config,
        kv_heads=1 if shared else config.heads,
        layout="" if shared else BY_HEAD,
        learned_positions=True,
        norm="layer",
        qkv_bias=True,
        o_bias=True,
        score_scale=0.0 if keys.flag("scale_attn_weights") else 1.0,
        gated=False,
        mlp_bias=True,
    )


KINDS = (
    Kind(
        "gpt_bigcode",
        "GPTBigCode",
        Drawn(
            "GPT-BigCode", "StarCoder, SantaCoder", "as GPT-2, with one key and value for all queries", ("starcoder",)
        ),
        GPT_BIGCODE,
        _names(by_head=False),
        SIZES,
        rope=no_rope,
        more=_gpt_bigcode,
        other_names=OLD_NAMES,
        other_layouts={BY_HEAD: _names(by_head=True)},
    ),
)
