"""One run as a user sees it: a real window on a real (virtual) screen, a real mouse and real keys."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from mmviz import Scene
from mmviz.viewer.stray_keys import MEANT_ELSEWHERE
from tests.processes import ONCE_MORE, Outcome, Running, joining
from tests.viewer.held_export import GO_ON, HELD
from tests.viewer.real_window import Hand, Screen, differs, is_lit, needs_tools, until, viewing, virtual_screen

pytestmark = [needs_tools, ONCE_MORE, pytest.mark.process, pytest.mark.slow]

NAME = "One matrix product is a cube - mmviz"


@pytest.fixture
def screen(environment: dict[str, str]) -> Iterator[Screen]:
    with virtual_screen(environment, (1000, 700)) as made:
        yield made


@pytest.fixture
def viewer(screen: Screen, tmp_path: Path) -> Iterator[Running]:
    with viewing("matmul", screen, tmp_path) as process:
        yield process


def test_a_window_opens_turns_plays_and_closes(screen: Screen, viewer: Running, tmp_path: Path) -> None:
    hand = Hand(screen, tmp_path)
    hand.find(NAME)
    hand.look_until(is_lit)
    hand.press("l", "d")  # the picture does not go with the pointer
    first = hand.look_at_rest()

    hand.do("mousemove", "300", "250", "mousedown", "1", "mousemove", "400", "280", "mouseup", "1")
    hand.look_until(lambda shot: differs(first, shot))
    hand.press("r")
    hand.look_until(lambda shot: not differs(first, shot))
    hand.do("click", "4")
    hand.look_until(lambda shot: differs(first, shot))
    hand.do("click", "5")
    hand.look_until(lambda shot: not differs(first, shot))

    hand.press("Home")
    begun = hand.look_until(lambda shot: differs(first, shot))
    hand.press("space")
    hand.look_until(lambda shot: differs(begun, shot))

    hand.press("ctrl+q")
    assert viewer.ended() == Outcome(0, "", "")


def test_ctrl_c_in_the_terminal_closes_the_window(screen: Screen, viewer: Running, tmp_path: Path) -> None:
    hand = Hand(screen, tmp_path)
    hand.find(NAME)
    hand.look_until(is_lit)
    viewer.send_signal(signal.SIGINT)
    assert viewer.ended() == Outcome(130, "", "mmviz: interrupted\n")


def test_a_film_in_the_making_survives_a_stray_q_and_closing_is_asked(screen: Screen, tmp_path: Path) -> None:
    sides = {name: {"init": "rows", "shape": [24, 24]} for name in "AB"}
    small = {"width": 160, "height": 90, "fps": 15}
    scene = Scene("P = A @ B", sides, title="Long", animation={"speed": 24}, export=small)
    scene.save(tmp_path / "long.yaml")
    hand = Hand(screen, tmp_path)
    with viewing("long.yaml", screen, tmp_path, joining() + HELD) as viewer:
        window = hand.find("^Long - mmviz")
        hand.look_until(is_lit)
        hand.press("ctrl+e")
        dialog = hand.find("^Export - mmviz")
        hand.press("Return")
        until(lambda: list(tmp_path.glob("long.*.part/made")))
        hand.press("Escape")
        until(lambda: dialog not in hand.do("search", "--onlyvisible", "--name", "mmviz").split())
        hand.do("windowfocus", "--sync", window)
        hand.press("q")
        hand.press("ctrl+q")
        hand.find("^mmviz$")
        hand.keep(hand.look(), "quit while exporting")
        assert not (tmp_path / "long.mp4").exists()
        hand.press("Escape")
        (tmp_path / GO_ON).touch()
        until((tmp_path / "long.mp4").exists)
        time.sleep(2 * MEANT_ELSEWHERE)  # a key sooner than that after the question is gone counts for nothing
        hand.do("windowfocus", "--sync", window)
        hand.press("ctrl+q")
        assert viewer.ended() == Outcome(0, "", "")
    with av.open(str(tmp_path / "long.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == len(scene.film(15))
