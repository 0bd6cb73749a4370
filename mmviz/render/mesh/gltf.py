"""The parts of a glTF 2.0 file and the GLB container that holds them; knows nothing of what is shown.

Source: the glTF 2.0 specification by Khronos.
"""

import json
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mmviz.machine.output_files import whole_file

Json = dict[str, Any]
VERTICES, INDICES = 34962, 34963
"""What a buffer view is for."""
NUMBERS = {np.dtype("<f4"): 5126, np.dtype("<u2"): 5123, np.dtype("<u4"): 5125}
"""dtype -> glTF's number for it."""
SHARP: Json = {"magFilter": 9728, "minFilter": 9728, "wrapS": 33071, "wrapT": 33071}
"""A texture with texels that are seen as squares; it is not repeated."""
SMOOTH: Json = {"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}
"""A texture that is blurred from near, and from far: the smaller ones that readers make of it."""


SAMPLERS = ("sharp", "smooth")


class Gltf:
    """A file in the making. What is added is known by its index, as in glTF; equal materials are there once."""

    def __init__(self) -> None:
        self.nodes: list[Json] = []
        self._meshes: list[Json] = []
        self._materials: dict[str, int] = {}
        self._accessors: list[Json] = []
        self._views: list[Json] = []
        self._images: list[Json] = []
        self._textures: dict[tuple[bytes, str], int] = {}  # what tells a picture from others, and how it is seen
        self._pieces: list[bytes] = []
        self._size = 0
        self.used: set[str] = set()  # extensions
        self.required: set[str] = set()  # extensions without which a file would be shown wrongly

    def view(self, content: bytes, target: int | None = None) -> int:
        """Bytes of the file."""
        entry = {"buffer": 0, "byteOffset": self._size, "byteLength": len(content)}
        self._views.append(entry if target is None else {**entry, "target": target})
        padded = content + bytes(-len(content) % 4)
        self._pieces.append(padded)
        self._size += len(padded)
        return len(self._views) - 1

    def vertices(self, numbers: NDArray[np.float64], *, bounded: bool = False) -> int:
        """(count, 2 or 3) numbers, one row a vertex; bounded: with the smallest and the largest, as of positions."""
        rows = np.ascontiguousarray(numbers, "<f4")
        accessor = self.part(self.view(rows.tobytes(), VERTICES), rows, 0, len(rows))
        if bounded:
            self._accessors[accessor] |= {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()}
        return accessor

    def indices(self, numbers: NDArray[np.int64]) -> int:
        """Which vertices make triangles or lines, all in a row."""
        small = numbers.size == 0 or int(numbers.max()) < 65535
        row = np.ascontiguousarray(numbers.reshape(-1), "<u2" if small else "<u4")
        return self.part(self.view(row.tobytes(), INDICES), row, 0, len(row))

    def part(self, view: int, rows: NDArray[Any], first: int, count: int) -> int:
        """Some rows of a view that holds all of them.

        Args:
            view: The view.
            rows: All that it holds.
            first: Number of the first row.
            count: How many.
        """
        width = 1 if rows.ndim == 1 else rows.shape[1]
        self._accessors.append(
            {
                "bufferView": view,
                "byteOffset": first * width * rows.itemsize,
                "componentType": NUMBERS[rows.dtype],
                "count": count,
                "type": "SCALAR" if rows.ndim == 1 else f"VEC{width}",
            }
        )
        return len(self._accessors) - 1

    def texture(self, png: bytes, seen: Literal["sharp", "smooth"]) -> int:
        """A PNG picture, and how it is seen; equal ones are there once."""
        key = sha256(png).digest(), seen
        if key not in self._textures:
            self._textures[key] = len(self._images)
            self._images.append({"bufferView": self.view(png), "mimeType": "image/png"})
        return self._textures[key]

    def material(self, material: Json) -> int:
        """A material, its extensions noted as used."""
        self.used |= set(material.get("extensions", ()))
        return self._materials.setdefault(json.dumps(material), len(self._materials))

    def mesh(self, name: str, primitives: list[Json]) -> int:
        """A mesh of one or more primitives."""
        self._meshes.append({"name": name, "primitives": primitives})
        return len(self._meshes) - 1

    def node(self, node: Json) -> int:
        """A node, its extensions noted as used."""
        self.used |= set(node.get("extensions", ()))
        self.nodes.append(node)
        return len(self.nodes) - 1

    def write(self, path: Path, root: int) -> None:
        """Write the file as a whole or not at all; `root` is the node that all others are below."""
        words = json.dumps(self._tree(root), separators=(",", ":"), ensure_ascii=False).encode()
        words += b" " * (-len(words) % 4)
        length = 12 + 8 + len(words) + (8 + self._size if self._size else 0)
        with whole_file(path) as part, part.open("wb") as file:
            file.write(struct.pack("<4sII", b"glTF", 2, length))
            file.write(struct.pack("<I4s", len(words), b"JSON") + words)
            if self._size:
                file.write(struct.pack("<I4s", self._size, b"BIN\0"))
                file.writelines(self._pieces)

    def _tree(self, root: int) -> Json:
        """The JSON part. A list that is empty is left out: glTF knows none."""
        textures = self._textures.items()
        lists: Json = {
            "extensionsUsed": sorted(self.used | self.required),
            "extensionsRequired": sorted(self.required),
            "nodes": self.nodes,
            "meshes": self._meshes,
            "materials": [json.loads(material) for material in self._materials],
            "textures": [{"source": number, "sampler": SAMPLERS.index(seen)} for (_, seen), number in textures],
            "images": self._images,
            "samplers": [SHARP, SMOOTH] if self._images else [],
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": self._size}] if self._size else [],
        }
        return {
            "asset": {"version": "2.0", "generator": "mmviz"},
            "scene": 0,
            "scenes": [{"nodes": [root]}],
            **{key: entries for key, entries in lists.items() if entries},
        }
