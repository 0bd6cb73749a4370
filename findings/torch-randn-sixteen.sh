#!/usr/bin/env bash
# Finding:  After one seed, torch.randn(16) and torch.randn(15) have no number in common.
# Versions: torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    A seed starts one stream of numbers, and a longer tensor takes more of it: randn(15) is the beginning of
#           randn(16), as it is with numpy. So a small golden example is the corner of the large one.
# Seen:     On the processor, tensors of 16 and more are filled by another routine, in blocks of 16 with the last block
#           laid over the end: randn(16) begins otherwise than randn(15), and of randn(20) only the first four numbers
#           are those of randn(16). Whole multiples of 16 do begin alike.
# Output:
#   randn(15) and randn(16) have 0 of 15 numbers in common
#   randn(16) and randn(20) have 4 of 16 numbers in common
#   randn(16) and randn(32) have 16 of 16 numbers in common
#   numpy: 15 and 16 have 15 of 15 numbers in common
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import numpy as np
import torch


def begin(size: int) -> list[float]:
    """The first numbers after the seed 0."""
    torch.manual_seed(0)
    return torch.randn(size).tolist()


found = []
for small, large in ((15, 16), (16, 20), (16, 32)):
    same = sum(x == y for x, y in zip(begin(small), begin(large), strict=False))
    found.append(same)
    print(f"randn({small}) and randn({large}) have {same} of {small} numbers in common")
small, large = (np.random.default_rng(0).standard_normal(size)[:15] for size in (15, 16))
print(f"numpy: 15 and 16 have {(small == large).sum()} of 15 numbers in common")
assert found == [0, 4, 16], found
assert (small == large).all()
PYTHON
