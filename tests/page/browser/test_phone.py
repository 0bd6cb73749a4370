"""A page on a phone: all of it is in sight, and fingers do what a mouse does elsewhere."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import Living, camera_text, head, living, written
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
SIZE = {"width": 360, "height": 560}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """A page on a small phone."""
    with Browser() as browser:
        place = written(tmp_path_factory.mktemp("phone"), "head", head())
        yield living(browser, place, head(), phone=True, **SIZE)


def test_all_of_the_page_is_in_sight_and_what_is_explained_stands_above_its_bar(held: Living) -> None:
    held.open("t=12")
    held.open(f"t=12&c={camera_text(held.camera(12))}")
    assert held.size[0] == SIZE["width"]
    buttons = held.page.evaluate(
        "[...document.querySelectorAll('.bar > *')].map(one => one.getBoundingClientRect()).map(b => [b.left, b.right])"
    )
    assert min(left for left, _ in buttons) >= 0
    assert max(right for _, right in buttons) <= SIZE["width"]
    x, y = held.spot(held.camera(12), head().layout[""].spot(5, 2))
    held.page.touch([(x, y)])
    held.page.wait("!document.querySelector('.explain').hidden")
    assert held.link["pin"] == "root:5,2"
    left, top, width, height = held.box(".explain")
    assert (left, width) == (0, SIZE["width"])
    assert top + height <= held.box(".bar")[1] + 0.5
    assert not top <= y <= top + height


def test_one_finger_turns_and_two_come_nearer(held: Living) -> None:
    held.open("t=12")
    before = held.camera(12)
    held.page.touch([(180, 250), (200, 250), (240, 255)])
    held.rest()
    turned = held.camera(12)
    assert np.linalg.norm(turned.position - before.position) > 1
    held.page.touch([(150, 250), (130, 250), (90, 250)], [(210, 250), (230, 250), (270, 250)])
    held.rest()
    nearer = held.camera(12)
    assert np.linalg.norm(nearer.position - nearer.target) < 0.6 * np.linalg.norm(turned.position - turned.target)
