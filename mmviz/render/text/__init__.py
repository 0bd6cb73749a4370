"""TEXTS: which font has a letter, and where the shapes of a line's letters stand, in any script; draws nothing."""
