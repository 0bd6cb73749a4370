"""Pages as files: whole or not at all, and refused in one line."""

import zlib
from pathlib import Path

import numpy as np
import pytest

from mmviz.errors import OutputError
from mmviz.orders.order import LARGEST_PAGE, PageOrder
from mmviz.page import writing
from mmviz.page.document import VERSION, document
from mmviz.page.writing import check_page, write_page
from mmviz.pipeline import Scene
from mmviz.render import pyramid

SCENE = Scene("A @ B", {"A": [[1, -2], [3, 0]], "B": {"init": "eye", "shape": [2, 3]}}, title="Small")


def test_a_page_is_written_as_a_whole(tmp_path: Path) -> None:
    SCENE.page(tmp_path / "x.html", step=1)
    assert (tmp_path / "x.html").read_text(encoding="utf-16").startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["x.html"]


def test_the_document_says_its_version_its_title_and_where_it_opens() -> None:
    header, _ = document(SCENE.composition, 1.0)
    assert (header["version"], header["title"], header["shell"]["step"]) == (VERSION, "Small", 1.0)


def test_a_page_is_hardly_larger_than_its_numbers_compressed_and_the_code(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    large = Scene("A @ B", {name: random.standard_normal((160, 160)) for name in "AB"})
    places = [tmp_path / name for name in ("large.html", "small.html")]
    large.page(places[0])
    SCENE.page(places[1])
    numbers = sum(len(zlib.compress(values.tobytes(), 6)) for values in large.values().values())
    size, code = (place.stat().st_size for place in places)
    assert size <= 1.1 * numbers + code


def test_a_page_that_would_be_too_large_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MEGABYTE", 1000)
    with pytest.raises(OutputError) as caught:
        write_page(SCENE.composition, PageOrder(str(tmp_path / "x.html"), most=1))
    assert "x.html: the page would have " in str(caught.value)
    assert str(caught.value).endswith(
        " MB, more than the 1 MB that are allowed; give --max-size (max_size), or draw fewer rows and columns."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_matrix_that_no_browser_draws_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyramid, "MAX_SIDE", 64)
    with pytest.raises(OutputError) as caught:
        Scene("A", {"A": np.ones((100, 100))}).page(tmp_path / "x.html")
    assert str(caught.value) == "a matrix of 100x100 is too large to draw; at most 3,072 elements fit into a texture."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (lambda: PageOrder("x.html", step="1"), 'step: must be a number, got "1".'),  # type: ignore[arg-type]
        (lambda: PageOrder("x.html", most=0), "max_size: must be 1 megabyte or more, got 0."),
        (lambda: check_page(PageOrder("x.pdf")), "x.pdf: the name ends in .pdf; it must end in .html or .htm."),
        (lambda: SCENE.page("x.html", step=99), "step 99: the animation runs from step 0 to step 2."),
    ],
)
def test_what_cannot_be_ordered_is_refused_in_one_line(order: object, said: str) -> None:
    with pytest.raises(OutputError) as caught:
        order()  # type: ignore[operator]
    assert str(caught.value) == said


def test_two_hundred_megabytes_are_allowed_where_nothing_is_said() -> None:
    assert PageOrder("x.html").most == LARGEST_PAGE == 200
