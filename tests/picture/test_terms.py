"""The signs of sums: = before the first term, its own before the second one, in the gaps between the sheets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.marks import terms
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.marks.name_places import ALONG, EDGES
from mmviz.picture.space.item_key import ItemKey
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.language.tree import ElementwiseNode, walk
from tests.picture.test_labels_guides import Stage, stage

scenes = st.sampled_from(["A + S", "A - S * A", "A @ B + S @ T", "(A + S) @ (B - T)", "U * (A @ B)", "(U - A @ B) @ C"])


def texts(scene: Stage) -> dict[ItemKey, str]:
    return {name.key: name.text for name in terms.signs(scene.root, scene.layout)}


@given(scenes)
def test_every_term_has_its_sign_in_the_middle_of_the_space_before_it(text: str) -> None:
    scene = stage(text)
    found = {name.key: name for name in terms.signs(scene.root, scene.layout)}
    for node in walk(scene.root):
        if not isinstance(node, ElementwiseNode):
            continue
        total = scene.layout[node.path]
        space = abs(float((scene.layout[node.left.path].origin - total.origin) @ total.normal))
        for term, sign in ((node.left, "="), (node.right, {"+": "+", "-": "−", "*": "∗"}[node.sign])):
            name, place = found[ItemKey("term", term.path)], scene.layout[term.path]
            assert name.text == sign
            assert name.gap == pytest.approx(space)
            offset = name.anchors - place.center()
            np.testing.assert_allclose(abs(offset @ place.normal), space / 2)
            assert ((offset @ place.normal) * float((total.origin - place.origin) @ place.normal) > 0).all()
            sides = np.abs(offset[: EDGES * len(ALONG)] @ np.stack([place.down, place.across], axis=1))
            np.testing.assert_allclose((sides - np.array(place.reach) / 2).max(axis=1), MARGIN)


@pytest.mark.parametrize("text", ["A + S", "U - U", "A.T * S.T", "D + D"])
@pytest.mark.parametrize("gap", [0.0, 4.0])
def test_the_space_before_a_term_grows_with_the_sheet(text: str, gap: float) -> None:
    layout = stage(text, LayoutOptions(gap=gap)).layout
    rows, columns = layout[""].shape
    for before, behind in (("", "left"), ("left", "right")):
        space = float(np.linalg.norm(layout[behind].origin - layout[before].origin))
        assert space == pytest.approx(max(gap, 1.0, 0.2 * (rows * columns) ** 0.5))


def test_in_a_sum_of_three_the_partial_sum_is_a_term_too() -> None:
    assert texts(stage("A - S * A")) == {
        ItemKey("term", "left"): "=",
        ItemKey("term", "right"): "−",
        ItemKey("term", "right.left"): "=",
        ItemKey("term", "right.right"): "∗",
    }


def test_where_nothing_is_summed_there_are_no_signs() -> None:
    assert texts(stage("A @ B @ C")) == {}


def test_a_sum_that_is_left_out_has_no_signs() -> None:
    scene = stage("A - S * A")
    left = terms.signs(scene.root, scene.layout, {""})
    assert {name.key.path for name in left} == {"right.left", "right.right"}
