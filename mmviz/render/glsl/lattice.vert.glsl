// Where the box around a matrix's spheres, the eye and its direction are, in the box's own space: cells.
out vec3 box_point; flat out vec3 box_eye; flat out vec3 box_forward;

// place: a corner of the box. to_eye: from the box to the space whose origin is the eye, which looks along -z.
void place_in_box(vec3 place, mat4 to_eye) {
  mat4 to_box = inverse(to_eye);
  box_point = place;
  box_eye = (to_box * vec4(0.0, 0.0, 0.0, 1.0)).xyz;
  box_forward = (to_box * vec4(0.0, 0.0, -1.0, 0.0)).xyz;
}
