#!/usr/bin/env bash
# Finding:  With PyAV a stream that is marked BT.709 is filled with the numbers of BT.601, so that its red is orange.
# Versions: av 18.1.0, numpy 2.4.6
# Guess:    The colour space that is set on an encoder is the one into which its RGB frames are converted; and a film
#           without the mark, which most small scripts write, is the one whose colours are off.
# Seen:     The conversion belongs to the frame, knows nothing of the stream, and takes BT.601. The mark only tells
#           players to read BT.709: (255, 0, 0) comes back as (255, 23, 0). Unmarked it comes back right here, since
#           the same library guesses BT.601; players that guess by size do not. Right is frame.reformat with
#           dst_colorspace="ITU709" before encoding, and the mark.
# Output:
#   unmarked:                  Y, Cb, Cr [81, 90, 240], decoded [253, 0, 0]
#   marked:                    Y, Cb, Cr [81, 90, 240], decoded [255, 23, 0]
#   converted and marked:      Y, Cb, Cr [63, 102, 240], decoded [254, 0, 0]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import io
from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

BT709 = 1


def red(marked: bool, converted: bool) -> tuple[list[int], list[int]]:
    """Y, Cb and Cr of a red frame in a film, and the colour that a decoder makes of it."""
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        if marked:
            encoder = stream.codec_context
            encoder.colorspace = encoder.color_primaries = encoder.color_trc = BT709
            encoder.color_range = ColorRange.MPEG
        frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), (255, 0, 0), np.uint8), format="rgb24")
        if converted:
            frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    content.seek(0)
    with av.open(content) as container:
        shown = next(container.decode(video=0))
    planes = [int(np.frombuffer(plane, np.uint8)[0]) for plane in shown.planes]
    return planes, shown.to_ndarray(format="rgb24")[32, 32].tolist()


found = []
for words, marked, converted in (("unmarked", False, False), ("marked", True, False), ("converted and marked", True, True)):
    planes, color = red(marked, converted)
    print(f"{words + ':':26} Y, Cb, Cr {planes}, decoded {color}")
    found.append(planes)
    assert (color[1] > 15) == (words == "marked"), color
assert found == [[81, 90, 240], [81, 90, 240], [63, 102, 240]], found
PYTHON
