"""What helps to read a lattice: names, sizes, tokens, captions, guides, colour bars, the inset."""
