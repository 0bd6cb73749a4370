#!/usr/bin/env bash
# Finding:  np.save takes the small floats of ml_dtypes, and np.load gives back raw bytes or an error.
# Versions: ml_dtypes 0.6.0, numpy 2.4.6
# Guess:    np.save refuses a dtype that np.load does not know; with ml_dtypes imported they are registered anyhow.
# Seen:     A file's header names a dtype by a letter and a width. bfloat16 is written as "<V2", which is "two bytes of
#           anything", so an array of bytes objects comes back, of the right shape, without a word. float8_e5m2 is
#           written as "<f1", which no numpy reads: the file is lost to np.load. A view brings the first kind back:
#           loaded.view(ml_dtypes.bfloat16). Saved as a view of unsigned integers both are safe.
# Output:
#   bfloat16        header '<V2'  loaded as |V2
#   float8_e4m3fn   header '<V1'  loaded as |V1
#   float8_e8m0fnu  header '<V1'  loaded as |V1
#   float8_e5m2     header '<f1'  ValueError
#   viewed again: [0, 1, 2, 3]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import ast
import io

import ml_dtypes
import numpy as np

found = {}
for name in ("bfloat16", "float8_e4m3fn", "float8_e8m0fnu", "float8_e5m2"):
    file = io.BytesIO()
    np.save(file, np.arange(4).astype(getattr(ml_dtypes, name)))
    header = ast.literal_eval(file.getvalue()[10:].split(b"\n")[0].decode())["descr"]
    file.seek(0)
    try:
        loaded = np.load(file)
        outcome = f"loaded as {loaded.dtype.str}"
    except ValueError:
        outcome = "ValueError"
    if name == "bfloat16":
        viewed = loaded.view(ml_dtypes.bfloat16).astype(int).tolist()
    found[name] = (header, outcome)
    print(f"{name:15} header {header!r}  {outcome}")
print("viewed again:", viewed)
assert viewed == [0, 1, 2, 3]
assert found == {
    "bfloat16": ("<V2", "loaded as |V2"),
    "float8_e4m3fn": ("<V1", "loaded as |V1"),
    "float8_e8m0fnu": ("<V1", "loaded as |V1"),
    "float8_e5m2": ("<f1", "ValueError"),
}
PYTHON
