"""The grid of the attention patterns of all heads."""
