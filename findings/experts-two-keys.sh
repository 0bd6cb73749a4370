#!/usr/bin/env bash
# Finding:  Which of num_experts and num_local_experts counts, where a config.json says both, depends on the family.
# Versions: transformers 5.24.0
# Guess:    One is the other's alias, and the one that a family's own class has is what counts; or they are refused where
#           they differ.
# Seen:     A class sets the fields that it has itself first, and what else is said after that, through its
#           attribute_map: so the key counts that the class does not have. Of 3 num_experts and 5 num_local_experts a
#           Mixtral and a gpt-oss have 3 experts, a Qwen3-MoE and an OLMoE 5. Qwen2-MoE has no such map: it has 3, and
#           passes over the other key.
# Output:
#   mixtral    has num_local_experts itself: 3 experts
#   gpt_oss    has num_local_experts itself: 3 experts
#   qwen3_moe  has num_experts itself: 5 experts
#   olmoe      has num_experts itself: 5 experts
#   qwen2_moe  has num_experts itself: 3 experts
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0
"$folder/venv/bin/python" -I - 2>/dev/null <<'PYTHON'
from dataclasses import fields

from transformers import CONFIG_MAPPING

found = {}
for kind in ("mixtral", "gpt_oss", "qwen3_moe", "olmoe", "qwen2_moe"):
    own = next(f.name for f in fields(CONFIG_MAPPING[kind]) if f.name in ("num_experts", "num_local_experts"))
    found[kind] = CONFIG_MAPPING[kind].from_dict({"num_experts": 3, "num_local_experts": 5}).num_experts
    print(f"{kind:9}  has {own} itself: {found[kind]} experts")
assert found == {"mixtral": 3, "gpt_oss": 3, "qwen3_moe": 5, "olmoe": 5, "qwen2_moe": 3}, found
PYTHON
