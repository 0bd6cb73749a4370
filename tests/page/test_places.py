"""What part of a picture an inset takes, and how rows and columns are put together, are in the page as in Python."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz.picture.drawlist import DrawList, Inset
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.region import shares
from tests.page.engine import call

PLACES = Inset(ItemKey("inset", ""), DrawList(), Camera(*np.eye(3)))


@pytest.mark.parametrize("size", [(1280, 720), (333, 200), (100, 700), (1921, 1081)])
@pytest.mark.parametrize("wide", [None, 0.1, 3.0])
def test_an_inset_takes_the_same_pixels(size: tuple[int, int], wide: float | None) -> None:
    inset = replace(PLACES, width=wide, bottom=0.0931)
    region = shares(size, inset.place(size[0] / size[1]))
    told = {"side": inset.side, "margin": inset.margin, "bottom": inset.bottom, "width": wide}
    found = call("placeOf", told, *size)
    assert found == {"left": region.left, "bottom": region.bottom, "width": region.width, "height": region.height}


@pytest.mark.parametrize("steps", [(1, 1), (1, 0.25), (0.125, 1), (1, 2**-0.5), (1, 2**-1.5), (1, 0.0001)])
@pytest.mark.parametrize("shape", [(1, 1), (300, 40), (5, 9000)])
def test_columns_or_rows_wait_for_each_other_as_long(steps: tuple[float, float], shape: tuple[int, int]) -> None:
    down, across = steps[0] * -np.eye(3)[1], steps[1] * np.eye(3)[0]
    placement = Placement(shape, np.zeros(3), down, across)
    told = {"rows": shape[0], "columns": shape[1], "down": down.tolist(), "across": across.tolist()}
    assert tuple(call("lateOf", told)) == placement.late
