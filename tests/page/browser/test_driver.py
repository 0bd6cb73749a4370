"""Tests can open pages in a browser, ask them, point at them and press keys, and see what went wrong in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page.browser.driver import Browser, BrowserError, Page, executable
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
TEXT = """<!doctype html><meta charset="utf-8"><style>body { margin: 0; background: #ff8000 }</style>
<input id="field" style="position: absolute; top: 60px"><script>
const told = [];
const kinds = ["pointerdown", "pointermove", "wheel", "keydown", "touchmove", "dblclick"];
for (const kind of kinds) addEventListener(kind, (event) => told.push([kind, event.clientX ?? event.key, event.key]));
</script>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    place = tmp_path / "page.html"
    place.write_text(TEXT, encoding="utf-8")
    made = browser.page(320, 200)
    made.open(place, "#there")
    yield made
    made.close()


def test_a_page_is_opened_asked_and_pictured(page: Page) -> None:
    assert page.evaluate("Promise.resolve(location.hash)") == "#there"
    assert page.screenshot()[10, 10].tolist() == [255, 128, 0]
    page.resize(100, 50, scale=2.0)
    assert page.screenshot().shape == (100, 200, 3)
    assert len(page.requests) == 1
    assert page.errors == []


def test_what_goes_wrong_in_a_page_is_kept(page: Page) -> None:
    page.evaluate("setTimeout(() => { throw new Error('badly') })")
    page.evaluate("console.warn('nearly'); fetch('https://a.example/').catch(() => 0)")
    page.pause(0.1)
    assert any(error.startswith("Error: badly") for error in page.errors)
    assert "warning: nearly" in page.errors
    assert page.requests[1:] == ["https://a.example/"]
    with pytest.raises(BrowserError, match="nothing is not defined"):
        page.evaluate("nothing")


def test_a_page_is_pointed_at_and_written_into(page: Page) -> None:
    page.click(30, 20, clicks=2)
    page.drag((10, 20), (90, 20), steps=4)
    page.wheel(50, 20, 100)
    page.key("ArrowLeft")
    page.key("a", ("control",))
    told = page.evaluate("told.map(one => one.slice(0, 2).join(' '))")
    assert told.count("dblclick 30") == 1
    assert "pointermove 70" in told
    assert "wheel 50" in told
    assert "keydown ArrowLeft" in told
    page.click(20, 70)
    page.key("x")
    page.write("yz")
    assert page.evaluate("field.value") == "xyz"


def test_a_page_is_touched(page: Page) -> None:
    page.resize(320, 200, phone=True)
    page.touch([(30, 30), (40, 30), (60, 30)], [(90, 90), (80, 90), (70, 90)])
    assert page.evaluate("told.filter(one => one[0] === 'touchmove').length") >= 1
