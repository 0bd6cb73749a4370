"""What the start page tells of the scenes that come with mmviz, and the small pictures of them and of templates."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmviz.machine.shipped import gallery_names, scene_names
from mmviz.scene.templates import TEMPLATES
from mmviz.viewer.start.examples import EXAMPLES, PICTURES, picture_in_gallery, picture_of

GALLERY = Path(__file__).parents[2] / "docs" / "scenes" / "index.md"
NAMES = [*(example.name for example in EXAMPLES), *(f"new_{template.name}" for template in TEMPLATES)]
AGAIN = "python -m docs.making.thumbnails draws them anew"


def test_every_scene_that_comes_with_mmviz_is_an_example_once() -> None:
    assert sorted(example.name for example in EXAMPLES) == list(scene_names())


def test_examples_are_told_as_in_the_gallery_of_the_documentation() -> None:
    cards = re.findall(r"\[!\[(.+?)\]\(.+?\)\]\((\w+)\.md\)\s+\[`\w+`\]\(\w+\.md\) (.+)", GALLERY.read_text("utf-8"))
    assert [(example.title, example.name, example.sentence) for example in EXAMPLES] == cards


def test_every_example_and_template_has_a_picture_and_no_picture_is_stale() -> None:
    assert sorted(path.name for path in PICTURES.glob("*.*")) == sorted(f"{name}.webp" for name in NAMES), AGAIN
    gallery = (PICTURES / "gallery").iterdir()
    assert sorted(path.name for path in gallery) == sorted(f"{name}.webp" for name in gallery_names()), AGAIN


@pytest.mark.parametrize("name", gallery_names())
def test_a_small_picture_of_the_gallery_shows_something(name: str) -> None:
    with Image.open(picture_in_gallery(name)) as picture:
        assert picture.size == (480, 270)
        levels = np.asarray(picture.convert("L"))
    assert np.ptp(levels) > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_small_picture_shows_something_on_black(name: str) -> None:
    with Image.open(picture_of(name)) as picture:
        assert picture.size == (640, 360)
        levels = np.asarray(picture.convert("L"))
    assert levels.min() < 4
    assert levels.max() > 128


def test_all_pictures_together_are_small() -> None:
    assert sum(path.stat().st_size for path in PICTURES.glob("*.*")) < 1_000_000
    assert sum(path.stat().st_size for path in (PICTURES / "gallery").iterdir()) < 20_000 * len(gallery_names())
