"""What `.ci/docs` does around Sphinx: pictures by the commands of the pages, and a look at the finished site."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from docs.making import pictures
from docs.making.pictures import Order, draw, orders, page_orders
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


def test_a_picture_is_drawn_by_the_command_of_its_page(tmp_path: Path) -> None:
    page = tmp_path / "films.md"
    page.write_text(
        "![x](../made/paper.webp) ![y](../made/chain.webp)\n```sh\nmmviz render chain -o chain.png  # the end\n"
        "mmviz render matmul -o paper.png --step 9.5 --width 9000 --ground white\nmmviz render lora -o other.png\n```\n"
    )
    assert page_orders(page, tmp_path) == [
        Order("matmul", tmp_path / "paper.webp", ("--step", "9.5", "--ground", "white")),
        Order("chain", tmp_path / "chain.webp"),
    ]


def test_a_picture_without_such_a_command_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "matmul.md"
    page.write_text("![x](../made/matmul.webp)\n```sh\nmmviz view matmul\n```\n")
    message = r"matmul\.md: no command `mmviz render \.\.\. -o matmul\.png` draws its picture matmul\.$"
    with pytest.raises(ValueError, match=message):
        page_orders(page, tmp_path)


def test_every_scene_gets_a_picture_and_one_a_film(tmp_path: Path) -> None:
    wanted = [(order.scene, order.path.name) for order in orders(ROOT / "docs", tmp_path)]
    assert {(path.stem, f"{path.stem}.webp") for path in (ROOT / "scenes").glob("*.yaml")} <= set(wanted)
    assert wanted[-1] == ("matmul", "matmul.mp4")
    assert len({name for _, name in wanted}) == len(wanted)


@pytest.mark.slow
def test_a_picture_is_drawn_again_only_when_scene_step_or_program_changed(
    tmp_path: Path, canvases_kept: None, monkeypatch: pytest.MonkeyPatch
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
    order = Order("one", tmp_path / "one.webp")
    assert draw([order], scenes, source, tmp_path) == 1
    assert draw([order], scenes, source, tmp_path) == 0
    with Image.open(order.path) as picture:
        assert picture.size == (64, 36)
        assert np.asarray(picture).max() > 100
    assert draw([replace(order, words=("--step", "1"))], scenes, source, tmp_path) == 1
    (scenes / "one.yaml").write_text("expr: A\ntensors: {A: {init: eye, shape: [4, 4]}}")
    assert draw([order], scenes, source, tmp_path) == 1
    (source / "a.py").write_text("x = 1")
    assert draw([order], scenes, source, tmp_path) == 1
