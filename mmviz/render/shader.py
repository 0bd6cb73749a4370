"""The lattice's fragment shader: which sphere a view ray meets, and its colour by mmviz.picture.color's rule.

It walks the cells that the ray crosses inside the box (a two-dimensional DDA) and intersects the sphere in each.
Where a cell would cover less than CELL_PIXELS pixels the next coarser level of the pyramid is drawn instead.
"""

from vtkmodules.vtkRenderingCore import vtkShaderProperty

from mmviz.picture.color import PALETTE, Palette
from mmviz.picture.drawlist import Color
from mmviz.render.pyramid import HEADER, MASKED

CELL_PIXELS = 3.0
"""Pixels that a cell covers at least before a coarser level is taken."""
LIT_SWEEPS = 2
"""Most sets of highlighted cells that one sheet can have."""
MAX_CELLS = 96
"""Most cells that one ray looks at."""


def install(property_: vtkShaderProperty, palette: Palette = PALETTE) -> None:
    """Give an actor the lattice shader."""
    property_.AddVertexShaderReplacement(
        "//VTK::PositionVC::Dec",
        True,
        "//VTK::PositionVC::Dec\nout vec3 box_point; flat out vec3 box_eye; flat out vec3 box_forward;",
        False,
    )
    property_.AddVertexShaderReplacement(
        "//VTK::PositionVC::Impl",
        True,
        """//VTK::PositionVC::Impl
  mat4 to_box = inverse(MCVCMatrix);
  box_point = vertexMC.xyz;
  box_eye = (to_box * vec4(0.0, 0.0, 0.0, 1.0)).xyz;
  box_forward = (to_box * vec4(0.0, 0.0, -1.0, 0.0)).xyz;""",
        False,
    )
    property_.AddFragmentShaderReplacement(
        "//VTK::TCoord::Dec", True, "//VTK::TCoord::Dec\n" + _declarations(palette), False
    )
    property_.AddFragmentShaderReplacement("//VTK::Light::Impl", True, "", False)
    property_.AddFragmentShaderReplacement("//VTK::TCoord::Impl", True, _MAIN, False)


def _declarations(palette: Palette) -> str:
    constants = {
        "CELL_PIXELS": f"{CELL_PIXELS:.6f}",
        "SMALLEST": f"{palette.smallest:.6f}",
        "LARGEST": f"{palette.largest:.6f}",
        "MASKED": f"{float(MASKED):.6e}",
    }
    lines = [f"const float {name} = {value};" for name, value in constants.items()]
    lines += [f"const int HEADER = {HEADER};", f"const int MAX_CELLS = {MAX_CELLS};"]
    colors = {"ZERO": palette.zero, "NOT_A_NUMBER": palette.nan, "INFINITE": palette.infinite}
    lines += [f"const vec3 {name} = {_vec3(color)};" for name, color in colors.items()]
    for name, ramp in (("POSITIVE", palette.positive), ("NEGATIVE", palette.negative)):
        lines.append(f"const vec3 {name}[3] = vec3[3]({', '.join(_vec3(color) for color in ramp)});")
    return "\n".join(lines) + _DECLARATIONS


def _vec3(color: Color) -> str:
    return f"vec3({', '.join(f'{part:.6f}' for part in color)})"


_DECLARATIONS = """
in vec3 box_point; flat in vec3 box_eye; flat in vec3 box_forward;
uniform mat4 MCDCMatrix;

float texel(int number) {
  return texelFetch(actortexture, ivec2(number & ((1 << texel_shift) - 1), number >> texel_shift), 0).r;
}
bool taken(ivec2 low, ivec2 high, ivec2 turn, ivec2 range, ivec2 block) {
  int first = turn.x * (low.x % block.x) + turn.y * (low.y % block.y);
  int last = turn.x * (high.x % block.x) + turn.y * (high.y % block.y);
  return max(first, last) >= range.x && min(first, last) <= range.y;
}
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
"""

_MAIN = """
  vec3 ray = cameraParallel == 1 ? normalize(box_forward) : normalize(box_point - box_eye);
  float slope = abs(ray.z) < 1e-6 ? 1e-6 : ray.z;
  // How many cells of the matrix's plane a pixel covers, as the mean of its two sides.
  vec2 foot = box_point.xy - ray.xy * (box_point.z / slope);
  float across = length(dFdx(foot)), down = length(dFdy(foot));
  float pixel = length(fwidth(box_point)) * 0.6;
  int level = int(clamp(ceil(log2(max(sqrt(min(across, down) * max(across, down)) * CELL_PIXELS, 1e-3))),
                        0.0, float(levels - 1)));
  float cell = exp2(float(level));
  ivec2 count = (cells + ivec2(int(cell) - 1)) >> level;
  int base = HEADER;
  for (int n = 0; n < level; n++) {
    ivec2 finer = (cells + ivec2((1 << n) - 1)) >> n;
    base += finer.x * finer.y;
  }
  float unit = texel(level);
  // From here on lengths are in cells of this level; the slab is one such cell thick.
  pixel /= cell;
  vec3 start = box_point / cell;
  start += ray * (((ray.z > 0.0 ? -0.5 : 0.5) - start.z) / slope) * (level > 0 ? 1.0 : 0.0);
  ivec2 at = ivec2(clamp(floor(start.xy + ray.xy * 1e-4), vec2(0.0), vec2(count - 1)));
  vec2 stride = 1.0 / (abs(ray.xy) + 1e-9);
  ivec2 heading = ivec2(sign(ray.xy));
  vec2 border = vec2(ray.x > 0.0 ? float(at.x + 1) - start.x : start.x - float(at.x),
                     ray.y > 0.0 ? float(at.y + 1) - start.y : start.y - float(at.y)) * stride;
  float leaving = ((ray.z > 0.0 ? 0.5 : -0.5) - start.z) / slope;
  bool met = false;
  float x = 0.0, depth = 0.0, coverage = 1.0;
  vec3 normal = vec3(0.0);
  ivec2 low = ivec2(0), high = ivec2(0);
  for (int n = 0; n < MAX_CELLS; n++) {
    low = at << level;
    high = min(low + ivec2(int(cell) - 1), cells - 1);
    float raw = texel(base + at.y * count.x + at.x);
    if (raw != MASKED && taken(low, high, shown_turn, shown_range, shown_block)) {
      x = raw * unit;
      float radius = sphere_radius(x);
      vec3 from_center = start - vec3(vec2(at) + 0.5, 0.0);
      float along = dot(from_center, ray);
      float miss = sqrt(max(dot(from_center, from_center) - along * along, 0.0));
      if (miss < radius + 0.5 * pixel) {
        met = true;
        coverage = clamp((radius + 0.5 * pixel - miss) / pixel, 0.0, 1.0);
        depth = -along - sqrt(max(radius * radius - miss * miss, 0.0));
        normal = (from_center + ray * depth) / max(radius, miss);
        break;
      }
    }
    float entered;
    if (border.x < border.y) { entered = border.x; border.x += stride.x; at.x += heading.x; }
    else { entered = border.y; border.y += stride.y; at.y += heading.y; }
    if (entered > leaving || at.x < 0 || at.y < 0 || at.x >= count.x || at.y >= count.y) break;
  }
  if (!met) discard;
  float facing = max(dot(normal, -ray), 0.0);
  vec3 hue = sphere_color(x);
  bool is_lit = taken(low, high, lit0_turn, lit0_range, lit0_block)
             || taken(low, high, lit1_turn, lit1_range, lit1_block);
  hue = is_lit ? mix(hue * 1.4, vec3(1.0, 1.0, 0.9), 0.22) : hue * (1.0 - dimmed);
  vec3 shaded = hue * (0.30 + 0.70 * facing) + vec3(0.18) * pow(facing, 24.0) * length(hue);
  // A value beyond the scale, or infinite, carries a white cap.
  if (abs(x) > 1.000001 && !isnan(x)) shaded = mix(shaded, vec3(1.0), smoothstep(0.90, 0.95, facing) * 0.9);
  gl_FragData[0] = vec4(shaded * coverage, 1.0);
  vec4 place = MCDCMatrix * vec4((start + ray * depth) * cell, 1.0);
  gl_FragDepth = 0.5 * place.z / place.w + 0.5;
"""
