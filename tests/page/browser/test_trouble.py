"""What keeps a page from its picture is said in one line, in the page; a wrong link opens as if it said nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mmviz import Scene
from mmviz.page.html import READING
from mmviz.picture.composition import Composition
from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import Living, living, written
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
NOT_WHOLE = "This file is not whole: a part of its numbers is missing. Save or download it once more."
LOST = "The graphics card was lost; the picture comes back when it does."
CONTEXT = "HTMLCanvasElement.prototype.getContext"


def scene() -> Composition:
    return Scene("L @ R", {name: {"init": "gaussian", "shape": [6, 6]} for name in "LR"}).composition


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("trouble"), "product", scene())


@pytest.fixture(scope="module")
def alive(browser: Browser, place: Path) -> Living:
    return living(browser, place, scene(), width=320, height=240)


def opened_with(alive: Living, script: str) -> str:
    """What a page says that is opened in a browser where something is otherwise."""
    added = alive.page.call("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    try:
        alive.open("t=3")
    finally:
        alive.page.call("Page.removeScriptToEvaluateOnNewDocument", added)
    alive.page.errors.clear()
    return alive.text(".trouble")


def test_a_browser_without_webgl_is_told(alive: Living) -> None:
    told = opened_with(alive, f"{CONTEXT} = () => null")
    assert told == "This page needs WebGL 2, which this browser does not offer or has switched off."


def test_a_browser_that_inflates_nothing_is_told(alive: Living) -> None:
    told = opened_with(alive, "delete globalThis.DecompressionStream")
    assert told == "This browser is too old for this page: it cannot inflate numbers (DecompressionStream)."


def test_a_matrix_that_is_too_large_for_the_graphics_card_is_told_and_the_sheet_behind_it_too(
    browser: Browser, tmp_path: Path
) -> None:
    sources = {name: np.ones((150, 3 if name == "A" else 150)) for name in "AB"}
    large = Scene("B * softmax(A @ A.T)", sources, style={"before": {"right": "scores"}}).composition
    alive = living(browser, written(tmp_path, "large", large), large, width=320, height=240)
    small = "(card => { const known = card.getParameter; card.getParameter = function (what) { "
    small += "return what === this.MAX_TEXTURE_SIZE ? 128 : known.call(this, what) } })"
    told = opened_with(alive, f"{small}(WebGL2RenderingContext.prototype)")
    assert told == "A matrix of 150x150 is larger than this graphics card can draw: at most 12,288 elements."
    alive.page.key("p")
    x, y = alive.spot(alive.camera(3), large.layout["right.left"].spot(75, 1))
    alive.page.move(x, y)
    assert alive.text(".status").startswith("A["), "all else is alive"
    alive.page.close()


def test_a_lost_graphics_card_is_told_until_it_is_back(alive: Living) -> None:
    alive.open("t=3")
    before = alive.picture()
    alive.page.evaluate(
        "card = document.querySelector('canvas').getContext('webgl2').getExtension('WEBGL_lose_context'); "
        "card.loseContext()"
    )
    alive.page.wait("document.querySelector('.trouble') !== null")
    assert alive.text(".trouble") == LOST
    alive.page.evaluate("card.restoreContext()")
    alive.page.wait("document.querySelector('.trouble') === null")
    assert (alive.picture() == before).all()
    assert alive.page.errors == []


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.97])
def test_a_file_that_is_cut_off_is_told(alive: Living, tmp_path: Path, place: Path, share: float) -> None:
    """The program stands behind the numbers: where it is gone, what stands before them says so."""
    whole = place.read_bytes()
    cut = Living(alive.page, tmp_path / "cut.html", alive.composition)
    cut.place.write_bytes(whole[: round(share * len(whole) / 2) * 2])
    cut.page.open(cut.place)
    assert cut.text(".reading") == READING
    cut.page.wait("getComputedStyle(document.querySelector('.reading')).visibility === 'visible'", 6)
    alive.page.errors.clear()


def test_numbers_that_are_damaged_are_told(alive: Living, tmp_path: Path, place: Path) -> None:
    text = place.read_text(encoding="utf-16")
    found = re.search(r'(data-of="part-0"[^>]*>)(.{40})', text)
    assert found is not None
    torn = Living(alive.page, tmp_path / "torn.html", alive.composition)
    torn.place.write_text(text[: found.start(2)] + text[found.end(2) :], encoding="utf-16")
    torn.open("")
    assert torn.text(".trouble") == NOT_WHOLE
    alive.page.errors.clear()


def test_without_scripts_the_page_says_what_it_needs(alive: Living, place: Path) -> None:
    alive.page.call("Emulation.setScriptExecutionDisabled", {"value": True})
    alive.page.open("about:blank")
    alive.page.open(place)
    seen = alive.page.screenshot()
    said = alive.page.call("DOM.getOuterHTML", {"nodeId": alive.page.call("DOM.getDocument")["root"]["nodeId"]})
    alive.page.call("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "<noscript>This page needs JavaScript" in said["outerHTML"]
    assert 10 < (seen[:80] < 128).sum() < 10_000  # dark letters at the top


@pytest.mark.parametrize("fragment", ["t=NaN&c=1,2&pin=nowhere:1,2&hide=nowhere", "%E0%A4%A", "t=1e9&pin=left:99,0"])
def test_a_wrong_link_opens_the_scene(alive: Living, fragment: str) -> None:
    alive.open(fragment)
    alive.page.key("p")
    assert alive.text(".trouble") == ""
    assert alive.text(".explain") == ""
    assert "hide" not in alive.link
    assert alive.page.errors == []
