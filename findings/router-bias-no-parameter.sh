#!/usr/bin/env bash
# Finding:  parameters() of a GLM 4 with experts leaves out the router's bias, which is stored and chooses experts.
# Versions: transformers 5.24.0, torch 2.13.0 (needs torch)
# Guess:    A learned number that lies in a checkpoint is a parameter: who fills all parameters with random numbers has
#           filled the model, and num_parameters() counts what is stored.
# Seen:     e_score_correction_bias is a buffer in Glm4Moe and Dots1, and a parameter of the same name in Ernie 4.5. As
#           a buffer it stays 0 under any filling of parameters, so that a test with random weights cannot tell whether
#           it is added at all, and the count lacks it. Go through state_dict() instead.
# Output:
#   glm4_moe:     after filling the bias is 0: True, numbers stored but not counted: 8
#   dots1:        after filling the bias is 0: True, numbers stored but not counted: 8
#   ernie4_5_moe: after filling the bias is 0: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

SIZES = {"vocab_size": 20, "hidden_size": 16, "intermediate_size": 16, "moe_intermediate_size": 8,
         "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8,
         "tie_word_embeddings": False}
ROUTED = {"n_routed_experts": 4, "num_experts_per_tok": 2, "first_k_dense_replace": 0, "n_group": 1, "topk_group": 1}
KINDS = {"glm4_moe": ROUTED, "dots1": ROUTED | {"n_shared_experts": 1},
         "ernie4_5_moe": {"moe_num_experts": 4, "moe_k": 2, "moe_layer_start_index": 0}}
found = {}
for kind, keys in KINDS.items():
    model = AutoModelForCausalLM.from_config(CONFIG_MAPPING[kind](**SIZES, **keys))
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    stored = model.state_dict()
    biases = [tensor for name, tensor in stored.items() if name.endswith("e_score_correction_bias")]
    assert len(biases) == 2, list(stored)
    zero = all(not tensor.any() for tensor in biases)
    left_out = sum(tensor.numel() for tensor in stored.values()) - model.num_parameters() if zero else 0
    found[kind] = zero, left_out
    print(f"{kind + ':':13} after filling the bias is 0: {zero}"
          + (f", numbers stored but not counted: {left_out}" if zero else ""))
assert found == {"glm4_moe": (True, 8), "dots1": (True, 8), "ernie4_5_moe": (False, 0)}, found
PYTHON
