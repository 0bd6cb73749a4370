"""How llama.cpp's converter writes the models of each architecture: keys, layout; opens no file.

Source: the tables of the gguf package (get_tensor_name_map), and the converter's classes of these models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mmviz.values.files.gguf_names import (
    BERT_NAMES,
    BLOOM_NAMES,
    CHATGLM_NAMES,
    CONV1D,
    DEEPSEEK_BARE,
    DISTILBERT_NAMES,
    DOTS1_NAMES,
    ERNIE_BARE,
    EXAONE4_NAMES,
    FALCON_TWO_NAMES,
    GEMMA2_NAMES,
    GEMMA3_NAMES,
    GLM4_MOE_NAMES,
    GLM4_NAMES,
    GPT2_NAMES,
    GPT_NEOX_NAMES,
    GPT_OSS_BARE,
    GPT_OSS_NAMES,
    GPT_OSS_STACKS,
    GRANITE_MOE_NAMES,
    GRANITE_MOE_STACKS,
    HUNYUAN_MOE_NAMES,
    HUNYUAN_NAMES,
    LLAMA4_NAMES,
    LLAMA4_STACKS,
    LLAMA_NAMES,
    MINIMAX_BARE,
    MINIMAX_NAMES,
    MIXTRAL_NAMES,
    MODERNBERT_NAMES,
    MPT_NAMES,
    PHI2_NAMES,
    PHI3_NAMES,
    QWEN2_MOE_NAMES,
    QWEN3_MOE_NAMES,
    QWEN3_NAMES,
    SEED_OSS_NAMES,
    STARCODER2_NAMES,
    T5_DECODER_NAMES,
    T5_GATED_DECODER_NAMES,
    T5_GATED_NAMES,
    T5_NAMES,
    Stacked,
)

EXPERTS, EXPERTS_USED, EXPERT_WIDTH = "expert_count", "expert_used_count", "expert_feed_forward_length"
GATING, SHARES_NORMALIZED, SHARES_SCALE = "expert_gating_func", "expert_weights_norm", "expert_weights_scale"
OF_EXPERTS = (EXPERT_WIDTH, GATING, SHARES_NORMALIZED, SHARES_SCALE)
SHARED, SHARED_WIDTH, DENSE_LAYERS = (
    "expert_shared_count",
    "expert_shared_feed_forward_length",
    "leading_dense_block_count",
)
STEP, GUESSING_LAYERS = "interleave_moe_layer_step", "nextn_predict_layers"
GROUPS, GROUPS_USED = "expert_group_count", "expert_group_used_count"
OF_SHARED = (*OF_EXPERTS, SHARED, SHARED_WIDTH, DENSE_LAYERS, STEP, GUESSING_LAYERS, GROUPS, GROUPS_USED)
"""Of experts, and of those that all tokens share."""
LOG_MULTIPLIER = "rope.scaling.yarn_log_multiplier"
FACTORS_OF_SCORES = ("rope.scaling.attn_factor", "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_ext_factor")
"""Of rotary scaling, where they are not those that follow from the factor of the wavelengths."""
FOR_ALL = (
    *("vocab_size", "context_length", "embedding_length", "block_count", "feed_forward_length", "tensor_data_layout"),
    *("attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length"),
    *("attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "attention.causal", EXPERTS),
    *(EXPERTS_USED, "rope.dimension_count", "rope.freq_base", "rope.scale_linear", "rope.scaling.type"),
    *("rope.scaling.factor", "rope.scaling.original_context_length", "rope.scaling.finetuned", LOG_MULTIPLIER),
    *("rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", *FACTORS_OF_SCORES),
)
"""Keys of any architecture that are followed, or are of kinds of scaling that are refused by their name."""
WINDOW, PATTERN, LOCAL_BASE = "attention.sliding_window", "attention.sliding_window_pattern", "rope.freq_base_swa"
SCORE_CAP, LOGIT_CAP = "attn_logit_softcapping", "final_logit_softcapping"
LOGIT_SCALE, PARALLEL = "logit_scale", "use_parallel_residual"
SCORE_SCALE, EMBEDDING_SCALE, RESIDUAL_SCALE = "attention.scale", "embedding_scale", "residual_scale"
CLAMP, ALIBI_MAX = "attention.clamp_kqv", "attention.max_alibi_bias"
GROWTH, GROWTH_LENGTH = "attention.temperature_scale", "attention.temperature_length"
ACTIVATION, DISTANCES, DECODER_LAYERS = "hidden_act", "attention.relative_buckets_count", "decoder_block_count"
DECODER_START = "decoder_start_token_id"
SECOND_NORM, TOKEN_TYPES, GATE_OF_T5 = "blk.0.attn_norm_2.weight", "token_types.weight", "enc.blk.0.ffn_gate.weight"
"""Tensors that tell kinds of layers apart."""
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
    stacks: Mapping[str, Stacked] = field(default_factory=dict)  # parameters of a layer that are made of others
    names_with: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # a tensor -> the names where it is there
    stack: str = ""  # what all tensors of layers begin with, of files that hold two stacks
    other_stack: str = ""  # ... and those of the other, whose names are these, or of files that hold a tensor others
    other_names: Mapping[str, str] = field(default_factory=dict)
    other_names_with: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    log_multiplier: float = 0.0  # what rope.scaling.yarn_log_multiplier has to be
    rows: tuple[str, ...] = ()  # vectors of layers that Hugging Face has as matrices of one row
    bare: Mapping[str, str] = field(default_factory=dict)  # tensors of a layer whose parameters do not end in .weight


T5 = Architecture(
    "t5",
    T5_NAMES,
    (DISTANCES, DECODER_LAYERS, DECODER_START),
    names_with={GATE_OF_T5: T5_GATED_NAMES},
    stack="enc.",
    other_stack="dec.",
    other_names=T5_DECODER_NAMES,
    other_names_with={GATE_OF_T5: T5_GATED_DECODER_NAMES},
)
ARCHITECTURES: Mapping[str, Architecture] = {
    "arcee": Architecture("arcee", interleaved=True),
    "bert": Architecture("distilbert", DISTILBERT_NAMES, names_with={TOKEN_TYPES: BERT_NAMES}),
    "bloom": Architecture("bloom", BLOOM_NAMES, by_kind=True),
    "chatglm": Architecture("glm", CHATGLM_NAMES),
    "cohere2": Architecture("cohere2", keys=(WINDOW, PATTERN, LOCAL_BASE, LOGIT_SCALE), eps="layer_norm_eps"),
    "command-r": Architecture("cohere", QWEN3_NAMES, (LOGIT_SCALE,), eps="layer_norm_eps"),
    "dots1": Architecture("dots1", DOTS1_NAMES, OF_SHARED, bare=DEEPSEEK_BARE),
    "ernie4_5-moe": Architecture("ernie4_5_moe", DOTS1_NAMES, OF_SHARED, bare=ERNIE_BARE, rows=("exp_probs_b",)),
    "ernie4_5": Architecture("ernie4_5"),
    "exaone4": Architecture("exaone4", EXAONE4_NAMES, (WINDOW, PATTERN, LOCAL_BASE)),
    "falcon": Architecture("falcon", BLOOM_NAMES, by_kind=True, names_with={SECOND_NORM: FALCON_TWO_NAMES}),
    "gemma": Architecture("gemma", added_to_norms=1.0),
    "gemma2": Architecture(
        "gemma2", GEMMA2_NAMES, (WINDOW, PATTERN, LOCAL_BASE, SCORE_CAP, LOGIT_CAP), added_to_norms=1.0
    ),
    "gemma3": Architecture("gemma3_text", GEMMA3_NAMES, (WINDOW, PATTERN, LOCAL_BASE, LOGIT_CAP), added_to_norms=1.0),
    "glm4": Architecture("glm4", GLM4_NAMES),
    "glm4moe": Architecture("glm4_moe", GLM4_MOE_NAMES, OF_SHARED, bare=DEEPSEEK_BARE),
    "gpt2": Architecture("gpt2", GPT2_NAMES, turned=CONV1D),
    "gpt-oss": Architecture(
        "gpt_oss",
        GPT_OSS_NAMES,
        (WINDOW, PATTERN, LOCAL_BASE, EXPERT_WIDTH),
        stacks=GPT_OSS_STACKS,
        bare=GPT_OSS_BARE,
    ),
    "gptneox": Architecture("gpt_neox", GPT_NEOX_NAMES, (PARALLEL,), by_kind=True),
    "granite": Architecture(
        "granite", keys=(SCORE_SCALE, EMBEDDING_SCALE, RESIDUAL_SCALE, LOGIT_SCALE), interleaved=True
    ),
    "granitemoe": Architecture(
        "granitemoe",
        GRANITE_MOE_NAMES,
        (SCORE_SCALE, EMBEDDING_SCALE, RESIDUAL_SCALE, LOGIT_SCALE, *OF_EXPERTS, SHARED_WIDTH),
        interleaved=True,
        stacks=GRANITE_MOE_STACKS,
    ),
    "hunyuan-dense": Architecture("hunyuan_v1_dense", HUNYUAN_NAMES),
    "hunyuan-moe": Architecture("hunyuan_v1_moe", HUNYUAN_MOE_NAMES, OF_SHARED),
    "internlm2": Architecture("llama", interleaved=True),
    "jais2": Architecture("jais2", eps="layer_norm_eps"),
    "llama": Architecture("llama", MIXTRAL_NAMES, OF_EXPERTS, interleaved=True),
    "llama4": Architecture(
        "llama4_text", LLAMA4_NAMES, (*OF_SHARED, WINDOW, PATTERN, LOCAL_BASE), stacks=LLAMA4_STACKS
    ),
    "minimax-m2": Architecture("minimax_m2", MINIMAX_NAMES, OF_SHARED, bare=MINIMAX_BARE),
    "mistral3": Architecture("mistral", keys=(GROWTH, GROWTH_LENGTH), interleaved=True, log_multiplier=1.0),
    "modern-bert": Architecture("modernbert", MODERNBERT_NAMES, (WINDOW, PATTERN, LOCAL_BASE, ACTIVATION)),
    "mpt": Architecture("mpt", MPT_NAMES, (CLAMP, ALIBI_MAX)),
    "nemotron": Architecture("nemotron", added_to_norms=1.0, eps="norm_eps"),
    "olmo": Architecture("olmo", keys=(CLAMP,), interleaved=True, eps="layer_norm_eps"),
    "olmo2": Architecture("olmo2", EXAONE4_NAMES, (WINDOW, PATTERN, LOCAL_BASE), says_gain=True),
    "olmoe": Architecture("olmoe", QWEN3_MOE_NAMES, OF_EXPERTS),
    "phi2": Architecture("phi", PHI2_NAMES, eps="layer_norm_eps"),
    "phi3": Architecture("phi3", PHI3_NAMES, (WINDOW,), of_rope=(LONG_FACTORS, SHORT_FACTORS)),
    "qwen2": Architecture("qwen2"),
    "qwen2moe": Architecture("qwen2_moe", QWEN2_MOE_NAMES, OF_SHARED, rows=("ffn_gate_inp_shexp",)),
    "qwen3": Architecture("qwen3", QWEN3_NAMES),
    "qwen3moe": Architecture("qwen3_moe", QWEN3_MOE_NAMES, OF_EXPERTS),
    "seed_oss": Architecture("seed_oss", SEED_OSS_NAMES),
    "smollm3": Architecture("smollm3", interleaved=True),
    "stablelm": Architecture("stablelm", keys=(PARALLEL,), eps="layer_norm_eps"),
    "starcoder": Architecture("gpt_bigcode", GPT2_NAMES),
    "starcoder2": Architecture("starcoder2", STARCODER2_NAMES, (WINDOW,), eps="norm_epsilon"),
    "t5": T5,
    "t5encoder": T5,
}
"""By general.architecture."""
