"""Where a person lets an eye go: how far, how fast, and which views have names; plain numbers, no window.

The window and the page both go by it.
"""

from collections.abc import Mapping

FARTHEST = 8.0
"""How many times farther than the scene's own camera the eye may go."""
FLIGHT = 0.35
"""Seconds that a flight takes which a person asked for."""
STANDARD: Mapping[str, tuple[int, int, int]] = {
    "front": (0, 0, 1),
    "side": (1, 0, 0),
    "top": (0, 1, 0),
    "isometric": (1, 1, 1),
}
"""Toward the eye of each standard view, where the scene's own camera stands at the right."""
SAMPLED = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of the rows and columns at which it is asked whether something stands before a matrix."""
COVERED = 0.15
"""Share of a matrix by which another side must be freer for the eye to go around to it."""
