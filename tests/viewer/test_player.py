"""Playback follows the clock, and stays within the animation."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz.viewer.player import LONGEST_TICK, Player


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


def test_speed_is_in_steps_a_second(player: Player, clock: Clock) -> None:
    player.seek(0)
    player.speed = 8.0
    player.play()
    assert after(player, clock, 0.5) == pytest.approx(4.0)


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
