"""What llama.cpp's converter calls the tensors of each architecture, in Hugging Face's words; opens no file.

Source: the tables of the gguf package (get_tensor_name_map), and the converter's classes of these models. A name with
{} is that of one parameter for each entry of the tensor, such as of each expert.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
MIXTRAL_NAMES: Mapping[str, str] = {
    **LLAMA_NAMES,
    "ffn_gate_inp": "block_sparse_moe.gate",
    "ffn_gate_exps": "block_sparse_moe.experts.{}.w1",
    "ffn_up_exps": "block_sparse_moe.experts.{}.w3",
    "ffn_down_exps": "block_sparse_moe.experts.{}.w2",
}
QWEN3_MOE_NAMES: Mapping[str, str] = {
    **QWEN3_NAMES,
    "ffn_gate_inp": "mlp.gate",
    "ffn_gate_exps": "mlp.experts.{}.gate_proj",
    "ffn_up_exps": "mlp.experts.{}.up_proj",
    "ffn_down_exps": "mlp.experts.{}.down_proj",
}
GRANITE_MOE_NAMES: Mapping[str, str] = {
    **LLAMA_NAMES,
    "ffn_gate_inp": "block_sparse_moe.router.layer",
    "ffn_down_shexp": "shared_mlp.output_linear",
}


def _with_shared(names: Mapping[str, str], module: str) -> dict[str, str]:
    """The same with experts that all tokens share, side by side in one MLP."""
    return {**names, **{f"ffn_{short}_shexp": f"{module}.{short}_proj" for short in ("gate", "up", "down")}}


QWEN2_MOE_NAMES: Mapping[str, str] = {
    **_with_shared(QWEN3_MOE_NAMES, "mlp.shared_expert"),
    "ffn_gate_inp_shexp": "mlp.shared_expert_gate",
}
DOTS1_NAMES: Mapping[str, str] = _with_shared(QWEN3_MOE_NAMES, "mlp.shared_experts")
GLM4_MOE_NAMES: Mapping[str, str] = {
    **{short: name for short, name in DOTS1_NAMES.items() if short != "ffn_norm"},
    "post_attention_norm": "post_attention_layernorm",
}
LLAMA4_NAMES: Mapping[str, str] = {
    **{short: name.replace("mlp.", "feed_forward.") for short, name in LLAMA_NAMES.items()},
    **_with_shared({}, "feed_forward.shared_expert"),
    "ffn_gate_inp": "feed_forward.router",
}
MINIMAX_NAMES: Mapping[str, str] = {
    **MIXTRAL_NAMES,
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
CHATGLM_NAMES: Mapping[str, str] = {
    **{short: name for short, name in LLAMA_NAMES.items() if short != "ffn_gate"},
    "attn_qkv": "self_attn.{}_proj",
    "ffn_up": "mlp.gate_up_proj",
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
HUNYUAN_MOE_NAMES: Mapping[str, str] = {
    **_with_shared(QWEN3_MOE_NAMES, "mlp.shared_mlp"),
    **{short: HUNYUAN_NAMES[short] for short in ("attn_q_norm", "attn_k_norm")},
    "ffn_gate_inp": "mlp.gate.wg",
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
GPT_OSS_NAMES: Mapping[str, str] = {**SEED_OSS_NAMES, "ffn_gate_inp": "mlp.router"}
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
FALCON_TWO_NAMES: Mapping[str, str] = {**BLOOM_NAMES, "attn_norm": "ln_mlp", "attn_norm_2": "ln_attn"}
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
BERT_NAMES: Mapping[str, str] = {
    "token_embd": "embeddings.word_embeddings",
    "token_embd_norm": "embeddings.LayerNorm",
    "token_types": "embeddings.token_type_embeddings",
    "position_embd": "embeddings.position_embeddings",
    "blk": "encoder.layer.{layer}.",
    "attn_q": "attention.self.query",
    "attn_k": "attention.self.key",
    "attn_v": "attention.self.value",
    "attn_output": "attention.output.dense",
    "attn_output_norm": "attention.output.LayerNorm",
    "ffn_up": "intermediate.dense",
    "ffn_down": "output.dense",
    "layer_output_norm": "output.LayerNorm",
}
DISTILBERT_NAMES: Mapping[str, str] = {
    **{short: name for short, name in BERT_NAMES.items() if short != "token_types"},
    "blk": "transformer.layer.{layer}.",
    "attn_q": "attention.q_lin",
    "attn_k": "attention.k_lin",
    "attn_v": "attention.v_lin",
    "attn_output": "attention.out_lin",
    "attn_output_norm": "sa_layer_norm",
    "ffn_up": "ffn.lin1",
    "ffn_down": "ffn.lin2",
    "layer_output_norm": "output_layer_norm",
}
MODERNBERT_NAMES: Mapping[str, str] = {
    "token_embd": "model.embeddings.tok_embeddings",
    "token_embd_norm": "model.embeddings.norm",
    "output_norm": "model.final_norm",
    "blk": "model.layers.{layer}.",
    "attn_norm": "attn_norm",
    "attn_qkv": "attn.Wqkv",
    "attn_output": "attn.Wo",
    "ffn_norm": "mlp_norm",
    "ffn_up": "mlp.Wi",
    "ffn_down": "mlp.Wo",
}
T5_NAMES: Mapping[str, str] = {
    "token_embd": "shared",
    "output_norm": "encoder.final_layer_norm",
    "output": "lm_head",
    "blk": "encoder.block.{layer}.",
    "attn_norm": "layer.0.layer_norm",
    "attn_q": "layer.0.SelfAttention.q",
    "attn_k": "layer.0.SelfAttention.k",
    "attn_v": "layer.0.SelfAttention.v",
    "attn_o": "layer.0.SelfAttention.o",
    "attn_rel_b": "layer.0.SelfAttention.relative_attention_bias",
    "ffn_norm": "layer.1.layer_norm",
    "ffn_up": "layer.1.DenseReluDense.wi",
    "ffn_down": "layer.1.DenseReluDense.wo",
}
T5_DECODER_NAMES: Mapping[str, str] = {
    **{short: name for short, name in T5_NAMES.items() if not short.startswith(("ffn", "token", "output"))},
    "output_norm": "decoder.final_layer_norm",
    "blk": "decoder.block.{layer}.",
    "cross_attn_norm": "layer.1.layer_norm",
    **{f"cross_attn_{kind}": f"layer.1.EncDecAttention.{kind}" for kind in "qkvo"},
    "ffn_norm": "layer.2.layer_norm",
    "ffn_up": "layer.2.DenseReluDense.wi",
    "ffn_down": "layer.2.DenseReluDense.wo",
}


def _gated(names: Mapping[str, str]) -> dict[str, str]:
    """The same of a T5 whose MLP has gates."""
    inside = names["ffn_up"]
    return {**names, "ffn_gate": f"{inside}_0", "ffn_up": f"{inside}_1"}


T5_GATED_NAMES, T5_GATED_DECODER_NAMES = _gated(T5_NAMES), _gated(T5_DECODER_NAMES)
CONV1D = ("attn_qkv", "attn_output", "ffn_up", "ffn_down")  # Hugging Face stores these as (in, out)


@dataclass(frozen=True, slots=True)
class Stacked:
    """A parameter of Hugging Face's that holds what one tensor of all experts holds, or two of them."""

    tensors: tuple[str, ...]  # of a layer: one, or the gates and what goes in beside them
    transposed: bool = False  # each expert's matrix is the other way round
    by_turns: bool = False  # a row of gates before one of the other; else all rows of gates before all of the other
    of_all: bool = True  # experts; else of the MLP that all tokens share


GATE_AND_UP = ("ffn_gate_exps.weight", "ffn_up_exps.weight")
GRANITE_MOE_STACKS: Mapping[str, Stacked] = {
    "block_sparse_moe.input_linear.weight": Stacked(GATE_AND_UP),
    "block_sparse_moe.output_linear.weight": Stacked(("ffn_down_exps.weight",)),
    "shared_mlp.input_linear.weight": Stacked(("ffn_gate_shexp.weight", "ffn_up_shexp.weight"), of_all=False),
}
LLAMA4_STACKS: Mapping[str, Stacked] = {
    "feed_forward.experts.gate_up_proj": Stacked(GATE_AND_UP, transposed=True),
    "feed_forward.experts.down_proj": Stacked(("ffn_down_exps.weight",), transposed=True),
}
GPT_OSS_STACKS: Mapping[str, Stacked] = {
    "mlp.experts.gate_up_proj": Stacked(GATE_AND_UP, transposed=True, by_turns=True),
    "mlp.experts.gate_up_proj_bias": Stacked(("ffn_gate_exps.bias", "ffn_up_exps.bias"), by_turns=True),
    "mlp.experts.down_proj": Stacked(("ffn_down_exps.weight",), transposed=True),
    "mlp.experts.down_proj_bias": Stacked(("ffn_down_exps.bias",)),
}
GPT_OSS_BARE: Mapping[str, str] = {"attn_sinks.weight": "self_attn.sinks"}
DEEPSEEK_BARE: Mapping[str, str] = {"exp_probs_b.bias": "mlp.gate.e_score_correction_bias"}
MINIMAX_BARE: Mapping[str, str] = {"exp_probs_b.bias": "block_sparse_moe.e_score_correction_bias"}
ERNIE_BARE: Mapping[str, str] = {"exp_probs_b.bias": "mlp.moe_statics.e_score_correction_bias"}
