"""A frame as a GLB file: one ball that is drawn many times, or triangles for programs that cannot; draws nothing.

Balls are lit. All else is unlit: it shows the colours of pictures, whatever the light.

A program that draws a mesh many times need not know a colour for each time (three.js does, Blender does not), so the
balls of a file have few colours, each of them a mesh with a material. The file requires EXT_mesh_gpu_instancing:
programs without it, which would show one ball of each colour, refuse the file. For them, and for those that draw no
lines and see surfaces from both sides, there is the plain form, which is triangles only.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from mmviz.orders.order import MeshOrder
from mmviz.picture.drawlist import DrawList
from mmviz.render.mesh.gltf import Gltf, Json
from mmviz.render.mesh.parts import check_largest, groups_of
from mmviz.render.mesh.shapes import (
    CELL,
    LARGE_BALL,
    ROUGH,
    Ball,
    Balls,
    Finish,
    Group,
    Solid,
    Strokes,
    ball,
    beams,
    few,
    linear,
    painted,
    png,
    solid_of,
)

UNLIT = "KHR_materials_unlit"
INSTANCES = "EXT_mesh_gpu_instancing"
LINES = 1
"""glTF's number for primitives of two vertices each."""
LARGEST_FILE = 1_000_000_000
"""Bytes, at most: larger ones are more than programs open, and making them takes twice as much memory."""
SMALL_BALL = 24
"""Bytes of a ball that is drawn many times, each time: three numbers for its place and three for its size."""
MOST_VERTICES = 65_000
"""Vertices of a primitive of many balls: fewer than two bytes can count."""


def write_glb(drawing: DrawList, names: Mapping[str, str], order: MeshOrder) -> None:
    """Write a frame; see `write_mesh`."""
    check_largest(drawing, order, LARGE_BALL if order.plain else SMALL_BALL, LARGEST_FILE)
    _Writer(groups_of(drawing, names, order.spheres, backs=not order.plain), plain=order.plain).write(order.place)


class _Writer:
    """Puts the groups of a frame into a file.

    Args:
        root: The group that holds all others.
        plain: Balls are triangles, instead of one ball that is drawn many times.
    """

    def __init__(self, root: Group, *, plain: bool) -> None:
        self._file, self._plain = Gltf(), plain
        balls = [some for group in root.all() for some in group.balls]
        if balls:
            self._one = ball(sum(some.count for some in balls))
            if not plain:
                self._shades, self._shade_of = few(np.concatenate([some.colors for some in balls]))
                self._corner = self._corners(self._one)
                self._meshes: dict[int, int] = {}  # number of a shade -> its mesh
                self._begun = 0  # balls that are in the file
        self._root = self._group(root)

    def write(self, place: Path) -> None:
        """Write the file."""
        self._file.write(place, self._root)

    def _group(self, group: Group) -> int:
        """The node of a group, with a node for each of its parts and for each group below it."""
        nodes = [self._balls(some) for some in group.balls]
        nodes += [self._solids(solid.name, [solid]) for solid in group.solids]
        nodes += [self._strokes(strokes) for strokes in group.strokes if len(strokes.points)]
        nodes += [self._group(below) for below in group.below]
        return self._file.node({"name": group.name, **({"children": nodes} if nodes else {})})

    def _balls(self, balls: Balls) -> int:
        if self._plain:
            most = MOST_VERTICES // len(self._one.points)
            return self._solids(f"balls of {balls.name}", (self._apart(some) for some in balls.parts(most)))
        shades = self._shade_of[self._begun : self._begun + balls.count]
        self._begun += balls.count
        order = np.argsort(shades, kind="stable")
        middle = np.rint(1000 * (balls.centers.min(axis=0) + balls.centers.max(axis=0)) / 2) / 1000
        places = (balls.centers[order] - middle).astype("<f4")
        sizes = (balls.radii[order, None] / CELL * balls.shares).astype("<f4")  # (balls, 3): in x, y and z
        views = self._file.view(places.tobytes()), self._file.view(sizes.tobytes())
        nodes = []
        for shade in np.unique(shades):
            first, last = np.searchsorted(shades[order], [shade, shade + 1])
            attributes = {
                name: self._file.part(view, rows, int(first), int(last - first))
                for name, view, rows in zip(("TRANSLATION", "SCALE"), views, (places, sizes), strict=True)
            }
            name = f"balls of {balls.name} ({shade})"
            drawn = {INSTANCES: {"attributes": attributes}}
            nodes.append(self._file.node({"name": name, "mesh": self._shade(int(shade)), "extensions": drawn}))
        self._file.required.add(INSTANCES)
        # Some programs take the box of one ball for that of all: so it is small, and where the others are.
        return self._file.node({"name": f"balls of {balls.name}", "translation": middle.tolist(), "children": nodes})

    def _apart(self, balls: Balls) -> Solid:
        """Balls as triangles, with a texel for each."""
        finish, places = painted(balls.colors)
        return solid_of(balls, self._one, finish, places)

    def _shade(self, shade: int) -> int:
        """The mesh of a ball of this shade."""
        if shade not in self._meshes:
            red, green, blue = (float(part) / 255 for part in self._shades[shade])
            material = self._material(Finish((red, green, blue), lit=True, two_sided=False))
            self._meshes[shade] = self._file.mesh(f"ball ({shade})", [{**self._corner, "material": material}])
        return self._meshes[shade]

    def _corners(self, one: Ball) -> Json:
        """What the balls of all shades have in common."""
        return {
            "attributes": {
                "POSITION": self._file.vertices(CELL * one.points, bounded=True),
                "NORMAL": self._file.vertices(one.points),
            },
            "indices": self._file.indices(one.faces),
        }

    def _solids(self, name: str, solids: Iterable[Solid]) -> int:
        """A node with a mesh, of which each solid is a part."""
        mesh = self._file.mesh(name, [self._primitive(solid) for solid in solids])
        return self._file.node({"name": name, "mesh": mesh})

    def _primitive(self, solid: Solid) -> Json:
        attributes = {"POSITION": self._file.vertices(solid.points, bounded=True)}
        if solid.normals is not None:
            attributes["NORMAL"] = self._file.vertices(solid.normals)
        if solid.places is not None:
            attributes["TEXCOORD_0"] = self._file.vertices(solid.places * (1, -1) + (0, 1))  # downward in glTF
        indices, material = self._file.indices(solid.faces), self._material(solid.finish)
        return {"attributes": attributes, "indices": indices, "material": material}

    def _strokes(self, strokes: Strokes) -> int:
        if self._plain:
            return self._solids(strokes.name, [beams(strokes)])
        primitive = {
            "attributes": {"POSITION": self._file.vertices(strokes.points, bounded=True)},
            "mode": LINES,
            "material": self._material(Finish(strokes.color, two_sided=False)),
        }
        return self._file.node({"name": strokes.name, "mesh": self._file.mesh(strokes.name, [primitive])})

    def _material(self, finish: Finish) -> int:
        surface: Json = {
            "baseColorFactor": [*linear(finish.color), finish.opacity],
            "metallicFactor": 0.0,
            "roughnessFactor": ROUGH if finish.lit else 1.0,
        }
        if finish.texels is not None:
            texture = self._file.texture(png(finish.texels), "sharp" if finish.sharp else "smooth")
            surface["baseColorTexture"] = {"index": texture}
        material: Json = {"pbrMetallicRoughness": surface}
        if finish.edges == "cut":
            material |= {"alphaMode": "MASK", "alphaCutoff": 0.5}
        elif finish.edges == "smooth" or finish.opacity < 1:
            material["alphaMode"] = "BLEND"
        if finish.two_sided:
            material["doubleSided"] = True
        if not finish.lit:
            material["extensions"] = {UNLIT: {}}
        return self._file.material(material)
