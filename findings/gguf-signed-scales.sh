#!/usr/bin/env bash
# Finding:  In GGUF's Q4_0 half of all scales are negative; and in Q4_1 the weights -x are not those of x with the sign
#           turned.
# Versions: gguf 0.19.0, numpy 2.4.6
# Guess:    A scale is the block's largest magnitude over a constant, so it is positive, as in Q8_0 and MXFP4; where
#           a format is less symmetric than another, it is the one without an offset, with its -8 to 7.
# Seen:     Q4_0 lays -8, of which there is no positive twin, on the number of largest magnitude, with the scale's sign
#           turned where that number is positive: so it is exact whatever its sign, and Q4_0(-x) = -Q4_0(x). Reading
#           scales as magnitudes, or comparing them, goes wrong in every other block. Q4_1, with an offset, starts at
#           the smallest number, which becomes the largest when the sign turns, and rounds both to float16: nearly all
#           weights move, by a hundredth of a step or less.
# Output:
#   Q4_0: 49 % of the scales are negative; 0 % of the weights change when the sign is turned twice
#   Q8_0: 0 % of the scales are negative; 0 % of the weights change when the sign is turned twice
#   Q4_1: 0 % of the scales are negative; 93 % of the weights change when the sign is turned twice
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet gguf==0.19.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import numpy as np
from gguf import GGMLQuantizationType as Kind
from gguf import quants

weights = np.random.default_rng(0).normal(size=(64, 256)).astype(np.float32)
found = {}
for kind, size in ((Kind.Q4_0, 18), (Kind.Q8_0, 34), (Kind.Q4_1, 20)):  # bytes of a block, the scale first
    packed = quants.quantize(weights, kind)
    scales = packed.reshape(-1, size)[:, :2].copy().view(np.float16)
    straight = quants.dequantize(packed, kind)
    turned = -quants.dequantize(quants.quantize(-weights, kind), kind)
    negative, changed = 100 * (scales < 0).mean(), 100 * (straight != turned).mean()
    print(f"{kind.name}: {negative:.0f} % of the scales are negative; ", end="")
    print(f"{changed:.0f} % of the weights change when the sign is turned twice")
    found[kind.name] = (negative, changed)
assert 40 < found["Q4_0"][0] < 60 and found["Q4_0"][1] == 0, found
assert found["Q8_0"] == (0, 0), found
assert found["Q4_1"][0] == 0 and found["Q4_1"][1] > 80, found
PYTHON
