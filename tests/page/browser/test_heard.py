"""What those hear who do not see a page: every control has a name, and what happens is said; keys alone are enough."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mmviz.picture.cell.element_names import short
from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import Living, head, living, written

pytestmark = [
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
NAMED = {"button", "slider", "combobox", "searchbox", "textbox", "dialog", "toolbar", "complementary", "image", "list"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("heard"), "head", head())


@pytest.fixture(scope="module")
def alive(browser: Browser, place: Path) -> Living:
    return living(browser, place, head())


def heard(alive: Living) -> list[tuple[str, str]]:
    """Role and name of all that is there for those who hear the page."""
    nodes = alive.page.call("Accessibility.getFullAXTree")["nodes"]
    there = [node for node in nodes if not node["ignored"]]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in there]


def test_every_control_has_a_name_and_a_cell_is_picked_and_told_by_keys_alone(alive: Living) -> None:
    alive.open("t=12")
    for opens, closes in (("", ""), ("h", "Escape"), ("", "")):
        if opens:
            alive.page.key(opens)
        told = heard(alive)
        assert {"button"} <= {role for role, _ in told}
        assert [role for role, name in told if role in NAMED and not name.strip()] == []
        if closes:
            alive.page.key(closes)
    alive.page.key("f", ("control",))
    alive.page.write("attn[4, 1]")
    assert any(role == "button" and name.startswith("attn[4, 1]") for role, name in heard(alive))
    alive.page.key("Enter")
    alive.rest()
    assert alive.link["pin"] == "left:4,1"
    value = short(float(head().values["left"][4, 1]))
    told = heard(alive)
    texts = [name for _, name in told]
    assert ("complementary", "How this number comes about") in told
    assert any(name.startswith("attn[4 ") and name.endswith(value) for name in texts), texts
    assert "status" in {role for role, _ in told}
    assert [role for role, name in told if role in NAMED and not name.strip()] == []
    alive.page.key("ArrowLeft")
    alive.rest()
    assert any(name.startswith("Step 11 of 12. Values") for role, name in heard(alive) if role == "StaticText")


FRAME = """<body style="margin:0;height:3000px"><iframe src="{}#t=12" width="480" height="320"></iframe></body>"""
INSIDE = "document.querySelector('iframe').contentDocument"


def test_in_a_frame_the_wheel_scrolls_what_is_around_until_the_picture_is_clicked(
    browser: Browser, place: Path, tmp_path: Path
) -> None:
    around = tmp_path / "around.html"
    around.write_text(FRAME.format(place.as_uri()))
    page = browser.page(600, 400)
    page.open(around)
    page.wait(f"{INSIDE}.querySelector('canvas')?.dataset.rests === 'yes'")
    page.wheel(200, 150, 100)
    page.wait("scrollY > 0")
    assert "Click the picture" in page.evaluate(f"{INSIDE}.querySelector('.status').textContent")
    page.evaluate("scrollTo(0, 0)")
    page.frame()
    page.click(5, 5)
    page.wheel(200, 150, -300)
    page.wait("document.querySelector('iframe').contentWindow.location.hash.includes('c=')")
    assert page.evaluate("scrollY") == 0
    page.close()
