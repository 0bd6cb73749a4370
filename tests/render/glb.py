"""Reads GLB files by the glTF 2.0 specification and by EXT_mesh_gpu_instancing, with json and struct alone."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

KINDS = {5126: np.float32, 5123: np.uint16, 5125: np.uint32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


@dataclass(frozen=True)
class Glb:
    """One file."""

    path: Path

    @cached_property
    def content(self) -> bytes:
        content = self.path.read_bytes()
        magic, version, length = struct.unpack("<4sII", content[:12])
        assert (magic, version, length) == (b"glTF", 2, len(content))
        return content

    @cached_property
    def tree(self) -> dict[str, Any]:
        (length, kind) = struct.unpack("<I4s", self.content[12:20])
        assert kind == b"JSON"
        found: dict[str, Any] = json.loads(self.content[20 : 20 + length])
        return found

    def bytes_of(self, view: int) -> bytes:
        (length,) = struct.unpack("<I", self.content[12:16])
        found = self.tree["bufferViews"][view]
        start = 20 + length + 8 + found["byteOffset"]
        return self.content[start : start + found["byteLength"]]

    def numbers(self, accessor: int) -> NDArray[Any]:
        """(count, components)."""
        found = self.tree["accessors"][accessor]
        kind, width = KINDS[found["componentType"]], WIDTHS[found["type"]]
        content = self.bytes_of(found["bufferView"])
        return np.frombuffer(content, kind, found["count"] * width, found.get("byteOffset", 0)).reshape(-1, width)

    def texels(self, texture: int) -> NDArray[np.uint8]:
        image = self.tree["images"][self.tree["textures"][texture]["source"]]
        return np.asarray(Image.open(BytesIO(self.bytes_of(image["bufferView"]))))

    def node(self, name: str) -> dict[str, Any]:
        (found,) = [node for node in self.tree["nodes"] if node["name"] == name]
        return dict(found)

    def below(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        return [self.tree["nodes"][number] for number in node.get("children", ())]

    def place(self, node: dict[str, Any]) -> NDArray[np.float64]:
        """Where a node that is moved only has its origin; its matrix is written column by column."""
        matrix = np.reshape(node.get("matrix", np.eye(4)), (4, 4)).T
        np.testing.assert_array_equal(matrix[:, :3], np.eye(4)[:, :3])
        return np.asarray(matrix[:3, 3])

    def paths(self) -> Iterator[tuple[str, ...]]:
        """The names from the root to each node."""

        def walk(number: int, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
            node = self.tree["nodes"][number]
            yield (*above, node["name"])
            for child in node.get("children", ()):
                yield from walk(child, (*above, node["name"]))

        for root in self.tree["scenes"][self.tree["scene"]]["nodes"]:
            yield from walk(root, ())

    def primitive(self, name: str) -> dict[str, Any]:
        """The only primitive of the mesh of a node."""
        (found,) = self.tree["meshes"][self.node(name)["mesh"]]["primitives"]
        return dict(found)

    def points(self, name: str, attribute: str = "POSITION") -> NDArray[Any]:
        return self.numbers(self.primitive(name)["attributes"][attribute])

    def material(self, name: str) -> dict[str, Any]:
        return dict(self.tree["materials"][self.primitive(name)["material"]])

    def balls(self, matrix: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Middles (balls, 3) and radii (balls,), in metres, and colours (balls, 3), as on the screen, 0..1."""
        group = self.node(f"balls of {matrix}")
        middles, radii, colors = [], [], []
        for node in self.below(group):
            (primitive,) = self.tree["meshes"][node["mesh"]]["primitives"]
            one = np.linalg.norm(self.numbers(primitive["attributes"]["POSITION"]), axis=1)
            assert one.max() - one.min() < 1e-6 * one.max()
            drawn = node["extensions"]["EXT_mesh_gpu_instancing"]["attributes"]
            places, sizes = self.numbers(drawn["TRANSLATION"]), self.numbers(drawn["SCALE"])
            assert (sizes == sizes[:, :1]).all()
            light = np.array(self.tree["materials"][primitive["material"]]["pbrMetallicRoughness"]["baseColorFactor"])
            middles.append(places + self.place(group))
            radii.append(one.mean() * sizes[:, 0])
            colors.append(np.tile(shown(light[:3]), (len(places), 1)))
        return np.concatenate(middles), np.concatenate(radii), np.concatenate(colors)


def shown(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB from linear, by the standard."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
