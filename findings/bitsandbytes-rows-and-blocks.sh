#!/usr/bin/env bash
# Finding:  On a CPU bitsandbytes makes other numbers of 4-bit weights whose rows are no whole number of blocks long.
# Versions: bitsandbytes 0.50.2, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    A scale holds for 64 numbers of the matrix, one row after the other, so that a block may begin in one row and
#           end in the next: so quantize_4bit counts them, and dequantize_4bit undoes it on every device.
# Seen:     The program for CPUs begins a new block with every row, and so takes scales of other numbers. Nothing is said.
#           Rows of odd length go another way, by torch, and are right, and so are rows that are a multiple of the block
#           long, as those of most models are. To check a decoder against it, take such rows, or the package's own
#           _dequantize_4bit_compute.
# Output:
#   rows of 128 in blocks of 64: the program for CPUs is off by 0.000, torch by 0.000
#   rows of  96 in blocks of 64: the program for CPUs is off by 1.813, torch by 0.000
#   rows of  95 in blocks of 64: the program for CPUs is off by 0.000, torch by 0.000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet bitsandbytes==0.50.2 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - 2>"$folder/remarks" <<'PYTHON'
import torch
from bitsandbytes.backends.default.ops import _dequantize_4bit_compute
from bitsandbytes.functional import dequantize_4bit, get_4bit_type, quantize_4bit

code = get_4bit_type("nf4", device="cpu")
off = {}
for columns in (128, 96, 95):
    weight = torch.randn(20, columns, generator=torch.Generator().manual_seed(0))
    weight *= torch.arange(1, 21)[:, None] / 20  # so that rows have other scales
    packed, state = quantize_4bit(weight, quant_type="nf4", blocksize=64)
    pairs = packed.flatten()
    named = torch.stack((pairs >> 4, pairs & 15), -1).flatten()[: weight.numel()].int()
    scales = state.absmax.repeat_interleave(64)[: weight.numel()]
    meant = (code[named] * scales).reshape(weight.shape)
    by_torch = _dequantize_4bit_compute(pairs, state.absmax, code, 64, weight.shape, torch.float32).reshape(weight.shape)
    both = [float((each - meant).abs().max()) for each in (dequantize_4bit(packed, state), by_torch)]
    off[columns] = both
    print(f"rows of {columns:3} in blocks of 64: the program for CPUs is off by {both[0]:.3f}, torch by {both[1]:.3f}")
assert off[96][0] > 0.1
assert off[128] == off[95] == [0.0, 0.0]
assert off[96][1] == 0.0
PYTHON
