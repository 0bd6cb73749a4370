"""The numbers of a scene's matrices, wherever they come from."""
