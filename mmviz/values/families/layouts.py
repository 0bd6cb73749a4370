"""How each family of models calls and lays out its parameters, and calls its activations: tables; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mmviz.values.families.config import Family

Axes = tuple[str, ...]
"""One name an axis: tokens, or one of ModelConfig.sizes()."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a TransformerLens name stands for: a parameter, transposed or as it is, or one part of it."""

    parameter: str
    transposed: bool = False  # stored as (out, in); shown so that rows are what goes in
    cut: str = ""  # the axis that heads lie along, one after another: q_width or kv_width
    plus: float = 0.0  # what is added to what is stored: Gemma keeps the weights of its norms less 1
    after: Axes = ()  # what lies before it along the axis that is cut: GPT-2 keeps queries, keys and values in one
    by_head: bool = False  # of each key-value head by itself: its queries, keys and values, then those of the next


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of one family's models are called."""

    prefix: str  # before the parameters of the model, which files may leave out
    layer: str  # after it, before the number of a layer
    embedding: str
    model_activations: Mapping[str, Axes]
    layer_activations: Mapping[str, Axes]  # after "blocks.{i}.", in the order in which they are computed
    model_parameters: Mapping[str, Axes]  # as Hugging Face calls them, after the prefix
    layer_parameters: Mapping[str, Axes]  # after the number of the layer and a point
    model_weights: Mapping[str, Weight]
    layer_weights: Mapping[str, Weight]
    optional: Mapping[str, str]  # parameter of a layer -> the flag of ModelConfig without which it is not there
    unembedding: str = "lm_head.weight"  # as files call it


UNEMBEDDING = "lm_head.weight"  # not stored where the embedding is tied; has no prefix
UNEMBEDDING_BIAS = "lm_head.bias"  # has no prefix either
UNEMBEDS = ("logits", "unembed.W_U", "unembed.b_U")
"""The activation and the weights that a model without an unembedding does not have."""
SEQUENTIAL = ("hook_resid_mid",)
"""What a layer whose attention and MLP read the same does not have."""

_ATTENTION: Mapping[str, Axes] = {
    "attn.hook_q": ("tokens", "heads", "d_head"),
    "attn.hook_k": ("tokens", "kv_heads", "d_head"),
    "attn.hook_v": ("tokens", "kv_heads", "d_head"),
}
_ROTATED: Mapping[str, Axes] = {
    "attn.hook_rot_q": ("tokens", "heads", "d_head"),
    "attn.hook_rot_k": ("tokens", "kv_heads", "d_head"),
}
_PATTERN: Mapping[str, Axes] = {
    "attn.hook_attn_scores": ("heads", "tokens", "tokens"),
    "attn.hook_pattern": ("heads", "tokens", "tokens"),
    "attn.hook_z": ("tokens", "heads", "d_head"),
    "attn.hook_result": ("tokens", "heads", "d_model"),
    "hook_attn_out": ("tokens", "d_model"),
    "hook_resid_mid": ("tokens", "d_model"),
    "ln2.hook_normalized": ("tokens", "d_model"),
    "mlp.hook_pre": ("tokens", "d_mlp"),
}
_BEGIN: Mapping[str, Axes] = {
    "hook_resid_pre": ("tokens", "d_model"),
    "ln1.hook_normalized": ("tokens", "d_model"),
}
_END: Mapping[str, Axes] = {
    "mlp.hook_post": ("tokens", "d_mlp"),
    "hook_mlp_out": ("tokens", "d_model"),
    "hook_resid_post": ("tokens", "d_model"),
}
LAST: Mapping[str, Axes] = {
    "ln_final.hook_normalized": ("tokens", "d_model"),
    "logits": ("tokens", "vocabulary"),
}

LLAMA = Names(
    prefix="model.",
    layer="layers.",
    embedding="embed_tokens.weight",
    model_activations={"hook_embed": ("tokens", "d_model"), **LAST},
    layer_activations={
        **_BEGIN,
        **_ATTENTION,
        **_ROTATED,
        **_PATTERN,
        "mlp.hook_pre_linear": ("tokens", "d_mlp"),
        **_END,
    },
    model_parameters={
        "embed_tokens.weight": ("vocabulary", "d_model"),
        "norm.weight": ("d_model",),
    },
    layer_parameters={
        "input_layernorm.weight": ("d_model",),
        "self_attn.q_proj.weight": ("q_width", "d_model"),
        "self_attn.q_proj.bias": ("q_width",),
        "self_attn.k_proj.weight": ("kv_width", "d_model"),
        "self_attn.k_proj.bias": ("kv_width",),
        "self_attn.v_proj.weight": ("kv_width", "d_model"),
        "self_attn.v_proj.bias": ("kv_width",),
        "self_attn.o_proj.weight": ("d_model", "q_width"),
        "self_attn.o_proj.bias": ("d_model",),
        "self_attn.q_norm.weight": ("d_head",),
        "self_attn.k_norm.weight": ("d_head",),
        "post_attention_layernorm.weight": ("d_model",),
        "mlp.gate_proj.weight": ("d_mlp", "d_model"),
        "mlp.gate_proj.bias": ("d_mlp",),
        "mlp.up_proj.weight": ("d_mlp", "d_model"),
        "mlp.up_proj.bias": ("d_mlp",),
        "mlp.down_proj.weight": ("d_model", "d_mlp"),
        "mlp.down_proj.bias": ("d_model",),
    },
    model_weights={
        "embed.W_E": Weight("embed_tokens.weight"),
        "ln_final.w": Weight("norm.weight"),
        "unembed.W_U": Weight(UNEMBEDDING, transposed=True),
    },
    layer_weights={
        "ln1.w": Weight("input_layernorm.weight"),
        "attn.W_Q": Weight("self_attn.q_proj.weight", transposed=True, cut="q_width"),
        "attn.W_K": Weight("self_attn.k_proj.weight", transposed=True, cut="kv_width"),
        "attn.W_V": Weight("self_attn.v_proj.weight", transposed=True, cut="kv_width"),
        "attn.W_O": Weight("self_attn.o_proj.weight", transposed=True, cut="q_width"),
        "attn.b_Q": Weight("self_attn.q_proj.bias", cut="q_width"),
        "attn.b_K": Weight("self_attn.k_proj.bias", cut="kv_width"),
        "attn.b_V": Weight("self_attn.v_proj.bias", cut="kv_width"),
        "attn.b_O": Weight("self_attn.o_proj.bias"),
        "attn.q_norm.w": Weight("self_attn.q_norm.weight"),
        "attn.k_norm.w": Weight("self_attn.k_norm.weight"),
        "ln2.w": Weight("post_attention_layernorm.weight"),
        "mlp.W_gate": Weight("mlp.gate_proj.weight", transposed=True),
        "mlp.b_gate": Weight("mlp.gate_proj.bias"),
        "mlp.W_in": Weight("mlp.up_proj.weight", transposed=True),
        "mlp.b_in": Weight("mlp.up_proj.bias"),
        "mlp.W_out": Weight("mlp.down_proj.weight", transposed=True),
        "mlp.b_out": Weight("mlp.down_proj.bias"),
    },
    optional={
        **{f"self_attn.{kind}_proj.bias": "qkv_bias" for kind in "qkv"},
        "self_attn.o_proj.bias": "o_bias",
        **{f"self_attn.{kind}_norm.weight": "qk_norm" for kind in "qk"},
        **{f"mlp.{kind}_proj.bias": "mlp_bias" for kind in ("gate", "up", "down")},
    },
)


def _plus_one(weights: Mapping[str, Weight]) -> dict[str, Weight]:
    """The same, with 1 added to the weights of norms."""
    return {
        name: replace(weight, plus=1.0) if "norm" in weight.parameter else weight for name, weight in weights.items()
    }


GEMMA = replace(LLAMA, model_weights=_plus_one(LLAMA.model_weights), layer_weights=_plus_one(LLAMA.layer_weights))
GEMMA2 = replace(
    GEMMA,
    layer_parameters={
        **LLAMA.layer_parameters,
        "pre_feedforward_layernorm.weight": ("d_model",),
        "post_feedforward_layernorm.weight": ("d_model",),
    },
    layer_weights={
        **GEMMA.layer_weights,
        "ln1_post.w": Weight("post_attention_layernorm.weight", plus=1.0),
        "ln2.w": Weight("pre_feedforward_layernorm.weight", plus=1.0),
        "ln2_post.w": Weight("post_feedforward_layernorm.weight", plus=1.0),
    },
)

_JOINED, _JOINED_BIAS = "attn.c_attn.weight", "attn.c_attn.bias"

GPT2 = Names(
    prefix="transformer.",
    layer="h.",
    embedding="wte.weight",
    model_activations={"hook_embed": ("tokens", "d_model"), "hook_pos_embed": ("tokens", "d_model"), **LAST},
    layer_activations={**_BEGIN, **_ATTENTION, **_PATTERN, **_END},
    model_parameters={
        "wte.weight": ("vocabulary", "d_model"),
        "wpe.weight": ("positions", "d_model"),
        "ln_f.weight": ("d_model",),
        "ln_f.bias": ("d_model",),
    },
    layer_parameters={
        "ln_1.weight": ("d_model",),
        "ln_1.bias": ("d_model",),
        "attn.c_attn.weight": ("d_model", "qkv_width"),
        "attn.c_attn.bias": ("qkv_width",),
        "attn.c_proj.weight": ("q_width", "d_model"),
        "attn.c_proj.bias": ("d_model",),
        "ln_2.weight": ("d_model",),
        "ln_2.bias": ("d_model",),
        "mlp.c_fc.weight": ("d_model", "d_mlp"),
        "mlp.c_fc.bias": ("d_mlp",),
        "mlp.c_proj.weight": ("d_mlp", "d_model"),
        "mlp.c_proj.bias": ("d_model",),
    },
    model_weights={
        "embed.W_E": Weight("wte.weight"),
        "pos_embed.W_pos": Weight("wpe.weight"),
        "ln_final.w": Weight("ln_f.weight"),
        "ln_final.b": Weight("ln_f.bias"),
        "unembed.W_U": Weight(UNEMBEDDING, transposed=True),
    },
    layer_weights={
        "ln1.w": Weight("ln_1.weight"),
        "ln1.b": Weight("ln_1.bias"),
        "attn.W_Q": Weight(_JOINED, cut="q_width"),
        "attn.W_K": Weight(_JOINED, cut="kv_width", after=("q_width",)),
        "attn.W_V": Weight(_JOINED, cut="kv_width", after=("q_width", "kv_width")),
        "attn.W_O": Weight("attn.c_proj.weight", cut="q_width"),
        "attn.b_Q": Weight(_JOINED_BIAS, cut="q_width"),
        "attn.b_K": Weight(_JOINED_BIAS, cut="kv_width", after=("q_width",)),
        "attn.b_V": Weight(_JOINED_BIAS, cut="kv_width", after=("q_width", "kv_width")),
        "attn.b_O": Weight("attn.c_proj.bias"),
        "ln2.w": Weight("ln_2.weight"),
        "ln2.b": Weight("ln_2.bias"),
        "mlp.W_in": Weight("mlp.c_fc.weight"),
        "mlp.b_in": Weight("mlp.c_fc.bias"),
        "mlp.W_out": Weight("mlp.c_proj.weight"),
        "mlp.b_out": Weight("mlp.c_proj.bias"),
    },
    optional={},
)

_FUSED, _FUSED_BIAS = "attention.query_key_value.weight", "attention.query_key_value.bias"

GPT_NEOX = Names(
    prefix="gpt_neox.",
    layer="layers.",
    embedding="embed_in.weight",
    unembedding="embed_out.weight",
    model_activations={"hook_embed": ("tokens", "d_model"), **LAST},
    layer_activations={**_BEGIN, **_ATTENTION, **_ROTATED, **_PATTERN, **_END},
    model_parameters={
        "embed_in.weight": ("vocabulary", "d_model"),
        "final_layer_norm.weight": ("d_model",),
        "final_layer_norm.bias": ("d_model",),
    },
    layer_parameters={
        "input_layernorm.weight": ("d_model",),
        "input_layernorm.bias": ("d_model",),
        _FUSED: ("qkv_width", "d_model"),
        _FUSED_BIAS: ("qkv_width",),
        "attention.dense.weight": ("d_model", "q_width"),
        "attention.dense.bias": ("d_model",),
        "post_attention_layernorm.weight": ("d_model",),
        "post_attention_layernorm.bias": ("d_model",),
        "mlp.dense_h_to_4h.weight": ("d_mlp", "d_model"),
        "mlp.dense_h_to_4h.bias": ("d_mlp",),
        "mlp.dense_4h_to_h.weight": ("d_model", "d_mlp"),
        "mlp.dense_4h_to_h.bias": ("d_model",),
    },
    model_weights={
        "embed.W_E": Weight("embed_in.weight"),
        "ln_final.w": Weight("final_layer_norm.weight"),
        "ln_final.b": Weight("final_layer_norm.bias"),
        "unembed.W_U": Weight(UNEMBEDDING, transposed=True),
    },
    layer_weights={
        "ln1.w": Weight("input_layernorm.weight"),
        "ln1.b": Weight("input_layernorm.bias"),
        "attn.W_Q": Weight(_FUSED, transposed=True, cut="q_width", by_head=True),
        "attn.W_K": Weight(_FUSED, transposed=True, cut="kv_width", after=("q_width",), by_head=True),
        "attn.W_V": Weight(_FUSED, transposed=True, cut="kv_width", after=("q_width", "kv_width"), by_head=True),
        "attn.W_O": Weight("attention.dense.weight", transposed=True, cut="q_width"),
        "attn.b_Q": Weight(_FUSED_BIAS, cut="q_width", by_head=True),
        "attn.b_K": Weight(_FUSED_BIAS, cut="kv_width", after=("q_width",), by_head=True),
        "attn.b_V": Weight(_FUSED_BIAS, cut="kv_width", after=("q_width", "kv_width"), by_head=True),
        "attn.b_O": Weight("attention.dense.bias"),
        "ln2.w": Weight("post_attention_layernorm.weight"),
        "ln2.b": Weight("post_attention_layernorm.bias"),
        "mlp.W_in": Weight("mlp.dense_h_to_4h.weight", transposed=True),
        "mlp.b_in": Weight("mlp.dense_h_to_4h.bias"),
        "mlp.W_out": Weight("mlp.dense_4h_to_h.weight", transposed=True),
        "mlp.b_out": Weight("mlp.dense_4h_to_h.bias"),
    },
    optional={_FUSED_BIAS: "qkv_bias", "attention.dense.bias": "o_bias"},
)

PHI = Names(
    prefix="model.",
    layer="layers.",
    embedding="embed_tokens.weight",
    model_activations=GPT_NEOX.model_activations,
    layer_activations=GPT_NEOX.layer_activations,
    model_parameters={
        "embed_tokens.weight": ("vocabulary", "d_model"),
        "final_layernorm.weight": ("d_model",),
        "final_layernorm.bias": ("d_model",),
    },
    layer_parameters={
        "input_layernorm.weight": ("d_model",),
        "input_layernorm.bias": ("d_model",),
        **{
            f"self_attn.{kind}_proj.{part}": LLAMA.layer_parameters[f"self_attn.{kind}_proj.{part}"]
            for kind in "qkv"
            for part in ("weight", "bias")
        },
        "self_attn.dense.weight": ("d_model", "q_width"),
        "self_attn.dense.bias": ("d_model",),
        "mlp.fc1.weight": ("d_mlp", "d_model"),
        "mlp.fc1.bias": ("d_mlp",),
        "mlp.fc2.weight": ("d_model", "d_mlp"),
        "mlp.fc2.bias": ("d_model",),
    },
    model_weights={
        "embed.W_E": Weight("embed_tokens.weight"),
        "ln_final.w": Weight("final_layernorm.weight"),
        "ln_final.b": Weight("final_layernorm.bias"),
        "unembed.W_U": Weight(UNEMBEDDING, transposed=True),
        "unembed.b_U": Weight(UNEMBEDDING_BIAS),
    },
    layer_weights={
        **{f"ln{number}.w": Weight("input_layernorm.weight") for number in (1, 2)},  # both read by the same norm
        **{f"ln{number}.b": Weight("input_layernorm.bias") for number in (1, 2)},
        **{name: LLAMA.layer_weights[name] for kind in "QKV" for name in (f"attn.W_{kind}", f"attn.b_{kind}")},
        "attn.W_O": Weight("self_attn.dense.weight", transposed=True, cut="q_width"),
        "attn.b_O": Weight("self_attn.dense.bias"),
        "mlp.W_in": Weight("mlp.fc1.weight", transposed=True),
        "mlp.b_in": Weight("mlp.fc1.bias"),
        "mlp.W_out": Weight("mlp.fc2.weight", transposed=True),
        "mlp.b_out": Weight("mlp.fc2.bias"),
    },
    optional={},
)

GPTJ = Names(
    prefix="transformer.",
    layer="h.",
    embedding="wte.weight",
    model_activations=GPT_NEOX.model_activations,
    layer_activations=GPT_NEOX.layer_activations,
    model_parameters={name: axes for name, axes in GPT2.model_parameters.items() if name != "wpe.weight"},
    layer_parameters={
        "ln_1.weight": ("d_model",),
        "ln_1.bias": ("d_model",),
        "attn.q_proj.weight": ("q_width", "d_model"),
        "attn.k_proj.weight": ("kv_width", "d_model"),
        "attn.v_proj.weight": ("kv_width", "d_model"),
        "attn.out_proj.weight": ("d_model", "q_width"),
        "mlp.fc_in.weight": ("d_mlp", "d_model"),
        "mlp.fc_in.bias": ("d_mlp",),
        "mlp.fc_out.weight": ("d_model", "d_mlp"),
        "mlp.fc_out.bias": ("d_model",),
    },
    model_weights={
        **{name: weight for name, weight in GPT2.model_weights.items() if name != "pos_embed.W_pos"},
        "unembed.b_U": Weight(UNEMBEDDING_BIAS),
    },
    layer_weights={
        **{f"ln{number}.w": Weight("ln_1.weight") for number in (1, 2)},  # both read by the same norm
        **{f"ln{number}.b": Weight("ln_1.bias") for number in (1, 2)},
        "attn.W_Q": Weight("attn.q_proj.weight", transposed=True, cut="q_width"),
        "attn.W_K": Weight("attn.k_proj.weight", transposed=True, cut="kv_width"),
        "attn.W_V": Weight("attn.v_proj.weight", transposed=True, cut="kv_width"),
        "attn.W_O": Weight("attn.out_proj.weight", transposed=True, cut="q_width"),
        "mlp.W_in": Weight("mlp.fc_in.weight", transposed=True),
        "mlp.b_in": Weight("mlp.fc_in.bias"),
        "mlp.W_out": Weight("mlp.fc_out.weight", transposed=True),
        "mlp.b_out": Weight("mlp.fc_out.bias"),
    },
    optional={},
)

FAMILIES: Mapping[Family, Names] = {
    "llama": LLAMA,
    "gpt2": GPT2,
    "gemma": GEMMA,
    "gemma2": GEMMA2,
    "gpt_neox": GPT_NEOX,
    "phi": PHI,
    "gptj": GPTJ,
}
