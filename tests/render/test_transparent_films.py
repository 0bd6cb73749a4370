"""Films with alpha are read again by decoders and held against the pictures that went into them."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from mmviz.errors import OutputError
from mmviz.machine.output_files import work_folder
from mmviz.orders.order import FilmOrder
from mmviz.pipeline import Scene
from mmviz.render.film import formats
from mmviz.render.film.alpha import with_spread_colors
from mmviz.render.film.formats import film_of, segments
from mmviz.render.film.movie import write_movie
from mmviz.render.film.stopwatch import Stopwatch

Frame = NDArray[np.uint8]
WIDE, HIGH = 128, 64
CLEAR = FilmOrder("", WIDE, HIGH, fps=24, ground="transparent")
ENDINGS = [".mov", ".webm"]


def balls(count: int) -> Iterator[Frame]:
    """Two balls with smooth edges on nothing, moving; straight alpha."""
    rows, columns = np.mgrid[:HIGH, :WIDE]
    for number in range(count):
        frame = np.zeros((HIGH, WIDE, 4), np.uint8)
        for color, x in (((40, 110, 250), 30 + number), ((250, 80, 60), 95 - number)):
            covered = np.clip(20.5 - np.hypot(rows - 32, columns - x), 0, 1)
            frame[covered > 0, :3] = color
            frame[..., 3] = np.maximum(frame[..., 3], np.rint(255 * covered))
        yield frame


def decoded(path: Path) -> list[Frame]:
    """The frames with their alpha: FFmpeg's own decoder of VP9 leaves that out, libvpx does not."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        decoder = av.CodecContext.create("libvpx-vp9", "r") if path.suffix == ".webm" else stream.codec_context
        assert isinstance(decoder, av.VideoCodecContext)
        found = [frame for packet in film.demux(stream) if packet.size for frame in decoder.decode(packet)]
        assert all("yuva" in frame.format.name for frame in found)
        space, span = Colorspace.ITU709, ColorRange.MPEG
        return [np.asarray(one.to_ndarray(format="rgba", src_colorspace=space, src_color_range=span)) for one in found]


def over(picture: Frame, ground: float) -> NDArray[np.float64]:
    share = picture[..., 3:] / 255
    return np.asarray(share * picture[..., :3] + (1 - share) * ground)


@pytest.mark.parametrize(("ending", "most", "mean"), [(".mov", 1, 0.1), (".webm", 8, 0.2)])
def test_the_alpha_that_is_read_is_that_of_the_pictures(ending: str, most: int, mean: float, tmp_path: Path) -> None:
    path = tmp_path / f"x{ending}"
    write_movie(balls(5), CLEAR.to(path))
    found = decoded(path)
    assert len(found) == 5
    for shown, drawn in zip(found, balls(5), strict=True):
        off = np.abs(shown[..., 3].astype(int) - drawn[..., 3])
        assert off.max() <= most
        assert off.mean() <= mean


@pytest.mark.parametrize(("ending", "most"), [(".mov", 1), (".webm", 2)])
@pytest.mark.parametrize("ground", [0, 255])
def test_on_any_ground_a_film_looks_as_its_pictures_do_up_to_the_edges(
    ending: str, most: float, ground: int, tmp_path: Path
) -> None:
    """Colours that were multiplied by alpha, or that had black mixed in where they are halved, would be far off."""
    path = tmp_path / f"x{ending}"
    write_movie(balls(3), replace(CLEAR, crf=4).to(path))
    for shown, drawn in zip(decoded(path), balls(3), strict=True):
        edge = (drawn[..., 3] > 0) & (drawn[..., 3] < 255)
        off = np.abs(over(shown, ground) - over(drawn, ground))
        assert off[edge].mean() < most
        assert off.mean() < 0.7


def test_what_is_transparent_gets_the_colours_of_what_is_near_and_nothing_else_changes() -> None:
    (picture,) = balls(1)
    spread = with_spread_colors(picture)
    seen = picture[..., 3] > 0
    np.testing.assert_array_equal(spread[seen], picture[seen])
    np.testing.assert_array_equal(spread[..., 3], picture[..., 3])
    assert np.abs(spread[32, 8, :3].astype(int) - (40, 110, 250)).max() <= 2, "two pixels beside the blue ball"
    assert np.array_equal(spread[32, 62], [0, 0, 0, 0]), "far from both"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_film_in_segments_has_all_frames_at_their_times_and_says_how_it_is_stored(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "SEGMENT", 3)
    film = film_of(CLEAR.to(tmp_path / f"x{ending}"))
    frames, parts = list(balls(8)), segments(8)
    with work_folder(film.path) as folder:
        for part in parts:
            film.write(folder, part, frames[part.first : part.last], Stopwatch())
        film.join(folder, parts)
    with av.open(str(film.path)) as whole:
        stream = whole.streams.video[0]
        times = [float(packet.pts * stream.time_base) for packet in whole.demux(stream) if packet.size]  # type: ignore[operator]
        tags = stream.codec_context.colorspace, stream.codec_context.color_range, stream.codec_context.color_primaries
    assert times == pytest.approx(np.arange(8) / 24, abs=0.0006)
    assert tags == (1, ColorRange.MPEG, 1)
    for shown, drawn in zip(decoded(film.path), frames, strict=True):
        assert np.abs(shown[..., 3].astype(int) - drawn[..., 3]).mean() < 0.7
    assert [path.name for path in tmp_path.iterdir()] == [f"x{ending}"]


def test_players_find_the_alpha_of_a_film_for_web_pages_and_the_name_of_its_codec(tmp_path: Path) -> None:
    for ending, codec in ((".webm", "vp9"), (".mov", "prores")):
        write_movie(balls(1), CLEAR.to(tmp_path / f"x{ending}"))
        with av.open(str(tmp_path / f"x{ending}")) as film:
            stream = film.streams.video[0]
            assert (stream.codec_context.name, stream.codec_context.profile) == (
                codec,
                {"vp9": "Profile 0"}.get(codec, "4444"),
            )
            assert ending == ".mov" or {key.lower(): tag for key, tag in stream.metadata.items()}["alpha_mode"] == "1"


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_frames_make_the_same_bytes(ending: str, tmp_path: Path) -> None:
    hashes = set()
    for name in "ab":
        path = tmp_path / f"{name}{ending}"
        write_movie(balls(12), CLEAR.to(path))
        hashes.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(hashes) == 1


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_film_on_a_ground_has_no_alpha(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{ending}"
    write_movie([np.full((HIGH, WIDE, 3), 200, np.uint8)], replace(CLEAR, ground="white").to(path))
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        (frame,) = film.decode(stream)
        assert "yuva" not in frame.format.name
        assert "alpha_mode" not in {key.lower() for key in stream.metadata}
        shown = frame.to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709, src_color_range=ColorRange.MPEG)
    assert np.abs(shown.astype(int) - 200).max() <= 2


def test_a_frame_without_alpha_is_no_frame_of_a_transparent_film(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="frame 1 is 64x128x3 uint8; it must be 64x128x4 uint8"):
        write_movie([np.zeros((HIGH, WIDE, 3), np.uint8)], CLEAR.to(tmp_path / "x.mov"))
    assert not list(tmp_path.iterdir())


def test_an_encoder_that_is_not_there_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(av, "codecs_available", {"libx264"})
    with pytest.raises(OutputError) as caught:
        film_of(CLEAR.to("x.webm"))
    said = f"x.webm: PyAV {av.__version__} was built without libvpx-vp9; choose another kind of film."
    assert str(caught.value) == said
    film_of(replace(CLEAR, ground="black").to("x.mp4"))


@pytest.mark.slow
@pytest.mark.parametrize("output", ["x.mov", "x.webm", "x_%d.png"])
def test_a_transparent_film_of_a_scene_has_the_alpha_of_its_pictures(
    output: str, tmp_path: Path, canvases_kept: None
) -> None:
    scene = Scene("A", {"A": {"init": "gaussian", "shape": [6, 9], "seed": 1}}, animation={"hold": 0})
    scene.movie(tmp_path / output, width=160, height=90, fps=1, ground="transparent", fine=True)
    scene.screenshot(tmp_path / "still.png", 0, width=160, height=90, ground="transparent")
    with Image.open(tmp_path / "still.png") as picture:
        still = np.asarray(picture)
    frames = [np.asarray(Image.open(tmp_path / "x_0.png"))] if "%" in output else decoded(tmp_path / output)
    assert 0 < still[..., 3].mean() < 250
    assert np.abs(frames[0][..., 3].astype(int) - still[..., 3]).mean() < (1 if output != "x_%d.png" else 1e-9)
