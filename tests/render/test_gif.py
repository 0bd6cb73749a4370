"""GIF files as a decoder of another library reads them: colours, times, and only what has changed."""

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from mmviz.render.film.gif import COLORS, UNCHANGED, choose_palette, join_segments, write_segment
from mmviz.render.film.stopwatch import Stopwatch

Picture = NDArray[np.uint8]
GROUND, RED, BLUE = (7, 8, 9), (255, 0, 0), (0, 0, 255)
WIDE, HIGH = 16, 8


def picture(spots: dict[tuple[int, int], tuple[int, int, int]]) -> Picture:
    made = np.full((HIGH, WIDE, 3), GROUND, np.uint8)
    for place, color in spots.items():
        made[place] = color
    return made


FRAMES = [
    picture({(1, 2): RED}),
    picture({(1, 2): RED, (6, 12): BLUE}),
    picture({(6, 12): BLUE}),
    picture({(6, 12): BLUE}),
]


def written(folder: Path, frames: list[Picture], fps: int = 10, cuts: tuple[int, ...] = ()) -> Path:
    """A GIF of these frames, in segments that begin with the first frame and at these."""
    palette = choose_palette(frames)
    parts = []
    for first, last in zip((0, *cuts), (*cuts, len(frames)), strict=True):
        parts.append(folder / f"{first}.part")
        write_segment(parts[-1], frames[first:last], palette, first, fps, Stopwatch())
    join_segments(parts, folder / "x.gif", (WIDE, HIGH), palette)
    return folder / "x.gif"


def shown(file: Path) -> list[Picture]:
    with Image.open(file) as film:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]


@pytest.mark.parametrize("cuts", [(), (2,), (1, 2, 3)])
def test_frames_of_few_colours_come_back_as_they_were_however_they_are_shared(
    cuts: tuple[int, ...], tmp_path: Path
) -> None:
    for found, expected in zip(shown(written(tmp_path, FRAMES, cuts=cuts)), FRAMES, strict=True):
        np.testing.assert_array_equal(found, expected)


def boxes(file: Path) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of the picture that each frame brings."""
    with Image.open(file) as film:
        found = []
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            place = film.tile[0][1]
            assert place is not None
            left, top, right, bottom = place
            found.append((left, top, right - left, bottom - top))
        return found


def test_a_frame_brings_only_the_rectangle_in_which_something_has_changed(tmp_path: Path) -> None:
    assert boxes(written(tmp_path, FRAMES)) == [(0, 0, WIDE, HIGH), (12, 6, 1, 1), (2, 1, 1, 1), (0, 0, 1, 1)]


def test_the_first_frame_of_a_segment_is_complete(tmp_path: Path) -> None:
    assert boxes(written(tmp_path, FRAMES, cuts=(2,)))[2] == (0, 0, WIDE, HIGH)


@pytest.mark.parametrize(("fps", "hundredths"), [(10, [10, 10, 10, 10]), (30, [3, 4, 3, 3]), (7, [14, 15, 14, 14])])
def test_the_frames_share_the_hundredths_of_a_second_that_their_film_has(
    fps: int, hundredths: list[int], tmp_path: Path
) -> None:
    with Image.open(written(tmp_path, FRAMES, fps, cuts=(2,))) as film:
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(film)] == [10 * one for one in hundredths]
    assert sum(hundredths) == round(100 * 4 / fps)


def test_it_has_one_palette_of_256_colours_is_shown_again_and_again_and_ends(tmp_path: Path) -> None:
    content = written(tmp_path, FRAMES).read_bytes()
    assert content[:6] == b"GIF89a"
    assert struct.unpack("<HH", content[6:10]) == (WIDE, HIGH)
    assert content[10] == 0b11110111, "a palette for all frames, of 2 ** (7 + 1) colours"
    assert content[13 : 13 + 3 * 256] == choose_palette(FRAMES)
    assert content.endswith(b";")
    with Image.open(tmp_path / "x.gif") as film:
        assert film.info["loop"] == 0


def test_the_time_of_encoding_is_counted(tmp_path: Path) -> None:
    watch = Stopwatch()
    write_segment(tmp_path / "x", FRAMES, choose_palette(FRAMES), 0, 10, watch)
    assert watch.seconds["encode"] > 0
    assert all(seconds == 0 for stage, seconds in watch.seconds.items() if stage != "encode")


def colors(palette: bytes) -> list[tuple[int, ...]]:
    return [tuple(palette[place : place + 3]) for place in range(0, len(palette), 3)]


def test_the_commonest_colour_is_the_first_of_the_palette_just_as_it_is() -> None:
    palette = choose_palette(FRAMES)
    assert len(palette) == 3 * 256
    assert colors(palette)[0] == GROUND
    assert {RED, BLUE} <= set(colors(palette)[:COLORS])
    assert colors(palette)[UNCHANGED] == (0, 0, 0), "it stands for what has not changed"


def test_a_rare_colour_has_a_place_beside_a_hundred_shades_of_the_ground() -> None:
    chance = np.random.default_rng(2)
    shades = np.repeat(chance.integers(0, 60, (200, 200, 1), np.uint8), 3, axis=2)
    shades[:3, :3] = (250, 200, 20)
    found = np.array(colors(choose_palette([shades]))[:COLORS], int)
    assert np.abs(found - (250, 200, 20)).sum(axis=1).min() <= 6


def test_many_colours_are_shown_by_near_ones(tmp_path: Path) -> None:
    ramp = np.zeros((HIGH, WIDE, 3), np.uint8)
    ramp[..., 0] = np.arange(HIGH * WIDE).reshape(HIGH, WIDE)
    ramp[..., 2] = 255 - ramp[..., 0]
    (found,) = shown(written(tmp_path, [ramp]))
    assert np.abs(found.astype(int) - ramp).max() <= 4
