"""The names of a Llama's activations and weights, and the axes of each; no numbers, no torch."""

import difflib
import re
from collections.abc import Iterable, Mapping

Axes = tuple[str, ...]
"""One name an axis: tokens, or one of LlamaConfig.sizes()."""

IN_LAYER = re.compile(r"blocks\.(0|[1-9][0-9]*)\.(.+)")
PARAMETER_IN_LAYER = re.compile(r"model\.layers\.(0|[1-9][0-9]*)\.(.+)")

MODEL_ACTIVATIONS: Mapping[str, Axes] = {
    "hook_embed": ("tokens", "d_model"),
    "ln_final.hook_normalized": ("tokens", "d_model"),
    "logits": ("tokens", "vocabulary"),
}

# After "blocks.{layer}.", in the order in which they are computed.
LAYER_ACTIVATIONS: Mapping[str, Axes] = {
    "hook_resid_pre": ("tokens", "d_model"),
    "ln1.hook_normalized": ("tokens", "d_model"),
    "attn.hook_q": ("tokens", "heads", "d_head"),
    "attn.hook_k": ("tokens", "kv_heads", "d_head"),
    "attn.hook_v": ("tokens", "kv_heads", "d_head"),
    "attn.hook_rot_q": ("tokens", "heads", "d_head"),
    "attn.hook_rot_k": ("tokens", "kv_heads", "d_head"),
    "attn.hook_attn_scores": ("heads", "tokens", "tokens"),
    "attn.hook_pattern": ("heads", "tokens", "tokens"),
    "attn.hook_z": ("tokens", "heads", "d_head"),
    "attn.hook_result": ("tokens", "heads", "d_model"),
    "hook_attn_out": ("tokens", "d_model"),
    "hook_resid_mid": ("tokens", "d_model"),
    "ln2.hook_normalized": ("tokens", "d_model"),
    "mlp.hook_pre": ("tokens", "d_mlp"),
    "mlp.hook_pre_linear": ("tokens", "d_mlp"),
    "mlp.hook_post": ("tokens", "d_mlp"),
    "hook_mlp_out": ("tokens", "d_model"),
    "hook_resid_post": ("tokens", "d_model"),
}

EMBEDDING = "model.embed_tokens.weight"
UNEMBEDDING = "lm_head.weight"  # not stored where the embedding is tied
FINAL_NORM = "model.norm.weight"

MODEL_PARAMETERS: Mapping[str, Axes] = {
    EMBEDDING: ("vocabulary", "d_model"),
    UNEMBEDDING: ("vocabulary", "d_model"),
    FINAL_NORM: ("d_model",),
}

# After "model.layers.{layer}."; stored as (out, in). Heads lie one after another along q_width and kv_width.
LAYER_PARAMETERS: Mapping[str, Axes] = {
    "input_layernorm.weight": ("d_model",),
    "self_attn.q_proj.weight": ("q_width", "d_model"),
    "self_attn.k_proj.weight": ("kv_width", "d_model"),
    "self_attn.v_proj.weight": ("kv_width", "d_model"),
    "self_attn.o_proj.weight": ("d_model", "q_width"),
    "post_attention_layernorm.weight": ("d_model",),
    "mlp.gate_proj.weight": ("d_mlp", "d_model"),
    "mlp.up_proj.weight": ("d_mlp", "d_model"),
    "mlp.down_proj.weight": ("d_model", "d_mlp"),
}

# After "blocks.{layer}."; each is its parameter transposed, so that rows are what goes in.
LAYER_WEIGHTS: Mapping[str, str] = {
    "attn.W_Q": "self_attn.q_proj.weight",
    "attn.W_K": "self_attn.k_proj.weight",
    "attn.W_V": "self_attn.v_proj.weight",
    "attn.W_O": "self_attn.o_proj.weight",
    "mlp.W_gate": "mlp.gate_proj.weight",
    "mlp.W_in": "mlp.up_proj.weight",
    "mlp.W_out": "mlp.down_proj.weight",
}

MODEL_WEIGHTS = ("embed.W_E", "unembed.W_U")


def activation_names(layers: int) -> tuple[str, ...]:
    """Every activation name of a model, in the order in which they are computed."""
    embedding, *rest = MODEL_ACTIVATIONS
    return embedding, *_in_every_layer(layers, LAYER_ACTIVATIONS), *rest


def weight_names(layers: int) -> tuple[str, ...]:
    """Every TransformerLens weight name of a model."""
    return *MODEL_WEIGHTS, *_in_every_layer(layers, LAYER_WEIGHTS)


def _in_every_layer(layers: int, names: Iterable[str]) -> Iterable[str]:
    return (f"blocks.{layer}.{name}" for layer in range(layers) for name in names)


def close_names(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: up to three close ones, or one as an example."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"close names: {', '.join(close)}"
    return f"{len(known)} names are known, such as {known[-1]}" if known else "no name is known"
