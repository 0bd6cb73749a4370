"""GPT-J and CodeGen: as Phi, with neighbouring numbers of a head rotated together, and no biases in attention."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import MOST_OF_HEAD, Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, Ropes
from mmviz.values.families.kinds.gpt2 import GPT2, OLD_NAMES, SIZES
from mmviz.values.families.layouts import Names, embedding, joined, linear, norm, unembedding
from mmviz.values.families.rope import Rope

GPTJ: Mapping[str, Key] = {
    **{
        key: each
        for key, each in GPT2.items()
        if key not in ("n_ctx", "scale_attn_by_inverse_layer_idx", "add_cross_attention", "reorder_and_upcast_attn")
    },
    "n_positions": Key("most tokens of a prompt", default=2048),
    "rotary_dim": Key("how many numbers of a head are rotated", default=64),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=False),
    **dict.fromkeys(("rotary", "scale_attn_weights"), harmless("of old files; transformers passes over it")),
}

NAMES = Names(
    prefix="transformer.",
    layer="h.",
    model_weights={**embedding("wte"), **norm("ln_final", "ln_f", biased=True), **unembedding(biased=True)},
    layer_weights={
        **norm("ln1", "ln_1", biased=True),
        **norm("ln2", "ln_1", biased=True),  # both read by the same norm
        **linear("attn.{}_Q", "attn.q_proj", "d_model", "q_width"),
        **linear("attn.{}_K", "attn.k_proj", "d_model", "kv_width"),
        **linear("attn.{}_V", "attn.v_proj", "d_model", "kv_width"),
        **linear("attn.{}_O", "attn.out_proj", "q_width", "d_model"),
        **linear("mlp.{}_in", "mlp.fc_in", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.fc_out", "d_mlp", "d_model", "mlp_bias"),
    },
)


CODEGEN: Mapping[str, Key] = {
    **GPTJ,
    "n_ctx": harmless("the same as n_positions"),
    "scale_attn_weights": only(True, "scores are divided by sqrt(d_head)"),
}
SHARDS = 4
"""Parts of queries, values and keys. Source: Hugging Face transformers 5.24, mp_num of CodeGenAttention."""
BEFORE: Mapping[str, tuple[str, ...]] = {"Q": (), "V": ("q_width",), "K": ("q_width", "kv_width")}
CODEGEN_NAMES = replace(
    NAMES,
    layer_weights={
        **NAMES.layer_weights,
        **{
            name: replace(each, after=BEFORE[name[-1]], blocks=SHARDS)
            for name, each in joined("attn.qkv_proj", by_head=True).items()
        },
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    size = keys.whole("rotary_dim", most=MOST_OF_HEAD)
    if size % 2 or size > d_head:
        raise keys.problem("rotary_dim", f"is {size}, of heads of {d_head} numbers; an even part is needed.")
    return Rope(10000.0, size=0 if size == d_head else size, neighbours=True), None


def _gptj(_: Keys, config: ModelConfig) -> ModelConfig:
    return replace(config, norm="layer", parallel=True, shared_norm=True, gated=False, mlp_bias=True, unembed_bias=True)


def _codegen(keys: Keys, config: ModelConfig) -> ModelConfig:
    if config.heads % SHARDS:
        raise keys.problem("n_head", f"is {config.heads}; a multiple of {SHARDS} is needed.")
    return _gptj(keys, config)


KINDS = (
    Kind(
        "gptj",
        "GPTJ",
        Drawn("GPT-J", "GPT-J 6B", "as Phi, with neighbouring numbers rotated together"),
        GPTJ,
        NAMES,
        SIZES,
        rope=_rope,
        more=_gptj,
        other_names=OLD_NAMES,
    ),
    Kind(
        "codegen",
        "CodeGen",
        Drawn("CodeGen", "CodeGen 350M to 16B", "as GPT-J, with queries, values and keys of one module"),
        CODEGEN,
        CODEGEN_NAMES,
        SIZES,
        rope=_rope,
        more=_codegen,
        other_names=OLD_NAMES,
    ),
)
