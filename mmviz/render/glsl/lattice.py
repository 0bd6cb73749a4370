"""The lattice's shaders: which spheres a view ray meets, and their colours by mmviz.picture.look.color's rule.

It walks the cells that the ray crosses inside the box (a two-dimensional DDA) and intersects the sphere in each.
Where a cell would cover less than CELL_PIXELS pixels the next coarser level of the pyramid is drawn instead.
A sphere's rim covers a pixel in part; the rest of the pixel goes to what the same ray meets behind it, so that
edges are smooth at one sample a pixel. Only the far sides of the box are drawn: the eye may stand inside it.

Light comes from the eye. With `facing` the cosine between the surface and the eye, 1 at a sphere's top, a colour
becomes colour * (AMBIENT + (1 - AMBIENT) * facing) + GLOSS * |colour| * facing ** SHARPNESS. On a light ground rims
are lighter, and what takes no part fades to white.
"""

from mmviz.picture.look.palette import PALETTE, MmLook, Palette
from mmviz.render.glsl.rules import rule
from mmviz.render.glsl.source import source
from mmviz.render.pyramid import HEADER, MASKED

CELL_PIXELS = 3.0
"""Pixels that a cell covers at least before a coarser level is taken."""
FADE = 0.2
"""Share of a level over which the next coarser one is faded in, so that no seam shows where levels change."""
LIT_SWEEPS = 2
"""Most sets of highlighted cells that one sheet can have."""
MAX_CELLS = 96
"""Most cells that one ray looks at."""
AMBIENT = 0.30
"""Share of a colour that the rim of a sphere keeps."""
LIGHT_AMBIENT = 0.55
"""The same on a light ground."""
GLOSS = 0.18
"""White that is added at a sphere's top, as a share of its colour's length."""
SHARPNESS = 24.0
"""The larger, the smaller is the glossy spot."""


def vertex() -> str:
    """Declarations, and `place_in_box`, which a vertex shader calls."""
    return source("lattice.vert.glsl")


def fragment(look: Palette | MmLook = PALETTE) -> str:
    """Constants, the colour rule of a look, and `lattice`, which a fragment shader calls."""
    constants = {
        "CELL_PIXELS": f"{CELL_PIXELS:.6f}",
        "FADE": f"{FADE:.6f}",
        "MASKED": f"{float(MASKED):.9e}",
        "AMBIENT": f"{AMBIENT:.6f}",
        "LIGHT_AMBIENT": f"{LIGHT_AMBIENT:.6f}",
        "GLOSS": f"{GLOSS:.6f}",
        "SHARPNESS": f"{SHARPNESS:.6f}",
    }
    lines = [f"const float {name} = {value};" for name, value in constants.items()]
    lines += [f"const int HEADER = {HEADER};", f"const int MAX_CELLS = {MAX_CELLS};"]
    return "\n".join([*lines, rule(look), source("lattice.frag.glsl")])
