"""What trimesh leaves out of glTF, added through the hooks of its exporter; knows nothing of what is shown.

trimesh writes nodes, meshes, textures, materials and the container. It has colours of 8 bits only, no samplers, none of
the extensions used here, four bytes for every index, and one primitive in each mesh; of lines it keeps
no material.

Source: the glTF 2.0 specification by Khronos, and its extensions KHR_materials_unlit and EXT_mesh_gpu_instancing.
"""

import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmviz.render.mesh.shapes import ROUGH, Finish, linear

Json = dict[str, Any]
UNLIT = "KHR_materials_unlit"
INSTANCES = "EXT_mesh_gpu_instancing"
FINISH, PART_OF = "finish", "part of"
"""What the metadata of a mesh say: the number of its finish, and the mesh that it becomes a part of, if any."""
FLOAT, SHORT, LONG = 5126, 5123, 5125
"""glTF's numbers for kinds of numbers."""
SHARP: Json = {"magFilter": 9728, "minFilter": 9728, "wrapS": 33071, "wrapT": 33071}
"""A texture with texels that are seen as squares; it is not repeated."""
SMOOTH: Json = {"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}
"""A texture that is blurred from near, and from far: the smaller ones that readers make of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A node that draws its mesh many times."""

    node: str
    places: NDArray[np.float64]  # (times, 3)
    sizes: NDArray[np.float64]  # (times, 3)


@dataclass(slots=True)
class Additions:
    """What is added to a file."""

    drawn: list[Drawn] = field(default_factory=list)
    _finishes: list[Finish] = field(default_factory=list)

    def finish(self, finish: Finish) -> int:
        """The number of a finish, for the metadata of a mesh."""
        self._finishes.append(finish)
        return len(self._finishes) - 1

    def to_buffers(self, buffers: MutableMapping[Any, bytes], tree: Json) -> None:
        """Shorten the indices, and add what draws a mesh many times; trimesh calls this before it counts its bytes."""
        keys, accessors = list(buffers), tree["accessors"]
        for accessor in accessors.values():
            if accessor["componentType"] == LONG and accessor["max"][0] < 65535:
                key = keys[accessor["bufferView"]]
                short = np.frombuffer(buffers[key], "<u4").astype("<u2").tobytes()
                buffers[key] = short + bytes(-len(short) % 4)
                accessor["componentType"] = SHORT
        nodes = {node["name"]: node for node in tree["nodes"]}
        for name in ("TRANSLATION", "SCALE") if self.drawn else ():
            view, size = {"bufferView": len(buffers), "componentType": FLOAT, "type": "VEC3"}, 0
            many = [each.places if name == "TRANSLATION" else each.sizes for each in self.drawn]
            for each, rows in zip(self.drawn, many, strict=True):
                extensions = nodes[each.node].setdefault("extensions", {INSTANCES: {"attributes": {}}})
                extensions[INSTANCES]["attributes"][name] = len(accessors)
                accessors[each.node, name] = {**view, "byteOffset": size, "count": len(rows)}
                size += rows.size * 4
            buffers[name] = np.concatenate(many).astype("<f4").tobytes()

    def to_tree(self, tree: Json) -> None:
        """Complete the JSON part; trimesh calls this before it writes it."""
        materials: dict[str, int] = {}
        wholes: dict[str, Json] = {}
        meshes = tree.get("meshes", [])
        for mesh in meshes:
            said, (primitive,) = mesh.pop("extras"), mesh["primitives"]
            material = _material(self._finishes[said[FINISH]], tree["materials"][primitive["material"]], tree)
            primitive["material"] = materials.setdefault(json.dumps(material), len(materials))
            whole = wholes.setdefault(said.get(PART_OF, mesh["name"]), mesh)
            if whole is not mesh:
                whole["primitives"].append(primitive)
        numbers = {name: number for number, name in enumerate(wholes)}
        for node in tree["nodes"]:
            if "mesh" in node:
                node["mesh"] = numbers[meshes[node["mesh"]]["name"]]
        found = {
            "extensionsUsed": [INSTANCES] * bool(self.drawn) + [UNLIT] * any(UNLIT in words for words in materials),
            "extensionsRequired": [INSTANCES] * bool(self.drawn),
            "meshes": list(wholes.values()),
            "materials": [json.loads(material) for material in materials],
            "samplers": [SHARP, SMOOTH] if "textures" in tree else [],
        }
        tree.update({key: entries for key, entries in found.items() if entries})
        tree["asset"]["generator"] = "mmviz"


def _material(finish: Finish, given: Json, tree: Json) -> Json:
    """A material of trimesh with its colour and its light; its texture gets the sampler that it needs."""
    surface = {
        **given["pbrMetallicRoughness"],
        "baseColorFactor": [*linear(finish.color), finish.opacity],
        "roughnessFactor": ROUGH if finish.lit else 1.0,
    }
    if "baseColorTexture" in surface:
        tree["textures"][surface["baseColorTexture"]["index"]]["sampler"] = 0 if finish.sharp else 1
    material = {**given, "pbrMetallicRoughness": surface}
    return material if finish.lit else {**material, "extensions": {UNLIT: {}}}
