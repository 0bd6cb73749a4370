#!/usr/bin/env bash
# Finding:  rope_theta in the config.json of an OLMo 3 holds for its full layers, and for none of those that slide.
# Versions: transformers 5.24.0
# Guess:    A rope_theta beside the other keys is the base of all rotary positions, as it was before a model had two
#           kinds of layers.
# Seen:     Olmo3Config takes the key out of what is left over for the full layers, and looks for it once more for the
#           sliding ones, where it is gone by then: these have 500000, whatever is said. The released models say 500000
#           as well, so that nobody meets it there; one that is trained with another base is read with two of them. The
#           base of both must stand in rope_parameters.
# Output:
#   rope_theta 10000: full_attention 10000.0, sliding_attention 500000.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0
"$folder/venv/bin/python" -I - 2>"$folder/complaints" <<'PYTHON'
from transformers import Olmo3Config

said = {"rope_theta": 10000.0, "num_hidden_layers": 4}
found = {kind: rope["rope_theta"] for kind, rope in Olmo3Config.from_dict(said).rope_parameters.items()}
full, slides = found["full_attention"], found["sliding_attention"]
print(f"rope_theta 10000: full_attention {full}, sliding_attention {slides}")
assert (full, slides) == (10000.0, 500000.0), found
PYTHON
