#!/usr/bin/env bash
# Finding:  Pillow's duration=1000/30 makes four different films: GIF too fast, WebP uneven, PNG exact, AVIF an error.
# Versions: pillow 13.0.0
# Guess:    `duration` is in milliseconds for all animated formats, so a figure that is right for one is for all; and a
#           saved animation has as many frames as it was given.
# Seen:     GIF counts hundredths of a second, and every frame is cut to 30 ms for itself: ten seconds last nine. WebP
#           adds up fractions and spreads them (33, 34, 33). PNG keeps a fraction. AVIF wants whole numbers. GIF, WebP
#           and PNG put equal frames into one of double length, so that frame numbers are no more those of the film;
#           in the GIF the error stays.
# Output:
#   GIF : 30 frames became 20, which last 900 ms; the first ones [60, 30, 60]
#   WEBP: 30 frames became 20, which last 1000 ms; the first ones [67, 33, 67]
#   PNG : 30 frames became 20, which last 1000 ms; the first ones [66.7, 33.3, 66.7]
#   AVIF: TypeError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pillow==13.0.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import io

from PIL import Image

shades = [Image.new("RGB", (16, 16), (12 * number, 0, 0)) for number in range(20)]
frames = [shade for number, shade in enumerate(shades) for _ in range(2 - number % 2)]  # every other one stays twice
assert len(frames) == 30
found = {}
for kind in ("GIF", "WEBP", "PNG", "AVIF"):
    file = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    try:
        frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=1000 / 30, **options)
    except TypeError:
        print(f"{kind}: TypeError")
        found[kind] = None
        continue
    file.seek(0)
    lengths = []
    with Image.open(file) as film:
        for number in range(film.n_frames):
            film.seek(number)
            film.load()
            lengths.append(film.info["duration"])
    total = round(sum(lengths))
    print(f"{kind:4}: 30 frames became {len(lengths)}, which last {total} ms;", end=" ")
    print("the first ones", [round(length, 1) for length in lengths[:3]])
    found[kind] = (len(lengths), total)
assert found == {"GIF": (20, 900), "WEBP": (20, 1000), "PNG": (20, 1000), "AVIF": None}, found
PYTHON
