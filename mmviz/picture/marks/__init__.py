"""What helps to read a lattice: names, sizes, tokens, captions, guides, the inset."""
