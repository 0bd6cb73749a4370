"""Arrows: outlined solids that point to the result, and give way to what flies, to elements and to the eye."""

import numpy as np
import pytest
from hypothesis import given

from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.marks.arrows import HUGE, LARGE, Yielding, arrow, arrows
from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.scene.language.tree import ProductNode, walk
from tests.picture.test_labels_guides import Stage, middle, stage, stages


@given(stages)
def test_arrows_point_to_the_result_with_a_vane_toward_each_argument(scene: Stage) -> None:
    for node in walk(scene.root):
        if not isinstance(node, ProductNode):
            continue
        cube = scene.layout.cubes[node.path]
        vanes = arrow(node.path, scene.layout, node.left.path, node.right.path).vanes
        for vane, argument, normal in zip(vanes, (node.left, node.right), (cube.across, cube.down), strict=True):
            tail, tip, wing = (vane.points[:3] + vane.points[3:]) / 2
            to_result = middle(scene.layout[node.path]) - cube.center()
            assert np.linalg.norm(np.cross(tip - tail, cube.inward)) < 1e-9
            assert (tip - tail) @ to_result >= 0
            to_argument = middle(scene.layout[argument.path]) - cube.center()
            assert (wing - tail) @ to_argument >= 0
            assert np.linalg.norm(np.cross(wing - tail, normal)) < 1e-9
            np.testing.assert_allclose((tail + tip) / 2, cube.center(), atol=1e-9)
        assert vanes[0].key != vanes[1].key


@given(stages)
def test_a_vane_is_a_closed_solid_whose_sides_look_outward(scene: Stage) -> None:
    for one in arrows(scene.root, scene.layout):
        for vane, outline in zip(one.vanes, one.outlines, strict=True):
            sides = vane.points[vane.triangles]  # (sides, 3, 3)
            normals = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
            np.testing.assert_allclose(normals.sum(axis=0), 0, atol=1e-9)
            outward = ((sides.mean(axis=1) - vane.points.mean(axis=0)) * normals).sum(axis=1)
            assert (outward > 0).all() or (outward < 0).all()
            assert {tuple(point) for point in outline.points} == {tuple(point) for point in vane.points}


def one_arrow() -> tuple[Stage, Yielding, Camera]:
    """Of a product, seen from a side where no matrix is before it."""
    scene = stage("A @ B")
    corners = np.concatenate([place.corners(1.0) for place in scene.layout.values()])
    camera = fit(corners, (1.0, -0.4, -0.9), 1.5)
    return scene, Yielding(arrows(scene.root, scene.layout), scene.layout), camera


def opacity(yielding: Yielding, camera: Camera, shown: dict[str, Sweep], *flying: Placement) -> float:
    patches, lines = yielding.at(camera, shown, flying)
    found = {patch.opacity for patch in patches} | {line.opacity for line in lines}
    assert len(found) <= 1
    return next(iter(found), 0.0)


def test_an_arrow_with_nothing_before_it_is_solid_and_stays_the_same_object() -> None:
    scene, yielding, camera = one_arrow()
    shown = dict.fromkeys(scene.layout, NOWHERE)
    assert opacity(yielding, camera, shown) == 1.0
    first, second = (yielding.at(camera, shown, ())[0] for _ in range(2))
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_an_arrow_fades_while_something_comes_and_is_gone_where_it_flies_through() -> None:
    scene, yielding, camera = one_arrow()
    shown = dict.fromkeys(scene.layout, NOWHERE)
    cube = scene.layout.cubes[""]
    away = np.cross(cube.across, cube.down)
    away *= np.sign(away @ (cube.center() - camera.position))  # behind the arrow, as the eye sees it

    def plane(far: float) -> Placement:
        corner = cube.center() - 1.0 * cube.across - 1.0 * cube.down + far * away
        return Placement((3, 3), corner, cube.down, cube.across)

    found = [opacity(yielding, camera, shown, plane(far)) for far in np.linspace(40.0, 0.0, 60)]
    assert found[0] == 1.0
    assert found[-1] == 0.0
    assert found == sorted(found, reverse=True)
    assert 0 < sorted(set(found))[1] < 1


def test_an_arrow_is_gone_behind_a_matrix_as_soon_as_its_elements_are_there() -> None:
    scene, yielding, _ = one_arrow()
    place = scene.layout[""]
    toward = place.center() - scene.layout.cubes[""].center()
    camera = Camera(place.center() + 20 * toward / np.linalg.norm(toward) * 3, place.center(), np.array([0.0, 1, 0]))
    full, empty = dict.fromkeys(scene.layout, EVERYWHERE), dict.fromkeys(scene.layout, NOWHERE)
    assert opacity(yielding, camera, full) < opacity(yielding, camera, empty) == 1.0


@pytest.mark.parametrize(("seen", "there"), [(HUGE * 1.1, 0.0), (LARGE * 0.7, 1.0)])
def test_an_arrow_goes_before_it_fills_the_picture(seen: float, there: float) -> None:
    scene, yielding, camera = one_arrow()
    (one,) = arrows(scene.root, scene.layout)
    center = scene.layout.cubes[""].center()
    toward = (camera.position - center) / np.linalg.norm(camera.position - center)
    far = one.length / (2 * seen * np.tan(np.radians(camera.view_angle) / 2))
    near = Camera(center + far * toward, center, camera.up)
    assert opacity(yielding, near, dict.fromkeys(scene.layout, NOWHERE)) == there
