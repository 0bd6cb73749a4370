#!/usr/bin/env bash
# Finding:  transformers dequantizes FP8 in blocks of 96 rows where config.json says 128, if the matrix has 192.
# Versions: transformers 5.24.0, torch 2.13.0, numpy 2.4.6, safetensors 0.8.0, accelerate 1.15.0 (needs torch)
# Guess:    weight_block_size: [128, 128] means that a scale holds for 128 rows and columns, and that the last block of a
#           matrix of 192 rows has 64, as in DeepSeek's own code and in vLLM.
# Seen:     The size of a block is taken to be rows divided by scales. 192 rows with 2 scales become two blocks of 96:
#           rows 96 to 127 get the scale of their neighbours. 576 rows with 5 scales, as DeepSeek's kv_a_proj has them,
#           do not divide, and loading ends with an error. Its layer for graphics cards does count by 128.
# Output:
#   192 rows, scales 1 and 2, blocks of 128: rows 96 to 127 are 2.0 times too large
#   576 rows, 5 scales: ValueError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0 numpy==2.4.6 safetensors==0.8.0 accelerate==1.15.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers.integrations.finegrained_fp8 import Fp8Dequantize

undo = Fp8Dequantize(None)


def dequantized(rows, scales):
    parts = {"weight": torch.ones(rows, 128).to(torch.float8_e4m3fn), "weight_scale_inv": scales}
    return undo.convert(parts)["weight"]


by_scale = dequantized(192, torch.tensor([[1.0], [2.0]]))[:, 0].float()
expected = torch.tensor([1.0, 2.0]).repeat_interleave(128)[:192]
wrong = (by_scale != expected).nonzero().flatten().tolist()
times = (by_scale / expected)[wrong].unique().tolist()
print(f"192 rows, scales 1 and 2, blocks of 128: rows {wrong[0]} to {wrong[-1]} are {times[0]} times too large")
assert (wrong, times) == (list(range(96, 128)), [2.0])
try:
    dequantized(576, torch.ones(5, 1))
    print("576 rows, 5 scales: read")
    raise SystemExit(1)
except ValueError as error:
    print(f"576 rows, 5 scales: {type(error).__name__}")
PYTHON
