"""The scene that is open: changed, undone, selected, pasted; work in the background."""
