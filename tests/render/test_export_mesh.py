"""GLB files are read again by hand, and the plain ones by trimesh: names, places, sizes, colours and normals."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

import mmviz
from mmviz.errors import OutputError
from mmviz.picture.drawlist import DrawList
from mmviz.render.mesh.gltf import INSTANCES, UNLIT
from mmviz.render.mesh.shapes import CELL, Strokes, beams, linear
from tests.render.glb import Glb, shown
from tests.render.mesh_drawing import last_drawing


@pytest.fixture(scope="module")
def scene() -> mmviz.Scene:
    return mmviz.Scene(
        "out = relu(A @ B) @ C",
        {
            "A": {"init": "gaussian", "shape": [5, 4], "seed": 1},
            "B": {"init": "uniform", "shape": [4, 6]},
            "C": {"values": [[0, float(n)] for n in range(6)]},
        },
    )


@pytest.fixture(scope="module")
def drawing(scene: mmviz.Scene) -> DrawList:
    return last_drawing(scene)


def load(scene: mmviz.Scene, path: Path, **options: Any) -> trimesh.Scene:
    """A plain file as trimesh reads it."""
    scene.mesh(path, plain=True, **options)
    return trimesh.load_scene(path)


def read(scene: mmviz.Scene, path: Path, **options: Any) -> Glb:
    scene.mesh(path, **options)
    return Glb(path)


def spheres(mesh: Any, count: int) -> NDArray[np.float64]:
    """(spheres, vertices, 3), in cells."""
    return np.asarray(mesh.vertices).reshape(count, -1, 3) / CELL


def colors(mesh: Any) -> NDArray[np.float64]:
    """(vertices, 4), 0..1, as they are shown."""
    return np.asarray(mesh.visual.to_color().vertex_colors) / 255


def part(loaded: trimesh.Scene, matrix: str) -> Any:
    """The spheres of a matrix, or its picture; None where nothing of it is there."""
    return loaded.geometry.get(f"balls of {matrix}", loaded.geometry.get(f"picture of {matrix}"))


MATRICES = {"left.left": "A", "left.right": "B", "left": "relu(A @ B)", "right": "C", "": "out"}


def test_spheres_stand_where_the_layout_says_and_have_their_sizes_and_colours(
    scene: mmviz.Scene, tmp_path: Path
) -> None:
    loaded = load(scene, tmp_path / "x.glb")
    layout, sizes, shades = scene.layout(), scene.sizes(), scene.colors()
    for path, name in MATRICES.items():
        rows, columns = layout[path].shape
        i, j = np.divmod(np.arange(rows * columns), columns)
        found = spheres(part(loaded, name), rows * columns)
        np.testing.assert_allclose(found.mean(axis=1), layout[path].element(i, j), atol=1e-4)
        radii = np.linalg.norm(found - found.mean(axis=1, keepdims=True), axis=2)
        np.testing.assert_allclose(radii, np.broadcast_to(sizes[path].reshape(-1, 1), radii.shape), atol=1e-3)
        shown = colors(part(loaded, name)).reshape(rows * columns, -1, 4)
        expected = np.broadcast_to(shades[path].reshape(-1, 1, 3), shown[..., :3].shape)
        np.testing.assert_allclose(shown[..., :3], expected, atol=0.5001 / 255)
        assert (shown[..., 3] == 1).all()


def test_nodes_are_nested_as_the_expression(scene: mmviz.Scene, tmp_path: Path) -> None:
    for plain in (False, True):
        paths = set(read(scene, tmp_path / "x.glb", plain=plain).paths())
        for path in scene.layout():
            sides = path.split(".") if path else []
            above = [".".join(sides[:n]) for n in range(len(sides) + 1)]
            names = tuple(MATRICES[each] for each in above)
            assert names in paths
            assert (*names, f"balls of {names[-1]}") in paths
        assert ("out", "relu(A @ B)", "B", "name of B") in paths
        assert ("out", "arrow of out (left)") in paths


def test_a_matrix_that_is_shown_twice_has_two_groups_of_nodes(tmp_path: Path) -> None:
    scene = mmviz.Scene("A @ A.T + A", {"A": {"init": "gaussian", "shape": [3, 3]}})
    nodes = [node["name"] for node in read(scene, tmp_path / "x.glb").tree["nodes"]]
    groups = [name for name in nodes if name.startswith("balls of ") and "(" not in name]
    assert len(groups) == len(scene.values()) == len(set(groups))


def test_spheres_are_lit_and_everything_else_shows_its_colours(scene: mmviz.Scene, tmp_path: Path) -> None:
    for plain in (False, True):
        glb = read(scene, tmp_path / "x.glb", limit=40, plain=plain)
        for mesh in glb.tree["meshes"]:
            for primitive in mesh["primitives"]:
                unlit = "KHR_materials_unlit" in glb.tree["materials"][primitive["material"]].get("extensions", {})
                assert unlit == (not mesh["name"].startswith("ball"))
                assert unlit or "NORMAL" in primitive["attributes"], "a viewer can light it"


def test_textures_of_numbers_are_sharp_and_not_repeated(scene: mmviz.Scene, tmp_path: Path) -> None:
    glb = read(scene, tmp_path / "x.glb", limit=0)
    texture = glb.material("picture of A")["pbrMetallicRoughness"]["baseColorTexture"]["index"]
    sampler = glb.tree["samplers"][glb.tree["textures"][texture]["sampler"]]
    assert (sampler["magFilter"], sampler["wrapS"], sampler["wrapT"]) == (9728, 33071, 33071)  # NEAREST, CLAMP_TO_EDGE


def test_a_picture_is_cut_out_where_nothing_is(tmp_path: Path) -> None:
    scene = mmviz.Scene("tril(A)", {"A": {"init": "rows", "shape": [3, 3]}})
    assert read(scene, tmp_path / "x.glb", limit=0).material("picture of tril(A)")["alphaMode"] == "MASK"
    for plain in (False, True):
        glb = read(scene, tmp_path / "x.glb", plain=plain)
        found = [material for material in glb.tree["materials"] if "extensions" not in material]
        assert found
        assert all("alphaMode" not in material for material in found), "spheres are whole, also of a masked matrix"


def test_lines_are_where_they_are_drawn_and_have_their_colours(
    scene: mmviz.Scene, drawing: DrawList, tmp_path: Path
) -> None:
    glb = read(scene, tmp_path / "x.glb")
    assert drawing.lines
    for lines in drawing.lines:
        name = f"{lines.key.kind} of {MATRICES[lines.key.path]}"
        assert glb.primitive(name)["mode"] == 1  # LINES: start, end, start, end ...
        np.testing.assert_allclose(glb.points(name), lines.points / 100, atol=1e-6)
        light = np.array(glb.material(name)["pbrMetallicRoughness"]["baseColorFactor"])
        np.testing.assert_allclose(shown(light[:3]), lines.color, atol=1e-4)


def test_a_plain_file_has_triangles_only_and_needs_no_extension(scene: mmviz.Scene, tmp_path: Path) -> None:
    tree = read(scene, tmp_path / "x.glb", plain=True).tree
    assert tree["extensionsUsed"] == ["KHR_materials_unlit"] == [UNLIT]
    assert INSTANCES in read(scene, tmp_path / "whole.glb").tree["extensionsUsed"]
    assert "extensionsRequired" not in tree
    primitives = [primitive for mesh in tree["meshes"] for primitive in mesh["primitives"]]
    assert all(primitive.get("mode", 4) == 4 and "indices" in primitive for primitive in primitives)  # TRIANGLES


def test_many_spheres_of_a_matrix_are_one_mesh_of_parts_that_two_bytes_can_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmviz.render.mesh.glb.MOST_VERTICES", 7 * 162)
    scene = mmviz.Scene("A @ B", {name: {"init": "gaussian", "shape": [4, 4]} for name in "AB"})
    glb = read(scene, tmp_path / "x.glb", plain=True)
    i, j = np.divmod(np.arange(16), 4)
    for path, name in {"left": "A", "right": "B", "": "A @ B"}.items():
        mesh = glb.tree["meshes"][glb.node(f"balls of {name}")["mesh"]]
        points = [glb.numbers(primitive["attributes"]["POSITION"]) for primitive in mesh["primitives"]]
        assert [len(some) // 162 for some in points] == [7, 7, 2]
        middles = np.concatenate(points).reshape(16, -1, 3).mean(axis=1) / CELL
        np.testing.assert_allclose(middles, scene.layout()[path].element(i, j), atol=1e-4)
        kinds = {glb.tree["accessors"][primitive["indices"]]["componentType"] for primitive in mesh["primitives"]}
        assert kinds == {5123}  # UNSIGNED_SHORT


def test_the_beam_of_a_line_goes_around_it_from_end_to_end() -> None:
    ends = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, -2.0, 5.0]])
    solid = beams(Strokes("x", ends, (1.0, 1.0, 1.0), 0.2))
    for n, points in enumerate(solid.points.reshape(2, 8, 3)):
        start, end = ends[2 * n : 2 * n + 2]
        along = (end - start) / np.linalg.norm(end - start)
        far = (points - start) @ along
        np.testing.assert_allclose(np.sort(far), 4 * [0] + 4 * [np.linalg.norm(end - start)], atol=1e-9)
        aside = points - start - far[:, None] * along
        np.testing.assert_allclose(np.linalg.norm(aside, axis=1), np.sqrt(2) * 0.1)
        faces = solid.faces[8 * n : 8 * n + 8] - 8 * n
        first, second, third = (points[faces[:, corner]] for corner in range(3))
        outward = ((first + second + third) / 3 - start) @ (np.eye(3) - np.outer(along, along))
        assert (np.sum(np.cross(second - first, third - first) * outward, axis=1) > 0).all(), "seen from outside"


def test_a_cell_is_a_centimetre(tmp_path: Path) -> None:
    scene = mmviz.Scene("A", {"A": {"init": "rows", "shape": [1, 5]}})
    mesh = part(load(scene, tmp_path / "x.glb", limit=0), "A")
    assert sorted(mesh.extents) == pytest.approx([0, 0.01, 0.05])  # glTF counts in metres


def test_a_matrix_with_the_sizes_of_mm_keeps_them(tmp_path: Path) -> None:
    scene = mmviz.Scene("A", {"A": {"values": [[1.0, -2.0, 4.0, 8.0]]}}, style={"mm": {"sensitivity": "local"}})
    found = spheres(part(load(scene, tmp_path / "x.glb"), "A"), 4)
    radii = np.linalg.norm(found - found.mean(axis=1, keepdims=True), axis=2).mean(axis=1)
    sizes = scene.sizes()[""].reshape(-1)
    np.testing.assert_allclose(radii[:3] / radii[0], sizes[:3] / sizes[0], atol=1e-3)
    assert radii[3] == pytest.approx(0.5, abs=1e-3), "a sphere stays in its cell"


NAN = float("nan")
HUGE = [
    [0.0, 0.1, 0.2, 0.3, -0.9, 0.1],
    [0.1, -0.8, 0.1, 0.2, 0.3, 0.1],
    [NAN, 0.9, 0.0, 0.0, 0.1, 0.2],
    [0.5, 0.1, 0.0, 0.0, 0.0, -0.3],
    [0.2, 0.4, -0.6, 0.1, 0.7, 0.1],
]


def test_a_matrix_too_large_for_a_texture_shows_the_strongest_of_several_elements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmviz.render.mesh.parts.LARGEST_TEXTURE", 4)
    scene = mmviz.Scene("A", {"A": {"values": HUGE}})
    mesh = part(load(scene, tmp_path / "x.glb", limit=0), "A")
    texels = np.asarray(mesh.visual.material.baseColorTexture.convert("RGBA")) / 255
    strongest = [[(1, 1), (0, 3), (0, 4)], [(2, 0), (2, 2), (3, 5)], [(4, 1), (4, 2), (4, 4)]]  # NaN before all
    expected = np.array([[scene.colors()[""][place] for place in row] for row in strongest])
    np.testing.assert_allclose(texels[..., :3], expected, atol=0.5001 / 255)
    assert (texels[..., 3] == 1).all(), "zeros are there, too"


def test_of_a_large_matrix_what_is_masked_is_never_the_strongest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmviz.render.mesh.parts.LARGEST_TEXTURE", 2)
    rows = [[1.0, 9.0, 9.0, 9.0], [2.0, -3.0, 9.0, 9.0], [1.0, 1.0, 4.0, 9.0], [-5.0, 1.0, 1.0, 1.0]]
    scene = mmviz.Scene("tril(A)", {"A": {"values": rows}})
    mesh = part(load(scene, tmp_path / "x.glb", limit=0), "tril(A)")
    texels = np.asarray(mesh.visual.material.baseColorTexture.convert("RGBA")) / 255
    assert texels[..., 3].tolist() == [[1, 0], [1, 1]]
    shades = scene.colors()[""]
    for texel, place in ((texels[0, 0], (1, 1)), (texels[1, 0], (3, 0)), (texels[1, 1], (2, 2))):
        np.testing.assert_allclose(texel[:3], shades[place], atol=0.5001 / 255)


@pytest.mark.parametrize(("limit", "left"), [(0, 0), (12, 1), (21, 1), (22, 2), (1000, 5)])
def test_the_limit_goes_from_the_smallest_matrix_on(scene: mmviz.Scene, tmp_path: Path, limit: int, left: int) -> None:
    loaded = load(scene, tmp_path / "x.glb", limit=limit)  # 6, 12, 20, 24 and 30 elements
    assert sum(name.startswith("balls of ") for name in loaded.geometry) == left


def test_a_textured_matrix_has_a_texel_for_each_element(scene: mmviz.Scene, tmp_path: Path) -> None:
    loaded = load(scene, tmp_path / "x.glb", limit=0)
    layout, shades = scene.layout(), scene.colors()
    for path, name in MATRICES.items():
        mesh, (rows, columns) = part(loaded, name), layout[path].shape
        texels = np.asarray(mesh.visual.material.baseColorTexture.convert("RGBA")) / 255
        assert texels.shape == (rows, columns, 4)
        np.testing.assert_allclose(texels[..., :3], shades[path], atol=0.5001 / 255)
        assert mesh.visual.material.doubleSided
        # Where a place in the texture lies in space, found through the corners alone.
        solution, *_ = np.linalg.lstsq(
            np.column_stack([mesh.visual.uv, np.ones(len(mesh.vertices))]), mesh.vertices / CELL, rcond=None
        )
        i, j = np.divmod(np.arange(rows * columns), columns)
        middles = np.column_stack([(j + 0.5) / columns, 1 - (i + 0.5) / rows, np.ones(len(i))]) @ solution
        np.testing.assert_allclose(middles, layout[path].element(i, j), atol=1e-3)


def test_blocks_stand_apart_as_in_the_layout(tmp_path: Path) -> None:
    scene = mmviz.Scene(
        "A @ B",
        {"A": {"init": "rows", "shape": [6, 4]}, "B": {"init": "cols", "shape": [4, 4]}},
        partition={"i": 2, "k": 2},
    )
    loaded = load(scene, tmp_path / "x.glb", limit=0)
    assert len(part(loaded, "A").faces) == 2 * 4
    low, high = part(loaded, "A").bounds / CELL
    corners = scene.layout()["left"].corners(0.5)
    np.testing.assert_allclose([low, high], [corners.min(axis=0), corners.max(axis=0)], atol=1e-3)


def test_what_is_not_there_yet_is_left_out(scene: mmviz.Scene, tmp_path: Path) -> None:
    frame = scene.timeline().frame(2)
    loaded = load(scene, tmp_path / "x.glb", step=2)
    for path, name in MATRICES.items():
        there = int(frame[path].visible.sum())
        mesh = part(loaded, name)
        count = 0 if mesh is None else len(mesh.vertices) // 162
        assert count == there
    assert len([name for name in loaded.geometry if name.startswith("balls of plane of ")]) == len(frame.planes)


def test_a_plane_of_a_block_is_called_after_its_matrix(tmp_path: Path) -> None:
    sources = {name: {"init": "gaussian", "shape": [4, 4]} for name in "AB"}
    scene = mmviz.Scene("C = A @ B", sources, partition={"i": 2}, animation={"algorithm": "vmprod"})
    geometry = load(scene, tmp_path / "x.glb", step=0).geometry
    assert {name[9:] for name in geometry if "plane of" in name} == {"plane of C", "plane of C (1)"}


def test_masked_elements_are_left_out(tmp_path: Path) -> None:
    scene = mmviz.Scene("tril(A)", {"A": {"init": "gaussian", "shape": [6, 6]}})
    mesh = part(load(scene, tmp_path / "x.glb"), "tril(A)")
    assert len(mesh.vertices) == 21 * 162
    mesh = part(load(scene, tmp_path / "y.glb", limit=0), "tril(A)")
    alpha = np.asarray(mesh.visual.material.baseColorTexture.convert("RGBA"))[..., 3]
    np.testing.assert_array_equal(alpha, 255 * np.tril(np.ones((6, 6))))


def test_colours_of_materials_are_linear() -> None:
    """The ends, the middle of sRGB, and the corner of its curve, as the standard gives them."""
    np.testing.assert_allclose(linear((0.0, 0.04045, 1.0)), [0, 0.0031308, 1], atol=1e-6)
    np.testing.assert_allclose(linear((0.5, 0.5, 0.5)), 0.2140411, atol=1e-6)


def test_normals_point_from_the_middle_of_their_sphere_and_faces_outward(scene: mmviz.Scene, tmp_path: Path) -> None:
    for plain in (False, True):
        glb = read(scene, tmp_path / "x.glb", plain=plain)
        for mesh in glb.tree["meshes"]:
            if mesh["name"].startswith("ball"):
                (primitive,) = mesh["primitives"]
                points, normals = (glb.numbers(primitive["attributes"][each]) for each in ("POSITION", "NORMAL"))
                each = points.reshape(-1, 162, 3)
                out = each - each.mean(axis=1, keepdims=True)
                out /= np.linalg.norm(out, axis=2, keepdims=True)
                np.testing.assert_allclose(normals.reshape(each.shape), out, atol=1e-3)
                first, second, third = points[glb.numbers(primitive["indices"]).reshape(-1, 3)].swapaxes(0, 1)
                turned = np.cross(second - first, third - first)
                assert (np.sum(turned * normals[glb.numbers(primitive["indices"])[::3, 0]], axis=1) > 0).all()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.gltf", "x.gltf: the name ends in .gltf; it must end in .glb or .usdz."),
        ("a/x.glb", "a/x.glb: the folder a does not exist; create it first."),
    ],
)
def test_a_mesh_that_cannot_be_written_is_refused(
    scene: mmviz.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError) as caught:
        scene.mesh(name)
    assert str(caught.value) == text
    with pytest.raises(OutputError, match="step 99: the animation runs"):
        scene.mesh("x.glb", 99)
    assert list(tmp_path.iterdir()) == []


def test_several_roots_are_below_one_that_has_nothing_else(tmp_path: Path) -> None:
    sources = {"A": {"init": "gaussian", "shape": [3, 4], "seed": 1}, "B": {"init": "rows", "shape": [4, 2]}}
    scene = mmviz.Scene({"once": "x = A @ B", "again": "x.T"}, sources)
    loaded, layout = load(scene, tmp_path / "x.glb"), scene.layout()
    above = {name: loaded.graph.transforms.parents[name] for name in ("x", "x.T", "A", "B", "side by side")}
    assert above == {"x": "side by side", "x.T": "side by side", "A": "x", "B": "x", "side by side": "world"}
    for path, name in {"root0": "x", "root0.left": "A", "root1": "x.T"}.items():
        middles = spheres(part(loaded, name), scene.values()[path].size).mean(axis=1)
        assert np.allclose(middles.mean(axis=0), layout[path].center(), atol=1e-3)
