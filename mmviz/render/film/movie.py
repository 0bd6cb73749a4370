"""Coded films: pictures to H.264, ProRes or VP9, one at a time, by PyAV; knows nothing of where they come from."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.machine.output_files import check_output, check_size, whole_file
from mmviz.orders.kinds import FILM, MOV, WEBM, kind_of
from mmviz.orders.order import FilmOrder
from mmviz.render.film.alpha import with_spread_colors
from mmviz.render.film.codings import BT709, MOST_CRF, coding_of
from mmviz.render.film.stopwatch import Stopwatch

# A fixed number: it changes the file, and a film should not depend on how many cores there are.
THREADS = 4
CODED = (FILM, MOV, WEBM)
"""The kinds of films that are written here."""


def check_movie(order: FilmOrder) -> None:
    """Refuses a film that cannot be written, before the first picture is drawn.

    Raises:
        OutputError: the file's name or folder, the picture size, or another option.
    """
    check_output(order.place, [kind.ending for kind in CODED])
    kind = kind_of(order.path) or FILM
    check_size(order.width, order.height, even=kind.even)
    check_rate(order.fps, kind.fastest)
    if not 0 <= order.crf <= MOST_CRF:
        raise OutputError(f"crf: must be from 0 (best) to {MOST_CRF} (smallest file), got {order.crf}.")
    codec = coding_of(order).codec
    if codec not in av.codecs_available:
        raise OutputError(
            f"{order.path}: PyAV {av.__version__} was built without {codec}; choose another kind of film."
        )


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
    """Writes a film by its name's ending: of .mp4 one that every player reads; it is there as a whole or not at all.

    Args:
        frames: (height, width, 3) red, green, blue, and (height, width, 4) with alpha of a transparent film; the top
            row first. Taken one at a time; an array may be used again for the next frame.
        order: The film: its file, size, speed and quality.
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


def join_plain_segments(parts: Sequence[tuple[Path, int]], whole: Path, order: FilmOrder) -> None:
    """Puts films one after the other whose frames are shown in the order in which they are stored.

    Args:
        parts: The films, which were written with the same options, each with its number of frames.
        whole: The file.
        order: What they were written with.
    """
    coding, frame = coding_of(order), Fraction(1, order.fps)
    with av.open(str(whole), "w", format=coding.container, options=dict(coding.muxing)) as film:
        stream, done = None, 0
        for part, count in parts:
            with av.open(str(part)) as segment:
                source = segment.streams.video[0]
                if stream is None:
                    stream = film.add_stream_from_template(source, opaque=True)
                    stream.time_base = frame
                    stream.metadata.update(coding.tags)
                stored = (packet for packet in segment.demux(source) if packet.size)
                for number, packet in enumerate(stored, start=done):
                    # By its number: a file that counts in thousandths of a second has rounded the times of its frames.
                    packet.time_base, packet.pts, packet.dts, packet.duration = frame, number, number, 1
                    packet.stream = stream
                    film.mux(packet)
            done += count


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
    needed = (order.height, order.width, 4 if order.ground == "transparent" else 3)
    if frame.shape != needed or frame.dtype != np.uint8:
        found = f"{_shape_text(frame.shape)} {frame.dtype}"
        raise OutputError(f"{order.place}: frame {number} is {found}; it must be {_shape_text(needed)} uint8.")


def _shape_text(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


class _Encoder:
    """Encodes one frame in a thread of its own while the caller draws the next one."""

    def __init__(self, part: Path, order: FilmOrder, watch: Stopwatch) -> None:
        self._watch = watch
        self._coding = coding = coding_of(order)
        self._container = av.open(str(part), "w", format=coding.container, options=dict(coding.muxing))
        self._stream = self._container.add_stream(coding.codec, rate=order.fps, options=dict(coding.options))
        self._stream.metadata.update(coding.tags)
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
        taken = with_spread_colors(frame) if self._coding.halved else frame
        picture = av.VideoFrame.from_ndarray(
            taken, format=self._coding.taken
        )  # a copy: the array may change after this
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
