#!/usr/bin/env bash
# Finding:  In a GGUF file the same bytes under the name blk.0.attn_q.weight are different weights for Llama and Qwen2.
# Versions: transformers 5.24.0, gguf 0.19.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    A tensor's name, its shape and its numbers are all there is to it; the architecture only says how many
#           layers and heads there are.
# Seen:     Files of the architecture llama (Mistral's, too) keep the rows of queries and keys so that the two rows that
#           are rotated together lie side by side; Hugging Face has the first half of a head's rows and then the second.
#           Who reads such a file has to sort them, head by head, and with the number of key heads for the keys; for
#           qwen2 nobody may. Shapes fit either way, the model talks nonsense without an error.
# Output:
#   stored rows, 2 heads of 4: [0, 1, 2, 3, 4, 5, 6, 7]
#   read as llama:             [0, 2, 1, 3, 4, 6, 5, 7]
#   read as qwen2:             [0, 1, 2, 3, 4, 5, 6, 7]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 gguf==0.19.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import tempfile
from pathlib import Path

import numpy as np
from gguf import GGUFWriter
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
QUERY = "model.layers.0.self_attn.q_proj.weight"


def write(path: Path, architecture: str) -> None:
    """A model of one layer with two heads of four, whose query rows are numbered."""
    writer = GGUFWriter(path, architecture)
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(8)
    writer.add_feed_forward_length(8)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(10)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"t{number}" for number in range(10)])
    writer.add_token_merges([])
    numbered = np.repeat(np.arange(8, dtype=np.float32)[:, None], 8, axis=1)
    writer.add_tensor("token_embd.weight", np.ones((10, 8), np.float32))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(8, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_gate", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", numbered)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


found = {}
with tempfile.TemporaryDirectory() as folder:
    for architecture in ("llama", "qwen2"):
        path = Path(folder) / f"{architecture}.gguf"
        write(path, architecture)
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder, gguf_file=path.name))
        read = load_gguf_checkpoint(str(path), return_tensors=True, model_to_load=model)["tensors"]
        found[architecture] = read[QUERY][:, 0].int().tolist()
print("stored rows, 2 heads of 4:", list(range(8)))
for architecture, rows in found.items():
    print(f"read as {architecture}:            ", rows)
assert found == {"llama": [0, 2, 1, 3, 4, 6, 5, 7], "qwen2": list(range(8))}, found
PYTHON
