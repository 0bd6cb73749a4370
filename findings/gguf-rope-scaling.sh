#!/usr/bin/env bash
# Finding:  transformers drops the scaling of rotary positions when it reads a GGUF file, and says nothing.
# Versions: transformers 5.24.0, gguf 0.19.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    What the file says under llama.rope.scaling arrives in the configuration: the base, llama.rope.freq_base,
#           does, and so does the context length that the scaling is for.
# Seen:     Type and factor are both left out. A model that was stretched to four times its context by linear scaling
#           says 16384 positions, and turns queries and keys four times as far as it was trained to: it is wrong from
#           the second token on, not only beyond the first 4096. The factor has to be set by hand in rope_parameters.
# Output:
#   in the file: rope.scaling.type linear, rope.scaling.factor 4.0, rope.freq_base 500000.0, context_length 16384
#   transformers: {'rope_theta': 500000.0, 'rope_type': 'default'}, 16384 positions
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 gguf==0.19.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import tempfile
from pathlib import Path

from gguf import GGUFReader, GGUFWriter, RopeScalingType
from transformers import AutoConfig
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
KEYS = ("rope.scaling.type", "rope.scaling.factor", "rope.freq_base", "context_length")
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(16384)
    writer.add_embedding_length(8)
    writer.add_feed_forward_length(8)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(500000.0)
    writer.add_rope_scaling_type(RopeScalingType.LINEAR)
    writer.add_rope_scaling_factor(4.0)
    writer.add_vocab_size(10)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    fields = GGUFReader(path).fields
    print("in the file:", ", ".join(f"{key} {fields[f'llama.{key}'].contents()}" for key in KEYS))
    config = AutoConfig.from_pretrained(folder, gguf_file=path.name)
rope = dict(sorted(config.rope_parameters.items()))
print(f"transformers: {rope}, {config.max_position_embeddings} positions")
assert config.max_position_embeddings == 16384
assert rope == {"rope_theta": 500000.0, "rope_type": "default"}, rope
PYTHON
