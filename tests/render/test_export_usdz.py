"""USDZ files are opened again by OpenUSD: which meshes they have, where they stand, and their colours."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mmviz
from mmviz.errors import OutputError
from mmviz.machine.installing import pip_install
from mmviz.render.mesh.shapes import CELL

pxr = pytest.importorskip("pxr", reason="needs OpenUSD, which mmviz[usd] brings")
from pxr import Usd, UsdGeom, UsdShade  # noqa: E402  (after the line that skips)


@pytest.fixture(scope="module")
def scene() -> mmviz.Scene:
    sources = {name: {"init": "gaussian", "shape": [4, 4], "seed": seed} for seed, name in enumerate("AB")}
    return mmviz.Scene("tril(A) @ B", sources)


@pytest.fixture(scope="module")
def path(scene: mmviz.Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mesh") / "x.usdz"
    scene.mesh(path, limit=31)  # the first 10 of tril(A) count as 16
    return path


@pytest.fixture
def stage(path: Path) -> Usd.Stage:
    return Usd.Stage.Open(str(path))


def mesh(stage: Usd.Stage, name: str) -> UsdGeom.Mesh:
    (prim,) = [prim for prim in stage.Traverse() if prim.GetDisplayName() == name and prim.IsA(UsdGeom.Mesh)]
    return UsdGeom.Mesh(prim)


def material(found: UsdGeom.Mesh) -> UsdShade.Shader:
    bound, _ = UsdShade.MaterialBindingAPI(found.GetPrim()).ComputeBoundMaterial()
    return UsdShade.Shader(bound.GetSurfaceOutput().GetConnectedSources()[0][0].source.GetPrim())


def texels(path: Path, shader: UsdShade.Shader, where: str) -> np.ndarray:
    """(height, width, components) of the texture that an input of a shader is read from."""
    texture = UsdShade.Shader(shader.GetInput(where).GetConnectedSources()[0][0].source.GetPrim())
    file = texture.GetInput("file").Get().path
    with zipfile.ZipFile(path) as package:
        return np.asarray(Image.open(BytesIO(package.read(file.removeprefix("./")))))


def test_a_package_is_in_metres_with_y_up_and_its_first_file_is_the_stage(path: Path, stage: Usd.Stage) -> None:
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert stage.GetDefaultPrim().IsValid()
    with zipfile.ZipFile(path) as package:
        assert package.namelist()[0].endswith(".usdc")
        assert {each.compress_type for each in package.infolist()} == {zipfile.ZIP_STORED}, "USDZ is not compressed"


def test_everything_is_meshes_nested_as_the_expression(stage: Usd.Stage) -> None:
    shown = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Gprim)]
    assert {prim.GetTypeName() for prim in shown} == {"Mesh"}
    found = {tuple(str(prim.GetPath()).split("/")[2:]) for prim in shown}
    assert ("tril_A____B", "tril_A_", "balls_of_tril_A_") in found
    assert ("tril_A____B", "arrow_of_tril_A____B__left_") in found
    assert ("tril_A____B", "B", "name_of_B") in found


def test_balls_stand_where_the_layout_says_in_their_colours(scene: mmviz.Scene, path: Path, stage: Usd.Stage) -> None:
    balls = mesh(stage, "balls of tril(A)")
    i, j = np.nonzero(np.tril(np.ones((4, 4))))
    points = np.array(balls.GetPointsAttr().Get()).reshape(10, -1, 3)
    np.testing.assert_allclose(points.mean(axis=1), CELL * scene.layout()["left"].element(i, j), atol=1e-6)
    radii = np.linalg.norm(points - points.mean(axis=1, keepdims=True), axis=2)
    np.testing.assert_allclose(radii / CELL, scene.sizes()["left"][i, j, None] * np.ones_like(radii), atol=1e-3)
    colors = texels(path, material(balls), "diffuseColor")
    places = np.array(UsdGeom.PrimvarsAPI(balls).GetPrimvar("st").Get()).reshape(10, -1, 2)[:, 0]
    column, row = (places * colors.shape[:2]).astype(int).T
    expected = np.rint(255 * scene.colors()["left"][i, j])
    np.testing.assert_array_equal(colors[len(colors) - 1 - row, column], expected)
    normals = np.array(balls.GetNormalsAttr().Get()).reshape(points.shape)
    np.testing.assert_allclose(normals, (points - points.mean(axis=1, keepdims=True)) / radii[..., None], atol=1e-3)


def test_a_picture_shines_its_colours_from_both_sides_and_each_number_is_a_square(
    scene: mmviz.Scene, path: Path, stage: Usd.Stage
) -> None:
    picture = mesh(stage, "picture of tril(A) @ B")
    shader = material(picture)
    assert shader.GetInput("diffuseColor").Get() == (0, 0, 0)
    colors = texels(path, shader, "emissiveColor")
    middles = colors[128::256, 128::256]
    np.testing.assert_array_equal(middles, np.rint(255 * scene.colors()[""]))
    assert (colors.reshape(4, 256, 4, 256, 3) == middles[:, None, :, None]).all()
    faces = np.array(picture.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
    assert {tuple(face) for face in faces[:2, ::-1]} == {tuple(face) for face in faces[2:]}


def test_what_openusd_itself_finds_wrong_with_a_package_is_nothing(stage: Usd.Stage) -> None:
    validation = pytest.importorskip("pxr.UsdValidation")
    validators = validation.ValidationRegistry().GetOrLoadAllValidators()
    errors = validation.ValidationContext(validators).Validate(stage)
    assert [error.GetMessage() for error in errors] == []


def test_without_openusd_it_is_said_what_to_install(
    scene: mmviz.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mmviz.render.mesh.find_spec", lambda name: None)
    with pytest.raises(OutputError) as caught:
        scene.mesh("x.usdz")
    assert str(caught.value) == f"x.usdz: USDZ needs OpenUSD; install it with: {pip_install('mmviz[usd]')}"
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_openusd_cannot_write_is_told(
    scene: mmviz.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mmviz.render.mesh.usdz.UsdUtils.CreateNewUsdzPackage", lambda *_: False)
    with pytest.raises(OutputError, match=r"^x.usdz: cannot be written by OpenUSD.$"):
        scene.mesh("x.usdz")
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_would_be_too_large_for_phones_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scene = mmviz.Scene("A", {"A": {"init": "rows", "shape": [500, 500]}})
    with pytest.raises(OutputError) as caught:
        scene.mesh("x.usdz", limit=10**9)
    assert str(caught.value) == (
        "x.usdz: 250,000 spheres would take up to 0.5 GB; a mesh may take 0.2 GB: a limit of 109,649 spheres or less "
        "is needed."
    )
    assert list(tmp_path.iterdir()) == []
