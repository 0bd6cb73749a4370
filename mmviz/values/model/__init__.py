"""One model: its weights, forward pass, activations and adapters."""
