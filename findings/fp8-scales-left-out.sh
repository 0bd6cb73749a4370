#!/usr/bin/env bash
# Finding:  transformers loads an FP8 checkpoint without its scales, and without a word, where they are called
#           weight_scale.
# Versions: transformers 5.24.0, torch 2.13.0, numpy 2.4.6, safetensors 0.8.0, accelerate 1.15.0 (needs torch)
# Guess:    quant_method fp8 is one format: 8-bit floats with a scale beside each matrix. vLLM and those who export for
#           it call the scale weight_scale, DeepSeek and transformers weight_scale_inv; both multiply. Who reads one
#           reads the other, or says that weights are missing.
# Seen:     Only weight_scale_inv (and .scale and .qscale_weight) is read. With the other name the 8-bit numbers
#           themselves become the weights: here each is 50 times too large. The scales are told as unexpected keys, in a
#           table of the log, and the model runs. The names of the tensors say which kind a file is.
# Output:
#   weight_scale_inv: weights are 1 times the original ones
#   weight_scale:     weights are 50 times the original ones
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0 numpy==2.4.6 safetensors==0.8.0 accelerate==1.15.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import json
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

logging.set_verbosity(logging.CRITICAL)
logging.disable_progress_bar()
SCALE = 0.02
NAME = "model.layers.0.self_attn.q_proj.weight"
found = []
with tempfile.TemporaryDirectory() as folder:
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(**sizes, vocab_size=20)).save_pretrained(folder)
    path, config = Path(folder) / "model.safetensors", Path(folder) / "config.json"
    weights = load_file(path)
    said = {"quant_method": "fp8", "activation_scheme": "static", "weight_block_size": None, "dequantize": True}
    config.write_text(json.dumps(json.loads(config.read_text()) | {"quantization_config": said}))
    for end in ("weight_scale_inv", "weight_scale"):
        stored = {}
        for name, weight in weights.items():
            if "proj" in name:
                stored[name] = (weight / SCALE).to(torch.float8_e4m3fn)
                stored[name.replace("weight", end)] = torch.tensor(SCALE)
            else:
                stored[name] = weight
        save_file(stored, path, {"format": "pt"})
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        loaded = model.state_dict()[NAME]
        times = (loaded.abs().sum() / weights[NAME].abs().sum()).item()
        print(f"{end + ':':17} weights are {times:.0f} times the original ones")
        found.append(round(times))
assert found == [1, 50], found
PYTHON
