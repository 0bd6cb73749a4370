"""The tokens of a scene in the window: a strip below the picture, and what is lit when one is pointed at."""
