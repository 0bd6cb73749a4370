"""What the keys of a scene document mean: their types, ranges and words; reads no file."""
