// Where the box around a matrix's spheres, the eye and its direction are, in the box's own space: cells.
out vec3 box_point; flat out vec3 box_eye; flat out vec3 box_forward;

// A corner of the box, a pixel farther out than it is: what is thinner than a pixel is met by a ray all the same.
// place: the corner; the box begins at x and y 0. to_eye: from the box to the space whose origin is the eye, which looks
// along -z. to_clip: to OpenGL's clip coordinates, which are returned. height: of the view, in pixels.
vec4 place_in_box(vec3 place, mat4 to_eye, mat4 to_clip, float height) {
  mat4 to_box = inverse(to_eye);
  float pixel = 2.0 * max((to_clip * vec4(place, 1.0)).w, 0.0) / (height * (to_clip * to_box)[1][1]);
  box_point = place + pixel * (2.0 * vec3(greaterThan(place, vec3(0.0))) - 1.0);
  box_eye = (to_box * vec4(0.0, 0.0, 0.0, 1.0)).xyz;
  box_forward = (to_box * vec4(0.0, 0.0, -1.0, 0.0)).xyz;
  return to_clip * vec4(box_point, 1.0);
}
