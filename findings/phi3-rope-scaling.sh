#!/usr/bin/env bash
# Finding:  A Phi 3 whose rope_scaling names another original context than 4096 goes by 4096 all the same.
# Versions: transformers 5.24.0
# Guess:    original_max_position_embeddings inside of rope_scaling says after how many tokens longrope takes its long
#           factors, as it does in a Llama, whose own key beside it is only asked where it is there.
# Seen:     Phi3Config has a key of that name beside rope_scaling, 4096 by default, and what stands beside always
#           replaces what stands inside. Longrope's long factors and its attention factor follow from the 4096. A Phi 3
#           with the scalings yarn or su is read as longrope, too. Say the context beside rope_scaling.
# Output:
#   llama, 16384 inside:        longrope, 16384
#   phi3, 16384 inside:         longrope, 4096
#   phi3, 16384 beside:         longrope, 16384
#   phi3, yarn, 16384 inside:   longrope, 4096
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import json
import logging
import tempfile
from pathlib import Path

from transformers import AutoConfig

logging.disable()
INSIDE = {"original_max_position_embeddings": 16384}
FACTORS = {"short_factor": [1.0] * 8, "long_factor": [4.0] * 8}
SIZES = {"hidden_size": 64, "num_attention_heads": 4, "max_position_embeddings": 131072}


def read(model_type: str, kind: str, inside: dict[str, int], **beside: int) -> str:
    """The scaling and the original context of a config.json, as transformers reads it."""
    scaling = {"type": kind, **FACTORS, **inside}
    with tempfile.TemporaryDirectory() as folder:
        said = {"model_type": model_type, **SIZES, "rope_scaling": scaling, **beside}
        (Path(folder) / "config.json").write_text(json.dumps(said))
        rope = AutoConfig.from_pretrained(folder).rope_parameters
    return f"{rope['rope_type']}, {rope['original_max_position_embeddings']}"


found = {
    "llama, 16384 inside": read("llama", "longrope", INSIDE),
    "phi3, 16384 inside": read("phi3", "longrope", INSIDE),
    "phi3, 16384 beside": read("phi3", "longrope", {}, **INSIDE),
    "phi3, yarn, 16384 inside": read("phi3", "yarn", {**INSIDE, "factor": 8.0}),
}
for words, rope in found.items():
    print(f"{words + ':':27} {rope}")
assert list(found.values()) == ["longrope, 16384", "longrope, 4096", "longrope, 16384", "longrope, 4096"], found
PYTHON
