"""Kinds of films: painted frames are written in segments, joined, and read again; nothing is drawn by VTK."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mmviz.errors import OutputError
from mmviz.machine.output_files import work_folder
from mmviz.orders.order import FilmOrder
from mmviz.render.film.formats import SEGMENT, FilmFile, film_of, segments
from mmviz.render.film.stopwatch import Stopwatch

Frame = NDArray[np.uint8]
SMALL = FilmOrder("", width=64, height=48, fps=30)
CODED = (".mp4", ".mov", ".webm")
LONG = 2 * SEGMENT + 3
"""Frames of three segments."""
OUTPUTS = ("x.mp4", "x.mov", "x.webm", "x.gif", "x_%03d.png", "x/")


def painted(first: int, last: int) -> Iterator[Frame]:
    """A blue square on black, one pixel farther in each frame."""
    for number in range(first, last):
        frame = np.zeros((48, 64, 3), np.uint8)
        frame[8:24, number % 48 : number % 48 + 16] = (20, 60, 250)
        yield frame


def write(output: str, count: int, options: FilmOrder = SMALL, backward: bool = False) -> FilmFile:
    """A film of painted frames."""
    film = film_of(options.to(output)).prepared(list(painted(0, 3)))
    parts = segments(count)
    with work_folder(film.path) as folder:
        for part in reversed(parts) if backward else parts:
            film.write(folder, part, painted(part.first, part.last), Stopwatch())
        film.join(folder, parts)
    return film


def read(film: FilmFile) -> list[Frame]:
    """The frames of a film, as they are shown."""
    path = film.path
    if path.suffix in CODED:
        with av.open(str(path)) as opened:
            return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in opened.decode(video=0)]
    if path.suffix == ".gif":
        with Image.open(path) as image:
            return [_shown(image, number) for number in range(image.n_frames)]  # type: ignore[attr-defined]
    folder = path if path.is_dir() else path.parent
    return [np.asarray(Image.open(name)) for name in sorted(folder.glob("*.png"))]


def _shown(image: Image.Image, number: int) -> Frame:
    image.seek(number)
    return np.asarray(image.convert("RGB"))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], FilmFile]:
    """A film of three segments, each kind written once."""
    return cache(lambda output: write(f"{tmp_path_factory.mktemp('long')}/{output}", LONG))


@pytest.mark.slow
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("count", [1, 2, SEGMENT, SEGMENT + 1, LONG])
def test_a_film_has_all_its_frames_in_order(output: str, count: int, long_film: Callable[[str], FilmFile]) -> None:
    frames = read(long_film(output) if count == LONG else write(output, count))
    assert len(frames) == count
    lossy = 40.0 if Path(output).suffix in CODED else 1.0
    for shown, expected in zip(frames, painted(0, count), strict=True):
        assert shown.shape == (48, 64, 3)
        assert np.abs(shown.astype(int) - expected).mean() < lossy / 10


@pytest.mark.slow
@pytest.mark.parametrize("output", OUTPUTS)
def test_the_order_in_which_segments_are_written_makes_no_difference(
    output: str, long_film: Callable[[str], FilmFile]
) -> None:
    def content(film: FilmFile) -> list[bytes]:
        if film.path.is_file():
            return [film.path.read_bytes()]
        folder = film.path if film.path.is_dir() else film.path.parent
        return [path.read_bytes() for path in sorted(folder.glob("*.png"))]

    assert content(write(output, LONG, backward=True)) == content(long_film(output))


@pytest.mark.parametrize("count", [1, SEGMENT + 1, 2 * SEGMENT + 2])
def test_a_joined_film_runs_evenly(count: int) -> None:
    film = write("x.mp4", count)
    with av.open(str(film.path)) as opened:
        stream = opened.streams.video[0]
        times = [frame.time for frame in opened.decode(stream)]
        assert (stream.frames, int(stream.average_rate or 0), stream.codec_context.pix_fmt) == (count, 30, "yuv420p")
        assert opened.duration == pytest.approx(1e6 * count / 30, abs=2000)  # microseconds
    assert times == pytest.approx(np.arange(count) / 30)
    with av.open(str(film.path)) as opened:
        decoding = [packet.dts for packet in opened.demux(video=0) if packet.dts is not None]
    assert (np.diff(decoding) > 0).all()


@pytest.mark.slow
def test_one_can_jump_into_the_middle_of_a_joined_film() -> None:
    film = write("x.mp4", 3 * SEGMENT)
    whole = read(film)
    with av.open(str(film.path)) as opened:
        stream = opened.streams.video[0]
        assert stream.time_base is not None
        opened.seek(round((SEGMENT + 40) / 30 / stream.time_base), stream=stream)
        first = next(opened.decode(stream))
        number = round((first.time or 0.0) * 30)
        assert SEGMENT <= number <= SEGMENT + 40
        np.testing.assert_array_equal(first.to_ndarray(format="rgb24"), whole[number])


def test_the_index_of_a_joined_film_stands_before_the_pictures() -> None:
    content = write("x.mp4", SEGMENT + 5).path.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize("fps", [7, 15, 30, 50])
def test_a_gif_lasts_as_long_as_its_frames_and_starts_again(fps: int) -> None:
    film = write("x.gif", 2 * fps, FilmOrder("", 64, 48, fps))
    with Image.open(film.path) as image:
        assert image.info["loop"] == 0
        seconds = 0.0
        for number in range(2 * fps):
            image.seek(number)
            seconds += image.info["duration"] / 1000
    assert seconds == pytest.approx(2.0, abs=0.011)


def test_a_gif_keeps_what_does_not_move_for_nothing() -> None:
    film = film_of(SMALL.to("x.gif")).prepared(list(painted(0, 1)))
    still = [next(painted(0, 1))] * 60
    sizes = []
    for count in (30, 60):
        part = segments(count)[0]
        with work_folder(film.path) as folder:
            film.write(folder, part, still[:count], Stopwatch())
            film.join(folder, [part])
        sizes.append(film.path.stat().st_size)
    assert sizes[1] - sizes[0] < 30 * 40


def test_the_segments_of_a_gif_share_its_hundredths_of_a_second() -> None:
    film = write("x.gif", 2 * SEGMENT, FilmOrder("", 64, 48, 7))  # 34.286 seconds
    with Image.open(film.path) as image:
        durations = []
        for number in range(2 * SEGMENT):
            image.seek(number)
            durations.append(image.info["duration"])
    assert sum(durations) == 34_290
    assert set(durations) == {140, 150}


def shades() -> list[Frame]:
    """Two pictures of a thousand colours on nearly one grey; one is the negative of the other where it is coloured."""
    first = np.full((48, 64, 3), (90, 91, 93), np.uint8)
    first[:8] += np.random.default_rng(0).integers(0, 14, (8, 64, 3), np.uint8)
    steps = np.linspace(0, 255, 32).astype(np.uint8)
    for left in (0, 32):  # every colour twice
        square = first[8:40, left : left + 32]
        square[..., 0], square[..., 1], square[..., 2] = steps, steps[:, None], 40
    second = first.copy()
    second[8:40] = 255 - first[8:40]
    return [first, second]


def test_a_gif_of_many_colours_shows_each_by_one_of_its_own_and_keeps_the_ground() -> None:
    film = film_of(SMALL.to("x.gif")).prepared(shades())
    part = segments(2)[0]
    with work_folder(film.path) as folder:
        film.write(folder, part, shades(), Stopwatch())
        film.join(folder, [part])
    for shown, expected in zip(read(film), shades(), strict=True):
        assert np.abs(shown.astype(int) - expected).max() < 60
        assert (shown[40:] == (90, 91, 93)).all()
        pairs = np.concatenate([expected, shown], axis=2).reshape(-1, 6)
        assert len(np.unique(pairs, axis=0)) == len(np.unique(expected.reshape(-1, 3), axis=0))
    with Image.open(film.path) as image:
        assert np.asarray(image).max() < 255, "the last number stands for what has not changed"


def test_a_gif_of_few_colours_is_exact() -> None:
    frames = read(write("x.gif", 20))
    for shown, expected in zip(frames, painted(0, 20), strict=True):
        np.testing.assert_allclose(shown.astype(int), expected, atol=2)


def test_pictures_are_numbered_from_0() -> None:
    write("x/", 3)
    assert [path.name for path in sorted(Path("x").iterdir())] == [f"frame_0000{n}.png" for n in range(3)]
    write("y_%d.png", 2)
    assert [path.name for path in sorted(Path().glob("y*"))] == ["y_0.png", "y_1.png"]


@pytest.mark.parametrize("output", ["X.MP4", "X.GIF", "X_%d.PNG"])
def test_endings_in_capitals_are_as_good(output: str) -> None:
    film = film_of(SMALL.to(output))
    assert type(film) is type(film_of(SMALL.to(output.lower())))


def test_signs_in_a_name_are_no_pattern() -> None:
    Path("aab_3.png").touch()
    film_of(SMALL.to("a+b_%d.png"))
    Path("a+b_3.png").touch()
    with pytest.raises(OutputError, match="is there already"):
        film_of(SMALL.to("a+b_%d.png"))


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_folder_in_which_nothing_may_be_written_is_refused(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda folder, mode: False)  # as root everything may be written
    with pytest.raises(OutputError, match="is not writable; choose another"):
        film_of(SMALL.to(output))


def test_two_films_of_one_name_do_not_meet() -> None:
    with work_folder(Path("x.mp4")) as first, work_folder(Path("x.mp4")) as second:
        assert first != second
    assert list(Path().iterdir()) == []


def test_an_error_within_the_work_folder_is_that_of_the_film() -> None:
    with pytest.raises(OutputError, match=r"^x\.mp4: cannot be written: Is a directory\."):  # noqa: SIM117
        with work_folder(Path("x.mp4")) as folder:
            folder.write_text("a folder is no file")
    assert list(Path().iterdir()) == []


def test_an_empty_folder_is_filled_and_pictures_beside_others_leave_them_alone() -> None:
    Path("x").mkdir()
    Path("other.png").write_text("mine")
    write("x/", 2)
    write("y_%d.png", 2)
    assert Path("other.png").read_text() == "mine"
    assert len(list(Path("x").iterdir())) == 2


def _full() -> None:
    Path("x").mkdir()
    Path("x/a.txt").touch()
    Path("f").touch()
    Path("y_0007.png").touch()


@pytest.mark.parametrize(
    ("output", "options", "text"),
    [
        ("x.avi", SMALL, "x.avi: the name ends in .avi; it must end in .mp4, .mov, .webm or .gif, or for "),
        ("x", SMALL, "x: this is a folder; name a file in it."),
        ("z", SMALL, "z: the name has no ending; it must end in .mp4, .mov, .webm or .gif, or for "),
        ("x.png", SMALL, "x.png: the name ends in .png; it must end in .mp4, .mov, .webm or .gif, or for "),
        ("x/", SMALL, "x/: is there already and not empty; name a new folder."),
        ("f/", SMALL, "f/: there is a file of that name; choose another."),
        ("a/b/", SMALL, "a/b: the folder a does not exist; create it first."),
        ("a/%d.png", SMALL, "a/%d.png: the folder a does not exist; create it first."),
        ("y_%04d.png", SMALL, "y_%04d.png: y_0007.png is there already; remove the old pictures, or choose another "),
        ("%d_%d.png", SMALL, "%d_%d.png: the name must have one number in it, such as frame_%05d.png."),
        ("%s.png", SMALL, "%s.png: the name must have one number in it, such as frame_%05d.png."),
        ("a/x.gif", SMALL, "a/x.gif: the folder a does not exist; create it first."),
        ("y/", FilmOrder("", 0, 48), "picture size 0x48: width and height must be 1 or more."),
        ("y/", FilmOrder("", 64, 16385), "picture size 64x16385: width and height must be at most 16384."),
        ("x.gif", FilmOrder("", 64, 48, 60), "frames a second: must be from 1 to 50, got 60."),
        ("x.gif", FilmOrder("", 0, 48), "picture size 0x48: width and height must be 1 or more."),
        ("x.mp4", FilmOrder("", 65, 48), "picture size 65x48: width and height must be even, for H.264."),
        (
            "x.gif",
            FilmOrder("", 64, 48, ground="transparent"),
            "x.gif: a film of the kind .gif cannot be transparent; black or white is needed, or one of the kinds .mov, "
            ".webm, / (a folder of pictures).",
        ),
        ("x.webm", FilmOrder("", 64, 47), "picture size 64x47: width and height must be even, for VP9."),
        ("x.mov", FilmOrder("", 64, 48, crf=52), "crf: must be from 0 (best) to 51 (smallest file), got 52."),
        ("x_%d.png", FilmOrder("", 64, 48, 0), "frames a second: must be from 1 to 240, got 0."),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(output: str, options: FilmOrder, text: str) -> None:
    _full()
    with pytest.raises(OutputError) as caught:
        film_of(options.to(output))
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("output", ["x.mov", "x.gif", "x_%d.png", "x/"])
def test_sizes_that_only_halved_colours_cannot_have_are_accepted(output: str) -> None:
    film_of(FilmOrder("", 65, 47).to(output))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interruption_leaves_an_empty_folder(output: str, error: type[BaseException], tmp_path: Path) -> None:
    film = film_of(SMALL.to(output)).prepared(list(painted(0, 1)))

    def broken() -> Iterator[Frame]:
        yield from painted(0, 3)
        raise error

    with pytest.raises(error), work_folder(film.path) as folder:
        film.write(folder, segments(9)[0], broken(), Stopwatch())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["other.gif", None])
def test_only_errors_of_its_own_folder_are_blamed_on_the_film(name: str | None) -> None:
    with pytest.raises(OutputError if name is None else OSError, match="No space left"), work_folder(Path("x.mp4")):
        raise OSError(28, "No space left on device", name)
    assert list(Path().iterdir()) == []
