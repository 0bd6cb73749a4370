"""`mmviz view` as somebody has it who has never seen it: start page, a template by keys, the tour, and the end."""

from pathlib import Path

import pytest

from mmviz.scene.gallery import SECTIONS
from tests.processes import MAIN, ONCE_MORE, Outcome, started
from tests.viewer.real_window import Hand, is_lit, needs_tools, virtual_screen

pytestmark = [needs_tools, ONCE_MORE, pytest.mark.process, pytest.mark.slow]


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
def test_a_stranger_comes_by_keys_from_the_start_page_to_a_scene_of_their_own_and_sees_the_tour_once(
    environment: dict[str, str], settings_folder: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    (settings_folder / "mmviz" / "mmviz.ini").unlink()  # nobody has seen the tour here
    with (
        virtual_screen(environment, size) as screen,
        started(MAIN, "view", folder=tmp_path, environment=screen.environment) as process,
    ):
        hand = Hand(screen, tmp_path)
        hand.find("^Start - mmviz")
        hand.keep(hand.look_at_rest(), f"start page, {size[0]}")
        back = ["shift+Tab"] * (len(SECTIONS) + 1)  # from the first thing past the gallery, which is last, to templates
        hand.press(*back, "Right", "Return")
        hand.find("^Attention - mmviz")
        hand.look_until(is_lit)
        hand.keep(hand.look_at_rest(), f"tour, {size[0]}")
        hand.press("Right", "Right")
        hand.keep(hand.look_at_rest(), f"tour goes on, {size[0]}")
        hand.press("Escape")
        hand.look_at_rest()
        hand.press("ctrl+q")
        assert process.ended() == Outcome(0, "", "")
    assert "seen=true" in (settings_folder / "mmviz" / "mmviz.ini").read_text()
