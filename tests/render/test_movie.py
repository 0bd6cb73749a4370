"""Films are written from painted arrays and read again; nothing is drawn by VTK."""

import hashlib
import os
import resource
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.orders.order import FilmOrder
from mmviz.render.film.movie import check_movie, write_movie

SMALL = FilmOrder("", width=64, height=48, fps=25)
RED, BLUE, WHITE, BLACK = (255, 0, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
Frame = NDArray[np.uint8]


def flat(color: tuple[int, int, int], options: FilmOrder = SMALL) -> Frame:
    return np.full((options.height, options.width, 3), color, np.uint8)


def dots(count: int, options: FilmOrder = SMALL) -> Iterator[Frame]:
    """Fine coloured dots on black, moving."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        frame = flat(BLACK, options)
        where = rng.random(frame.shape[:2]) < 0.02
        frame[where] = rng.integers(0, 256, (int(where.sum()), 3))
        yield frame


def decode(path: Path) -> list[Frame]:
    """Frames as a player shows them that goes by the film's own colour tags."""
    with av.open(str(path)) as film:
        space, span = film.streams.video[0].codec_context.colorspace, ColorRange.MPEG
        return [
            np.asarray(frame.to_ndarray(format="rgb24", src_colorspace=space, src_color_range=span), np.uint8)
            for frame in film.decode(video=0)
        ]


def test_a_film_has_its_frames_its_size_and_its_duration(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    write_movie(dots(50), SMALL.to(path), count=50)
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        context = stream.codec_context
        times = [frame.time for frame in film.decode(stream)]
        assert (context.name, context.pix_fmt, context.width, context.height) == ("h264", "yuv420p", 64, 48)
        assert film.duration == pytest.approx(2_000_000, abs=1000)  # microseconds
        assert stream.average_rate == 25
    assert times == pytest.approx(np.arange(50) / 25)


def test_a_film_says_by_which_rule_its_colours_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    write_movie([flat(RED)], SMALL.to(path))
    with av.open(str(path)) as film:
        context = film.streams.video[0].codec_context
        tags = (context.colorspace, context.color_range, context.color_primaries, context.color_trc)
    assert tags == (1, ColorRange.MPEG, 1, 1)  # 1: BT.709, in the numbers of ITU-T H.273


@pytest.mark.parametrize("crf", [0, 1, 18, 51])
def test_every_crf_is_coded_in_the_profile_that_all_players_show(tmp_path: Path, crf: int) -> None:
    """High, of a byte for each sample and half the colours each way: what all decoders of docs/guide/films.md show."""
    path = tmp_path / "x.mp4"
    write_movie(dots(5), replace(SMALL, crf=crf).to(path))
    with av.open(str(path)) as film:
        context = film.streams.video[0].codec_context
        assert (context.profile, context.pix_fmt) == ("High", "yuv420p")
        assert (context.colorspace, context.color_range) == (1, ColorRange.MPEG)


def test_the_best_crf_is_next_to_no_loss(tmp_path: Path) -> None:
    """Grey has no colours to be halved: what is left is the rounding of a byte and of crf 1."""
    rng = np.random.default_rng(1)
    grey = np.repeat(rng.integers(0, 256, (48, 64, 1), np.uint8), 3, axis=2)
    off = []
    for crf in (0, 1, 18):
        write_movie([grey], replace(SMALL, crf=crf).to(tmp_path / "x.mp4"))
        (shown,) = decode(tmp_path / "x.mp4")
        off.append(np.abs(shown.astype(int) - grey).max())
    assert off[0] == off[1] <= 5 < off[2]


def test_a_lossless_film_has_every_pixel_as_it_was_drawn(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    frames = [np.random.default_rng(number).integers(0, 256, (48, 64, 3), np.uint8) for number in range(4)]
    write_movie(frames, replace(SMALL, crf=51, lossless=True).to(path))
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        context = stream.codec_context
        shown = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
        assert (context.profile, context.colorspace, context.color_range) == (
            "High 4:4:4 Predictive",
            0,  # red, green and blue themselves
            ColorRange.JPEG,
        )
        assert (context.color_primaries, context.color_trc) == (1, 1)
    np.testing.assert_array_equal(np.array(shown), np.array(frames))


def test_colours_come_back(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    colors = [RED, BLUE, WHITE, BLACK, (60, 120, 255), (255, 80, 60), (128, 128, 128)]
    write_movie([flat(color) for color in colors], SMALL.to(path))
    frames = decode(path)
    assert len(frames) == len(colors)
    for color, frame in zip(colors, frames, strict=True):
        np.testing.assert_allclose(frame.astype(int), np.broadcast_to(color, frame.shape), atol=4)


def test_a_picture_is_neither_mirrored_nor_turned(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    picture = flat(BLACK)
    picture[:16, :16], picture[:16, -16:] = RED, BLUE
    write_movie([picture], SMALL.to(path))
    (shown,) = decode(path)
    corners = shown[[4, 4, -4, -4], [4, -4, 4, -4]]
    np.testing.assert_allclose(corners.astype(int), [RED, BLUE, BLACK, BLACK], atol=4)


def test_the_index_stands_before_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    write_movie(dots(5), SMALL.to(path))
    content = path.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_the_same_frames_make_the_same_bytes(tmp_path: Path) -> None:
    films = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for path in films:
        write_movie(dots(40), SMALL.to(path))
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in films}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("width", [160, 336])
def test_widths_that_are_no_multiple_of_eight_macroblocks_are_as_repeatable(tmp_path: Path, width: int) -> None:
    options = FilmOrder("", width, 120, fps=25)
    bytes_of = set()
    for number in range(5):
        path = tmp_path / "x.mp4"
        write_movie(dots(40, options), options.to(path))
        bytes_of.add(hashlib.sha256(path.read_bytes()).hexdigest())
        np.full(50_000 + 7919 * number, number, np.uint8)  # memory that is not the same as last time
    assert len(bytes_of) == 1
    assert b"mbtree=0" in path.read_bytes(), "x264 writes its options into the film"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores can be kept from a process on Linux only")
def test_a_film_does_not_depend_on_the_number_of_cores(tmp_path: Path) -> None:
    options, cores = FilmOrder("", 64, 512, fps=25), os.sched_getaffinity(0)  # x264 gives each thread some rows
    write_movie(dots(5, options), options.to(tmp_path / "x.mp4"))
    os.sched_setaffinity(0, {min(cores)})
    try:
        write_movie(dots(5, options), options.to(tmp_path / "y.mp4"))
    finally:
        os.sched_setaffinity(0, cores)
    assert (tmp_path / "x.mp4").read_bytes() == (tmp_path / "y.mp4").read_bytes()


def test_the_usual_widths_keep_the_macroblock_tree(tmp_path: Path) -> None:
    options = FilmOrder("", 640, 32, fps=25)
    write_movie(dots(2, options), options.to(tmp_path / "x.mp4"))
    assert b"mbtree=1" in (tmp_path / "x.mp4").read_bytes()


def test_an_array_may_be_used_again_for_the_next_frame(tmp_path: Path) -> None:
    def repainted() -> Iterator[Frame]:
        canvas = flat(BLACK)
        for color in (RED, BLUE, WHITE):
            canvas[:] = color
            yield canvas

    write_movie(repainted(), SMALL.to(tmp_path / "x.mp4"))
    write_movie([flat(RED), flat(BLUE), flat(WHITE)], SMALL.to(tmp_path / "y.mp4"))
    assert (tmp_path / "x.mp4").read_bytes() == (tmp_path / "y.mp4").read_bytes()


def test_a_picture_seen_from_below_or_cut_out_is_written_as_it_looks(tmp_path: Path) -> None:
    (frame,) = dots(1, FilmOrder("", width=80, height=48))
    cut = frame[::-1, 8:72]
    write_movie([cut], SMALL.to(tmp_path / "x.mp4"))
    write_movie([cut.copy()], SMALL.to(tmp_path / "y.mp4"))
    assert (tmp_path / "x.mp4").read_bytes() == (tmp_path / "y.mp4").read_bytes()


def test_frames_are_taken_one_at_a_time(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []
    done: list[int] = []

    def watched() -> Iterator[Frame]:
        for number, frame in enumerate(dots(6), start=1):
            asked.append((number, len(done)))
            yield frame

    write_movie(watched(), SMALL.to(tmp_path / "x.mp4"), progress=done.append)
    assert asked == [(number, number - 1) for number in range(1, 7)]
    assert done == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("size", [(2, 2), (130, 98), (1282, 2)])
def test_an_even_size_is_kept_and_not_rounded_to_sixteen(tmp_path: Path, size: tuple[int, int]) -> None:
    options = FilmOrder("", *size)
    write_movie([flat(RED, options)], options.to(tmp_path / "x.mp4"))
    (frame,) = decode(tmp_path / "x.mp4")
    assert frame.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("after", [0, 1, 60])
def test_an_interruption_leaves_an_empty_folder_and_no_thread(
    tmp_path: Path, error: type[BaseException], after: int
) -> None:
    def broken() -> Iterator[Frame]:
        yield from dots(after)
        raise error

    with pytest.raises(error):
        write_movie(broken(), SMALL.to(tmp_path / "x.mp4"))
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("encoder")]


def test_an_error_of_the_progress_bar_leaves_an_empty_folder(tmp_path: Path) -> None:
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_movie(dots(3), SMALL.to(tmp_path / "x.mp4"), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_message_and_leaves_an_empty_folder(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # no file may pass 1000 bytes
    try:
        with pytest.raises(OutputError) as caught:
            write_movie(dots(100), SMALL.to(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(caught.value) == f"{path}: cannot be written: File too large."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("frames", "count", "text"),
    [
        ([], None, "there are no frames to write."),
        ([flat(RED)], 2, "1 frames came, 2 were expected."),
        ([flat(RED)] * 3, 2, "3 frames came, 2 were expected."),
        ([flat(RED), flat(RED)[:-2]], None, "frame 2 is 46x64x3 uint8; it must be 48x64x3 uint8."),
        ([flat(RED)[..., :1]], None, "frame 1 is 48x64x1 uint8; it must be 48x64x3 uint8."),
        ([flat(RED) / 255], None, "frame 1 is 48x64x3 float64; it must be 48x64x3 uint8."),
    ],
)
def test_frames_that_make_no_film_are_refused(tmp_path: Path, frames: Any, count: int | None, text: str) -> None:
    path = tmp_path / "x.mp4"
    with pytest.raises(OutputError) as caught:
        write_movie(frames, SMALL.to(path), count=count)
    assert str(caught.value) == f"{path}: {text}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (FilmOrder("", width=1281), "picture size 1281x1080: width and height must be even, for H.264."),
        (FilmOrder("", height=0), "picture size 1920x0: width and height must be 1 or more."),
        (FilmOrder("", fps=0), "frames a second: must be from 1 to 240, got 0."),
        (FilmOrder("", fps=1000), "frames a second: must be from 1 to 240, got 1000."),
        (FilmOrder("", crf=-1), "crf: must be from 0 (best) to 51 (smallest file), got -1."),
        (FilmOrder("", crf=52), "crf: must be from 0 (best) to 51 (smallest file), got 52."),
    ],
)
def test_options_that_make_no_film_are_refused_before_the_first_frame(
    tmp_path: Path, options: FilmOrder, text: str
) -> None:
    def untouched() -> Iterator[Frame]:
        yield pytest.fail("a frame was drawn")

    with pytest.raises(OutputError) as caught:
        write_movie(untouched(), options.to(tmp_path / "x.mp4"))
    assert str(caught.value) == text


def test_another_ending_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        check_movie(SMALL.to(tmp_path / "x.avi"))
    assert str(caught.value) == f"{tmp_path}/x.avi: the name ends in .avi; it must end in .mp4, .mov or .webm."


def test_the_settings_of_a_good_film_are_accepted(tmp_path: Path) -> None:
    check_movie(FilmOrder("").to(tmp_path / "X.MP4"))
