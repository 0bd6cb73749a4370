"""A scene in the page's program without a page: its document is read there as a browser would read it."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from py_mini_racer import MiniRacer

from mmviz import Scene
from mmviz.page.arrays import TYPES, Arrays
from mmviz.page.matrices_section import matrices_section, placed
from mmviz.page.storing import Storing
from mmviz.page.time_section import time_section
from mmviz.picture.composition import Composition
from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.planes import Plane
from tests.page.engine import engine

HELPERS = """
globalThis.testing = {
  kinds: { f32: Float32Array, f64: Float64Array, u8: Uint8Array, u16: Uint16Array, i32: Int32Array },
  arrays: [],
  open(told) {
    const { arrays } = testing;
    testing.document = JSON.parse(told);
    const read = { get: ({ array }) => arrays[array], there: () => true };
    testing.timeline = new mmvizPage.Timeline(testing.document, read);
  },
  sheet: (matrix) => [matrix.rows, matrix.columns],
  frame(t) {
    const { timeline } = testing;
    const frame = (testing.now = timeline.frame(t));
    return JSON.stringify({
      states: [...frame.states.values()].map(({ path, rows, columns, shown, lit, there, matrix }) =>
        ({ path, shape: [rows, columns], shown, lit, there, final: matrix === timeline.matrices.of(path) })),
      planes: frame.planes.map(({ matrix, masked, ...plane }) =>
        ({ ...plane, shape: testing.sheet(matrix), masked: masked !== null })),
    });
  },
};
"""


@dataclass(frozen=True)
class Timed:
    """What the page says of the scene that was opened last."""

    composition: Composition
    told: dict[str, Any]
    sizes: list[int]  # bytes of its arrays

    def frame(self, t: float) -> dict[str, Any]:
        """A frame, without numbers."""
        return cast("dict[str, Any]", json.loads(str(engine().eval(f"testing.frame({t!r})"))))

    def values(self, path: str) -> NDArray[np.float32]:
        """What the matrix at a path shows in that frame."""
        return self.matrix(f"testing.now.states.get({json.dumps(path)}).matrix")

    def plane(self, number: int) -> NDArray[np.float32]:
        """The numbers of one of the planes of that frame."""
        return self.matrix(f"testing.now.planes[{number}].matrix")

    def plane_mask(self, number: int) -> NDArray[np.bool_]:
        """Its mask, in the rows' order."""
        return numbers(f"testing.now.planes[{number}].masked", np.uint8).astype(np.bool_)

    def final(self, path: str) -> NDArray[np.float32]:
        """What the matrix at a path shows in the end."""
        return self.matrix(f"testing.timeline.matrices.of({json.dumps(path)})")

    def asked(self, script: str) -> Any:
        """What a piece of JavaScript gives, as JSON says it."""
        return json.loads(str(engine().eval(f"JSON.stringify({script})")))

    def matrix(self, script: str) -> NDArray[np.float32]:
        """A matrix of the engine."""
        rows, columns = self.asked(f"testing.sheet({script})")
        return numbers(f"{script}.values", np.float32).reshape(rows, columns)


@cache
def shipped(name: str) -> Composition:
    """A scene that comes with mmviz, composed once."""
    return Scene.load(name).composition


def numbers(script: str, kind: type[np.generic]) -> NDArray[Any]:
    """A typed array of the engine."""
    return np.frombuffer(cast("Any", engine().eval(f"({script}).slice()")), kind).copy()


def document_of(composition: Composition) -> tuple[dict[str, Any], Arrays]:
    """The part of a page's document that tells of matrices and time."""
    arrays = Arrays()
    storing = Storing(arrays)
    told = {"matrices": matrices_section(composition, storing), "time": time_section(composition, storing)}
    return told, arrays


def opened(composition: Composition, document: tuple[dict[str, Any], Arrays] | None = None) -> Timed:
    """Let the program read a scene's document, or what is left of it for a test."""
    told, arrays = document_of(composition) if document is None else document
    found: MiniRacer = engine()
    found.eval("typeof testing" if _known(found) else HELPERS)
    found.eval("testing.arrays.length = 0")
    stored = arrays.stored
    for number, array in enumerate(stored):
        kind = TYPES[array.dtype.str[1:]]
        held = cast("Any", found.eval(f"testing.arrays[{number}] = new testing.kinds.{kind}({array.size})"))
        if array.nbytes:
            np.frombuffer(held, np.uint8)[:] = np.frombuffer(array.tobytes(), np.uint8)
    found.eval(f"testing.open({json.dumps(json.dumps(told, allow_nan=False))})")
    return Timed(composition, told, [array.nbytes for array in stored])


def sweep_told(sweep: Sweep) -> dict[str, int]:
    """A sweep as the page has it."""
    return {camel(name): int(value) for name, value in asdict(sweep).items()}


def camel(name: str) -> str:
    """A name as the page writes it."""
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)


def vectors_of(place: Placement | dict[str, Any]) -> NDArray[np.float64]:
    """(3, 3): origin and steps."""
    told = cast("dict[str, Any]", placed(place)) if isinstance(place, Placement) else place
    return np.array([told["origin"], told["down"], told["across"]])


def rest_of(place: Placement | dict[str, Any]) -> list[float]:
    """What else a placement says."""
    told = cast("dict[str, Any]", placed(place)) if isinstance(place, Placement) else place
    return [told[name] for name in ("rows", "columns", "rowBlock", "columnBlock", "gap")]


def plane_told(plane: Plane) -> dict[str, Any]:
    """What is said of a plane, but for where it is and its numbers."""
    return {
        "key": str(plane.key),
        "look": str(plane.look),
        "kind": plane.kind,
        "owner": plane.owner,
        "number": plane.number,
        "shape": list(plane.values.shape),
        "shown": sweep_told(plane.shown),
        "first": list(plane.first),
        "masked": plane.masked is not None,
    }


def _known(found: MiniRacer) -> bool:
    return bool(found.eval("typeof testing === 'object'"))
