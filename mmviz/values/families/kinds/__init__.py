"""One module for each group of families: its keys, its names, and what its layers are made of; no weights."""
