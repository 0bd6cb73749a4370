#!/usr/bin/env bash
# Finding:  a Falcon with ALiBi has other logits with eager attention than with sdpa: there its bias is added twice.
# Versions: transformers 5.24.0, torch 2.13.0 (needs torch)
# Guess:    attn_implementation chooses a program, not a result; eager is slower, shows attention weights, and gives
#           the same logits to a few ulps.
# Seen:     The model adds ALiBi to the causal mask, for sdpa, whose mask is all that it can add. Eager attention adds
#           the bias to the scores itself, and then adds that mask. So a distance counts double, also where sdpa is
#           asked for output_attentions, which takes the eager way. Whoever looks at the heads of falcon-rw-1b sees
#           others than those that compute its texts. Take sdpa for logits, and compute patterns oneself.
# Output:
#   eager and sdpa differ by 1e-02 of the largest logit
#   eager's pattern: 7e-02 from one bias, 4e-08 from two
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import math

import torch
from transformers import FalconConfig, FalconForCausalLM

config = FalconConfig(vocab_size=40, hidden_size=32, num_hidden_layers=1, num_attention_heads=4, alibi=True,
                      multi_query=False, parallel_attn=False, bias=True)
eager = FalconForCausalLM._from_config(config, attn_implementation="eager").eval()
sdpa = FalconForCausalLM._from_config(config, attn_implementation="sdpa").eval()
torch.manual_seed(0)
with torch.no_grad():
    for parameter in eager.parameters():
        parameter.normal_(0, 0.3)
    sdpa.load_state_dict(eager.state_dict())
    fused = []
    eager.transformer.h[0].self_attention.query_key_value.register_forward_hook(lambda *call: fused.append(call[2][0]))
    ids = torch.arange(12)[None]
    shown, other = eager(ids, output_attentions=True), sdpa(ids).logits
apart = float((shown.logits - other).abs().max() / other.abs().max())
print(f"eager and sdpa differ by {apart:.0e} of the largest logit")

queries, keys, _ = fused[0].view(12, 4, 3, 8).unbind(2)
scores = torch.einsum("qhd,khd->hqk", queries, keys)
bias = torch.tensor([2.0 ** (-2 * (head + 1)) for head in range(4)])[:, None, None] * torch.arange(12)
later = torch.ones(12, 12).triu(1).bool()
off = []
for times in (1, 2):
    pattern = ((scores + times * bias) / math.sqrt(8)).masked_fill(later, -torch.inf).softmax(-1)
    off.append(float((pattern - shown.attentions[0][0]).abs().max()))
print(f"eager's pattern: {off[0]:.0e} from one bias, {off[1]:.0e} from two")
assert apart > 0.01 and off[0] > 0.01 and off[1] < 1e-6
PYTHON
