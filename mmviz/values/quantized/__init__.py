"""How quantized safetensors become parameters: which stored tensors make one, and its numbers; opens no file."""
