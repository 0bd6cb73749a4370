// A caption: letters on a band that hides OPACITY of what is behind it. Places are in pixels of the picture.
uniform vec4 band;  // left, bottom, right and top
uniform ivec4 edges;  // the same in whole pixels, those of a frame
uniform float soft;  // width of the rim over which the band fades away; 0: it ends sharply, and has a frame
uniform vec4 plate;  // colour of the band, and 1; or 0: there is none
uniform vec3 ink, frame;  // colours of the letters and of the frame
uniform vec2 first;  // the lower left pixel that is drawn

float fading(float inside) {
  float share = clamp(soft > 0.0 ? inside / soft : inside, 0.0, 1.0);
  return soft > 0.0 ? share * share * (3.0 - 2.0 * share) : share;
}

// What is seen where a colour covers a share of what has some opacity itself.
vec4 over(vec4 below, vec3 paint, float share) {
  float alpha = share + below.a * (1.0 - share);
  return vec4(mix(below.rgb, paint, alpha > 0.0 ? share / alpha : 0.0), alpha);
}

vec4 caption(vec2 pixel, float letters) {
  vec2 middle = pixel + 0.5, inside = min(middle - band.xy, band.zw - middle);
  float across = fading(inside.x), up = fading(inside.y);
  vec4 found = vec4(plate.a > 0.0 ? plate.rgb : ink, plate.a * OPACITY * (soft > 0.0 ? across * up : min(across, up)));
  if (soft == 0.0) {
    ivec2 at = ivec2(pixel), last = edges.zw - 1;
    bool within = at == clamp(at, edges.xy, last);
    bool edge = any(equal(at, edges.xy)) || any(equal(at, last));
    found = over(found, frame, within && edge ? 1.0 : 0.0);
  }
  return over(found, ink, letters);
}
