"""The page's shaders: what mmviz.render.glsl says, with what WebGL 2 wants before and after it. Draws nothing."""

from typing import TypedDict

from mmviz.picture.look.palette import MmLook, Palette
from mmviz.render.glsl import captions, lattice, letters, lines
from mmviz.render.glsl.source import source
from mmviz.render.text.atlas import WIDTH


class ProgramText(TypedDict):
    """Both shaders of a program."""

    vertex: str
    fragment: str


BEGIN = """#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
"""
FAINT = "if (color.a < 0.004) discard;"
"""What is not seen, as in VTK's shaders."""
BEHIND = """uniform sampler2D depths;  // of what stands in the view already, but for its depth buffer
uniform vec2 depths_side;  // 1 / width and height of the view, in pixels
bool behind() { return gl_FragCoord.z > texture(depths, gl_FragCoord.xy * depths_side).r; }
"""
"""Matrices in large pixels are not written into the depths of the view: few pixels ask for them."""


def lattice_vertex() -> str:
    """For all looks."""
    return f"""{BEGIN}{lattice.vertex()}
in vec3 corner;
uniform mat4 to_eye, to_clip;
uniform float view_height;
void main() {{ gl_Position = place_in_box(corner, to_eye, to_clip, view_height); }}
"""


def lattice_fragment(look: Palette | MmLook) -> str:
    """For one look; those of mm share one, whatever their range."""
    return f"""{BEGIN}{source("lattice.uniforms.glsl")}
uniform mat4 to_clip;
uniform sampler2D texels;
uniform usampler2D means;
#define mean_at(place) (vec4(texelFetch(means, place, 0)) / FULL)
{lattice.fragment(look)}
out vec4 color;
void main() {{ lattice(true, to_clip, color, gl_FragDepth); }}
"""


def line_program() -> ProgramText:
    """Of lines of a width in pixels."""
    vertex = f"""{BEGIN}uniform vec2 picture_size;
uniform float reach;
uniform mat4 to_clip;
in vec3 corner;
{lines.vertex()}
void main() {{ gl_Position = spread(corner, to_clip); }}
"""
    fragment = f"""{BEGIN}uniform float half_width, near;
uniform vec4 ink;
{lines.fragment()}{BEHIND}out vec4 color;
void main() {{ color = vec4(ink.rgb, ink.a * covered()); {FAINT} if (behind()) discard; }}
"""
    return ProgramText(vertex=vertex, fragment=fragment)


def patch_program() -> ProgramText:
    """Of flat triangles."""
    vertex = f"""{BEGIN}uniform mat4 to_clip;
in vec3 corner;
void main() {{ gl_Position = to_clip * vec4(corner, 1.0); }}
"""
    fragment = f"""{BEGIN}uniform vec4 ink;
{BEHIND}out vec4 color;
void main() {{ if (behind()) discard; color = ink; }}
"""
    return ProgramText(vertex=vertex, fragment=fragment)


def letter_program() -> ProgramText:
    """Of letters in space, in front of everything."""
    vertex = f"""{BEGIN}uniform mat4 to_clip;
in vec3 corner;
in vec4 ink;
in vec2 place, origin;
in float rimmed;
flat out vec4 ink_of_letter;
flat out vec2 origin_of_letter;
flat out float is_rim;
out vec2 within;
void main() {{
  ink_of_letter = ink;
  origin_of_letter = origin;
  is_rim = rimmed;
  within = place;
  gl_Position = to_clip * vec4(corner, 1.0);
}}
"""
    fragment = f"""{BEGIN}uniform sampler2D letters;
uniform float rim;
{letters.fragment(WIDTH)}
flat in vec4 ink_of_letter;
flat in vec2 origin_of_letter;
flat in float is_rim;
in vec2 within;
out vec4 color;
void main() {{
  float covers = is_rim > 0.5 ? rim_of_letter(origin_of_letter, within) : letter(origin_of_letter, within);
  color = vec4(ink_of_letter.rgb, ink_of_letter.a * covers);
  {FAINT}
  gl_FragDepth = 0.0;
}}
"""
    return ProgramText(vertex=vertex, fragment=fragment)


def caption_program() -> ProgramText:
    """Of captions: their letters as pixels of the screen, on bands."""
    vertex = f"""{BEGIN}uniform vec4 place;  // left, bottom, width and height, in OpenGL's clip coordinates
in vec2 corner;
void main() {{ gl_Position = vec4(place.xy + corner * place.zw, 0.0, 1.0); }}
"""
    fragment = f"""{BEGIN}uniform usampler2D coverage;
uniform ivec2 begin;  // the lower left pixel of the letters' picture on the screen
uniform float whole;  // what stands there of a pixel that letters cover
{captions.fragment()}
out vec4 color;
void main() {{
  ivec2 at = ivec2(gl_FragCoord.xy) - begin;
  color = caption(vec2(at) + first, float(texelFetch(coverage, at, 0).r) / whole);
}}
"""
    return ProgramText(vertex=vertex, fragment=fragment)


def picture_program() -> ProgramText:
    """Of what a picture that is as large as the view, in large pixels, has where the box of a matrix is."""
    vertex = f"""{BEGIN}{lattice.vertex()}
in vec3 corner;
uniform mat4 to_eye, to_clip;
uniform float view_height;
void main() {{
  vec4 place = place_in_box(corner, to_eye, to_clip, view_height);
  gl_Position = vec4(place.xy, 0.0, place.w);  // all in one plane: what has been filled is not filled again
}}
"""
    fragment = f"""{BEGIN}uniform sampler2D colors;
uniform vec2 side;  // 1 / width and height of the view, in pixels
out vec4 color;
void main() {{ color = vec4(texture(colors, gl_FragCoord.xy * side).rgb, 1.0); }}
"""
    return ProgramText(vertex=vertex, fragment=fragment)


def kept_program() -> ProgramText:
    """Of a matrix as it was drawn before, with its depths, which has not changed since."""
    vertex = lattice_vertex()
    fragment = f"""{BEGIN}uniform sampler2D colors, depths;
uniform ivec2 begin;  // the pixel of the view that is the first of these
out vec4 color;
void main() {{
  ivec2 at = ivec2(gl_FragCoord.xy) - begin;
  color = texelFetch(colors, at, 0);
  gl_FragDepth = texelFetch(depths, at, 0).r;
  if (gl_FragDepth >= 1.0) discard;  // nothing was drawn there
}}
"""
    return ProgramText(vertex=vertex, fragment=fragment)


def mean_program(samples: int) -> ProgramText:
    """Of the mean of several pictures of the same size, rounded as numbers of 8 bits are."""
    vertex = f"""{BEGIN}in vec2 corner;
void main() {{ gl_Position = vec4(2.0 * corner - 1.0, 0.0, 1.0); }}
"""
    names = [f"sample{number}" for number in range(samples)]
    total = " + ".join(f"texelFetch({name}, at, 0)" for name in names)
    fragment = f"""{BEGIN}uniform sampler2D {", ".join(names)};
out vec4 color;
void main() {{ ivec2 at = ivec2(gl_FragCoord.xy); color = ({total}) / {float(samples)}; }}
"""
    return ProgramText(vertex=vertex, fragment=fragment)


def round_program() -> ProgramText:
    """Of a round part of a picture in a square of it: the lens. It ends half a pixel from the square's sides."""
    vertex = f"""{BEGIN}uniform vec4 place;  // left, bottom, width and height, in OpenGL's clip coordinates
in vec2 corner;
out vec2 within;
void main() {{ within = corner; gl_Position = vec4(place.xy + corner * place.zw, 0.0, 1.0); }}
"""
    fragment = f"""{BEGIN}uniform sampler2D colors;
uniform float side;  // of the square, in pixels
in vec2 within;
out vec4 color;
void main() {{
  float inside = (0.5 - length(within - 0.5)) * side;
  color = vec4(texture(colors, within).rgb, clamp(inside, 0.0, 1.0));
  {FAINT}
}}
"""
    return ProgramText(vertex=vertex, fragment=fragment)
