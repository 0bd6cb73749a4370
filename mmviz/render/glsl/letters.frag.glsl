// How much of a pixel a letter covers, from a picture of coverages and its three smaller levels: at the left the
// picture itself, WIDTH texels wide; right of it from the bottom half of it, and above that a quarter and an eighth.
// Uniform: rim, a float: how far the rim around letters reaches, in texels.
// A letter begins at a whole texel of the picture, its origin; places within it are rounded to a thousandth of a
// texel, so that it looks the same wherever in the picture it has been put.

float letter_in(vec2 texel, int level) {
  vec2 size = vec2(textureSize(letters, 0)), corner = vec2(0.0);
  if (level > 0) corner = vec2(level < 3 ? WIDTH : 1.25 * WIDTH, level < 2 ? 0.0 : 0.5 * size.y);
  return textureLod(letters, (corner + texel / float(1 << level)) / size, 0.0).r;
}

float letter_at(vec2 origin, vec2 within, float level) {
  vec2 texel = origin + floor(within * 1024.0 + 0.5) / 1024.0;
  int finer = int(level);
  float share = level - float(finer);
  float covered = letter_in(texel, finer);
  return share > 0.0 ? mix(covered, letter_in(texel, finer + 1), share) : covered;
}

// The mean along the longer side of what the pixel covers, as letters are seen aslant.
float letter(vec2 origin, vec2 within) {
  vec2 right = dFdx(within), up = dFdy(within);
  bool turned = dot(right, right) < dot(up, up);
  vec2 longer = turned ? up : right, shorter = turned ? right : up;
  float along = length(longer), across = max(length(shorter), along / float(TAPS));
  float spread = 1.0 - across / max(along, 1e-6);  // 0 where a pixel covers a square: one tap is enough there
  int taps = spread < 0.01 ? 1 : TAPS;
  float level = clamp(log2(max(across, 1e-6)) + SHARPER, 0.0, 3.0);
  float sum = 0.0;
  for (int tap = 0; tap < taps; ++tap) {
    sum += letter_at(origin, within + spread * longer * ((float(tap) + 0.5) / float(taps) - 0.5), level);
  }
  float covered = sum / float(taps);
  // A letter that is larger than in the picture gets an edge of one pixel, where its coverage passes one half.
  return along < 1.0 ? clamp((covered - 0.5) / max(along, 0.02) + 0.5, 0.0, 1.0) : covered;
}

// The same for the rim: the largest coverage around.
float rim_of_letter(vec2 origin, vec2 within) {
  float level = clamp(log2(max(length(dFdx(within)), 1.0)), 0.0, 3.0);
  float most = letter_at(origin, within, level);
  for (int tap = 0; tap < 16; ++tap) {
    vec2 aside = rim * vec2(cos(0.39269908 * float(tap)), sin(0.39269908 * float(tap)));
    most = max(most, letter_at(origin, within + aside, level));
    most = max(most, letter_at(origin, within + 0.5 * aside, level));
  }
  return most;
}
