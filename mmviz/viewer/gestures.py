"""How much a gesture does, in the window and in a page alike: numbers alone, no Qt."""

DEGREES_A_HEIGHT = 200.0
"""How far a drag over the picture's whole height turns it."""
ZOOM_A_NOTCH = 1.15
"""How many times nearer a notch of a wheel comes."""
PIXELS_A_NOTCH = 60
"""How far two fingers slide over a trackpad for what a notch of a wheel does."""
SMALLEST_PINCH = 0.5
"""The least factor of what one event of a pinch does."""
CLOSEST = 20.0
"""Distance of two fingers, in pixels, below which they do not pinch."""
CLOSE_UP = 14.0
"""How many cells high the picture is around an element that is flown to."""
DELAY = 400
"""Milliseconds that the pointer rests on a cell before its name and number come; then they follow at once."""
LONGEST_TICK = 0.5
"""Seconds that one tick may move at most, so that a machine which slept does not jump to the end."""
FUZZ = 1e-6
"""Steps within which a time counts as a whole step."""
RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""How many times faster than the scene says it can be played."""
LENS_DIAMETER = 260
"""Of the lens, in the screen's own unit."""
LENS_POWER = 3
"""How many times larger everything is under it."""
LENS_PATIENCE = 400
"""Milliseconds after which a press that does not move opens it."""
LENS_RIM = 3.0
"""Width of the ring around it, in the screen's own unit."""
