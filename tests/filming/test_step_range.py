"""A part of a film: its frames are those of the whole, it begins and ends at the steps asked for, and its end stays."""

import numpy as np
import pytest

from mmviz.errors import OutputError
from mmviz.filming.step_range import between
from mmviz.orders.order import WHOLE, StepRange
from mmviz.picture.time.pacing import Film
from mmviz.scene.keys.options import AnimationOptions

FPS = 4
FILM = Film(
    times=np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0]),
    chapters=np.array([0, 0, 0, 0, 1, 1, 1, 1]),
    held=np.array([0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 0.25]),
)
"""Three steps at two frames a step; the end stays for one frame."""


def part(asked: StepRange, hold: float = 0.5) -> Film:
    return between(FILM, asked, 3, AnimationOptions(hold=hold), FPS)


def test_all_steps_are_the_film_itself() -> None:
    assert part(WHOLE) is FILM


def test_a_part_begins_and_ends_just_at_its_steps_with_the_frames_of_the_film_between_them() -> None:
    found = part((0.75, 2.25))
    assert found.times.tolist() == [0.75, 1.0, 1.5, 2.0, 2.25, 2.25, 2.25]
    assert found.chapters.tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_the_last_frame_stays_as_long_as_an_end_does() -> None:
    found = part((0.75, 2.25))
    assert found.held.tolist() == [0, 0, 0.25, 0, 0, 0.25, 0.5], "seconds; what was held in the film is held here, too"
    assert part((1, 2), hold=0).times.tolist() == [1, 1.5, 2]


def test_frames_that_lie_just_at_an_end_are_shown_once() -> None:
    assert part((1, 2), hold=0).times.tolist() == [1.0, 1.5, 2.0]


@pytest.mark.parametrize(("asked", "ends"), [((None, 1), (0, 1)), ((2, None), (2, 3)), ((0, 3), (0, 3))])
def test_what_is_left_out_is_the_beginning_or_the_end_of_the_animation(asked: StepRange, ends: StepRange) -> None:
    found = part(asked)
    assert (found.times[0], found.times[-1]) == ends


def test_the_whole_film_is_not_changed_by_taking_a_part() -> None:
    before = FILM.times.copy(), FILM.held.copy()
    part((0.75, 2.25))
    np.testing.assert_array_equal(FILM.times, before[0])
    np.testing.assert_array_equal(FILM.held, before[1])


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ((-1, 2), "film from step -1 to step 2"),
        ((2, 2), "film from step 2 to step 2"),
        ((2.5, 1), "film from step 2.5 to step 1"),
        ((1, 3.5), "film from step 1 to step 3.5"),
        ((3, None), "film from step 3 to step 3"),
        ((float("nan"), None), "film from step nan to step 3"),
    ],
)
def test_steps_that_the_animation_does_not_have_are_refused(asked: StepRange, name: str) -> None:
    with pytest.raises(OutputError) as caught:
        part(asked)
    assert str(caught.value) == (
        f"{name}: the animation runs from step 0 to step 3, and a film must begin before it ends."
    )


def test_a_part_between_two_frames_is_refused() -> None:
    with pytest.raises(OutputError) as caught:
        part((1.1, 1.4))
    assert str(caught.value) == (
        "film from step 1.1 to step 1.4: no frame of the film lies between them; more frames a second are needed."
    )
