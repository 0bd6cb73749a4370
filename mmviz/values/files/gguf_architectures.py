"""How llama.cpp's converter writes the models of each architecture: names, keys, layout; opens no file.

Source: the tables of the gguf package (get_tensor_name_map), and the converter's classes of these models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

LLAMA_NAMES: Mapping[str, str] = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "blk": "model.layers.{layer}.",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
QWEN3_NAMES: Mapping[str, str] = {
    **LLAMA_NAMES,
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
}
GEMMA2_NAMES: Mapping[str, str] = {
    **LLAMA_NAMES,
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
GEMMA3_NAMES: Mapping[str, str] = {**QWEN3_NAMES, **GEMMA2_NAMES}
PHI3_NAMES: Mapping[str, str] = {
    **{short: name for short, name in LLAMA_NAMES.items() if short not in ("attn_q", "attn_k", "attn_v", "ffn_gate")},
    "attn_qkv": "self_attn.qkv_proj",
    "ffn_up": "mlp.gate_up_proj",
}
GLM4_NAMES: Mapping[str, str] = {
    **{short: name for short, name in LLAMA_NAMES.items() if short != "ffn_gate"},
    "ffn_up": "mlp.gate_up_proj",
    "post_attention_norm": "post_self_attn_layernorm",
    "post_ffw_norm": "post_mlp_layernorm",
}
EXAONE4_NAMES: Mapping[str, str] = {
    **{short: name for short, name in QWEN3_NAMES.items() if short not in ("attn_norm", "ffn_norm")},
    "post_attention_norm": "post_attention_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
HUNYUAN_NAMES: Mapping[str, str] = {
    **LLAMA_NAMES,
    "attn_q_norm": "self_attn.query_layernorm",
    "attn_k_norm": "self_attn.key_layernorm",
}
PHI2_NAMES: Mapping[str, str] = {
    **{short: name for short, name in LLAMA_NAMES.items() if short not in ("ffn_norm", "ffn_gate")},
    "output_norm": "model.final_layernorm",
    "attn_output": "self_attn.dense",
    "ffn_up": "mlp.fc1",
    "ffn_down": "mlp.fc2",
}
STARCODER2_NAMES: Mapping[str, str] = {**LLAMA_NAMES, "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj"}
SEED_OSS_NAMES: Mapping[str, str] = {
    **{short: name for short, name in LLAMA_NAMES.items() if short != "ffn_norm"},
    "post_attention_norm": "post_attention_layernorm",
}
GPT2_NAMES: Mapping[str, str] = {
    "token_embd": "wte",
    "position_embd": "wpe",
    "output_norm": "ln_f",
    "output": "lm_head",
    "blk": "h.{layer}.",
    "attn_norm": "ln_1",
    "attn_qkv": "attn.c_attn",
    "attn_output": "attn.c_proj",
    "ffn_norm": "ln_2",
    "ffn_up": "mlp.c_fc",
    "ffn_down": "mlp.c_proj",
}
BLOOM_NAMES: Mapping[str, str] = {
    "token_embd": "word_embeddings",
    "token_embd_norm": "word_embeddings_layernorm",
    "output_norm": "ln_f",
    "output": "lm_head",
    "blk": "h.{layer}.",
    "attn_norm": "input_layernorm",
    "attn_qkv": "self_attention.query_key_value",
    "attn_output": "self_attention.dense",
    "ffn_norm": "post_attention_layernorm",
    "ffn_up": "mlp.dense_h_to_4h",
    "ffn_down": "mlp.dense_4h_to_h",
}
GPT_NEOX_NAMES: Mapping[str, str] = {
    **BLOOM_NAMES,
    "token_embd": "gpt_neox.embed_in",
    "output_norm": "gpt_neox.final_layer_norm",
    "output": "embed_out",
    "blk": "gpt_neox.layers.{layer}.",
    "attn_qkv": "attention.query_key_value",
    "attn_output": "attention.dense",
}
MPT_NAMES: Mapping[str, str] = {
    "token_embd": "wte",
    "output_norm": "norm_f",
    "output": "lm_head",
    "blk": "blocks.{layer}.",
    "attn_norm": "norm_1",
    "attn_qkv": "attn.Wqkv",
    "attn_output": "attn.out_proj",
    "ffn_norm": "norm_2",
    "ffn_up": "ffn.up_proj",
    "ffn_down": "ffn.down_proj",
}
CONV1D = ("attn_qkv", "attn_output", "ffn_up", "ffn_down")  # Hugging Face stores these as (in, out)

LOG_MULTIPLIER = "rope.scaling.yarn_log_multiplier"
FACTORS_OF_SCORES = ("rope.scaling.attn_factor", "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_ext_factor")
"""Of rotary scaling, where they are not those that follow from the factor of the wavelengths."""
FOR_ALL = (
    *("vocab_size", "context_length", "embedding_length", "block_count", "feed_forward_length", "tensor_data_layout"),
    *("attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length"),
    *("attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "attention.causal", "expert_count"),
    *("expert_used_count", "rope.dimension_count", "rope.freq_base", "rope.scale_linear", "rope.scaling.type"),
    *("rope.scaling.factor", "rope.scaling.original_context_length", "rope.scaling.finetuned", LOG_MULTIPLIER),
    *("rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", *FACTORS_OF_SCORES),
)
"""Keys of any architecture that are followed, or are of kinds of scaling that are refused by their name."""
WINDOW, PATTERN, LOCAL_BASE = "attention.sliding_window", "attention.sliding_window_pattern", "rope.freq_base_swa"
SCORE_CAP, LOGIT_CAP = "attn_logit_softcapping", "final_logit_softcapping"
LOGIT_SCALE, PARALLEL = "logit_scale", "use_parallel_residual"
SCORE_SCALE, EMBEDDING_SCALE, RESIDUAL_SCALE = "attention.scale", "embedding_scale", "residual_scale"
CLAMP, ALIBI_MAX = "attention.clamp_kqv", "attention.max_alibi_bias"
ROPE_FACTORS = "rope_freqs.weight"
LONG_FACTORS, SHORT_FACTORS = "rope_factors_long.weight", "rope_factors_short.weight"
"""Tensors that say how rotary positions are scaled, pair by pair."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """What files of one general.architecture hold."""

    model_type: str  # in config.json
    names: Mapping[str, str] = field(default_factory=lambda: LLAMA_NAMES)  # a tensor's in Hugging Face's words
    keys: tuple[str, ...] = ()  # which are followed, beside those of all
    turned: tuple[str, ...] = ()  # tensors of layers that are stored the other way round
    by_kind: bool = False  # queries of all heads come first, then keys, then values, which else are by head
    interleaved: bool = False  # rows of queries and keys that rotate together lie side by side
    added_to_norms: float = 0.0  # what is added to the weights of norms
    eps: str = "rms_norm_eps"  # what config.json calls what is added in norms
    says_gain: bool = False  # rope.scaling.attn_factor is what config.json calls attention_factor
    of_rope: tuple[str, ...] = (ROPE_FACTORS,)  # tensors that belong to the configuration


ARCHITECTURES: Mapping[str, Architecture] = {
    "arcee": Architecture("arcee", interleaved=True),
    "bloom": Architecture("bloom", BLOOM_NAMES, by_kind=True),
    "cohere2": Architecture("cohere2", keys=(WINDOW, PATTERN, LOCAL_BASE, LOGIT_SCALE), eps="layer_norm_eps"),
    "command-r": Architecture("cohere", QWEN3_NAMES, (LOGIT_SCALE,), eps="layer_norm_eps"),
    "ernie4_5": Architecture("ernie4_5"),
    "exaone4": Architecture("exaone4", EXAONE4_NAMES, (WINDOW, PATTERN, LOCAL_BASE)),
    "falcon": Architecture("falcon", BLOOM_NAMES),
    "gemma": Architecture("gemma", added_to_norms=1.0),
    "gemma2": Architecture(
        "gemma2", GEMMA2_NAMES, (WINDOW, PATTERN, LOCAL_BASE, SCORE_CAP, LOGIT_CAP), added_to_norms=1.0
    ),
    "gemma3": Architecture("gemma3_text", GEMMA3_NAMES, (WINDOW, PATTERN, LOCAL_BASE, LOGIT_CAP), added_to_norms=1.0),
    "glm4": Architecture("glm4", GLM4_NAMES),
    "gpt2": Architecture("gpt2", GPT2_NAMES, turned=CONV1D),
    "gptneox": Architecture("gpt_neox", GPT_NEOX_NAMES, (PARALLEL,), by_kind=True),
    "granite": Architecture(
        "granite", keys=(SCORE_SCALE, EMBEDDING_SCALE, RESIDUAL_SCALE, LOGIT_SCALE), interleaved=True
    ),
    "hunyuan-dense": Architecture("hunyuan_v1_dense", HUNYUAN_NAMES),
    "llama": Architecture("llama", interleaved=True),
    "mpt": Architecture("mpt", MPT_NAMES, (CLAMP, ALIBI_MAX)),
    "nemotron": Architecture("nemotron", added_to_norms=1.0, eps="norm_eps"),
    "olmo": Architecture("olmo", keys=(CLAMP,), interleaved=True, eps="layer_norm_eps"),
    "olmo2": Architecture("olmo2", EXAONE4_NAMES, (WINDOW, PATTERN, LOCAL_BASE), says_gain=True),
    "phi2": Architecture("phi", PHI2_NAMES, eps="layer_norm_eps"),
    "phi3": Architecture("phi3", PHI3_NAMES, (WINDOW,), of_rope=(LONG_FACTORS, SHORT_FACTORS)),
    "qwen2": Architecture("qwen2"),
    "qwen3": Architecture("qwen3", QWEN3_NAMES),
    "seed_oss": Architecture("seed_oss", SEED_OSS_NAMES),
    "smollm3": Architecture("smollm3", interleaved=True),
    "stablelm": Architecture("stablelm", keys=(PARALLEL,), eps="layer_norm_eps"),
    "starcoder2": Architecture("starcoder2", STARCODER2_NAMES, (WINDOW,), eps="norm_epsilon"),
}
"""By general.architecture."""
