"""Files of weights: safetensors and GGUF; nothing in them is executed."""
