"""PDF and SVG files of scenes: whole or not there, refused before the work, with all that the picture says."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.orders.order import PictureOrder
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import fit
from mmviz.pipeline import Scene
from mmviz.render.vector.files import write_vector
from tests.fake_renderer import Painter, Painters
from tests.render.vector.pages import Pdf

pytestmark = pytest.mark.usefixtures("canvases_kept")

EXTENT = np.array([[-5.0, -5, -5], [5, 5, 5]])
EYE = fit(EXTENT, (0, 0, 1), 4 / 3)
NOTHING = DrawList(extent=EXTENT)


@pytest.fixture(scope="module")
def scene() -> Scene:
    tensors = {"Q": {"init": "gaussian", "shape": [6, 4]}, "K": {"init": "gaussian", "shape": [5, 4]}}
    return Scene("scores = Q @ K.T", tensors, title="Scores of 6 tokens", style={"legend": False})


def test_a_pdf_says_all_texts_of_the_picture_and_is_as_large_as_ordered(scene: Scene, tmp_path: Path) -> None:
    scene.screenshot(tmp_path / "x.pdf", width=320, height=200, dpi=100)
    pdf = Pdf(tmp_path / "x.pdf")
    assert [word for word in ("Scores of 6 tokens", "K.T", "scores") if word not in pdf.said()] == []
    assert pdf.size == pytest.approx((230.4, 144))
    assert pdf.images()[0].max() > 60


def test_an_svg_says_all_texts_of_the_picture(scene: Scene, tmp_path: Path) -> None:
    scene.screenshot(tmp_path / "x.svg", width=320, height=200, ground="white")
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    said = {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Scores of 6 tokens", "Q", "K.T", "scores"} <= said
    assert root.find("{http://www.w3.org/2000/svg}title").text == "Scores of 6 tokens"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["x.pdf", "x.svg"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    name: str, error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text("old")

    def broken(_: Painter) -> NDArray[np.float32]:
        raise error

    monkeypatch.setattr(Painter, "depths", broken)
    painters = Painters()
    with pytest.raises(error):
        write_vector(PictureOrder(f"{tmp_path}/{name}", 64, 48), NOTHING, EYE, painters)
    assert (tmp_path / name).read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert [painter.closed for painter in painters.opened] == [True]


def test_an_image_that_is_too_large_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_vector(PictureOrder(f"{tmp_path}/x.pdf", 64, 8193), NOTHING, EYE, Painters())
    assert str(caught.value) == "picture size 64x8193: width and height must be at most 8192."
    assert not list(tmp_path.iterdir())


def test_a_frame_of_nothing_is_a_page(tmp_path: Path) -> None:
    write_vector(PictureOrder(f"{tmp_path}/x.svg", 64, 48), NOTHING, EYE, Painters())
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    assert root.get("viewBox") == "0 0 64 48"
