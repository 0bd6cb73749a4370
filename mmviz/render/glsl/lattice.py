"""The lattice's shaders: which spheres a view ray meets, and their colours by mmviz.picture.look.color's rule.

Near by it walks the cells that the ray crosses inside the box (a two-dimensional DDA) and intersects each one's sphere.
A sphere's rim covers a pixel in part; the rest of the pixel goes to what the same ray meets behind it, so that
edges are smooth at one sample a pixel. Only the far sides of the box are drawn: the eye may stand inside it.

Where a cell has fewer than CELL_PIXELS pixels, what its spheres give in the mean is drawn instead, over all the cells
of a pixel, from the level of the pyramid whose cells are about a pixel; so a matrix is as bright from afar as near by.
What stands out is drawn on top, where it is, by a core that is never too small to be seen.

Light comes from the eye. With `facing` the cosine between the surface and the eye, 1 at a sphere's top, a colour
becomes colour * (AMBIENT + (1 - AMBIENT) * facing) + GLOSS * |colour| * facing ** SHARPNESS. On a light ground rims
are lighter, and what takes no part fades to white.
"""

from math import pi

import numpy as np

from mmviz.picture.look.palette import PALETTE, MmLook, Palette
from mmviz.render.footprint import FULL
from mmviz.render.glsl.rules import rule
from mmviz.render.glsl.source import source
from mmviz.render.pyramid import HEADER, MASKED, OFFSETS

CELL_PIXELS = (1.9, 2.7)
"""Pixels of a cell below which the mean is drawn alone, and above which the spheres are."""
MEAN_PIXELS = (1.7, 2.4)
"""Least samples of a cell whose mean is drawn, where there is one sign, and least pixels, where there are both.

Smaller ones of both signs, blue beside red, would be seen as violet, which means nothing."""
STEEPEST = 0.25
"""Sine of the angle at which a ray meets a matrix, at which cells count as no closer together any more."""
FADE = 0.7
"""Share of a level over which the next coarser one is faded in, so that no seam shows where levels change."""
OUTLIER_FADE = 0.3
"""The same of what stands out on a level."""
MAX_SAMPLES = 4
"""Most samples of a pixel that is long in the matrix's plane."""
SURFACE = 0.35
"""How far the spheres that are drawn in the mean reach out of their plane, in cells."""
CORE = 1.0
"""Least radius of what stands out, in pixels."""
OUTLIER_PIXELS = 3.0
"""Pixels of a cell of which the strongest element is drawn: more than a core."""
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
GLOSS_ON = 1.3
"""Length of a colour, as a multiple of the part of it that is seen most."""


def reflected(rim: float) -> float:
    """Mean light of a sphere over the disc that it is in the picture, where its colour gives 1."""
    facing = (np.arange(1000) + 0.5) / 1000  # as many points of the disc have each facing as it is large
    shade = rim + (1 - rim) * facing + GLOSS * GLOSS_ON * facing**SHARPNESS
    return float((2 * facing * shade).mean())


REFLECTED = reflected(AMBIENT)
"""Mean light over the disc that a sphere is in the picture, where its top has 1."""
LIGHT_REFLECTED = reflected(LIGHT_AMBIENT)
"""The same on a light ground."""


def vertex() -> str:
    """Declarations, and `place_in_box`, which a vertex shader calls."""
    return source("lattice.vert.glsl")


def fragment(look: Palette | MmLook = PALETTE) -> str:
    """Constants, the colour rule of a look, and `lattice`, which a fragment shader calls."""
    constants = {
        "PI": pi,
        "FULL": FULL,
        "MASKED": float(MASKED),
        "STEEPEST": STEEPEST,
        "FADE": FADE,
        "SURFACE": SURFACE,
        "OUTLIER_FADE": OUTLIER_FADE,
        "CORE": CORE,
        "OUTLIER_PIXELS": OUTLIER_PIXELS,
        "AMBIENT": AMBIENT,
        "LIGHT_AMBIENT": LIGHT_AMBIENT,
        "GLOSS": GLOSS,
        "SHARPNESS": SHARPNESS,
        "REFLECTED": REFLECTED,
        "LIGHT_REFLECTED": LIGHT_REFLECTED,
        "OFFSETS": OFFSETS,
    }
    lines = [f"const float {name} = {value:.9e};" for name, value in constants.items()]
    lines += [f"const vec2 CELL_PIXELS = vec2{CELL_PIXELS}, MEAN_PIXELS = vec2{MEAN_PIXELS};"]
    lines += [f"const int MAX_CELLS = {MAX_CELLS}, MAX_SAMPLES = {MAX_SAMPLES}, HEADER = {HEADER};"]
    files = ("cells", "near", "far", "lattice.frag")
    return "\n".join([*lines, rule(look), *(source(f"{name}.glsl") for name in files)])
