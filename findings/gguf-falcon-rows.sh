#!/usr/bin/env bash
# Finding:  transformers reads the GGUF file of a Falcon 40B as a model with its queries, keys and values mixed up.
# Versions: transformers 5.24.0, gguf 0.19.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    Falcon is among the architectures that transformers reads from GGUF files, so their weights are the model's.
# Seen:     The converter of llama.cpp (tensor_data_layout "jploski") puts the queries of all heads first, then all keys,
#           then all values, where the model has them together for each key-value head. For BLOOM transformers puts the
#           rows back, for Falcon it does not: nothing complains, as the shapes are the same. A Falcon 7B, with one
#           key-value head, has the same order in both, which is why it works.
# Output:
#   1 key-value head:  rows as transformers reads them 0 1 2 3 4 5, in the model 0 1 2 3 4 5
#   2 key-value heads: rows as transformers reads them 0 1 4 5 2 6 3 7, in the model 0 1 2 3 4 5 6 7
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 gguf==0.19.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import tempfile
from pathlib import Path

import gguf
import numpy as np
from transformers import FalconConfig, FalconForCausalLM
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
HEADS, SIZE = 4, 2  # query heads, and numbers in each
NAME = "transformer.h.0.self_attention.query_key_value.weight"


def converted(rows: np.ndarray, kv_heads: int) -> np.ndarray:
    """As the converter of llama.cpp lays rows out: queries, keys, values."""
    group = HEADS // kv_heads
    parts = rows.reshape(kv_heads, group + 2, SIZE, -1)
    kinds = parts[:, :group], parts[:, -2:-1], parts[:, -1:]
    return np.concatenate([kind.reshape(-1, rows.shape[1]) for kind in kinds])


def read(kv_heads: int) -> list[int]:
    """Which head's rows transformers reads one after another, by their numbers in the model."""
    sizes = {"hidden_size": HEADS * SIZE, "num_attention_heads": HEADS, "num_hidden_layers": 1, "vocab_size": 8}
    config = FalconConfig(**sizes, num_kv_heads=kv_heads, new_decoder_architecture=kv_heads > 1)
    model = FalconForCausalLM(config)
    parts = HEADS + 2 * kv_heads
    weight = model.get_parameter(NAME)
    weight.data[:] = weight.new_tensor(range(parts)).repeat_interleave(SIZE)[:, None]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        writer = gguf.GGUFWriter(path, "falcon")
        writer.add_tensor_data_layout("jploski")
        writer.add_block_count(1)
        writer.add_head_count(HEADS)
        writer.add_head_count_kv(kv_heads)
        writer.add_embedding_length(HEADS * SIZE)
        writer.add_tensor("blk.0.attn_qkv.weight", converted(weight.detach().numpy(), kv_heads))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        found = load_gguf_checkpoint(str(path), return_tensors=True, model_to_load=model)["tensors"][NAME]
    return [int(number) for number in found[::SIZE, 0]]


for kv_heads, words in ((1, "1 key-value head: "), (2, "2 key-value heads:")):
    found, own = read(kv_heads), list(range(HEADS + 2 * kv_heads))
    print(words, "rows as transformers reads them", *found, end="")
    print(", in the model", *own)
    assert (found == own) == (kv_heads == 1)
PYTHON
