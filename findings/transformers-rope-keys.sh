#!/usr/bin/env bash
# Finding:  Where a config.json has both, transformers 5 takes the old rope_scaling and throws rope_parameters away.
# Versions: transformers 5.24.0
# Guess:    rope_parameters is version 5's own key and rope_scaling the old one: the new one wins, or the two are
#           merged, or both together are an error.
# Seen:     rope_scaling takes the place of rope_parameters as a whole, with the base from rope_theta. A file that was
#           saved by version 5 and edited after an old guide to longer contexts so changes its base, too, from 500,000
#           to the default. With rope_theta it is the other way round: beside rope_parameters it is ignored.
# Output:
#   rope_parameters alone:           {'factor': 8.0, 'rope_theta': 500000.0, 'rope_type': 'linear'}
#   and rope_scaling:                {'factor': 2.0, 'rope_theta': 10000.0, 'rope_type': 'linear'}
#   rope_parameters and rope_theta:  {'factor': 8.0, 'rope_theta': 500000.0, 'rope_type': 'linear'}
#   rope_scaling and rope_theta:     {'factor': 2.0, 'rope_theta': 1000.0, 'rope_type': 'linear'}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import json
import tempfile
from pathlib import Path

from transformers import AutoConfig

NEW = {"rope_parameters": {"rope_type": "linear", "factor": 8.0, "rope_theta": 500000.0}}
OLD = {"rope_scaling": {"rope_type": "linear", "factor": 2.0}}
BASE = {"rope_theta": 1000.0}


def read(**keys: object) -> dict[str, object]:
    """What transformers makes of a config.json."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps({"model_type": "llama", **keys}))
        return dict(sorted(AutoConfig.from_pretrained(folder).rope_parameters.items()))


found = {
    "rope_parameters alone": read(**NEW),
    "and rope_scaling": read(**NEW, **OLD),
    "rope_parameters and rope_theta": read(**NEW, **BASE),
    "rope_scaling and rope_theta": read(**OLD, **BASE),
}
for words, rope in found.items():
    print(f"{words + ':':32} {rope}")
assert [(rope["factor"], rope["rope_theta"]) for rope in found.values()] == [
    (8.0, 500000.0), (2.0, 10000.0), (8.0, 500000.0), (2.0, 1000.0)
], found
PYTHON
