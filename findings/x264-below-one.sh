#!/usr/bin/env bash
# Finding:  crf 0.9 is no better than crf 0: below 1 x264 drops all loss, and with it the profile that all players show.
# Versions: av 18.1.0 (its own libx264), numpy 2.4.6
# Guess:    crf is a scale that goes on evenly to its end. 0.9 is a bit better than 1, and 0 the best of the same kind.
# Seen:     The fraction is cut off before x264 asks whether all is to be kept. From 0 up to 1 every film is the same,
#           lossless, in the profile High 4:4:4 Predictive, even of pictures with halved colours (yuv420p), which not
#           all decoders show. At 1 the profile is High. Ask for profile=high as well: then crf 0 is an error and
#           no film that does not play.
# Output:
#   crf 0: High 4:4:4 Predictive
#   crf 0.9: High 4:4:4 Predictive, byte for byte that of crf 0
#   crf 1: High
#   crf 0, profile=high: refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import io

import av
import numpy as np

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


def film(**options: str) -> bytes:
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.thread_count = 1
        container.mux(stream.encode(av.VideoFrame.from_ndarray(PICTURE, format="rgb24").reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return content.getvalue()


def profile(content: bytes) -> str:
    with av.open(io.BytesIO(content)) as opened:
        return opened.streams.video[0].codec_context.profile


none, nearly, one = (film(crf=crf) for crf in ("0", "0.9", "1"))
same = ", byte for byte that of crf 0" if none == nearly else ""
print(f"crf 0: {profile(none)}\ncrf 0.9: {profile(nearly)}{same}\ncrf 1: {profile(one)}")
av.logging.set_level(None)
try:
    film(crf="0", profile="high")
    refused = False
except av.error.FFmpegError:
    refused = True
print(f"crf 0, profile=high: {'refused' if refused else 'written'}")
assert (profile(none), profile(nearly), profile(one)) == ("High 4:4:4 Predictive", "High 4:4:4 Predictive", "High")
assert none == nearly != one
assert refused
PYTHON
