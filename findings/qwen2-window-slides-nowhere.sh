#!/usr/bin/env bash
# Finding:  use_sliding_window: true makes no layer of a small Qwen 2 slide, as its max_window_layers is 28 by default.
# Versions: transformers 5.24.0
# Guess:    With use_sliding_window all layers look at the last sliding_window tokens (as a Mistral's do), or those of
#           the first max_window_layers layers, as the name of the key says.
# Seen:     The layers below max_window_layers attend to everything; only those from it on slide. The key is 28 where
#           it is left out, whatever num_hidden_layers says: a model of 24 layers (Qwen2.5-0.5B has as many) slides
#           nowhere, in one of 32 four do.
# Output:
#   24 layers, nothing said:           0 slide
#   32 layers, nothing said:           4 slide, from layer 28 on
#   24 layers, max_window_layers 4:   20 slide, from layer 4 on
#   24 layers, max_window_layers 0:   24 slide, from layer 0 on
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0
"$folder/venv/bin/python" -I - <<'PYTHON'
from transformers import Qwen2Config

SAID = {
    "24 layers, nothing said": {"num_hidden_layers": 24},
    "32 layers, nothing said": {"num_hidden_layers": 32},
    "24 layers, max_window_layers 4": {"num_hidden_layers": 24, "max_window_layers": 4},
    "24 layers, max_window_layers 0": {"num_hidden_layers": 24, "max_window_layers": 0},
}
found = {}
for words, keys in SAID.items():
    kinds = Qwen2Config(use_sliding_window=True, sliding_window=8, **keys).layer_types
    slides = [number for number, kind in enumerate(kinds) if kind == "sliding_attention"]
    found[words] = len(slides), slides[:1]
    print(f"{words + ':':33} {len(slides):2} slide{f', from layer {slides[0]} on' if slides else ''}")
assert list(found.values()) == [(0, []), (4, [28]), (20, [4]), (24, [0])], found
PYTHON
