"""A frame as a GLB file for other 3D programs, by trimesh: spheres, textured quads and outlines; draws nothing.

Right is up (y) and to the right (x), as in glTF; a cell is CELL metres. Colours are those of
picture/look/looks.py before light and shade. They stand in textures, one texel an element, for spheres as well as for
quads: colours at vertices would be coarse where they are dark, and many viewers show them wrongly. Materials are unlit.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.exchange.gltf import export_glb
from trimesh.path import Path3D
from trimesh.path.entities import Line
from trimesh.visual.material import PBRMaterial

from mmviz.machine.output_files import check_output, whole_file
from mmviz.orders.kinds import MESH
from mmviz.orders.order import SPHERES
from mmviz.picture.drawlist import DrawList, Lines, Sheet
from mmviz.picture.look import color, mm_color
from mmviz.picture.look.looks import colors_of
from mmviz.picture.look.palette import MmLook
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement

CELL = 0.01
"""Metres."""
FINE = 2_000
"""Elements up to which spheres have 320 faces instead of 80."""
LARGEST_TEXTURE = 8192
"""Side of a texture, in texels: larger matrices show the strongest of several elements in each."""
NEAREST, CLAMPED = 9728, 33071
"""glTF's numbers for textures that are not blurred, and not repeated."""
UNLIT = "KHR_materials_unlit"
DULL = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
"""What viewers that know only lit materials make of an unlit one."""


def write_glb(path: Path, drawing: DrawList, names: Mapping[str, str], limit: int = SPHERES) -> None:
    """Write the matrices and outlines of a frame; the file is there as a whole or not at all.

    Args:
        path: Ends in .glb.
        drawing: The frame.
        names: The name of each matrix by path. A node is named so; where two are alike, the path follows.
        limit: Elements that are spheres, at most, counted from the smallest matrix on.

    Raises:
        OutputError: the file cannot be written.
    """
    check_output(path, (MESH.ending,))
    spheres = _small(drawing.sheets, limit)
    subdivisions = 2 if sum(sheet.values.size for sheet in drawing.sheets if sheet.key in spheres) <= FINE else 1
    scene = trimesh.Scene()
    for sheet in drawing.sheets:
        mesh = _spheres(sheet, subdivisions) if sheet.key in spheres else _quads(sheet)
        if mesh is not None:
            name = _node(scene, sheet.key, names)
            scene.add_geometry(mesh, node_name=name, geom_name=name)
    for lines in drawing.lines:
        name = f"lines {lines.key}"
        scene.add_geometry(_segments(lines), node_name=name, geom_name=name)
    content = export_glb(scene, include_normals=False, tree_postprocessor=_unlit)
    with whole_file(path) as part:
        part.write_bytes(content)


def linear(colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colours as glTF wants them at the vertices of lines, from those that are written to pictures; 0..1 each.

    Source: IEC 61966-2-1 (sRGB).
    """
    return np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)


def _small(sheets: Sequence[Sheet], limit: int) -> set[ItemKey]:
    """Keys of the sheets, from the smallest one on, that together have no more elements than the limit."""
    chosen, left = set(), limit
    for sheet in sorted(sheets, key=lambda sheet: sheet.values.size):
        left -= sheet.values.size
        if left < 0:
            break
        chosen.add(sheet.key)
    return chosen


def _node(scene: trimesh.Scene, key: ItemKey, names: Mapping[str, str]) -> str:
    """A name that no node has yet: the matrix's own, or that and what makes it different."""
    name = names.get(key.path, key.path)
    name = name if key.kind == "matrix" else f"{key.kind} of {name}"
    name = f"{name} ({key.part})" if key.part else name
    return f"{name} [{key.path}]" if name in scene.graph.nodes_geometry else name


def _visible(sheet: Sheet) -> NDArray[np.bool_]:
    """(rows, columns): which elements are there."""
    shown = sheet.shown.mask((sheet.values.shape[0], sheet.values.shape[1]))
    return shown if sheet.masked is None else shown & ~sheet.masked


def _radii(sheet: Sheet) -> NDArray[np.float64]:
    """(rows, columns): of each sphere, in cells; 0 for what is not drawn."""
    look = sheet.look
    if isinstance(look, MmLook):
        return mm_color.radius(sheet.values, look.low, look.high, look.colors)
    return color.radius(sheet.values, sheet.scale, look)


def _spheres(sheet: Sheet, subdivisions: int) -> trimesh.Trimesh | None:
    """One mesh of all the elements that are there, each in its colour."""
    radii = _radii(sheet)
    i, j = np.nonzero(_visible(sheet) & (radii > 0))
    if len(i) == 0:
        return None
    ball = trimesh.creation.icosphere(subdivisions=subdivisions)
    rows, columns = sheet.values.shape
    uv = np.stack([(j + 0.5) / columns, 1 - (i + 0.5) / rows], axis=1)  # (elements, 2): the middle of each texel
    centers = sheet.placement.spot(i, j)  # (elements, 3), in cells
    points = centers[:, None] + radii[i, j, None, None] * _flattened(ball.vertices, sheet.placement)
    faces = ball.faces + len(ball.vertices) * np.arange(len(i))[:, None, None]  # (elements, faces, 3)
    visual = _textured(sheet, uv.repeat(len(ball.vertices), axis=0), sheet.values, np.ones_like(radii, bool))
    return trimesh.Trimesh(CELL * points.reshape(-1, 3), faces.reshape(-1, 3), visual=visual, process=False)


def _flattened(vertices: NDArray[np.float64], placement: Placement) -> NDArray[np.float64]:
    """(vertices, 3): those of a sphere, which is as flat as cells are where an axis is folded."""
    for way, step in zip(placement.ways, placement.steps, strict=True):
        vertices = vertices - (1 - step) * (vertices @ way)[:, None] * way
    return vertices


def _quads(sheet: Sheet) -> trimesh.Trimesh | None:
    """A matrix as a picture, one texel an element, in as many rectangles as it has blocks."""
    there = _visible(sheet)
    if not there.any():
        return None
    step = max(1, -(-max(sheet.values.shape) // LARGEST_TEXTURE))
    values, there = _strongest(sheet.values, there, step)
    corners, uv = (np.concatenate(parts) for parts in zip(*_rectangles(sheet), strict=True))
    faces = np.arange(len(corners)).reshape(-1, 4)[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    visual = _textured(sheet, uv, values, there)
    return trimesh.Trimesh(CELL * corners, faces, visual=visual, process=False)


def _textured(
    sheet: Sheet, uv: NDArray[np.float64], values: NDArray[np.float32], there: NDArray[np.bool_]
) -> trimesh.visual.TextureVisuals:
    """A texture with a texel for each of some values, and where each vertex (vertices, 2) finds its colour."""
    texels = np.zeros((*values.shape, 4), np.uint8)
    texels[..., :3] = np.rint(255 * colors_of(values, sheet.look, sheet.scale))
    texels[..., 3] = np.where(there, 255, 0)
    image = Image.fromarray(texels if not there.all() else texels[..., :3].copy())
    cut = {} if there.all() else {"alphaMode": "MASK", "alphaCutoff": 0.5}
    material = PBRMaterial(name=str(sheet.key), baseColorTexture=image, doubleSided=True, **DULL, **cut)
    return trimesh.visual.TextureVisuals(uv=uv, material=material)


def _rectangles(sheet: Sheet) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """(4, 3) corners, in cells, and (4, 2) places in the texture, of each block; places run from the lower left."""
    placement = sheet.placement
    rows, columns = sheet.values.shape
    tall, wide = placement.row_block or rows, placement.column_block or columns
    for top in range(0, rows, tall):
        for left in range(0, columns, wide):
            bottom, right = min(top + tall, rows) - 1, min(left + wide, columns) - 1
            centers = placement.spot([top, top, bottom, bottom], [left, right, right, left])  # (4, 3)
            outward = 0.5 * np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]])
            corners = centers + outward[:, :1] * placement.down + outward[:, 1:] * placement.across
            u = np.array([left, right + 1, right + 1, left]) / columns
            v = 1 - np.array([top, top, bottom + 1, bottom + 1]) / rows
            yield corners, np.stack([u, v], axis=1)


def _strongest(
    values: NDArray[np.float32], there: NDArray[np.bool_], step: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Of every square of `step` x `step` elements the one with the largest |x| that is there."""
    if step == 1:
        return values, there
    rows, columns = (-(-side // step) for side in values.shape)
    padding = [(0, rows * step - values.shape[0]), (0, columns * step - values.shape[1])]
    numbers, present = (
        np.pad(matrix, padding).reshape(rows, step, columns, step).swapaxes(1, 2).reshape(rows, columns, -1)
        for matrix in (values, there)
    )
    ranks = np.where(present, np.nan_to_num(np.abs(numbers), nan=np.inf), -1.0)
    chosen = ranks.argmax(axis=2)[..., None]
    strongest = np.take_along_axis(numbers, chosen, axis=2)[..., 0].astype(np.float32)
    return strongest, ranks.max(axis=2) >= 0


def _segments(lines: Lines) -> Path3D:
    """Lines of one colour."""
    count = len(lines.points) // 2
    entities = [Line([2 * number, 2 * number + 1]) for number in range(count)]
    path = Path3D(entities=entities, vertices=CELL * lines.points, process=False)
    path.colors = np.tile(_opaque(np.rint(255 * linear(np.array([lines.color])))), (count, 1))
    return path


def _opaque(colors: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(n, 4) from (n, 3), 0..255."""
    return np.column_stack([colors, np.full(len(colors), 255.0)]).astype(np.uint8)


def _unlit(tree: dict[str, Any]) -> None:
    """Give everything a material that light does not change, and textures their sharp texels."""
    # Copies: trimesh gives all files one and the same default material.
    materials = [{**material, "extensions": {UNLIT: {}}} for material in tree.get("materials", [])]
    for mesh in tree.get("meshes", []):
        for primitive in mesh["primitives"]:
            if "COLOR_0" in primitive["attributes"]:
                primitive["material"] = len(materials)
    materials.append({"name": "colors of the vertices", "pbrMetallicRoughness": dict(DULL), "extensions": {UNLIT: {}}})
    tree["materials"] = materials
    tree["extensionsUsed"] = sorted({*tree.get("extensionsUsed", []), UNLIT})
    tree["samplers"] = [{"magFilter": NEAREST, "minFilter": NEAREST, "wrapS": CLAMPED, "wrapT": CLAMPED}]
    for texture in tree.get("textures", []):
        texture["sampler"] = 0
