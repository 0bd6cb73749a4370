"""The shader of captions: letters on a band that hides what is behind them, as mmviz.render.opengl.captions paints."""

from mmviz.render.glsl.source import source
from mmviz.render.text.captions import OPACITY


def fragment() -> str:
    """Declarations, and `caption`, which a fragment shader calls with a pixel and what letters cover of it."""
    return f"const float OPACITY = {OPACITY:.6f};\n" + source("captions.frag.glsl")
