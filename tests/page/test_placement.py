"""Where elements and products stand in the page is where they stand in Python, also between blocks and beside them."""

from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmviz.page.matrices_section import placed
from mmviz.picture.space.cube import Cube
from mmviz.picture.space.placement import Placement, gather
from tests.examples import examples
from tests.page.engine import call

lengths = st.sampled_from([0.25, 0.5, 1.0, 2.0])
sides = st.integers(1, 9)
blocks = st.integers(0, 5)
gaps = st.sampled_from([0.0, 0.3, 1.0, 4.0])
origins = st.lists(st.floats(-9, 9), min_size=3, max_size=3)


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    down, across = np.array([0.0, -draw(lengths), 0.0]), np.array([0.0, 0.0, draw(lengths)])
    origin = np.array(draw(origins))
    return Placement((draw(sides), draw(sides)), origin, down, across, draw(blocks), draw(blocks), draw(gaps))


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    down, across, inward = (np.eye(3)[axis] * draw(lengths) for axis in range(3))
    shape, cut = ((draw(kind), draw(kind), draw(kind)) for kind in (sides, blocks))
    return Cube(shape, np.array(draw(origins)), down, across, inward, cut, draw(gaps))


def cube_told(cube: Cube) -> dict[str, Any]:
    """As far as the page's arithmetic of places goes."""
    vectors = {name: getattr(cube, name).tolist() for name in ("origin", "down", "across", "inward")}
    return {"shape": cube.shape, "blocks": cube.blocks, "gap": cube.gap, **vectors}


@given(placements(), st.floats(-2, 12), st.floats(-2, 12), gaps)
@examples(40)
def test_elements_and_corners_stand_at_the_same_places(place: Placement, i: float, j: float, margin: float) -> None:
    told = cast("dict[str, Any]", placed(place))
    np.testing.assert_allclose(call("spot", told, i, j), place.spot(i, j), rtol=0, atol=1e-9)
    np.testing.assert_allclose(call("corners", told, margin), place.corners(margin), rtol=0, atol=1e-9)


@given(cubes(), st.data())
@examples(40)
def test_products_stand_at_the_same_places_and_are_found_there(cube: Cube, chosen: st.DataObject) -> None:
    place = [chosen.draw(st.floats(0, side - 1)) for side in cube.shape]
    spot = cube.element(*place)
    np.testing.assert_allclose(call("productSpot", cube_told(cube), place), spot, rtol=0, atol=1e-9)
    assert call("productAt", cube_told(cube), spot.tolist()) == list(cube.at(spot))


@given(st.floats(-3, 20), sides, blocks, gaps)
@examples(40)
def test_the_last_index_up_to_a_place_is_the_same(place: float, size: int, block: int, gap: float) -> None:
    assert call("gather", place, size, block, gap) == gather(place, size, block, gap)
