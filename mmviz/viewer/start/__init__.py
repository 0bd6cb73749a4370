"""The first minutes: what is on the screen while mmviz loads, the start page, and the tour of the window."""
