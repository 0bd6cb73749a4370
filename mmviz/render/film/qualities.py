"""Sizes and speeds of films that have a name; draws nothing and imports nothing."""

QUALITIES = {"l": (854, 480, 15), "m": (1280, 720, 30), "h": (1920, 1080, 60), "k": (3840, 2160, 60)}
"""Width and height in pixels, and frames a second."""
