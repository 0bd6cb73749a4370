"""MP4 films: pictures to H.264, one at a time, by PyAV; knows nothing of where the pictures come from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.machine.output_files import check_output, check_size, whole_file
from mmviz.orders.kinds import FILM
from mmviz.orders.order import FilmOrder
from mmviz.render.film.stopwatch import Stopwatch

# On mostly black pictures with fine dots 'veryfast' makes files as small as 'medium', at twice its speed.
PRESET = "veryfast"
# A fixed number: it changes the file, and a film should not depend on how many cores there are.
THREADS = 4
# In the numbers of ITU-T H.273: BT.709, of matrix, primaries and transfer alike; and the matrix that is none.
BT709, RGB = 1, 0
# The least crf that x264 codes with loss. Below 1 it codes without, in the profile High 4:4:4 Predictive, which
# decoders other than FFmpeg's refuse. See findings/x264-below-one.sh.
LEAST_CRF = 1


def check_movie(order: FilmOrder) -> None:
    """Refuses a film that cannot be written, before the first picture is drawn.

    Raises:
        OutputError: the file's name or folder, the picture size, or another option.
    """
    check_output(order.place, (FILM.ending,))
    check_size(order.width, order.height, even=FILM.even)
    check_rate(order.fps, FILM.fastest)
    if not 0 <= order.crf <= 51:
        raise OutputError(f"crf: must be from 0 (best) to 51 (smallest file), got {order.crf}.")


def check_rate(fps: int, most: int) -> None:
    """Refuses a film that is too slow or too fast.

    Raises:
        OutputError: as said.
    """
    if not 1 <= fps <= most:
        raise OutputError(f"frames a second: must be from 1 to {most}, got {fps}.")


def write_movie(
    frames: Iterable[NDArray[np.uint8]],
    order: FilmOrder,
    *,
    count: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Writes an H.264 film that every player reads, unless it is lossless; it is there as a whole or not at all.

    Args:
        frames: (height, width, 3) red, green, blue, the top row first. Taken one at a time; an array may be
            used again for the next frame.
        order: An MP4 film: its file, size, speed and quality.
        count: Number of frames that must come; None to take what comes.
        progress: Called after each frame with the number of frames so far.

    Raises:
        OutputError: the film cannot be written, a frame has another shape, or there are too few or too many.
    """
    check_movie(order)
    path = order.place
    with whole_file(path) as part:
        done = write_segment(part, counted(frames, order, progress), order)
        if done == 0:
            raise OutputError(f"{path}: there are no frames to write.")
        if count is not None and done != count:
            raise OutputError(f"{path}: {done} frames came, {count} were expected.")


def write_segment(
    part: Path, frames: Iterable[NDArray[np.uint8]], order: FilmOrder, watch: Stopwatch | None = None
) -> int:
    """Encodes frames into a film of its own at `part`, and gives their number."""
    with _Encoder(part, order, watch or Stopwatch()) as encoder:
        done = 0
        for frame in frames:
            encoder.add(frame)
            done += 1
        if done:
            encoder.finish()
    return done


def join_segments(parts: Sequence[tuple[Path, int]], whole: Path) -> None:
    """Puts films one after the other, without encoding them again.

    Args:
        parts: The films, which were written with the same options, each with its number of frames.
        whole: The file.
    """
    with av.open(str(whole), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        stream, ahead, first = None, 0, 0
        for part, count in parts:
            with av.open(str(part)) as segment:
                source = segment.streams.video[0]
                packets = [packet for packet in segment.demux(source) if packet.dts is not None]
                if stream is None:
                    stream = film.add_stream_from_template(source, opaque=True)
                    ahead = (packets[0].pts or 0) - (packets[0].dts or 0)
                frame = packets[0].duration or 1  # how long each one is, in the file's units
                for number, packet in enumerate(packets):
                    packet.pts = (packet.pts or 0) + first * frame
                    # A short segment begins to be decoded later than a long one; a film goes on evenly.
                    packet.dts = (first + number) * frame - ahead
                    packet.stream = stream
                    film.mux(packet)
            first += count


def counted(
    frames: Iterable[NDArray[np.uint8]], order: FilmOrder, progress: Callable[[int], None] | None
) -> Iterable[NDArray[np.uint8]]:
    """The frames, each of which is checked, and told when it has been taken."""
    for done, frame in enumerate(frames, start=1):
        _check_frame(done, frame, order)
        yield frame
        if progress is not None:
            progress(done)


def _check_frame(number: int, frame: NDArray[np.uint8], order: FilmOrder) -> None:
    needed = (order.height, order.width, 3)
    if frame.shape != needed or frame.dtype != np.uint8:
        found = f"{_shape_text(frame.shape)} {frame.dtype}"
        raise OutputError(f"{order.place}: frame {number} is {found}; it must be {_shape_text(needed)} uint8.")


def _shape_text(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _repeatable(width: int) -> dict[str, str]:
    """Options with which the same frames give the same bytes.

    Where the width is no multiple of eight macroblocks of 16 pixels, x264's macroblock tree makes films that differ:
    see findings/x264-macroblock-tree.sh. Without it files are half as large again, so it stays on for the usual widths.
    """
    return {} if -(-width // 16) % 8 == 0 else {"x264-params": "mbtree=0"}


@dataclass(frozen=True, slots=True)
class _Coding:
    """How pictures are coded."""

    codec: Literal["libx264", "libx264rgb"]
    pixels: str
    span: ColorRange
    matrix: int  # in the numbers of ITU-T H.273
    options: Mapping[str, str]


# The profile is asked for, so that x264 refuses what does not belong to it instead of taking another one.
HIGH = _Coding("libx264", "yuv420p", ColorRange.MPEG, BT709, {"profile": "high"})
LOSSLESS = _Coding("libx264rgb", "rgb24", ColorRange.JPEG, RGB, {})


class _Encoder:
    """Encodes one frame in a thread of its own while the caller draws the next one."""

    def __init__(self, part: Path, order: FilmOrder, watch: Stopwatch) -> None:
        self._watch = watch
        self._container = av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"})
        self._coding = coding = LOSSLESS if order.lossless else HIGH
        crf = 0 if order.lossless else max(order.crf, LEAST_CRF)
        encoding = {"crf": str(crf), "preset": PRESET, **coding.options, **_repeatable(order.width)}
        self._stream = self._container.add_stream(coding.codec, rate=order.fps, options=encoding)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = order.width, order.height, coding.pixels
        context.thread_count = THREADS
        context.time_base = Fraction(1, order.fps)
        context.color_range, context.colorspace = coding.span, coding.matrix
        context.color_primaries = context.color_trc = BT709
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encoder")
        self._pending: Future[None] | None = None
        self._next = 0  # time of the next frame, in frames

    def __enter__(self) -> Self:
        return self

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Waits for the frame before; its error, if it had one, is raised here."""
        picture = av.VideoFrame.from_ndarray(frame, format="rgb24")  # a copy: the array may change after this
        picture.pts = self._next
        picture.time_base = self._stream.codec_context.time_base
        self._next += 1
        self._wait()
        self._pending = self._thread.submit(self._encode, picture)

    def finish(self) -> None:
        """Writes what the encoder still holds back, and the index."""
        self._wait()
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        with nullcontext() if error is None else suppress(OSError):  # the first error is the one to show
            self._container.close()

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()

    def _encode(self, picture: av.VideoFrame) -> None:
        with self._watch.stage("encode"):
            # What the stream is marked as does not change the conversion: see findings/pyav-bt709-tag.sh.
            if self._coding.matrix == BT709:
                picture = picture.reformat(
                    format=self._coding.pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=self._coding.span
                )
            self._container.mux(self._stream.encode(picture))
