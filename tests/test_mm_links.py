"""Every link of the article "Inside the Matrix" opens, comes back from our own file as it was, and draws."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.scene.keys.sources import UrlSource

LINKS = (Path(__file__).parent / "mm" / "links.txt").read_text(encoding="utf-8").split()

every_link = pytest.mark.parametrize("number", range(len(LINKS)))


@every_link
@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_it_comes_back_from_a_file_as_it_was(number: int, suffix: str, tmp_path: Path) -> None:
    scene = Scene.from_mm(LINKS[number])
    scene.save(tmp_path / f"scene{suffix}")
    loaded = Scene.load(tmp_path / f"scene{suffix}")
    assert loaded.document == scene.document
    assert set(loaded.layout()) == set(scene.layout())


@pytest.mark.slow
@pytest.mark.usefixtures("canvases_kept")
@every_link
def test_it_draws_with_numbers_in_place_of_those_that_are_far_away(
    number: int, tmp_path: Path, canvases_kept: None
) -> None:
    scene = Scene.from_mm(LINKS[number], missing="gaussian")
    scene.screenshot(tmp_path / "x.png", width=160, height=120)
    with Image.open(tmp_path / "x.png") as image:
        picture = np.asarray(image)
    assert picture.shape[:2] == (120, 160)
    assert np.ptp(picture) > 100


@every_link
def test_its_far_numbers_are_named_and_never_fetched(number: int) -> None:
    scene = Scene.from_mm(LINKS[number])
    if not any(isinstance(source, UrlSource) for source in scene.document.tensors.values()):
        assert np.isfinite(scene.values()[""]).all()
        return
    with pytest.raises(SourceError, match=r"lie at https://.*csv, and mmviz fetches nothing by itself"):
        scene.values()
