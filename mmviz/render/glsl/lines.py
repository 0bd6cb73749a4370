"""The shaders of lines of a width in pixels, with smooth edges and without multisampling."""

from mmviz.render.glsl.source import source

THINNEST = 0.5
"""Half the width of the thinnest line, in pixels."""
FADING = 1.0
"""How far beyond half its width a line's rectangle reaches, in pixels: there its edge fades away."""


def vertex() -> str:
    """Declarations, and `spread`, which a vertex shader calls."""
    return source("lines.vert.glsl")


def fragment() -> str:
    """Declarations, and `covered`, by which a fragment shader multiplies its opacity."""
    return source("lines.frag.glsl")
