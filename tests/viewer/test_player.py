"""Playback follows the clock, and stays within the animation."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz.picture.time.chapters import Chapter
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.gestures import LONGEST_TICK


class Clock:
    """Seconds that a test lets pass."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(qapp: QApplication, clock: Clock) -> Iterator[Player]:
    made = Player(10, 4.0, clock)
    yield made
    made.pause()


def after(player: Player, clock: Clock, seconds: float) -> float:
    clock.now += seconds
    player.tick()
    return player.time


def test_it_begins_with_the_finished_picture(player: Player) -> None:
    assert player.time == 10
    assert not player.playing


def test_from_the_end_it_plays_from_the_beginning(player: Player, clock: Clock) -> None:
    player.play()
    assert player.time == 0
    assert after(player, clock, 0.25) == pytest.approx(1.0)
    assert after(player, clock, 0.1) == pytest.approx(1.4)


def test_pause_keeps_the_time_and_play_goes_on_from_it(player: Player, clock: Clock) -> None:
    player.seek(3.5)
    player.play()
    player.pause()
    clock.now += 60
    player.play()
    assert after(player, clock, 0.25) == pytest.approx(4.5)


def test_at_the_end_it_stops(player: Player, clock: Clock, qtbot: QtBot) -> None:
    player.seek(9.5)
    player.play()
    with qtbot.waitSignal(player.playing_changed) as stopped:
        after(player, clock, 0.4)
    assert stopped.args == [False]
    assert player.time == 10


def test_a_loop_goes_on_from_the_beginning(player: Player, clock: Clock) -> None:
    player.loop = True
    player.seek(9.5)
    player.play()
    assert after(player, clock, 0.25) == pytest.approx(0.5)
    assert player.playing


def test_a_rate_of_two_plays_twice_as_fast(player: Player, clock: Clock) -> None:
    player.seek(0)
    player.faster(1)
    assert player.rate == 2
    player.play()
    assert after(player, clock, 0.5) == pytest.approx(4.0)


@pytest.fixture
def story(player: Player) -> Player:
    """Steps 6 to 8 with a second's rest, then 0 to 4 twice as fast, then 4 to 10."""
    chapters = (Chapter(6.0, 8.0, 4.0, 1.0), Chapter(0.0, 4.0, 8.0, 0.0), Chapter(4.0, 10.0, 4.0, 2.0))
    player.take(10, chapters)
    return player


def test_it_plays_chapter_by_chapter_each_at_its_speed_and_rests_at_their_ends(story: Player, clock: Clock) -> None:
    story.seek(10)
    story.play()
    seen = [(story.moment.chapter, story.time, story.moment.held)]
    for _ in range(16):
        time = after(story, clock, 0.25)
        seen.append((story.moment.chapter, time, story.moment.held))
    assert [number for number, _, _ in seen] == [0] * 6 + [1] * 2 + [2] * 9
    assert [time for _, time, _ in seen] == pytest.approx([6, 7, 8, 8, 8, 8, 0, 2, 4, 5, 6, 7, 8, 9, 10, 10, 10])
    assert [held for _, _, held in seen[2:6]] == pytest.approx([0, 0.25, 0.5, 0.75])
    playing = [story.playing, *(after(story, clock, 0.5) > 0 and story.playing for _ in range(3))]
    assert playing == [True, True, True, False]
    assert (story.time, story.moment.chapter) == (10, 2)


def test_in_a_loop_the_first_chapter_follows_the_last(story: Player, clock: Clock) -> None:
    story.loop = True
    story.seek(9.5)
    story.play()
    for _ in range(5):
        after(story, clock, 0.5)
    assert story.moment.chapter == 0
    assert story.time == pytest.approx(6 + 4 * (2.5 - 0.125 - 2))


def test_one_goes_from_chapter_to_chapter_and_within_one_to_its_beginning(story: Player) -> None:
    story.seek(5)
    assert story.moment.chapter == 2
    story.chapter(-1)
    assert (story.moment.chapter, story.time) == (2, 4)
    story.chapter(-1)
    assert (story.moment.chapter, story.time) == (1, 0)
    story.chapter(-1)
    story.chapter(-1)
    assert (story.moment.chapter, story.time) == (0, 6)
    for _ in range(3):
        story.chapter(1)
    assert (story.moment.chapter, story.time) == (2, 10)


def test_a_moment_in_no_chapter_plays_on_with_the_beginning_of_the_film(player: Player, clock: Clock) -> None:
    player.take(10, (Chapter(2.0, 4.0, 4.0, 0.0),))
    player.seek(8)
    assert player.moment.chapter is None
    player.play()
    assert after(player, clock, 0.1) == 2


def test_another_animation_of_the_same_length_stays_where_it_was_and_a_longer_one_begins_at_its_end(
    player: Player,
) -> None:
    player.seek(3)
    player.take(10, (Chapter(0.0, 10.0, 4.0, 0.0),))
    assert player.time == 3
    player.take(12, (Chapter(0.0, 12.0, 4.0, 0.0),))
    assert player.time == 12


def test_a_machine_that_slept_does_not_jump_to_the_end(player: Player, clock: Clock) -> None:
    player.seek(0)
    player.play()
    assert after(player, clock, 3600.0) == pytest.approx(4.0 * LONGEST_TICK)


@pytest.mark.parametrize(
    ("time", "direction", "then"),
    [(3, 1, 4), (3, -1, 2), (3.4, 1, 4), (3.4, -1, 3), (0, -1, 0), (10, 1, 10), (9.5, 1, 10)],
)
def test_a_step_ends_on_the_next_whole_step_and_pauses(
    player: Player, time: float, direction: int, then: float
) -> None:
    player.seek(time)
    player.play()
    player.seek(time)
    player.step(direction)
    assert player.time == then
    assert not player.playing


@pytest.mark.parametrize(("wanted", "taken"), [(-1, 0), (4.25, 4.25), (11, 10)])
def test_seek_stays_within_the_animation(player: Player, wanted: float, taken: float) -> None:
    player.seek(wanted)
    assert player.time == taken


def test_the_time_that_is_shown_already_is_not_told_again(player: Player, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(player.moved):
        player.seek(10)


def test_the_timer_plays_by_the_real_clock(qapp: QApplication, qtbot: QtBot) -> None:
    player = Player(10, 20.0)
    player.play()
    qtbot.waitUntil(lambda: player.time > 1.0, timeout=5000)
    player.pause()
