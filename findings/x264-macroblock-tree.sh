#!/usr/bin/env bash
# Finding:  x264 makes different films of the same frames where the width is no multiple of 128 pixels.
# Versions: av 18.1.0 (its own libx264), numpy 2.4.6
# Guess:    An encoder is a function of frames and options. One may hash a film in a test, or compare two builds by it,
#           once the number of threads is fixed.
# Seen:     The macroblock tree, on by default, looks at eight macroblocks of 16 pixels at a time and reads memory that
#           was never written where the width is no multiple of eight of them. What lay there decides a few bits, so
#           the same process encodes the same frames differently now and then. With mbtree=0 (files half as large
#           again), or at a width of 128, 640, 1280 or 1920 pixels, every film is the same.
# Output:
#   160 pixels wide: several films
#   128 pixels wide: one film
#   160 pixels wide, mbtree=0: one film
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import hashlib
import io
from fractions import Fraction

import av
import numpy as np

ATTEMPTS = 100


def film(width: int, options: dict[str, str]) -> str:
    """The hash of forty frames of a square on its way over a dotted ground."""
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "20", **options})
        stream.width, stream.height, stream.pix_fmt = width, 120, "yuv420p"
        stream.codec_context.thread_count = 4
        for number in range(40):
            picture = np.zeros((120, width, 3), np.uint8)
            picture[::7, ::5] = 80
            left = 3 * number % (width - 20)
            picture[40:60, left : left + 20] = 255
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return hashlib.sha256(content.getvalue()).hexdigest()


def films(width: int, **options: str) -> int:
    """How many different films many attempts give, with other things in memory each time."""
    found = set()
    for attempt in range(ATTEMPTS):
        found.add(film(width, {name.replace("_", "-"): text for name, text in options.items()}))
        np.full(50_000 + 7919 * attempt, attempt, np.uint8)
    return len(found)


for width, options, several in ((160, {}, True), (128, {}, False), (160, {"x264_params": "mbtree=0"}, False)):
    words = ", ".join([f"{width} pixels wide", *(text for text in options.values())])
    count = films(width, **options)
    print(f"{words}: {'several films' if count > 1 else 'one film'}")
    assert (count > 1) == several, f"{words}: {count} different films"
PYTHON
