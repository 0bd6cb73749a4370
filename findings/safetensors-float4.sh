#!/usr/bin/env bash
# Finding:  safetensors saves a tensor of 4-bit floats that safetensors.torch.load then cannot read, in a shape that is
#           not its own.
# Versions: safetensors 0.8.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    What save writes, load of the same module reads; and the header's shape is the tensor's.
# Seen:     torch counts bytes, each of which holds two numbers; the header counts numbers, so (2, 4) becomes [2, 8].
#           load (from bytes) knows neither F4 nor F8_E8M0, the scales of MXFP4, and raises KeyError. load_file and
#           safe_open read both, with torch's shape again; but a slice of F4, whose shape is the header's, fails.
# Output:
#   torch.float4_e2m1fn_x2: tensor [2, 4], header F4 [2, 8]; load: KeyError 'F4'; load_file: [2, 4]; slice: RuntimeError
#   torch.float8_e8m0fnu: tensor [2, 4], header F8_E8M0 [2, 4]; load: KeyError 'F8_E8M0'; load_file: [2, 4]; slice: [1, 4]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet safetensors==0.8.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load, load_file, save


def outcome(read: Callable[[], torch.Tensor], with_reason: bool = False) -> str:
    """The shape of what is read, or the error's name."""
    try:
        return str(list(read().shape))
    except (KeyError, RuntimeError) as error:
        return f"{type(error).__name__} {error}" if with_reason else type(error).__name__


lines = []
with tempfile.TemporaryDirectory() as folder:
    for dtype in (torch.float4_e2m1fn_x2, torch.float8_e8m0fnu):
        tensor = torch.arange(8, dtype=torch.uint8).reshape(2, 4).view(dtype)
        content = save({"x": tensor})
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["x"]
        path = Path(folder) / f"{header['dtype']}.safetensors"
        path.write_bytes(content)
        with safe_open(path, "pt") as file:
            part = outcome(lambda: file.get_slice("x")[:1])
        lines.append(
            f"{dtype}: tensor {list(tensor.shape)}, header {header['dtype']} {header['shape']}; "
            f"load: {outcome(lambda: load(content)['x'], with_reason=True)}; "
            f"load_file: {outcome(lambda: load_file(path)['x'])}; slice: {part}"
        )
        print(lines[-1])
assert lines == [
    "torch.float4_e2m1fn_x2: tensor [2, 4], header F4 [2, 8]; "
    "load: KeyError 'F4'; load_file: [2, 4]; slice: RuntimeError",
    "torch.float8_e8m0fnu: tensor [2, 4], header F8_E8M0 [2, 4]; "
    "load: KeyError 'F8_E8M0'; load_file: [2, 4]; slice: [1, 4]",
]
PYTHON
