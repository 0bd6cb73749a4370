"""Fit to view: no matrix is outside the picture, or under the inset; what is focused on is wholly there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.camera import project
from mmviz.picture.drawlist import INSET_BOTTOM, INSET_MARGIN
from mmviz.picture.framing import BORDER
from mmviz.scene.grammar import parse
from mmviz.scene.tree import build, walk
from tests.picture.compositions import aspects, composed, directions, seen_corners
from tests.picture.trees import Tree, trees

TINY = 1e-6


@given(trees(3), directions, aspects)
def test_no_matrix_is_outside_the_free_area_of_the_picture(
    tree: Tree, direction: tuple[float, float, float], aspect: float
) -> None:
    composition = composed(tree, {"direction": direction})
    across, up = seen_corners(composition, composition.camera(aspect), aspect).T
    assert BORDER[0] - TINY <= across.min()
    assert across.max() <= 1 - BORDER[0] + TINY
    assert BORDER[1] - TINY <= up.min()
    assert up.max() <= 1 - BORDER[1] + TINY


@given(trees(2), directions, aspects, st.data())
def test_no_matrix_is_under_the_inset_in_pictures_of_any_format(
    tree: Tree, direction: tuple[float, float, float], aspect: float, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(tree.shapes)))
    composition = composed(tree, {"direction": direction, "inset": path})
    camera = composition.camera(aspect)
    across, up = seen_corners(composition, camera, aspect).T
    (inset,) = composition.at(0, camera, aspect).insets
    covered = (across * aspect < INSET_MARGIN + inset.side) & (up < INSET_BOTTOM + inset.side)
    assert not covered.any()
    assert ((across > 0) & (across < 1) & (up > 0) & (up < 1)).all()


@given(trees(2), st.none() | directions, aspects, st.booleans(), st.data())
def test_the_matrix_in_focus_is_wholly_inside(
    tree: Tree, direction: tuple[float, float, float] | None, aspect: float, with_inset: bool, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(tree.shapes)))
    told = {} if direction is None else {"direction": direction}
    inset = {"inset": ""} if with_inset else {}
    composition = composed(tree, {"keyframes": [{"focus": path, **told}], **inset})
    camera = composition.camera_at(0.0, aspect)
    across, up = project(camera, composition.layout[path].corners(0.5), aspect).T
    assert ((across > 0.02) & (across < 0.98) & (up > 0.05) & (up < 0.95)).all()
    if with_inset:
        (shown,) = composition.at(0, camera, aspect).insets
        assert not ((across * aspect < shown.side) & (up < shown.side)).any()


@given(trees(2), directions, aspects, st.sampled_from([-360.0, -90.0, 45.0, 360.0, 720.0]))
def test_no_matrix_leaves_the_picture_during_an_orbit(
    tree: Tree, direction: tuple[float, float, float], aspect: float, degrees: float
) -> None:
    composition = composed(tree, {"direction": direction, "keyframes": [{"orbit": degrees}]}, {"hold": 0})
    for t in np.linspace(0.3, 1.0, 8) * composition.timeline.steps:
        seen = seen_corners(composition, composition.camera_at(float(t), aspect), aspect)
        assert ((seen > 0) & (seen < 1)).all()


@pytest.mark.parametrize("aspect", [0.5, 16 / 9])
def test_a_zoomed_orbit_stays_as_near_as_it_was_told(aspect: float) -> None:
    tree = matmul()
    cameras = [
        composed(tree, {"keyframes": [{"zoom": zoom}, {"at": 1, "orbit": 360}]}).camera_at(2.0, aspect)
        for zoom in (1.0, 3.0)
    ]
    far, near = (float(np.linalg.norm(camera.position)) for camera in cameras)
    assert near < 0.5 * far


def matmul() -> Tree:
    root = build(parse("out = A @ B"))
    shapes = {"": (4, 5), "left": (4, 6), "right": (6, 5)}
    assert {node.path for node in walk(root)} == set(shapes)
    return Tree(root, shapes)
