"""The colour rules of mmviz.picture.look as shader text: radius, colour and mark of a value.

Each gives three functions of x, which is the value divided by its scale: `sphere_radius` in cells, negative for what
is not drawn; `sphere_color`; and `capped`, whether the sphere carries the white cap of a value beyond the scale.
"""

from typing import get_args

from mmviz.picture.look.color import LEAST
from mmviz.picture.look.mm_color import LEAST_LIGHT, WIDTH
from mmviz.picture.look.palette import Color, MmLook, Palette
from mmviz.render.glsl.source import source
from mmviz.scene.keys.options import MmColors
from mmviz.scene.keys.scales import Curve

CURVES: tuple[Curve, ...] = get_args(Curve)
"""The shader has them by their numbers."""


def rule(look: Palette | MmLook) -> str:
    """The three functions for a look. An MmLook's range is the uniform mm_range, so that sheets share a program."""
    return _palette_rule(look) if isinstance(look, Palette) else _mm_rule(look.colors)


def _palette_rule(palette: Palette) -> str:
    constants = {
        "SMALLEST": palette.smallest,
        "LARGEST": palette.largest,
        "DECADES": palette.decades,
        "LEAST": LEAST,
    }
    colors = {"ZERO": palette.zero, "NOT_A_NUMBER": palette.nan, "INFINITE": palette.infinite}
    ramps = {"POSITIVE": palette.positive, "NEGATIVE": palette.negative}
    lines = [_float(name, value) for name, value in constants.items()]
    lines += [f"const vec3 {name} = {_vec3(color)};" for name, color in colors.items()]
    lines += [f"const vec3 {name}[3] = vec3[3]({', '.join(map(_vec3, ramp))});" for name, ramp in ramps.items()]
    lines.append(f"const int CURVE = {CURVES.index(palette.curve)};")
    return "\n".join([*lines, source("palette.glsl")])


def _mm_rule(colors: MmColors) -> str:
    dark = max(colors.min_light, LEAST_LIGHT)
    constants = {
        "MIN_SIZE": colors.min_size,
        "FULL_RADIUS": 0.5 * colors.elem_scale / WIDTH,
        "DARK": dark,
        "BRIGHT": max(colors.max_light, dark),
        "ZERO_HUE": colors.zero_hue,
        "HUE_GAP": colors.hue_gap,
        "HUE_SPREAD": colors.hue_spread,
    }
    return "\n".join([*(_float(name, value) for name, value in constants.items()), source("mm_colors.glsl")])


def _float(name: str, value: float) -> str:
    return f"const float {name} = {value:.9e};"


def _vec3(color: Color) -> str:
    return f"vec3({', '.join(f'{part:.6f}' for part in color)})"
