#!/usr/bin/env bash
# Finding:  A kept output of a Llama 4's shared expert is that of the whole layer of experts.
# Versions: transformers 5.24.0, torch 2.13.0 (needs torch)
# Guess:    A forward hook that keeps a module's output has what the module gave.
# Seen:     Llama4TextMoe adds the routed experts' sum to the shared expert's output in place, after the hook has seen
#           it. The tensor that the hook kept changes with it. Nothing fails: keep a clone.
# Output:
#   kept as it is is the layer's output: True
#   a clone is the layer's output: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers import Llama4TextConfig
from transformers.models.llama4.modeling_llama4 import Llama4TextMoe

torch.manual_seed(0)
layer = Llama4TextMoe(Llama4TextConfig(hidden_size=16, intermediate_size=16, num_local_experts=4,
                                       num_experts_per_tok=1))
kept = []
layer.shared_expert.register_forward_hook(lambda module, given, output: kept.extend([output, output.clone()]))
with torch.no_grad():
    for parameter in layer.parameters():
        parameter.normal_()
    given = torch.randn(1, 5, 16)
    whole = layer(given)[0]
as_it_is, clone = (torch.equal(tensor, whole) for tensor in kept[:2])
print("kept as it is is the layer's output:", as_it_is)
print("a clone is the layer's output:", clone)
assert (as_it_is, clone) == (True, False), (as_it_is, clone)
PYTHON
