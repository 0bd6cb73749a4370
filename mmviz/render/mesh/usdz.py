"""A frame as a USDZ file by OpenUSD, for AR Quick Look and other programs of Apple's systems; draws nothing.

What these programs show of USD is less than USD knows, so everything is triangles with a texture: some leave out curves
and colours of vertices, show surfaces from one side only, or cannot draw one thing many times. Balls are lit, all else
shines by itself.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, UsdShade, UsdUtils, Vt

from mmviz.errors import OutputError
from mmviz.machine.output_files import whole_file
from mmviz.orders.order import MeshOrder
from mmviz.picture.drawlist import DrawList
from mmviz.render.mesh.parts import check_largest, groups_of
from mmviz.render.mesh.shapes import (
    LARGE_BALL,
    ROUGH,
    WHITE,
    Finish,
    Group,
    Solid,
    ball,
    beams,
    few,
    linear,
    painted,
    png,
    solid_of,
)

ROOT = "/mmviz"
LARGEST_FILE = 200_000_000
"""Bytes, at most, unpacked: phones open no larger ones, and OpenUSD takes seven times as much memory."""
FINE_TEXTURE = 1024
"""Texels that the longer side of a picture has at least: USD does not say that texels are seen as squares."""
CREASES = 8
"""Texels in a row that have the colour of one ball: programs mix texels that are side by side."""


def write_usdz(drawing: DrawList, names: Mapping[str, str], order: MeshOrder) -> None:
    """Write a frame; see `write_mesh`."""
    check_largest(drawing, order, LARGE_BALL, LARGEST_FILE)
    root = groups_of(drawing, names, order.spheres, backs=True)
    with whole_file(order.place) as part:
        scene = part.parent / "scene.usdc"
        try:
            _Stage(scene, root).save()
            done = UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(scene)), str(part))
        except Tf.ErrorException as error:
            raise OutputError(f"{order.place}: cannot be written: {error}.") from error
        if not done:
            raise OutputError(f"{order.place}: cannot be written by OpenUSD.")


class _Stage:
    """Puts the groups of a frame into a USD stage.

    Args:
        path: The .usdc file; textures are written beside it.
        root: The group that holds all others.
    """

    def __init__(self, path: Path, root: Group) -> None:
        self._stage = Usd.Stage.CreateNew(str(path))
        self._folder = path.parent
        self._materials: list[UsdShade.Material] = []
        UsdGeom.SetStageUpAxis(self._stage, UsdGeom.Tokens.y)
        UsdGeom.SetStageMetersPerUnit(self._stage, 1.0)
        self._stage.SetDefaultPrim(UsdGeom.Xform.Define(self._stage, ROOT).GetPrim())
        balls = [some for group in root.all() for some in group.balls]
        if balls:
            self._one = ball(sum(some.count for some in balls))
            shades, self._shade_of = few(np.concatenate([some.colors for some in balls]))
            self._finish, self._places = painted(shades, CREASES)
            self._paint = self._material(self._finish)
            self._begun = 0  # balls that are in the stage
        self._group(ROOT, root)

    def save(self) -> None:
        """Write the file."""
        self._stage.Save()

    def _group(self, above: str, group: Group) -> None:
        prim = UsdGeom.Xform.Define(self._stage, self._free(above, group.name)).GetPrim()
        prim.SetDisplayName(group.name)
        place = str(prim.GetPath())
        for balls in group.balls:
            shades = self._shade_of[self._begun : self._begun + balls.count]
            self._begun += balls.count
            self._mesh(place, solid_of(balls, self._one, self._finish, self._places[shades]), self._paint)
        solids = group.solids + [beams(strokes) for strokes in group.strokes if len(strokes.points)]
        for solid in solids:
            self._mesh(place, solid, self._material(solid.finish))
        for below in group.below:
            self._group(place, below)

    def _mesh(self, above: str, solid: Solid, material: UsdShade.Material) -> None:
        mesh = UsdGeom.Mesh.Define(self._stage, self._free(above, solid.name))
        mesh.GetPrim().SetDisplayName(solid.name)
        points = solid.points.astype(np.float32)
        mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
        mesh.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([points.min(axis=0), points.max(axis=0)])))
        faces = np.concatenate([solid.faces, solid.faces[:, ::-1]]) if solid.finish.two_sided else solid.faces
        mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(faces), 3, np.int32)))
        mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(faces.reshape(-1).astype(np.int32)))
        mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
        if solid.normals is not None:
            mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(solid.normals.astype(np.float32)))
            mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        if solid.places is not None:
            kind, each = Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex
            places = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", kind, each)
            places.Set(Vt.Vec2fArray.FromNumpy(solid.places.astype(np.float32)))
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)

    def _material(self, finish: Finish) -> UsdShade.Material:
        path = f"{ROOT}/Materials/material_{len(self._materials)}"
        material = UsdShade.Material.Define(self._stage, path)
        self._materials.append(material)
        surface = self._shader(f"{path}/surface", "UsdPreviewSurface")
        material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
        floats, colors = Sdf.ValueTypeNames.Float, Sdf.ValueTypeNames.Color3f
        surface.CreateInput("metallic", floats).Set(0.0)
        surface.CreateInput("roughness", floats).Set(ROUGH if finish.lit else 1.0)
        surface.CreateInput("opacity", floats).Set(finish.opacity)
        shown = surface.CreateInput("diffuseColor" if finish.lit else "emissiveColor", colors)
        if not finish.lit:
            surface.CreateInput("diffuseColor", colors).Set(Gf.Vec3f(0.0))
        if finish.edges == "cut":
            surface.CreateInput("opacityThreshold", floats).Set(0.5)
        if finish.texels is None:
            shown.Set(Gf.Vec3f(*linear(finish.color)))
        else:
            texture = self._texture(path, finish)
            texture.CreateOutput("rgb", Sdf.ValueTypeNames.Float3)
            shown.ConnectToSource(texture.ConnectableAPI(), "rgb")
            if finish.edges != "whole":
                texture.CreateOutput("a", floats)
                surface.GetInput("opacity").ConnectToSource(texture.ConnectableAPI(), "a")
        return material

    def _texture(self, path: str, finish: Finish) -> UsdShade.Shader:
        """The shader that reads the texels of a finish, which are written to a file of their own."""
        name = f"texture_{len(self._materials)}.png"
        (self._folder / name).write_bytes(png(enlarged(finish)))
        reader = self._shader(f"{path}/places", "UsdPrimvarReader_float2")
        reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("st")
        reader.CreateOutput("result", Sdf.ValueTypeNames.Float2)
        texture = self._shader(f"{path}/texture", "UsdUVTexture")
        texture.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(f"./{name}")
        texture.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set("sRGB")
        for side in ("wrapS", "wrapT"):
            texture.CreateInput(side, Sdf.ValueTypeNames.Token).Set("clamp")
        texture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(reader.ConnectableAPI(), "result")
        return texture

    def _shader(self, path: str, kind: str) -> UsdShade.Shader:
        shader = UsdShade.Shader.Define(self._stage, path)
        shader.CreateIdAttr(kind)
        return shader

    def _free(self, above: str, name: str) -> str:
        """A path below another one that nothing has yet, with letters that USD allows."""
        path = wanted = f"{above}/{Tf.MakeValidIdentifier(name)}"
        number = 1
        while self._stage.GetPrimAtPath(path):
            number += 1
            path = f"{wanted}_{number}"
        return path


def enlarged(finish: Finish) -> NDArray[np.uint8]:
    """The texels of a finish times its colour; each several times where it is to be seen as a square.

    Returns:
        (height, width, 3 or 4), 0..255.

    Raises:
        ValueError: it has no texels.
    """
    texels = finish.texels
    if texels is None:
        raise ValueError("a finish without texels")
    if finish.sharp and not finish.lit:
        often = max(1, FINE_TEXTURE // max(texels.shape[:2]))
        texels = texels.repeat(often, axis=0).repeat(often, axis=1)
    if finish.color == WHITE:
        return texels
    tinted = texels.copy()
    tinted[..., :3] = np.rint(texels[..., :3] * np.asarray(finish.color))
    return tinted
