"""What `.ci/docs` does around Sphinx: pictures by the commands of the pages, and a look at the finished site."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from docs.making import pictures
from docs.making.pictures import Order, draw, orders, picture_step
from docs.making.site_check import problems

ROOT = Path(__file__).parents[2]


def site(folder: Path, **pages: str) -> Path:
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text)
    return folder


# The finished site.


def test_a_site_whose_links_lead_somewhere_has_no_problems(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    page = (
        '<a href="b.html#there">b</a> <img src="a.png"> <a href="https://example.org">out</a> <a href="#x" id="x">x</a>'
    )
    assert problems(site(tmp_path, a=page, b='<p id="there">')) == []


def test_dead_links_dead_anchors_and_missing_pictures_are_told(tmp_path: Path) -> None:
    page = '<a href="c.html">c</a> <a href="b.html#gone">b</a> <img src="no.png">'
    assert problems(site(tmp_path, a=page, b='<p id="there">')) == [
        "a.html: links to c.html, which is not there.",
        "a.html: links to b.html#gone, which is not there.",
        "a.html: links to no.png, which is not there.",
    ]


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://example.org/x.js">',
        '<link rel="stylesheet" href="//example.org/x.css">',
        '<img src="http://example.org/x.png">',
    ],
)
def test_a_page_that_asks_another_host_is_told(tmp_path: Path, element: str) -> None:
    (found,) = problems(site(tmp_path, a=element))
    assert found.startswith("a.html: loads ")
    assert found.endswith(" from elsewhere.")


def test_a_style_sheet_that_asks_another_host_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("@font-face { src: url('https://example.org/font.woff2') }")
    assert problems(tmp_path) == ["x.css: loads from elsewhere."]


# Pictures.


def test_a_picture_shows_the_step_of_the_first_command_of_its_page(tmp_path: Path) -> None:
    page = tmp_path / "matmul.md"
    page.write_text("```sh\nmmviz render matmul -o a.png --step 9.5  # half-way\nmmviz render matmul -o b.png\n```\n")
    assert picture_step(page) == 9.5
    page.write_text("```sh\nmmviz render matmul -o a.png\n```\n")
    assert picture_step(page) is None


def test_a_page_without_such_a_command_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "matmul.md"
    page.write_text("mmviz view matmul")
    with pytest.raises(ValueError, match=r"matmul\.md: no command `mmviz render` draws its picture\.$"):
        picture_step(page)


def test_every_scene_gets_a_picture_and_one_a_film(tmp_path: Path) -> None:
    wanted = orders(ROOT / "docs", tmp_path)
    stills = {order.scene for order in wanted if order.path.suffix == ".webp"}
    assert stills == {path.stem for path in (ROOT / "scenes").glob("*.yaml")}
    assert [order.path.name for order in wanted if order.step == "film"] == ["matmul.mp4"]


def test_a_picture_is_drawn_again_only_when_scene_step_or_program_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "WIDTH", 64)
    monkeypatch.setattr(pictures, "HEIGHT", 36)
    scenes, source = tmp_path / "scenes", tmp_path / "source"
    scenes.mkdir()
    source.mkdir()
    (scenes / "one.yaml").write_text(
        "expr: A @ B\ntensors: {A: {init: eye, shape: [4, 4]}, B: {init: eye, shape: [4, 4]}}"
    )
    (source / "a.py").write_text("")
    order = Order("one", None, tmp_path / "one.webp")
    assert draw([order], scenes, source, tmp_path) == 1
    assert draw([order], scenes, source, tmp_path) == 0
    with Image.open(order.path) as picture:
        assert picture.size == (64, 36)
        assert np.asarray(picture).max() > 100
    assert draw([Order("one", 1.0, order.path)], scenes, source, tmp_path) == 1
    (scenes / "one.yaml").write_text("expr: A\ntensors: {A: {init: eye, shape: [4, 4]}}")
    assert draw([order], scenes, source, tmp_path) == 1
    (source / "a.py").write_text("x = 1")
    assert draw([order], scenes, source, tmp_path) == 1
