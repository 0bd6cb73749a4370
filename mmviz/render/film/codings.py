"""How the pictures of each kind of film are coded: encoder, colours, options; encodes nothing itself.

Alpha is straight everywhere, as FFmpeg and browsers take it: colours are not multiplied by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from av.video.reformatter import ColorRange

from mmviz.orders.kinds import FILM, MOV, kind_of
from mmviz.orders.order import FilmOrder

# On mostly black pictures with fine dots 'veryfast' makes files as small as 'medium', at twice its speed.
PRESET = "veryfast"
# In the numbers of ITU-T H.273: BT.709, of matrix, primaries and transfer alike; and the matrix that is none.
BT709, RGB = 1, 0
# The least crf that x264 codes with loss. Below 1 it codes without, in the profile High 4:4:4 Predictive, which
# decoders other than FFmpeg's refuse. See findings/x264-below-one.sh.
LEAST_CRF = 1
MOST_CRF = 51
"""Of H.264."""
MOST_CRF_OF_VP9 = 63


@dataclass(frozen=True, slots=True)
class Coding:
    """How pictures are coded."""

    container: Literal["mp4", "mov", "webm"]
    codec: Literal["libx264", "libx264rgb", "prores_ks", "libvpx-vp9"]
    pixels: str  # of the encoder, in FFmpeg's words
    options: Mapping[str, str]  # of the encoder
    span: ColorRange = ColorRange.MPEG
    matrix: int = BT709  # in the numbers of ITU-T H.273
    muxing: Mapping[str, str] = field(default_factory=dict)  # options of the file
    tags: Mapping[str, str] = field(default_factory=dict)  # of the stream
    halved: bool = False  # colours have half the resolution, and those of neighbours flow into what is transparent

    @property
    def taken(self) -> str:
        """The pixels that it is given, in FFmpeg's words."""
        return "rgba" if "yuva" in self.pixels else "rgb24"


def coding_of(order: FilmOrder) -> Coding:
    """How the pictures of a film are coded; an MP4 where its name asks for no other kind."""
    kind = kind_of(order.path) or FILM
    clear = order.ground == "transparent"
    if kind is MOV:
        return _prores(clear=clear)
    if kind.ending == ".webm":
        return _vp9(order.crf, clear=clear)
    return _h264(order)


def _h264(order: FilmOrder) -> Coding:
    crf = 0 if order.lossless else max(order.crf, LEAST_CRF)
    options = {"crf": str(crf), "preset": PRESET, **_repeatable(order.width)}
    muxing = {"movflags": "+faststart"}
    if order.lossless:
        return Coding("mp4", "libx264rgb", "rgb24", options, ColorRange.JPEG, RGB, muxing)
    # The profile is asked for, so that x264 refuses what does not belong to it instead of taking another one.
    return Coding("mp4", "libx264", "yuv420p", {**options, "profile": "high"}, muxing=muxing)


def _prores(*, clear: bool) -> Coding:
    """ProRes 4444: colours in full resolution, 10 bits each, and alpha without loss."""
    pixels = "yuva444p10le" if clear else "yuv444p10le"
    return Coding("mov", "prores_ks", pixels, {"profile": "4444", "vendor": "apl0"}, muxing={"movflags": "+faststart"})


def _vp9(crf: int, *, clear: bool) -> Coding:
    """VP9, whose alpha is a stream of its own beside the colours; without hidden frames, which alpha cannot have."""
    options = {
        "crf": str(round(crf * MOST_CRF_OF_VP9 / MOST_CRF)),
        "b": "0",  # crf alone counts
        "deadline": "good",
        "cpu-used": "4",
        "row-mt": "1",
        "auto-alt-ref": "0",
    }
    muxing = {"fflags": "+bitexact"}  # or each file had a random number in it
    if clear:
        return Coding("webm", "libvpx-vp9", "yuva420p", options, muxing=muxing, tags={"alpha_mode": "1"}, halved=True)
    return Coding("webm", "libvpx-vp9", "yuv420p", options, muxing=muxing)


def _repeatable(width: int) -> dict[str, str]:
    """Options with which the same frames give the same bytes.

    Where the width is no multiple of eight macroblocks of 16 pixels, x264's macroblock tree makes films that differ:
    see findings/x264-macroblock-tree.sh. Without it files are half as large again, so it stays on for the usual widths.
    """
    return {} if -(-width // 16) % 8 == 0 else {"x264-params": "mbtree=0"}
