#!/usr/bin/env bash
# Finding:  torch casts infinity to 448 in float8_e4m3fn, and -2 to 2 in float8_e8m0fnu; ml_dtypes makes both NaN.
# Versions: torch 2.13.0, ml_dtypes 0.6.0, numpy 2.4.6 (needs torch)
# Guess:    The formats are one standard (OCP), so two libraries cast alike; and what a format cannot hold becomes NaN,
#           which torch's tests of finiteness then find, as they do after a cast to float16.
# Seen:     e4m3fn has NaN but no infinity. torch now saturates there: 500, 1e9 and infinity are all 448, and no check
#           for NaN finds the overflow; its e5m2 still overflows to infinity. e8m0fnu has no sign and no zero: torch
#           drops the sign and takes the smallest number for zero. ml_dtypes (JAX) says NaN in all these cases. Weights
#           that were quantized with one and are checked with the other differ in just the cells that went wrong.
# Output:
#                     torch      ml_dtypes
#   e4m3fn  464       448        448
#   e4m3fn  500       448        nan
#   e4m3fn  inf       448        nan
#   e5m2    1e+09     inf        inf
#   e8m0fnu -2        2          nan
#   e8m0fnu 0         5.88e-39   nan
#   e8m0fnu inf       nan        nan
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import ml_dtypes
import numpy as np
import torch

CASES = {"e4m3fn": (464, 500, float("inf")), "e5m2": (1e9,), "e8m0fnu": (-2, 0, float("inf"))}
found = []
print(f"{'':17} {'torch':10} ml_dtypes")
for kind, numbers in CASES.items():
    for number in numbers:
        theirs = torch.tensor(float(number)).to(getattr(torch, f"float8_{kind}")).float().item()
        others = float(np.float32(number).astype(getattr(ml_dtypes, f"float8_{kind}")).astype(np.float32))
        found.append((f"{theirs:.3g}", f"{others:.3g}"))
        print(f"{kind:7} {number:<9.3g} {theirs:<10.3g} {others:.3g}")
assert found == [
    ("448", "448"), ("448", "nan"), ("448", "nan"),
    ("inf", "inf"),
    ("2", "nan"), ("5.88e-39", "nan"), ("nan", "nan"),
], found
PYTHON
