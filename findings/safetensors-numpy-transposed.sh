#!/usr/bin/env bash
# Finding:  safetensors.numpy.save writes a transposed array with its numbers in the wrong places, and says nothing.
# Versions: safetensors 0.8.0, numpy 2.4.6
# Guess:    An array that does not lie row after row in memory is either copied first, as np.save does, or refused,
#           as safetensors.torch.save does ("You are trying to save a non contiguous tensor").
# Seen:     The header gets the shape of the view, the file the bytes of memory in the order in which they lie. Load
#           the file and the shape is right, the numbers are not. Weights that were transposed or kept in Fortran's
#           order go through np.ascontiguousarray first.
# Output:
#   saved:   [[0, 3], [1, 4], [2, 5]]
#   loaded:  [[0, 1], [2, 3], [4, 5]]
#   np.save: [[0, 3], [1, 4], [2, 5]]
#   with np.ascontiguousarray: [[0, 3], [1, 4], [2, 5]]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet safetensors==0.8.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import io

import numpy as np
from safetensors.numpy import load, save

weight = np.arange(6).reshape(2, 3).T  # (3, 2)
loaded = load(save({"weight": weight}))["weight"]
print("saved:  ", weight.tolist())
print("loaded: ", loaded.tolist())

plain = io.BytesIO()
np.save(plain, weight)
plain.seek(0)
print("np.save:", np.load(plain).tolist())
copied = load(save({"weight": np.ascontiguousarray(weight)}))["weight"]
print("with np.ascontiguousarray:", copied.tolist())

assert loaded.shape == weight.shape
assert loaded.tolist() == [[0, 1], [2, 3], [4, 5]], "safetensors writes transposed arrays otherwise now"
assert np.array_equal(copied, weight)
PYTHON
