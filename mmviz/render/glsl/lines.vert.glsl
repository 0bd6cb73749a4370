// Lines of a width in pixels: each segment is a rectangle of four vertices, spread out in the picture's plane.
//
// Uniforms: picture_size, a vec2 in pixels; reach, how far a vertex is from the line's middle, a float in pixels.
in vec3 other_end; in vec2 side; out vec2 beside_and_depth;

// place: this end of the segment. to_clip: from its space to OpenGL's clip coordinates, which are returned.
vec4 spread(vec3 place, mat4 to_clip) {
  vec4 here = to_clip * vec4(place, 1.0);
  vec4 there = to_clip * vec4(other_end, 1.0);
  // The direction on the picture; true also where one of the two ends lies behind the eye.
  vec2 along = (there.xy * here.w - here.xy * there.w) * picture_size;
  along = length(along) > 1e-6 ? side.y * normalize(along) : vec2(1.0, 0.0);
  float beside = side.x * reach;
  // Evenly across the picture once divided. Not noperspective: software renderers lose that where they clip.
  beside_and_depth = vec2(beside * here.w, here.w);
  return here + vec4(vec2(-along.y, along.x) * beside * 2.0 / picture_size * here.w, 0.0, 0.0);
}
