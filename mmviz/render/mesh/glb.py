"""A frame as a GLB file by trimesh: one ball that is drawn many times, or triangles for programs that cannot.

Balls are lit. All else is unlit: it shows the colours of pictures, whatever the light.

A program that draws a mesh many times need not know a colour for each time (three.js does, Blender does not), so the
balls of a file have few colours, each of them a mesh with a material. The file requires EXT_mesh_gpu_instancing:
programs without it, which would show one ball of each colour, refuse the file. For them, and for those that draw no
lines and see surfaces from both sides, there is the plain form, which is triangles only.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import trimesh
from PIL import Image
from trimesh.path import Path3D
from trimesh.path.entities import Line
from trimesh.util import unique_name
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from mmviz.machine.output_files import whole_file
from mmviz.orders.order import MeshOrder
from mmviz.picture.drawlist import DrawList
from mmviz.render.mesh.gltf import FINISH, PART_OF, Additions, Drawn
from mmviz.render.mesh.parts import check_largest, groups_of
from mmviz.render.mesh.shapes import (
    CELL,
    LARGE_BALL,
    Balls,
    Finish,
    Group,
    Solid,
    Strokes,
    ball,
    beams,
    few,
    painted,
    solid_of,
)

LARGEST_FILE = 1_000_000_000
"""Bytes, at most: larger ones are more than programs open, and making them takes twice as much memory."""
SMALL_BALL = 24
"""Bytes of a ball that is drawn many times, each time: three numbers for its place and three for its size."""
MOST_VERTICES = 65_000
"""Vertices of a primitive of many balls: fewer than two bytes can count."""
ABOVE = ""
"""Name of the node that the root is below; it is not written."""


def write_glb(drawing: DrawList, names: Mapping[str, str], order: MeshOrder) -> None:
    """Write a frame; see `write_mesh`."""
    check_largest(drawing, order, LARGE_BALL if order.plain else SMALL_BALL, LARGEST_FILE)
    content = _Writer(groups_of(drawing, names, order.spheres, backs=not order.plain), plain=order.plain).content()
    with whole_file(order.place) as part:
        part.write_bytes(content)


class _Writer:
    """Puts the groups of a frame into a scene of trimesh.

    Args:
        root: The group that holds all others.
        plain: Balls are triangles, instead of one ball that is drawn many times.
    """

    def __init__(self, root: Group, *, plain: bool) -> None:
        self._scene, self._additions, self._plain = trimesh.Scene(base_frame=ABOVE), Additions(), plain
        balls = [some for group in root.all() for some in group.balls]
        if balls:
            self._one = ball(sum(some.count for some in balls))
            if not plain:
                self._shades, self._shade_of = few(np.concatenate([some.colors for some in balls]))
                self._begun = 0  # balls that are in the scene
        self._group(root, ABOVE)

    def content(self) -> bytes:
        """The file."""
        content: bytes = self._scene.export(
            file_type="glb",
            buffer_postprocessor=self._additions.to_buffers,
            tree_postprocessor=self._additions.to_tree,
        )
        return content

    def _group(self, group: Group, above: str) -> None:
        """A node with nodes below it: one for each part of the group, and one for each group below."""
        node = self._free(group.name)
        self._scene.graph.update(node, above)
        for balls in group.balls:
            self._balls(balls, node)
        for solid in group.solids:
            self._solids(solid.name, [solid], node)
        for strokes in group.strokes:
            if len(strokes.points):
                self._strokes(strokes, node)
        for below in group.below:
            self._group(below, node)

    def _free(self, name: str) -> str:
        """A name for a node: this one, or nearly so where it is taken."""
        free: str = unique_name(name, self._scene.graph.transforms.node_data)
        return free

    def _balls(self, balls: Balls, above: str) -> None:
        name = f"balls of {balls.name}"
        if self._plain:
            most = MOST_VERTICES // len(self._one.points)
            self._solids(name, (self._apart(some) for some in balls.parts(most)), above)
            return
        shades = self._shade_of[self._begun : self._begun + balls.count]
        self._begun += balls.count
        # Some programs take the box of one ball for that of all: so it is small, and where the others are.
        middle = np.rint(1000 * (balls.centers.min(axis=0) + balls.centers.max(axis=0)) / 2) / 1000
        group = self._free(name)
        self._scene.graph.update(group, above, translation=middle)
        for shade in np.unique(shades):
            some = shades == shade
            node = self._free(f"{name} ({shade})")
            self._scene.graph.update(node, group, geometry=self._shade(int(shade)))
            sizes = balls.radii[some, None] / CELL * balls.shares  # (balls, 3): in x, y and z
            self._additions.drawn.append(Drawn(node, balls.centers[some] - middle, sizes))

    def _apart(self, balls: Balls) -> Solid:
        """Balls as triangles, with a texel for each."""
        finish, places = painted(balls.colors)
        return solid_of(balls, self._one, finish, places)

    def _shade(self, shade: int) -> str:
        """The mesh of a ball of this shade."""
        name = f"ball ({shade})"
        if name not in self._scene.geometry:
            red, green, blue = (float(part) / 255 for part in self._shades[shade])
            finish, points = Finish((red, green, blue), lit=True, two_sided=False), self._one.points
            self._scene.geometry[name] = self._surface(Solid(name, CELL * points, self._one.faces, finish, points))
        return name

    def _solids(self, name: str, solids: Iterable[Solid], above: str) -> None:
        """A node with a mesh, of which each solid is a part."""
        first, *others = map(self._surface, solids)
        node = self._scene.add_geometry(first, geom_name=name, parent_node_name=above)
        for number, mesh in enumerate(others):
            mesh.metadata[PART_OF] = self._scene.graph[node][1]
            self._scene.geometry[name, number] = mesh

    def _surface(self, solid: Solid) -> trimesh.Trimesh:
        finish = solid.finish
        cut, clear = finish.edges == "cut", finish.edges == "smooth" or finish.opacity < 1
        material = PBRMaterial(
            baseColorTexture=None if finish.texels is None else Image.fromarray(finish.texels),
            metallicFactor=0.0,
            alphaMode="MASK" if cut else "BLEND" if clear else None,
            alphaCutoff=0.5 if cut else None,
            doubleSided=finish.two_sided or None,
        )
        return trimesh.Trimesh(
            solid.points,
            solid.faces,
            vertex_normals=solid.normals,
            visual=TextureVisuals(uv=solid.places, material=material),
            metadata={FINISH: self._additions.finish(finish)},
            process=False,
        )

    def _strokes(self, strokes: Strokes, above: str) -> None:
        if self._plain:
            self._solids(strokes.name, [beams(strokes)], above)
            return
        lines = [Line(ends) for ends in np.arange(len(strokes.points)).reshape(-1, 2)]
        finish = self._additions.finish(Finish(strokes.color, two_sided=False))
        path = Path3D(lines, strokes.points, metadata={FINISH: finish}, process=False)
        self._scene.add_geometry(path, geom_name=strokes.name, parent_node_name=above)
