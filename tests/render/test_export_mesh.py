"""GLB files are read again by trimesh and by hand: names, places, sizes and colours."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

import mmviz
from mmviz.errors import OutputError
from mmviz.render.mesh import CELL, linear


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


def load(scene: mmviz.Scene, path: Path, **options: Any) -> trimesh.Scene:
    scene.mesh(path, **options)
    return trimesh.load_scene(path)


def header(path: Path) -> dict[str, Any]:
    """The JSON part of a GLB file, by the glTF 2.0 specification."""
    content = path.read_bytes()
    assert content[:4] == b"glTF"
    (length,) = struct.unpack("<I", content[12:16])
    found: dict[str, Any] = json.loads(content[20 : 20 + length])
    return found


def spheres(mesh: Any, count: int) -> NDArray[np.float64]:
    """(spheres, vertices, 3), in cells."""
    return np.asarray(mesh.vertices).reshape(count, -1, 3) / CELL


def colors(mesh: Any) -> NDArray[np.float64]:
    """(vertices, 4), 0..1, as they are shown."""
    return np.asarray(mesh.visual.to_color().vertex_colors) / 255


def accessor(path: Path, number: int) -> NDArray[Any]:
    """(count, components): numbers of a GLB file, by the glTF 2.0 specification."""
    content, tree = path.read_bytes(), header(path)
    found = tree["accessors"][number]
    view = tree["bufferViews"][found["bufferView"]]
    (length,) = struct.unpack("<I", content[12:16])
    start = 20 + length + 8 + view.get("byteOffset", 0) + found.get("byteOffset", 0)
    kind, width = {5126: np.float32, 5121: np.uint8}[found["componentType"]], {"VEC3": 3, "VEC4": 4}[found["type"]]
    return np.frombuffer(content, kind, found["count"] * width, start).reshape(-1, width)


MATRICES = {"left.left": "A", "left.right": "B", "left": "relu(A @ B)", "right": "C", "": "out"}


def test_spheres_stand_where_the_layout_says_and_have_their_sizes_and_colours(
    scene: mmviz.Scene, tmp_path: Path
) -> None:
    loaded = load(scene, tmp_path / "x.glb")
    layout, sizes, shades = scene.layout(), scene.sizes(), scene.colors()
    for path, name in MATRICES.items():
        rows, columns = layout[path].shape
        i, j = np.divmod(np.arange(rows * columns), columns)
        found = spheres(loaded.geometry[name], rows * columns)
        np.testing.assert_allclose(found.mean(axis=1), layout[path].element(i, j), atol=1e-4)
        radii = np.linalg.norm(found - found.mean(axis=1, keepdims=True), axis=2)
        np.testing.assert_allclose(radii, np.broadcast_to(sizes[path].reshape(-1, 1), radii.shape), atol=1e-3)
        shown = colors(loaded.geometry[name]).reshape(rows * columns, -1, 4)
        expected = np.broadcast_to(shades[path].reshape(-1, 1, 3), shown[..., :3].shape)
        np.testing.assert_allclose(shown[..., :3], expected, atol=0.5001 / 255)
        assert (shown[..., 3] == 1).all()


def test_nodes_are_named_as_the_matrices(scene: mmviz.Scene, tmp_path: Path) -> None:
    loaded = load(scene, tmp_path / "x.glb")
    names = set(loaded.graph.nodes_geometry)
    assert set(MATRICES.values()) <= names
    assert {name.split()[0] for name in names - set(MATRICES.values())} == {"lines"}


def test_a_matrix_that_is_shown_twice_has_two_nodes(tmp_path: Path) -> None:
    scene = mmviz.Scene("A @ A.T + A", {"A": {"init": "gaussian", "shape": [3, 3]}})
    names = [name for name in load(scene, tmp_path / "x.glb").graph.nodes_geometry if not name.startswith("lines")]
    assert len(names) == len(scene.values()) == len(set(names))


def test_materials_are_unlit_and_textures_sharp(scene: mmviz.Scene, tmp_path: Path) -> None:
    scene.mesh(tmp_path / "x.glb", limit=40)
    tree = header(tmp_path / "x.glb")
    assert tree["extensionsUsed"] == ["KHR_materials_unlit"]
    assert all("KHR_materials_unlit" in material["extensions"] for material in tree["materials"])
    assert all("material" in part for mesh in tree["meshes"] for part in mesh["primitives"])
    assert {tree["samplers"][texture["sampler"]]["magFilter"] for texture in tree["textures"]} == {9728}  # NEAREST


def test_textures_are_not_repeated_and_cut_out_where_nothing_is(tmp_path: Path) -> None:
    scene = mmviz.Scene("tril(A)", {"A": {"init": "rows", "shape": [3, 3]}})
    scene.mesh(tmp_path / "x.glb", limit=0)
    tree = header(tmp_path / "x.glb")
    assert {(sampler["wrapS"], sampler["wrapT"]) for sampler in tree["samplers"]} == {(33071, 33071)}  # CLAMP_TO_EDGE
    assert tree["materials"][0]["alphaMode"] == "MASK"


def test_spheres_have_opaque_textures_although_elements_are_missing(tmp_path: Path) -> None:
    scene = mmviz.Scene("tril(A)", {"A": {"init": "rows", "shape": [3, 3]}})
    scene.mesh(tmp_path / "x.glb")
    assert "alphaMode" not in header(tmp_path / "x.glb")["materials"][0]


def test_lines_are_where_they_are_drawn_and_have_their_colours(scene: mmviz.Scene, tmp_path: Path) -> None:
    scene.mesh(tmp_path / "x.glb")
    composition = scene.composition
    drawing = composition.at(float(composition.timeline.steps), composition.camera(1.0))
    meshes = {mesh["name"]: mesh["primitives"][0] for mesh in header(tmp_path / "x.glb")["meshes"]}
    assert drawing.lines
    for lines in drawing.lines:
        part = meshes[f"lines {lines.key}"]
        assert part["mode"] == 1  # LINES: start, end, start, end ...
        points = accessor(tmp_path / "x.glb", part["attributes"]["POSITION"])
        np.testing.assert_allclose(points, lines.points / 100, atol=1e-6)
        color = accessor(tmp_path / "x.glb", part["attributes"]["COLOR_0"]) / 255
        shown = np.where(color <= 0.0031308, 12.92 * color, 1.055 * color ** (1 / 2.4) - 0.055)  # sRGB, from linear
        np.testing.assert_allclose(shown[:, :3], np.broadcast_to(lines.color, (len(points), 3)), atol=0.02)
        assert (color[:, 3] == 1).all()


def test_a_cell_is_a_centimetre(tmp_path: Path) -> None:
    scene = mmviz.Scene("A", {"A": {"init": "rows", "shape": [1, 5]}})
    mesh = load(scene, tmp_path / "x.glb", limit=0).geometry["A"]
    assert sorted(mesh.extents) == pytest.approx([0, 0.01, 0.05])  # glTF counts in metres


def test_a_matrix_with_the_sizes_of_mm_keeps_them(tmp_path: Path) -> None:
    scene = mmviz.Scene("A", {"A": {"values": [[1.0, -2.0, 4.0, 8.0]]}}, style={"mm": {"sensitivity": "local"}})
    found = spheres(load(scene, tmp_path / "x.glb").geometry["A"], 4)
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
    monkeypatch.setattr("mmviz.render.mesh.LARGEST_TEXTURE", 4)
    scene = mmviz.Scene("A", {"A": {"values": HUGE}})
    mesh = load(scene, tmp_path / "x.glb", limit=0).geometry["A"]
    texels = np.asarray(mesh.visual.material.baseColorTexture.convert("RGBA")) / 255
    strongest = [[(1, 1), (0, 3), (0, 4)], [(2, 0), (2, 2), (3, 5)], [(4, 1), (4, 2), (4, 4)]]  # NaN before all
    expected = np.array([[scene.colors()[""][place] for place in row] for row in strongest])
    np.testing.assert_allclose(texels[..., :3], expected, atol=0.5001 / 255)
    assert (texels[..., 3] == 1).all(), "zeros are there, too"


def test_of_a_large_matrix_what_is_masked_is_never_the_strongest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmviz.render.mesh.LARGEST_TEXTURE", 2)
    rows = [[1.0, 9.0, 9.0, 9.0], [2.0, -3.0, 9.0, 9.0], [1.0, 1.0, 4.0, 9.0], [-5.0, 1.0, 1.0, 1.0]]
    scene = mmviz.Scene("tril(A)", {"A": {"values": rows}})
    mesh = load(scene, tmp_path / "x.glb", limit=0).geometry["tril(A)"]
    texels = np.asarray(mesh.visual.material.baseColorTexture.convert("RGBA")) / 255
    assert texels[..., 3].tolist() == [[1, 0], [1, 1]]
    shades = scene.colors()[""]
    for texel, place in ((texels[0, 0], (1, 1)), (texels[1, 0], (3, 0)), (texels[1, 1], (2, 2))):
        np.testing.assert_allclose(texel[:3], shades[place], atol=0.5001 / 255)


@pytest.mark.parametrize(("limit", "left"), [(0, 0), (12, 1), (21, 1), (22, 2), (1000, 5)])
def test_the_limit_goes_from_the_smallest_matrix_on(scene: mmviz.Scene, tmp_path: Path, limit: int, left: int) -> None:
    loaded = load(scene, tmp_path / "x.glb", limit=limit)  # 10, 12, 20, 24 and 30 elements
    assert sum(len(loaded.geometry[name].faces) > 2 for name in MATRICES.values()) == left


def test_a_textured_matrix_has_a_texel_for_each_element(scene: mmviz.Scene, tmp_path: Path) -> None:
    loaded = load(scene, tmp_path / "x.glb", limit=0)
    layout, shades = scene.layout(), scene.colors()
    for path, name in MATRICES.items():
        mesh, (rows, columns) = loaded.geometry[name], layout[path].shape
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
    assert len(loaded.geometry["A"].faces) == 2 * 4
    low, high = loaded.geometry["A"].bounds / CELL
    corners = scene.layout()["left"].corners(0.5)
    np.testing.assert_allclose([low, high], [corners.min(axis=0), corners.max(axis=0)], atol=1e-3)


def test_what_is_not_there_yet_is_left_out(scene: mmviz.Scene, tmp_path: Path) -> None:
    frame = scene.timeline().frame(2)
    loaded = load(scene, tmp_path / "x.glb", step=2)
    for path, name in MATRICES.items():
        there = int(frame[path].visible.sum())
        count = len(loaded.geometry[name].vertices) // 162 if name in loaded.geometry else 0
        assert count == there
    assert len([name for name in loaded.geometry if name.startswith("plane of ")]) == len(frame.planes)


def test_a_plane_of_a_block_is_called_after_its_matrix(tmp_path: Path) -> None:
    sources = {name: {"init": "gaussian", "shape": [4, 4]} for name in "AB"}
    scene = mmviz.Scene("C = A @ B", sources, partition={"i": 2}, animation={"algorithm": "vmprod"})
    geometry = load(scene, tmp_path / "x.glb", step=0).geometry
    assert {name for name in geometry if name.startswith("plane of ")} == {"plane of C", "plane of C (1)"}


def test_masked_elements_are_left_out(tmp_path: Path) -> None:
    scene = mmviz.Scene("tril(A)", {"A": {"init": "gaussian", "shape": [6, 6]}})
    mesh = load(scene, tmp_path / "x.glb").geometry["tril(A)"]
    assert len(mesh.vertices) == 21 * 162
    mesh = load(scene, tmp_path / "y.glb", limit=0).geometry["tril(A)"]
    alpha = np.asarray(mesh.visual.material.baseColorTexture.convert("RGBA"))[..., 3]
    np.testing.assert_array_equal(alpha, 255 * np.tril(np.ones((6, 6))))


def test_colours_of_lines_are_linear() -> None:
    """The ends, the middle of sRGB, and the corner of its curve, as the standard gives them."""
    np.testing.assert_allclose(linear(np.array([0.0, 0.04045, 0.5, 1.0])), [0, 0.0031308, 0.2140411, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.gltf", "x.gltf: the name ends in .gltf; it must end in .glb."),
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
