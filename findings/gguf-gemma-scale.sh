#!/usr/bin/env bash
# Finding:  transformers divides the scores of a Gemma 2 27B by 16 if it comes from a GGUF file, and by 12 if not.
# Versions: transformers 5.24.0, gguf 0.19.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    What makes the attention of a Gemma 2 is in the file: its caps, its window, its scale.
# Seen:     GGUF has no key for query_pre_attn_scalar. llama.cpp knows it by heart: a Gemma 2 of 46 layers divides by the
#           root of d_model / heads = 144, any other by that of the size of a head. transformers takes the default of
#           its class, 256, which is right for the 2B and 9B models only; and of a cap that is in the file it takes its
#           own default, too, without a word. Nothing fails: patterns are flatter than they should be. Both have to
#           be set by hand.
# Output:
#   in the file: 46 layers, 32 heads of 128, d_model 4608, attn_logit_softcapping 40.0
#   transformers: 46 layers, 32 heads of 128, d_model 4608, attn_logit_softcapping 50.0, query_pre_attn_scalar 256
#   llama.cpp: query_pre_attn_scalar 144
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 gguf==0.19.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import tempfile
from pathlib import Path

from gguf import GGUFWriter
from transformers import AutoConfig
from transformers.utils import logging

logging.set_verbosity_error()
LAYERS, HEADS, SIZE, D_MODEL, CAP = 46, 32, 128, 4608, 40.0
with tempfile.TemporaryDirectory() as folder:
    writer = GGUFWriter(Path(folder) / "model.gguf", "gemma2")
    writer.add_block_count(LAYERS)
    writer.add_context_length(8192)
    writer.add_embedding_length(D_MODEL)
    writer.add_feed_forward_length(36864)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(16)
    writer.add_key_length(SIZE)
    writer.add_value_length(SIZE)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_attn_logit_softcapping(CAP)
    writer.add_final_logit_softcapping(30.0)
    writer.add_sliding_window(4096)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    read = AutoConfig.from_pretrained(folder, gguf_file="model.gguf")


def told(layers: int, heads: int, size: int, d_model: int, cap: float) -> str:
    """The sizes in one line."""
    return f"{layers} layers, {heads} heads of {size}, d_model {d_model}, attn_logit_softcapping {cap}"


cap, scalar = read.attn_logit_softcapping, read.query_pre_attn_scalar
sizes = (read.num_hidden_layers, read.num_attention_heads, read.head_dim, read.hidden_size)
print("in the file:", told(LAYERS, HEADS, SIZE, D_MODEL, CAP))
print(f"transformers: {told(*sizes, cap)}, query_pre_attn_scalar {scalar}")
print("llama.cpp: query_pre_attn_scalar", D_MODEL // HEADS)
assert sizes == (LAYERS, HEADS, SIZE, D_MODEL), sizes
assert (cap, scalar) == (50.0, 256), (cap, scalar)
PYTHON
