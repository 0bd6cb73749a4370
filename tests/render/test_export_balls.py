"""GLB files in which one ball is drawn many times: places, sizes, colours, names, and how large a file is."""

from pathlib import Path

import numpy as np
import pytest

import mmviz
from mmviz.errors import OutputError
from mmviz.picture.drawlist import DrawList, Label, TickLabels
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.mesh.shapes import CELL, SHADES, few
from mmviz.render.mesh.texts import labels, ticks, written
from tests.render.glb import Glb
from tests.render.mesh_drawing import last_drawing

EXTENSION = "EXT_mesh_gpu_instancing"


@pytest.fixture(scope="module")
def scene() -> mmviz.Scene:
    sources = {name: {"init": "gaussian", "shape": [12, 12], "seed": seed} for seed, name in enumerate("AB")}
    return mmviz.Scene("tril(A) @ B", sources)


@pytest.fixture(scope="module")
def glb(scene: mmviz.Scene, tmp_path_factory: pytest.TempPathFactory) -> Glb:
    path = tmp_path_factory.mktemp("mesh") / "x.glb"
    scene.mesh(path)
    return Glb(path)


@pytest.fixture(scope="module")
def drawing(scene: mmviz.Scene) -> DrawList:
    return last_drawing(scene)


def test_balls_stand_where_the_layout_says_and_have_their_sizes(scene: mmviz.Scene, glb: Glb) -> None:
    for path, matrix in {"left": "tril(A)", "right": "B", "": "tril(A) @ B"}.items():
        there = np.tril(np.ones((12, 12), bool)) if path == "left" else np.ones((12, 12), bool)
        i, j = np.nonzero(there)
        middles, radii, _ = glb.balls(matrix)
        expected = CELL * scene.layout()[path].element(i, j)
        order, wanted = (np.lexsort(np.rint(1e5 * points).T) for points in (middles, expected))
        np.testing.assert_allclose(middles[order], expected[wanted], atol=1e-7)
        np.testing.assert_allclose(radii[order], CELL * scene.sizes()[path][there][wanted], rtol=1e-5)


def test_balls_have_their_colours_as_nearly_as_few_colours_can(scene: mmviz.Scene, glb: Glb) -> None:
    _, radii, colors = glb.balls("B")
    size, shade = scene.sizes()["right"].reshape(-1), scene.colors()["right"].reshape(-1, 3)
    found, wanted = np.argsort(radii), np.argsort(size * CELL)
    apart = np.abs(colors[found] - shade[wanted]).max(axis=1)
    assert apart.max() < 10 / 255
    assert apart.mean() < 3 / 255
    assert len([mesh for mesh in glb.tree["meshes"] if mesh["name"].startswith("ball")]) <= SHADES


def test_balls_are_as_flat_as_cells_are_where_an_axis_is_folded(tmp_path: Path) -> None:
    sources = {"A": {"init": "rows", "shape": [4, 12]}, "B": {"init": "rows", "shape": [12, 3]}}
    scene = mmviz.Scene("A @ B", sources, layout={"fold": {"k": 4}})
    place = scene.layout()["left"]
    assert place.steps == (1.0, 0.25)
    scene.mesh(tmp_path / "x.glb")
    glb = Glb(tmp_path / "x.glb")
    drawn = [node["extensions"][EXTENSION]["attributes"]["SCALE"] for node in glb.below(glb.node("balls of A"))]
    sizes = np.concatenate([glb.numbers(scale) for scale in drawn])
    np.testing.assert_allclose(sizes @ np.abs(place.ways[1]) * 4, sizes @ np.abs(place.ways[0]), rtol=1e-6)
    scene.mesh(tmp_path / "x.glb", plain=True)
    plain = Glb(tmp_path / "x.glb")
    points, normals = (plain.points("balls of A", each).reshape(48, -1, 3) for each in ("POSITION", "NORMAL"))
    half = np.ptp(points, axis=1) / 2  # (balls, 3)
    np.testing.assert_allclose(half @ np.abs(place.ways[1]) * 4, half @ np.abs(place.ways[0]), rtol=1e-3)
    middles = (points.max(axis=1, keepdims=True) + points.min(axis=1, keepdims=True)) / 2
    slopes = (points - middles) / half[:, None] ** 2  # across the surface of an ellipsoid
    slopes /= np.linalg.norm(slopes, axis=2, keepdims=True)
    np.testing.assert_allclose(normals, slopes, atol=2e-2)


def test_a_few_colours_stay_what_they_are_and_many_become_some_close_to_them() -> None:
    some = np.array([[0, 0, 0], [255, 0, 9], [0, 0, 0], [1, 2, 3]], np.uint8)
    shades, chosen = few(some)
    np.testing.assert_array_equal(shades[chosen], some)
    assert len(shades) == 3
    ramp = np.linspace([0, 30, 60], [60, 130, 255], 500)
    many = np.rint(np.concatenate([ramp, ramp[:, ::-1]])).astype(np.uint8)
    shades, chosen = few(many)
    assert len(shades) == SHADES
    assert np.abs(shades[chosen].astype(int) - many).max() <= 255 / SHADES * 2


def test_programs_that_cannot_draw_a_mesh_many_times_are_to_refuse_the_file(glb: Glb) -> None:
    assert glb.tree["extensionsRequired"] == [EXTENSION]
    assert glb.tree["extensionsUsed"] == [EXTENSION, "KHR_materials_unlit"]


def test_without_balls_a_file_requires_nothing(scene: mmviz.Scene, tmp_path: Path) -> None:
    scene.mesh(tmp_path / "x.glb", limit=0)
    tree = Glb(tmp_path / "x.glb").tree
    assert "extensionsRequired" not in tree
    assert tree["extensionsUsed"] == ["KHR_materials_unlit"]


def test_the_one_ball_is_small_and_in_the_middle_of_the_others(scene: mmviz.Scene, glb: Glb) -> None:
    """Some programs take its box for that of all that are drawn: model-viewer would stand far away."""
    for matrix, path in {"B": "right", "tril(A) @ B": ""}.items():
        node = glb.node(f"balls of {matrix}")
        np.testing.assert_allclose(glb.place(node), CELL * scene.layout()[path].center(), atol=1e-3)
    ball = next(mesh for mesh in glb.tree["meshes"] if mesh["name"].startswith("ball"))
    accessor = glb.tree["accessors"][ball["primitives"][0]["attributes"]["POSITION"]]
    assert max(np.abs(accessor["min"] + accessor["max"])) <= CELL


def test_names_lie_where_they_are_drawn_and_once_more_behind_their_matrix(glb: Glb, drawing: DrawList) -> None:
    matrices = {"left": "tril(A)", "right": "B", "": "tril(A) @ B"}
    sheets = {sheet.key.path: sheet.placement for sheet in drawing.sheets}
    named = [label for label in drawing.labels if label.key.kind == "name"]
    assert len(named) == 3
    for label in named:
        corners = glb.points(f"name of {matrices[label.key.path]}").reshape(2, 4, 3) / CELL
        front, back = corners.mean(axis=1)
        np.testing.assert_allclose(front, label.center, atol=1e-4)
        place = sheets[label.key.path]
        np.testing.assert_allclose((front + back) / 2 @ place.normal, place.center() @ place.normal, atol=1e-4)
        places = glb.points(f"name of {matrices[label.key.path]}", "TEXCOORD_0").reshape(2, 4, 2)
        for points, texels, reading in zip(corners, places, (label.along, -label.along), strict=True):
            right = points[texels[:, 0].argmax()] - points[texels[:, 0].argmin()]
            assert right @ reading > 0, "from behind it is read the other way"
            down = points[texels[:, 1].argmax()] - points[texels[:, 1].argmin()]
            assert down @ label.up < 0
            toward = np.cross(points[1] - points[0], points[2] - points[1])
            assert toward @ np.cross(reading, label.up) > 0, "its face is seen by who reads it"


def test_what_a_name_looks_like_is_a_texture_of_letters(glb: Glb) -> None:
    texture = glb.material("name of B")["pbrMetallicRoughness"]["baseColorTexture"]["index"]
    texels = glb.texels(texture)
    np.testing.assert_array_equal(texels, written("B", 48, rimmed=True).texels)
    white, black = ((texels[..., :3] == level).all(axis=2) & (texels[..., 3] == 255) for level in (255, 0))
    assert white.sum() > 100
    assert black.sum() > 100, "with a rim, for light grounds"
    assert not texels[[0, -1], :, 3].any()
    assert not texels[:, [0, -1], 3].any()
    assert glb.material("name of B")["alphaMode"] == "BLEND"


def test_the_capitals_of_a_name_are_as_high_as_it_says() -> None:
    x, y = np.eye(3)[:2]
    label = Label(ItemKey("name", "left"), "H", np.zeros(3), x, y, 7.0, (0.9, 0.9, 0.9))
    ((_, solid),) = labels([label], {}, backs=False)
    texels = solid.finish.texels
    assert texels is not None
    letters = np.nonzero((texels == 255).all(axis=2).any(axis=1))[0]  # white, without the rim
    height = np.ptp(solid.points[:, 1]) / CELL * (letters[-1] + 1 - letters[0]) / len(texels)
    assert height == pytest.approx(7.0, rel=0.06), "to a texel"


def test_texts_of_a_plain_file_are_there_once_and_seen_from_both_sides(scene: mmviz.Scene, tmp_path: Path) -> None:
    scene.mesh(tmp_path / "x.glb", plain=True)
    plain = Glb(tmp_path / "x.glb")
    assert len(plain.points("name of B")) == 4
    assert plain.material("name of B")["doubleSided"]


def test_arrows_are_triangles_where_they_are_drawn(glb: Glb, drawing: DrawList) -> None:
    assert {patch.key.part for patch in drawing.patches} == {"left", "right"}
    for patch in drawing.patches:
        name = f"arrow of tril(A) @ B ({patch.key.part})"
        np.testing.assert_allclose(glb.points(name), CELL * patch.points, atol=1e-6)
        assert glb.material(name)["pbrMetallicRoughness"]["baseColorFactor"][3] == pytest.approx(patch.opacity)


@pytest.mark.parametrize("ends", [False, True])
def test_texts_along_an_edge_begin_or_end_at_their_places_each_with_its_part_of_one_texture(ends: bool) -> None:
    x, y = np.eye(3)[:2]
    places = np.array([[0.0, 0.0, 0.0], [0.0, -2.0, 0.0], [0.0, -4.0, 0.0]])
    words = ("I", "III", "I")
    ((_, solid),) = ticks([TickLabels(ItemKey("tokens", ""), words, places, x, y, 1.0, (0.9,) * 3, ends)], backs=True)
    texels = solid.finish.texels
    assert solid.places is not None
    assert texels is not None
    for text, place, points, corners in zip(
        words, places, solid.points.reshape(3, 8, 3) / CELL, solid.places.reshape(3, 8, 2), strict=True
    ):
        (left, bottom), (right, top) = (corners[[0, 2]] * texels.shape[1::-1]).round().astype(int)
        part = texels[len(texels) - top : len(texels) - bottom, left:right]
        np.testing.assert_array_equal(part, written(text, 24, rimmed=True).texels)
        letters = np.nonzero((part[..., 0] == 255).any(axis=0))[0]  # columns of texels, without the rim
        across = points[0, 0] + (letters[[0, -1]] + [0, 1]) * np.ptp(points[:, 0]) / part.shape[1]
        assert across[1 if ends else 0] == pytest.approx(place[0], abs=0.2)
        assert points[:, 1].mean() == pytest.approx(place[1])
        np.testing.assert_allclose(points[:4].mean(axis=0), points[4:].mean(axis=0), atol=1e-9)


@pytest.mark.slow
def test_the_scene_chain_is_less_than_two_megabytes(tmp_path: Path) -> None:
    mmviz.Scene.load("chain").mesh(tmp_path / "x.glb")
    assert (tmp_path / "x.glb").stat().st_size < 2_000_000


def test_a_file_that_would_be_too_large_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scene = mmviz.Scene("A", {"A": {"init": "rows", "shape": [1000, 1000]}})
    with pytest.raises(OutputError) as caught:
        scene.mesh("x.glb", limit=10**9, plain=True)
    assert str(caught.value) == (
        "x.glb: 1,000,000 spheres would take up to 1.8 GB; a mesh may take 1.0 GB: a limit of 548,245 spheres or less "
        "is needed."
    )
    monkeypatch.setattr("mmviz.render.mesh.glb.LARGEST_FILE", 400)
    scene = mmviz.Scene("A @ B", {"A": {"init": "rows", "shape": [20, 10]}, "B": {"init": "rows", "shape": [10, 1]}})
    with pytest.raises(OutputError) as caught:
        scene.mesh("x.glb", limit=35)
    assert str(caught.value) == (
        "x.glb: 30 spheres and pictures of 200 elements would take up to 0.0 GB; a mesh may take 0.0 GB: a smaller "
        "scene is needed."
    )
    assert list(tmp_path.iterdir()) == []
