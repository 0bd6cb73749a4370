#!/usr/bin/env bash
# Finding:  safetensors makes different files of the same tensors and the same metadata within one process.
# Versions: safetensors 0.8.0, numpy 2.4.6
# Guess:    The format has a header, sizes and bytes, no time and no chance, and dictionaries keep their order: the same
#           call gives the same bytes, so a file can be hashed, and a build that packs weights can be repeated.
# Seen:     Tensors are sorted, but the metadata stands in the order of a hash table that is seeded anew with each call.
#           Two entries already give two files. With one entry (several facts in one JSON text) there is one file.
# Output:
#   0 entries of metadata: one file
#   1 entry of metadata: one file
#   3 entries of metadata: several files
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet safetensors==0.8.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import numpy as np
from safetensors.numpy import save

ATTEMPTS = 50
tensors = {name: np.zeros(2, np.float32) for name in "abcdef"}
for count in (0, 1, 3):
    metadata = {f"key{number}": "text" for number in range(count)}
    files = {save(tensors, metadata) for _ in range(ATTEMPTS)}
    words = f"{count} {'entry' if count == 1 else 'entries'} of metadata"
    print(f"{words}: {'one file' if len(files) == 1 else 'several files'}")
    assert (len(files) > 1) == (count > 1), f"{words}: {len(files)} files"
PYTHON
