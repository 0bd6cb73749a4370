"""Fingers in a page, and the lens: what they do, and that nothing but the picture moves by them."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.marks.shared_axes import SharedAxes
from mmviz.render.opengl.canvas import Canvas
from mmviz.viewer.canvas.lens_part import lens_part
from mmviz.viewer.gestures import LENS_DIAMETER, LENS_PATIENCE
from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import Living, head, living, written

pytestmark = [
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
Point = tuple[float, float]
STEPS = 6
CELL = 3, 2
"""Of attn, in the middle of it."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Living:
    place = written(tmp_path_factory.mktemp("touch"), "head", head())
    return living(browser, place, head(), width=480, height=640, phone=True)


@pytest.fixture
def touched(opened: Living) -> Iterator[Living]:
    """The page of a small head on a phone; nothing goes wrong in it, and it is neither scrolled nor zoomed."""
    opened.page.errors.clear()
    camera = head().camera_at(12, 480 / 595)
    numbers = [*camera.position, *camera.target, *camera.up, camera.view_angle]
    opened.open(f"t=12&c={','.join(map(str, numbers))}")
    yield opened
    assert opened.page.errors == []
    assert opened.page.evaluate("[scrollX, scrollY, visualViewport.scale, visualViewport.pageTop]") == [0, 0, 1, 0]


def way(start: Point, end: Point) -> list[Point]:
    """The places of a finger that goes straight from one to another."""
    shares = np.linspace(0, 1, STEPS)
    return [(float(x), float(y)) for x, y in np.outer(1 - shares, start) + np.outer(shares, end)]


def magnified(camera: Camera, middle: Point, size: Point) -> NDArray[np.uint8]:
    """What VTK draws of the larger picture in the square of the lens."""
    (width, height), part = lens_part(middle, size, 1.0)
    lit = SharedAxes.of(head().root, head().axes, head().values).lit_around("left", *CELL)
    with Canvas(width, height) as canvas:
        canvas.refine()
        canvas.show(head().at(12, camera, width / height, Emphasis(pointed=lit)), camera)
        whole = canvas.draw(1)
    top = height - part.bottom - part.height
    return whole[top : top + part.height, part.left : part.left + part.width]


def test_m_held_magnifies_what_is_under_the_pointer(touched: Living) -> None:
    touched.page.key("d")  # the tip would be in the picture
    camera, size = touched.camera(12), touched.size
    x, y = map(round, touched.spot(camera, head().layout["left"].spot(*CELL)))
    touched.page.move(x, y)
    touched.page.frame()
    before = touched.picture()
    touched.page.key_down("m")
    touched.page.frame()
    with_lens = touched.picture()
    side = LENS_DIAMETER
    seen = with_lens[y - side // 2 : y + side // 2, x - side // 2 : x + side // 2]
    down, right = np.mgrid[:side, :side] - side / 2 + 0.5
    inside = np.hypot(down, right) < side / 2 - 5
    difference = np.abs(seen.astype(int) - magnified(camera, (x, y), size)).max(axis=2)
    assert difference[inside].mean() < 2
    assert (difference[inside] > 40).mean() < 0.005
    corner = np.hypot(down, right) > side / 2 + 20  # beyond the shadow of the ring
    without = before[y - side // 2 : y + side // 2, x - side // 2 : x + side // 2]
    assert np.abs(seen.astype(int) - without)[corner].mean() < 2
    assert np.abs(seen.astype(int) - without)[inside].mean() > 10
    touched.page.key_up("m")
    touched.page.frame()
    assert np.abs(touched.picture().astype(int) - before).mean() < 0.5
    touched.page.key("d")


def test_m_opens_no_lens_while_a_name_is_typed(touched: Living) -> None:
    touched.page.key("f", ("control",))
    touched.page.key_down("m")
    assert touched.hidden(".lens")
    touched.page.key_up("m")
    touched.page.key("Escape")


def test_a_long_press_opens_the_lens_beside_the_finger(touched: Living) -> None:
    touched.page.key("End")  # the link as the page writes it
    link = touched.link
    x, y = touched.spot(touched.camera(12), head().layout["left.right"].center())  # far below
    touched.page.touch([(x, y)], lifts=False)
    touched.page.pause(0.5 * LENS_PATIENCE / 1000)
    assert touched.hidden(".lens")
    touched.page.pause(0.8 * LENS_PATIENCE / 1000)
    left, top, width, height = touched.box(".lens")
    assert (width, height) == pytest.approx((LENS_DIAMETER, LENS_DIAMETER), abs=0.01)
    assert left + width / 2 == pytest.approx(x, abs=1)
    assert top + height < y - 10
    touched.page.slide((x + 20, y - 30))
    assert touched.box(".lens")[:2] == pytest.approx((left + 20, top - 30), abs=1)
    touched.page.lift()
    assert touched.hidden(".lens")
    assert touched.link == link  # neither turned nor pinned


def test_a_long_press_of_the_mouse_opens_it_too_and_is_no_click(touched: Living) -> None:
    x, y = touched.spot(touched.camera(12), head().layout["left"].center())
    touched.page.move(x, y)
    touched.page.press(x, y)
    touched.page.pause(1.5 * LENS_PATIENCE / 1000)
    assert not touched.hidden(".lens")
    touched.page.release(x, y)
    assert touched.hidden(".lens")
    assert "pin" not in touched.link


def test_one_finger_turns_about_what_is_under_it(touched: Living) -> None:
    point = head().layout["left"].spot(4, 1)
    before = touched.camera(12)
    x, y = touched.spot(before, point)
    touched.page.touch(way((x, y), (x + 60, y - 80)))
    touched.rest()
    after = touched.camera(12)
    assert np.linalg.norm(after.position - before.position) > 1
    assert np.linalg.norm(after.position - point) == pytest.approx(np.linalg.norm(before.position - point), rel=0.02)
    assert touched.spot(after, point) == pytest.approx((x, y), abs=3)


def test_two_fingers_move_and_zoom_to_their_middle(touched: Living) -> None:
    point = head().layout["left"].center()
    before = touched.camera(12)
    x, y = touched.spot(before, point)
    touched.page.touch(way((x - 40, y), (x - 60, y - 80)), way((x + 40, y), (x + 100, y - 80)))
    touched.rest()
    after = touched.camera(12)
    near = np.linalg.norm(after.position - point) / np.linalg.norm(before.position - point)
    assert near == pytest.approx(0.5, abs=0.03)
    assert touched.spot(after, point) == pytest.approx((x + 20, y - 80), abs=6)


def test_a_tap_explains_and_two_taps_fly(touched: Living) -> None:
    x, y = touched.spot(touched.camera(12), head().layout["left"].spot(4, 1))
    touched.page.tap(x, y)
    assert touched.link["pin"] == "left:4,1"
    touched.page.key("Escape")
    before = touched.link["c"]
    touched.page.tap(x, y, 2)
    touched.rest()
    assert touched.link["c"] != before
    middle = touched.spot(touched.camera(12), head().layout["left"].center())
    assert middle == pytest.approx((touched.size[0] / 2, touched.size[1] / 2), abs=60)


FINGER = 43.5
"""Side of what a finger can hit, in pixels, but for rounding."""
SCROLLS = "(one => {{ one.scrollTop = 1e6; return one.scrollTop > 0 && one.scrollWidth <= one.clientWidth; }})(\
document.querySelector('{}'))"
CONTROLS = """[...document.querySelectorAll(".bar :is(button, select, input)")].map((one) => {
  const { left, top, right, bottom } = one.getBoundingClientRect();
  return [one.getAttribute("aria-label"), left, top, right, bottom];
})"""


@pytest.mark.parametrize("size", [(390, 844), (844, 390), (768, 1024), (320, 568)])
def test_every_control_is_on_the_screen_of_a_phone_and_large_enough(touched: Living, size: tuple[int, int]) -> None:
    touched.page.resize(*size, phone=True)
    controls = touched.page.evaluate(CONTROLS)
    assert len(controls) == 10
    for name, left, top, right, bottom in controls:
        assert 0 <= left < right <= size[0], name
        assert 0 <= top < bottom <= size[1], name
        assert min(right - left, bottom - top) >= FINGER, name
    for (one, *a), (other, *b) in combinations(controls, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)
    assert touched.size[0] == size[0]
    assert touched.page.evaluate("document.documentElement.scrollWidth") == size[0]
    touched.page.resize(480, 640, phone=True)


def test_help_and_explanation_scroll_on_a_phone_that_lies_on_its_side(touched: Living) -> None:
    touched.page.resize(640, 300, phone=True)
    touched.page.key("h")
    touched.page.wait("document.querySelector('dialog.help[open]') !== null")
    assert touched.page.evaluate(SCROLLS.format("dialog.help"))
    touched.page.key("Escape")
    touched.page.evaluate("location.hash = 't=12&pin=root:5,2'")
    touched.page.wait("!document.querySelector('.explain').hidden")
    assert touched.page.evaluate(SCROLLS.format(".explain"))
    left, top, width, height = touched.box(".explain")
    assert top + height <= touched.size[1]
    assert left + width <= 640
    touched.page.resize(480, 640, phone=True)
