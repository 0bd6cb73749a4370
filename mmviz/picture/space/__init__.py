"""Where matrices, cubes and single cells stand; no numbers, no time."""
