"""What a person does in a page: playing, pointing, pinning, finding, hiding, turning; and the link that tells it."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.page.readings import LOW, LOW_BELOW
from mmviz.picture.cell.element_names import short
from mmviz.picture.cell.explanation import Products, explain
from mmviz.picture.cell.picking import describe, pick
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.marks.shared_axes import SharedAxes
from mmviz.render.opengl.canvas import Canvas
from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import Living, head, living, written
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
PLACES = 50
"""Places of the picture that are pointed at."""
PLAYS = "document.querySelector('[aria-label=\"Play or pause\"]').getAttribute('aria-pressed') === 'true'"
MIDDLE = 4.5
"""A step at which something flies."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Living:
    return living(browser, written(tmp_path_factory.mktemp("living"), "head", head()), head())


@pytest.fixture
def alive(opened: Living) -> Iterator[Living]:
    """The page of a small head; nothing may go wrong in it, and nothing leave it."""
    opened.page.errors.clear()
    opened.page.requests.clear()
    yield opened
    assert opened.page.errors == []
    own = opened.place.as_uri()
    assert {one.partition("#")[0] for one in opened.page.requests} <= {own, "about:blank"}


def step(alive: Living) -> float:
    return float(alive.link["t"])


def drawn(camera: Camera, t: float, size: tuple[float, float], emphasis: Emphasis) -> NDArray[np.uint8]:
    """What VTK draws."""
    width, height = map(round, size)
    scene = head().for_height(LOW) if height < LOW_BELOW else head()
    with Canvas(width, height) as canvas:
        canvas.refine()
        canvas.show(scene.at(t, camera, width / height, emphasis), camera)
        return canvas.draw(1)


def close(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    difference = np.abs(one.astype(int) - other)
    return bool(difference.mean() <= 2 and (difference.max(axis=2) > 40).mean() <= 0.005)


def test_it_plays_and_steps_by_keys(alive: Living) -> None:
    alive.open("t=0")
    for key, expected in (
        *(("ArrowRight", 1), ("s", 2), ("ArrowLeft", 1), ("End", 12), ("ArrowRight", 12), ("Home", 0)),
        *(("PageDown", 6), ("PageDown", 12), ("PageUp", 6), ("PageUp", 0)),
    ):
        alive.page.key(key)
        assert step(alive) == expected, key
    alive.page.key("]")
    alive.page.key("]")
    alive.page.key("[")
    alive.page.key("r", ("control",))
    assert alive.link["speed"] == "2"
    assert alive.link["loop"] == "1"
    alive.page.key(" ")
    alive.page.wait(PLAYS)
    alive.page.pause(0.3)
    alive.page.key("p")
    assert 0 < step(alive) < 12


def test_it_plays_and_steps_by_clicks_on_its_bar(alive: Living) -> None:
    alive.open("t=0")

    def click(name: str) -> None:
        alive.click(f'[aria-label="{name}"]')

    click("Step on")
    click("Step on")
    click("Step back")
    assert step(alive) == 1
    click("Play again and again")
    assert alive.link["loop"] == "1"
    click("Play or pause")
    alive.page.pause(0.4)
    click("Play or pause")
    stopped = step(alive)
    assert stopped > 1
    left, top, width, height = alive.box(".scrub input")
    alive.page.click(left + width / 2, top + height / 2)
    assert step(alive) == pytest.approx(6, abs=0.3)
    alive.page.evaluate(
        "(s => { s.value = '4'; s.dispatchEvent(new Event('change')) })(document.querySelector('select'))"
    )
    assert alive.link["speed"] == "4"
    click("Keys")
    assert "Play or pause" in alive.text("dialog.help[open]")
    alive.page.key("Escape")
    assert alive.text("dialog.help[open]") == ""


@pytest.mark.parametrize("t", [12, MIDDLE])
def test_what_is_under_the_pointer_is_said_in_pythons_words(alive: Living, t: float) -> None:
    alive.open(f"t={t}")
    composition, camera = head(), alive.camera(t)
    width, height = alive.size
    frame = composition.timeline.frame(t)
    said = 0
    for place in alive.cells(camera, PLACES, np.random.default_rng(int(t))):
        x, y = map(round, place)
        expected = pick(composition, frame, camera, x / width, y / height, width / height, t=t)
        alive.page.move(x, y)
        assert alive.text(".status") == ("" if expected is None else describe(expected, composition)), (x, y)
        said += expected is not None
    assert said > PLACES / 2
    alive.page.move(1, 1)
    assert alive.text(".status") == ""


def test_the_tip_comes_after_a_while_with_name_tokens_and_number(alive: Living) -> None:
    alive.open("t=12")
    x, y = alive.spot(alive.camera(12), head().layout["left"].spot(3, 1))
    alive.page.move(x, y)
    assert alive.text(".tip") == ""
    alive.page.wait("!document.querySelector('.tip').hidden")
    value = float(head().values["left"][3, 1])
    tip = alive.text(".tip")
    assert tip.startswith("attn")
    assert short(value) in tip
    assert "fox" in tip
    assert "quick" in tip
    alive.page.key("d")
    alive.page.move(x + 1, y)
    assert alive.text(".tip") == ""
    alive.page.key("d")


def test_the_row_and_the_column_of_a_cell_are_lit_as_in_the_window(alive: Living) -> None:
    alive.open("t=12")
    camera = alive.camera(12)
    before = alive.picture()
    alive.page.move(*alive.spot(camera, head().layout["left"].spot(4, 2)))
    alive.page.key("d")  # the tip would be in the picture
    lit = SharedAxes.of(head().root, head().axes, head().values).lit_around("left", 4, 2)
    after = alive.picture()
    alive.page.key("d")
    x, y = map(round, alive.spot(camera, head().layout["left"].center()))
    around = np.s_[y - 60 : y + 60, x - 40 : x + 40]  # names beside it are chosen for pictures of other shapes
    assert close(after[around], drawn(camera, 12, alive.size, Emphasis(pointed=lit))[around])
    assert not close(after[around], before[around])


def test_a_click_explains_a_cell_and_a_number_there_leads_on(alive: Living) -> None:
    alive.open("t=12")
    alive.page.click(*alive.spot(alive.camera(12), head().layout[""].spot(5, 2)))
    assert alive.link["pin"] == "root:5,2"
    found = explain(head(), "", 5, 2)
    assert isinstance(found.origin, Products)
    assert alive.text(".explain h2").startswith("z[5 “ jumps”, 2]")
    assert short(found.value) in alive.text(".explain h2")
    rows = alive.page.evaluate(
        "[...document.querySelectorAll('.explain tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    origin = found.origin
    assert rows == [
        [
            origin.labels[k],
            *(short(float(numbers[at])) for numbers in (origin.left, origin.right, origin.product, origin.running)),
        ]
        for at, k in enumerate(origin.k)
    ]
    alive.click(".explain tbody td button")
    assert alive.link["pin"] == f"left:5,{origin.k[0]}"
    weight = explain(head(), "left", 5, int(origin.k[0]))
    assert alive.text(".explain h2").startswith(weight.name)
    for stage in weight.stages:
        for quantity in stage.quantities:
            assert short(quantity.value) in alive.text(".explain")
    alive.page.key("Escape")
    assert alive.text(".explain") == ""
    assert "pin" not in alive.link


@pytest.mark.parametrize("path", ["right", "left.right"])
@pytest.mark.parametrize("size", [(480, 320), (900, 400)])
def test_the_explanation_does_not_lie_over_its_cell(alive: Living, path: str, size: tuple[int, int]) -> None:
    alive.page.resize(*size)
    alive.open("t=12")
    x, y = alive.spot(alive.camera(12), head().layout[path].spot(2, 1))
    alive.page.click(x, y)
    left, top, width, height = alive.box(".explain")
    assert not (left <= x <= left + width and top <= y <= top + height)
    alive.page.resize(480, 320)


def test_a_matrix_is_found_by_its_name_and_flown_to(alive: Living) -> None:
    alive.open("t=12")
    alive.page.key("f", ("control",))
    alive.page.write("q")
    assert alive.text("dialog.finder li").startswith("Q")
    alive.page.key("Enter")
    alive.rest()
    camera = alive.camera(12)
    x, y = alive.spot(camera, head().layout["left.left"].center())
    assert (x, y) == pytest.approx((240, alive.size[1] / 2), abs=40)
    alive.page.key("r")
    alive.page.wait("!location.hash.includes('c=')")


def test_matrices_are_hidden_and_shown_alone(alive: Living) -> None:
    alive.open("t=12")
    x, y = alive.spot(alive.camera(12), head().layout["left"].spot(4, 1))
    alive.page.move(x, y)
    alive.page.key("x")
    assert set(alive.link["hide"].split(",")) == {"left", "left.left", "left.right"}
    alive.page.key("a")
    assert "hide" not in alive.link
    alive.page.move(x + 1, y)
    alive.page.key("i")
    assert set(alive.link["hide"].split(",")) == {"root", "right"}
    alone = Emphasis(hidden=frozenset({"", "right"}))
    alive.page.move(1, 1)
    assert close(alive.picture(), drawn(alive.camera(12), 12, alive.size, alone))
    alive.page.key("a")
    assert "hide" not in alive.link


@pytest.mark.parametrize("key", ["1", "3", "7", "v"])
def test_keys_look_from_each_side(alive: Living, key: str) -> None:
    alive.open("t=12")
    alive.page.move(1, 1)
    alive.page.key(key)
    alive.rest()
    camera = alive.camera(12)
    ways = {"1": (0, 0, 1), "3": (1, 0, 0), "7": (0, 1, 0), "v": (1, 1, 1)}
    way = np.abs(camera.position - camera.target)
    np.testing.assert_allclose(way / np.linalg.norm(way), np.array(ways[key]) / math.hypot(*ways[key]), atol=0.02)


def test_the_wheel_keeps_what_is_under_the_pointer(alive: Living) -> None:
    alive.open("t=12")
    point = head().layout["left"].spot(4, 1)
    before = alive.camera(12)
    x, y = alive.spot(before, point)
    alive.page.wheel(x, y, -300)
    alive.rest()
    after = alive.camera(12)
    assert np.linalg.norm(after.position - point) < 0.75 * np.linalg.norm(before.position - point)
    assert alive.spot(after, point) == pytest.approx((x, y), abs=1.5)


def test_a_drag_turns_about_what_is_under_the_pointer(alive: Living) -> None:
    alive.open("t=12")
    point = head().layout["left"].spot(4, 1)
    before = alive.camera(12)
    x, y = alive.spot(before, point)
    alive.page.drag((x, y), (x + 60, y + 20))
    alive.rest()
    after = alive.camera(12)
    assert np.linalg.norm(after.position - before.position) > 1
    assert np.linalg.norm(after.position - point) == pytest.approx(np.linalg.norm(before.position - point), rel=0.02)
    assert alive.spot(after, point) == pytest.approx((x, y), abs=3)
    alive.page.drag((x, y), (x + 50, y - 30), modifiers=("shift",))
    assert alive.spot(alive.camera(12), point) == pytest.approx((x + 50, y - 30), abs=3)


def test_a_link_opens_the_same_session_and_picture(alive: Living) -> None:
    alive.open("t=7.5&chapter=1&speed=2&loop=1&hide=right")
    point = head().layout["left"].spot(4, 1)
    spot = alive.spot(alive.camera(7.5), point)
    alive.page.drag(spot, (spot[0] + 40, spot[1] + 10))
    alive.page.click(spot[0] + 1, spot[1] + 1)
    alive.page.move(1, 1)
    session, link = alive.link, alive.page.evaluate("location.hash.slice(1)")
    assert {"t", "chapter", "speed", "loop", "hide", "c", "pin"} <= set(session)
    told, picture = alive.text(".explain"), alive.picture()
    alive.open(link)  # the page anew, which knows nothing but its address
    assert alive.link == session
    assert alive.text(".explain") == told != ""
    difference = np.abs(alive.picture().astype(int) - picture).max(axis=2)
    assert (difference > 40).mean() < 0.0005  # the same names at the same places; the camera in a link has nine digits


def test_back_undoes_pins_hiding_and_flights(alive: Living) -> None:
    alive.open("t=12&chapter=1")
    x, y = alive.spot(alive.camera(12), head().layout["left"].spot(4, 1))
    links = [alive.link]
    alive.page.click(x, y)
    links.append(alive.link)
    alive.page.key("x")
    links.append(alive.link)
    alive.page.key("1")
    alive.rest()
    links.append(alive.link)
    assert all(one != other for one, other in pairwise(links))
    for expected in reversed(links[:-1]):
        alive.page.evaluate("history.back()")
        assert alive.link == expected
        assert (alive.text(".explain") != "") == ("pin" in expected)
    alive.page.evaluate("history.forward()")
    assert alive.link == links[1]


def test_a_link_without_controls_shows_the_picture_alone(alive: Living) -> None:
    alive.open("t=7.5&ui=none")
    assert list(alive.size) == [480, 320]
    expected = drawn(head().camera_at(7.5, 1.5), 7.5, (480, 320), Emphasis())
    assert close(alive.picture(), expected)


def test_everything_is_reached_by_the_keyboard_and_has_a_name(alive: Living) -> None:
    alive.open("t=12")
    reached: list[list[Any]] = []
    for _ in range(40):
        alive.page.key("Tab")
        told = alive.page.evaluate(
            "(one => [one.tagName, one.getAttribute('aria-label') ?? '', one.matches(':focus-visible') && "
            "(getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one).boxShadow !== 'none')])"
            "(document.activeElement)"
        )
        if told[0] == "BODY" or (reached and told == reached[0]):
            break
        reached.append(told)
    assert all(name and visible for _, name, visible in reached), reached
    names = [name for _, name, _ in reached]
    assert names[0].startswith("A small head. Step 12 of 12.")
    assert len(names) == alive.page.evaluate(
        "document.querySelectorAll('canvas, .bar :is(button, input, select)').length"
    )
    alive.page.evaluate("document.querySelector('[aria-label=\"Step back\"]').focus()")
    alive.page.key("Enter")
    assert step(alive) == 11
    alive.page.evaluate("document.querySelector('.scrub input').focus()")
    alive.page.key(" ")
    alive.page.wait(PLAYS)


def test_what_is_seen_is_said(alive: Living) -> None:
    alive.open(f"t={MIDDLE}")
    label = alive.page.evaluate("document.querySelector('canvas').getAttribute('aria-label')")
    assert label.startswith("A small head. Step 4 of 12. Scores")
    alive.page.key("End")
    alive.rest()
    assert alive.text(".status").startswith("Step 12 of 12. Values")
    label = alive.page.evaluate("document.querySelector('canvas').getAttribute('aria-label')")
    assert label.startswith("A small head. Step 12 of 12. Values")
    assert alive.page.evaluate("document.querySelector('.status').getAttribute('aria-live')") == "polite"
    alive.page.click(*alive.spot(alive.camera(12), head().layout[""].spot(5, 2)))
    assert alive.text(".status").startswith("z[5 “ jumps”, 2] = ")


def test_who_wants_no_motion_gets_none(alive: Living) -> None:
    alive.page.call("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    alive.open("")
    assert alive.text(".counter") == "0 / 12"
    alive.page.evaluate("flown = document.body.dataset.drawn")
    alive.page.key("1")
    alive.rest()
    assert "c" in alive.link
    assert int(alive.page.evaluate("document.body.dataset.drawn - flown")) <= 2
    alive.page.call("Emulation.setEmulatedMedia", {"features": []})
    alive.open("")
    alive.page.pause(0.5)
    alive.page.key("p")
    assert step(alive) > 0
