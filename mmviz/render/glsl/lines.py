"""The shaders of lines of a width in pixels, with smooth edges and without multisampling."""

from mmviz.render.glsl.source import source


def vertex() -> str:
    """Declarations, and `spread`, which a vertex shader calls."""
    return source("lines.vert.glsl")


def fragment() -> str:
    """Declarations, and `covered`, by which a fragment shader multiplies its opacity."""
    return source("lines.frag.glsl")
