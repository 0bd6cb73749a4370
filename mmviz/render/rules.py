"""The colour rules of mmviz.picture.look as shader text: radius, colour and mark of a value.

Each gives three functions of x, which is the value divided by its scale: `sphere_radius` in cells, negative for what
is not drawn; `sphere_color`; and `capped`, whether the sphere carries the white cap of a value beyond the scale.
"""

from mmviz.picture.look.mm_color import LEAST_LIGHT, WIDTH
from mmviz.picture.look.palette import Color, MmLook, Palette
from mmviz.scene.options import MmColors


def rule(look: Palette | MmLook) -> str:
    """The three functions for a look. An MmLook's range is the uniform mm_range, so that sheets share a program."""
    return _palette_rule(look) if isinstance(look, Palette) else _mm_rule(look.colors)


def _palette_rule(palette: Palette) -> str:
    constants = {"SMALLEST": palette.smallest, "LARGEST": palette.largest}
    colors = {"ZERO": palette.zero, "NOT_A_NUMBER": palette.nan, "INFINITE": palette.infinite}
    ramps = {"POSITIVE": palette.positive, "NEGATIVE": palette.negative}
    lines = [_float(name, value) for name, value in constants.items()]
    lines += [f"const vec3 {name} = {_vec3(color)};" for name, color in colors.items()]
    lines += [f"const vec3 {name}[3] = vec3[3]({', '.join(map(_vec3, ramp))});" for name, ramp in ramps.items()]
    return "\n".join(lines) + _PALETTE


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
    return "\n".join(_float(name, value) for name, value in constants.items()) + _MM


def _float(name: str, value: float) -> str:
    return f"const float {name} = {value:.9e};"


def _vec3(color: Color) -> str:
    return f"vec3({', '.join(f'{part:.6f}' for part in color)})"


_PALETTE = """
float sphere_radius(float x) {
  float size = isnan(x) ? 1.0 : sqrt(clamp(abs(x), 0.0, 1.0));
  return SMALLEST + (LARGEST - SMALLEST) * size;
}
vec3 sphere_color(float x) {
  if (isnan(x)) return NOT_A_NUMBER;
  if (isinf(x)) return INFINITE;
  if (x == 0.0) return ZERO;
  float size = sqrt(clamp(abs(x), 0.0, 1.0));
  vec3 low = x > 0.0 ? POSITIVE[0] : NEGATIVE[0];
  vec3 middle = x > 0.0 ? POSITIVE[1] : NEGATIVE[1];
  vec3 high = x > 0.0 ? POSITIVE[2] : NEGATIVE[2];
  return size < 0.5 ? mix(low, middle, 2.0 * size) : mix(middle, high, 2.0 * size - 1.0);
}
bool capped(float x) { return abs(x) > 1.000001 && !isnan(x); }
"""

_MM = """
float sphere_radius(float x) {
  if (x == 0.0 || isnan(x)) return -1.0;
  float span = mm_range.y - mm_range.x;
  float share = span > 0.0 ? max((abs(x) - mm_range.x) / span, 0.0) : 0.0;
  float size = isinf(x) ? 1.0 : min(MIN_SIZE + (1.0 - MIN_SIZE) * sqrt(share), 1.0);
  return min(FULL_RADIUS * size, 0.5);
}
vec3 sphere_color(float x) {
  if (isnan(x) || isinf(x)) return vec3(1.0);
  float side = sign(x), span = mm_range.y - mm_range.x;
  float drift = span > 0.0 ? (x - side * mm_range.x) / span : 0.0;
  float share = span > 0.0 ? (clamp(abs(x), mm_range.x, mm_range.y) - mm_range.x) / span : 0.0;
  float hue = ZERO_HUE + side * HUE_GAP + HUE_SPREAD * drift;
  float light = DARK + (BRIGHT - DARK) * sqrt(share);
  vec3 ramp = clamp(2.0 - abs(6.0 * fract(vec3(hue + 1.0 / 3.0, hue, hue - 1.0 / 3.0)) - 2.0), 0.0, 1.0);
  return light + (1.0 - abs(2.0 * light - 1.0)) * (ramp - 0.5);
}
bool capped(float x) { return false; }
"""
