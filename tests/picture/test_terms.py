"""Signs and names of terms: between the sheets, readable from everywhere, and no name on a face that is covered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks import labels, terms
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.language.tree import ElementwiseNode, walk
from tests.picture.test_labels_guides import Stage, assert_readable, directions, stage

FRONT, BEHIND = np.array([0.1, 0.2, 1.0]), np.array([0.1, 0.2, -1.0])

scenes = st.sampled_from(["A + S", "A - S * A", "A @ B + S @ T", "(A + S) @ (B - T)", "U * (A @ B)", "(U - A @ B) @ C"])


def texts(scene: Stage, camera: Camera) -> dict[ItemKey, str]:
    return {label.key: label.text for label in terms.signs(scene.root, scene.layout, camera)}


@given(scenes, directions)
def test_no_sign_is_mirrored_or_upside_down(text: str, direction: NDArray[np.float64]) -> None:
    scene = stage(text)
    camera = scene.camera(direction)
    for label in terms.signs(scene.root, scene.layout, camera):
        assert_readable(label, camera)
        np.testing.assert_allclose([np.linalg.norm(label.along), np.linalg.norm(label.up)], 1)
        assert label.height > 0


@given(scenes, directions)
def test_every_term_has_its_sign_beside_the_space_before_it(text: str, direction: NDArray[np.float64]) -> None:
    scene = stage(text)
    found = {label.key: label for label in terms.signs(scene.root, scene.layout, scene.camera(direction))}
    for node in walk(scene.root):
        if not isinstance(node, ElementwiseNode):
            continue
        total = scene.layout[node.path]
        space = abs(float((scene.layout[node.left.path].origin - total.origin) @ total.normal))
        for term, sign in ((node.left, "="), (node.right, {"+": "+", "-": "−", "*": "∗"}[node.sign])):
            label, place = found[ItemKey("term", term.path)], scene.layout[term.path]
            assert label.text == f"{sign} {term.name}"
            offset = label.center - place.center()
            assert abs(float(offset @ place.normal)) == pytest.approx(space / 2)
            assert float(offset @ place.normal) * float((total.origin - place.origin) @ place.normal) > 0
            beside = [
                abs(float(offset @ axis)) - reach / 2 for axis, reach in zip(axes(place), place.reach, strict=True)
            ]
            assert max(beside) == pytest.approx(MARGIN)
            assert abs(float(label.up @ place.normal)) == pytest.approx(1)
            assert label.height < space


def axes(place: Placement) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return place.down, place.across


@pytest.mark.parametrize("text", ["A + S", "U - U", "A.T * S.T", "D + D"])
@pytest.mark.parametrize("gap", [0.0, 4.0])
def test_the_space_before_a_term_grows_with_the_sheet(text: str, gap: float) -> None:
    layout = stage(text, LayoutOptions(gap=gap)).layout
    rows, columns = layout[""].shape
    for before, behind in (("", "left"), ("left", "right")):
        space = float(np.linalg.norm(layout[behind].origin - layout[before].origin))
        assert space == pytest.approx(max(gap, 1.0, 0.2 * (rows * columns) ** 0.5))


def test_from_the_front_the_sum_has_its_name_and_its_terms_only_their_signs() -> None:
    scene = stage("A - S")
    camera = scene.camera(FRONT)
    assert terms.covered(scene.root, scene.layout, camera) == {"left", "right"}
    assert texts(scene, camera) == {ItemKey("term", "left"): "= A", ItemKey("term", "right"): "− S"}


def test_from_behind_the_last_term_has_its_name_and_the_sum_gets_one_beside_it() -> None:
    scene = stage("A - S")
    camera = scene.camera(BEHIND)
    assert terms.covered(scene.root, scene.layout, camera) == {"", "left"}
    assert texts(scene, camera) == {
        ItemKey("term", "left"): "= A",
        ItemKey("term", "right"): "− S",
        ItemKey("sum", ""): "A - S",
    }


def test_in_a_sum_of_three_the_partial_sum_is_a_term_too() -> None:
    scene = stage("A - S * A")
    camera = scene.camera(FRONT)
    assert terms.covered(scene.root, scene.layout, camera) == {"left", "right", "right.left", "right.right"}
    assert texts(scene, camera) == {
        ItemKey("term", "left"): "= A",
        ItemKey("term", "right"): "− S * A",
        ItemKey("term", "right.left"): "= S",
        ItemKey("term", "right.right"): "∗ A",
    }


def test_where_nothing_is_summed_there_are_no_signs() -> None:
    scene = stage("A @ B @ C")
    camera = scene.camera(FRONT)
    assert terms.covered(scene.root, scene.layout, camera) == set()
    assert terms.signs(scene.root, scene.layout, camera) == ()


def test_a_sign_fits_its_edge_and_is_no_larger_than_a_name() -> None:
    scene = stage("A + S")
    camera = scene.camera(FRONT)
    size = float(np.linalg.norm(scene.layout.box[1] - scene.layout.box[0]))
    for label in terms.signs(scene.root, scene.layout, camera):
        assert labels.ADVANCE * label.height * len(label.text) <= 4
        assert label.height <= labels.LARGEST * size
