"""Scene files as plain values, read within bounds; nothing in them is executed."""
