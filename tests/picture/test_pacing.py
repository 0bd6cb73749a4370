"""Which moment each frame of a film shows: chapters one after the other, at their speeds, with ends that are held."""

import numpy as np
import pytest

from mmviz.errors import OutputError
from mmviz.picture.time.chapters import Chapter
from mmviz.picture.time.pacing import MAX_FRAMES, Moment, film


def test_a_chapter_runs_to_its_end_and_holds_it() -> None:
    shown = film([Chapter(2, 4, speed=2, hold=0.5)], fps=4)
    assert shown.times.tolist() == [2, 2.5, 3, 3.5, 4, 4, 4]
    assert shown.held.tolist() == [0, 0, 0, 0, 0, 0.25, 0.5]


def test_where_the_next_chapter_goes_on_its_beginning_is_shown_once() -> None:
    first = Chapter(0, 1, 1, 0, joined=True)
    shown = film([first, Chapter(1, 2, 1, 0)], fps=2)
    assert shown.times.tolist() == [0, 0.5, 1, 1.5, 2]
    assert shown.chapters.tolist() == [0, 0, 1, 1, 1]
    apart = film([Chapter(0, 1, 1, 0), Chapter(1, 2, 1, 0)], fps=2)
    assert apart.times.tolist() == [0, 0.5, 1, 1, 1.5, 2]


def test_rounding_does_not_show_an_end_once_more() -> None:
    shown = film([Chapter(0, 0.3, 0.1, 0)], fps=10)
    assert len(shown) == 31, "0.3 / 0.1 * 10 is a little more than 30"
    assert shown.times[-1] == 0.3
    assert np.diff(shown.times).min() > 0.005


def test_a_film_is_a_sequence_of_moments_and_a_part_of_it_is_a_film() -> None:
    shown = film([Chapter(0, 1, 1, 0.5)], fps=2)
    moments = [Moment(0, 0, 0), Moment(0.5, 0, 0), Moment(1, 0, 0), Moment(1, 0, 0.5)]
    assert list(shown) == moments
    assert list(shown[1:3]) == moments[1:3]
    assert shown[-1] == moments[-1]
    assert {type(shown[1].time), type(shown[1].held)} == {float}


@pytest.mark.parametrize(
    ("chapters", "message"),
    [
        (
            [Chapter(100, MAX_FRAMES + 101, 1, 0)],
            "film: 1048577 steps at 1 steps and 1 frames a second are more than 1,048,576 frames; raise "
            "animation.speed.",
        ),
        (
            [Chapter(0, MAX_FRAMES, 1, 0), Chapter(0, 1, 1, 0)],
            "film: its 2 chapters at 1 frames a second are more than 1,048,576 frames; raise animation.speed, or the "
            "speed of the chapters.",
        ),
    ],
)
def test_a_film_without_end_is_refused_before_its_frames_are_counted(chapters: list[Chapter], message: str) -> None:
    with pytest.raises(OutputError) as caught:
        film(chapters, fps=1)
    assert str(caught.value) == message


def test_the_longest_film_is_made() -> None:
    assert len(film([Chapter(0, MAX_FRAMES, 1, 0)], fps=1)) == MAX_FRAMES + 1
