"""Pixels: pictures and films from draw lists; VTK, PyAV and Pillow live here."""
