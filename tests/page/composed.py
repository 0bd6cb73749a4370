"""Draw lists of the page and of Python as plain records, and what they have to agree in."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np

from mmviz import Scene
from mmviz.page.arrays import Arrays
from mmviz.page.document import document
from mmviz.page.items import camera as camera_record
from mmviz.page.items import caption, label, sweep, vector
from mmviz.page.looks_found import looks_of
from mmviz.page.matrices_section import placed
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList, Inset, Lines, Patch, Sheet, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.time.pacing import Moment
from tests.page.engine import engine
from tests.page.timed import Timed, opened

HELPERS = """
testing.compose = () => {
  const { arrays } = testing;
  const read = { get: ({ array }) => arrays[array], there: () => true };
  testing.composition = new mmvizPage.Composition(testing.document, read, testing.timeline.matrices, testing.timeline);
};
testing.emphasis = ({ lit = {}, pointed = {}, hidden = [], outlined = null }) =>
  ({ lit: new Map(Object.entries(lit)), pointed: new Map(Object.entries(pointed)), hidden: new Set(hidden), outlined });
testing.drawn = (moment, camera, aspect, emphasis) => {
  const { composition, timeline } = testing;
  const frame = timeline.frame(moment.time);
  const eye = camera ?? composition.cameraAt(moment, aspect);
  const list = composition.at(frame, moment, eye, aspect, testing.emphasis(emphasis));
  return JSON.stringify(list, (name, value) => {
    if (name === "matrix") {
      const sizes = value.values.filter(Number.isFinite).map(Math.abs);
      return [value.rows, value.columns, sizes.reduce((sum, one) => sum + one, 0)];
    }
    if (name === "masked") return value === null ? null : value.reduce((sum, one) => sum + one, 0);
    return ArrayBuffer.isView(value) ? Array.from(value) : value;
  });
};
"""
CLOSE = 1e-5
"""How near numbers of two draw lists are, in cells, or as a share of what is larger than 1."""
FAINTLY = 1 / 64
"""The same of opacities."""


@dataclass(frozen=True)
class Composed:
    """What the page draws of the scene that was opened last."""

    page: Timed

    @property
    def composition(self) -> Composition:
        """The scene."""
        return self.page.composition

    def drawn(self, moment: Moment, camera: Camera | None, aspect: float, **emphasis: Any) -> dict[str, Any]:
        """Its draw list; None: as its own camera sees it."""
        told = [moment_record(moment), None if camera is None else camera_record(camera), aspect, emphasis]
        text = ", ".join(json.dumps(one) for one in told)
        return cast("dict[str, Any]", json.loads(str(engine().eval(f"testing.drawn({text})"))))


@cache
def shipped(name: str) -> tuple[Composition, tuple[dict[str, Any], Arrays]]:
    """A scene that comes with mmviz, and its document."""
    composition = Scene.load(name).composition
    return composition, document(composition)


def composed(scene: Composition | str) -> Composed:
    """Let the program compose a scene, or one that comes with mmviz by its name."""
    composition, told = shipped(scene) if isinstance(scene, str) else (scene, document(scene))
    page = opened(composition, told)
    engine().eval(HELPERS)
    engine().eval("testing.compose()")
    return Composed(page)


def moment_record(one: Moment) -> dict[str, Any]:
    """A moment as the page has it."""
    return {"time": one.time, "chapter": one.chapter, "held": one.held}


def emphasis_record(one: Emphasis) -> dict[str, Any]:
    """What a person looks at as JSON says it."""
    return {
        "lit": {path: [sweep(cells) for cells in lit] for path, lit in one.lit.items()},
        "pointed": {path: [sweep(cells) for cells in lit] for path, lit in one.pointed.items()},
        "hidden": sorted(one.hidden),
        "outlined": one.outlined,
    }


def told(drawing: DrawList, composition: Composition) -> dict[str, Any]:
    """A draw list of Python as the page would say it."""
    looks = looks_of(composition)
    return {
        "sheets": [_sheet(one, looks.index(one.look)) for one in drawing.sheets],
        "lines": [_lines(one) for one in drawing.lines],
        "labels": [label(one) for one in drawing.labels],
        "ticks": [ticks_record(one) for one in drawing.ticks],
        "patches": [_patch(one) for one in drawing.patches],
        "captions": [caption(one) for one in drawing.captions],
        "insets": [_inset(one, composition) for one in drawing.insets],
        "background": list(drawing.background),
        "extent": drawing.extent.ravel().tolist(),
        "near": drawing.near,
    }


def _sheet(one: Sheet, look: int) -> dict[str, Any]:
    values = one.values.astype(np.float64)
    return {
        "key": str(one.key),
        "path": one.key.path,
        "placement": placed(one.placement),
        "matrix": [*values.shape, float(np.abs(values[np.isfinite(values)]).sum())],
        "scale": one.scale,
        "masked": None if one.masked is None else int(one.masked.sum()),
        "look": look,
        "shown": sweep(one.shown),
        "lit": [sweep(cells) for cells in one.lit],
        "dimmed": one.dimmed,
    }


def _lines(one: Lines) -> dict[str, Any]:
    points = one.points.ravel().tolist()
    return {
        "key": str(one.key),
        "points": points,
        "color": list(one.color),
        "width": one.width,
        "opacity": one.opacity,
    }


def ticks_record(one: TickLabels) -> dict[str, Any]:
    """A row of texts as the page has it."""
    return {
        "key": str(one.key),
        "texts": list(one.texts),
        "places": one.places.ravel().tolist(),
        "along": vector(one.along),
        "up": vector(one.up),
        "height": one.height,
        "color": list(one.color),
        "ends": one.ends,
        "opacities": list(one.opacities),
    }


def _patch(one: Patch) -> dict[str, Any]:
    return {
        "key": str(one.key),
        "points": one.points.ravel().tolist(),
        "triangles": one.triangles.ravel().tolist(),
        "color": list(one.color),
        "opacity": one.opacity,
    }


def _inset(one: Inset, composition: Composition) -> dict[str, Any]:
    return {
        "key": str(one.key),
        "kind": one.key.kind,
        "drawing": told(one.drawing, composition),
        "camera": camera_record(one.camera),
        "side": one.side,
        "margin": one.margin,
        "bottom": one.bottom,
        "width": one.width,
    }


def check_alike(found: Any, expected: Any, where: str, name: str = "") -> None:
    """Compare two records, or parts of them."""
    if isinstance(expected, dict):
        assert {*found} >= {*expected}, f"{where}: {sorted(found)}"
        for key, part in expected.items():
            check_alike(found[key], part, f"{where}.{key}", key)
    elif isinstance(expected, list):
        if expected and isinstance(expected[0], dict) and "key" in expected[0]:
            assert [one["key"] for one in found] == [one["key"] for one in expected], where
        assert len(found) == len(expected), f"{where}: {found} and not {expected}"
        if expected and isinstance(expected[0], (int, float)):
            close = FAINTLY if name == "opacities" else CLOSE
            np.testing.assert_allclose(found, expected, rtol=close, atol=close, err_msg=where)
            return
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            at = other["key"] if isinstance(other, dict) and "key" in other else number
            check_alike(one, other, f"{where}[{at}]", name)
    elif isinstance(expected, float) and not isinstance(expected, bool):
        close = FAINTLY if name == "opacity" else CLOSE
        np.testing.assert_allclose(found, expected, rtol=close, atol=close, err_msg=where)
    else:
        assert found == expected, where
