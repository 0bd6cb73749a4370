"""Texts in space are turned, made smaller and given up in the page as in Python."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.page.items import camera as camera_record
from mmviz.page.items import label as label_record
from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.giving_way import of_texts
from mmviz.picture.marks.writing import LARGEST_SEEN, Texts, turned
from mmviz.picture.space.item_key import ItemKey
from tests.page.composed import ticks_record
from tests.page.engine import engine
from tests.page.test_views import RULES, cameras, points


def told(name: str, *arguments: Any) -> Any:
    """What a function of the page gives; cameras as eyes."""
    parts = [
        f"mmvizPage.eyeOf({json.dumps(camera_record(one))})" if isinstance(one, Camera) else json.dumps(one)
        for one in arguments
    ]
    return json.loads(str(engine().eval(f"JSON.stringify(mmvizPage.{name}({', '.join(parts)}))")))


WAYS = st.sampled_from([np.array(way) for way in np.vstack([np.eye(3), -np.eye(3)])])


@given(cameras(), points, st.floats(0.1, 40))
def test_a_text_close_to_the_eye_is_given_up_alike(camera: Camera, center: NDArray[np.float64], height: float) -> None:
    found = told("ofText", RULES, camera, center.tolist(), height)
    assert found == pytest.approx(of_texts(camera, center[None], np.array([height]))[0], abs=1e-9)


def upright(along: NDArray[np.float64], up: NDArray[np.float64]) -> bool:
    """Whether two ways span a plane."""
    return float(abs(along @ up)) < 0.5


@given(cameras(), points, WAYS, WAYS, st.floats(0.1, 40))
def test_a_size_is_turned_and_made_smaller_alike(
    camera: Camera, center: NDArray[np.float64], along: NDArray[np.float64], up: NDArray[np.float64], height: float
) -> None:
    if not upright(along, up):
        return
    label = Label(ItemKey("size", "", 0), "I = 4", center, along, up, height, (1.0, 1.0, 1.0))
    (own,) = turned(Texts((label,), ()), camera).labels
    found = told("turnedLabel", {"largestSeen": LARGEST_SEEN}, label_record(label), camera)
    for name in ("along", "up"):
        np.testing.assert_allclose(found[name], getattr(own, name), atol=1e-9, err_msg=name)
    assert found["height"] == pytest.approx(own.height)


@given(cameras(), points, WAYS, WAYS, st.booleans())
def test_tokens_are_turned_around_their_ends_alike(
    camera: Camera, place: NDArray[np.float64], along: NDArray[np.float64], up: NDArray[np.float64], ends: bool
) -> None:
    if not upright(along, up):
        return
    row = TickLabels(ItemKey("tokens", "", 0), ("a",), place[None], along, up, 1.0, (1.0, 1.0, 1.0), ends)
    (own,) = turned(Texts((), (row,)), camera).ticks
    found = told("turnedTicks", ticks_record(row), camera)
    for name in ("along", "up"):
        np.testing.assert_allclose(found[name], getattr(own, name), atol=1e-9, err_msg=name)
    assert found["ends"] == own.ends
