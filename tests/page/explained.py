"""Explanations and picked elements of the page and of Python as plain records, and what they have to agree in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from math import isfinite, isnan
from typing import Any

from mmviz import Scene
from mmviz.page.cells_section import cells_section
from mmviz.page.document import document
from mmviz.page.items import camera as camera_record
from mmviz.picture.cell.explanation import (
    Again,
    Cell,
    Explanation,
    Operand,
    Origin,
    Products,
    Reduced,
    Selected,
    Source,
    Terms,
)
from mmviz.picture.cell.picking import Picked
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import Inset
from mmviz.picture.eye.camera import Camera
from tests.page.engine import engine
from tests.page.timed import Timed, document_of, opened

HELPERS = """
testing.said = (value) => JSON.stringify(value, (_, one) =>
  typeof one === "number" && !Number.isFinite(one) ? String(one) : one);
testing.explainer = new mmvizPage.Explainer(
  testing.document.cells, testing.timeline.matrices, testing.timeline.finishing);
testing.explain = (path, i, j) => {
  const found = testing.explainer.of(path, i, j);
  return testing.said({ ...found, lit: mmvizPage.litBy(found, testing.timeline.matrices) });
};
testing.pointing = new mmvizPage.Pointing(testing.document, testing.timeline);
testing.place = (t, camera, x, y, aspect, hidden) =>
  ({ frame: testing.timeline.frame(t), t, camera, x, y, aspect, hidden: new Set(hidden) });
testing.pick = (insets, ...place) => {
  const { picking } = testing.pointing;
  const found = testing.pointing.pick(testing.place(...place), insets);
  if (found === null) return testing.said(null);
  const [line, words, scale] = [picking.describe(found), picking.words(found), picking.scaleTold(found)];
  return testing.said({ ...found, line, words, scale });
};
testing.meant = (...place) => testing.said(testing.pointing.meant(testing.place(...place)));
"""
STRANGE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


@cache
def rules() -> dict[str, Any]:
    """The numbers of rules, which are those of every document."""
    told, _ = document(Scene("A", {"A": [[1.0]]}).composition)
    return {part: {"rules": told[part]["rules"]} for part in ("marks", "cameras")}


class Explained:
    """What the page says of single elements of a scene."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        told, arrays = document_of(composition)
        behind = {"behind": dict.fromkeys(composition.behind.placements, ""), "wholeBehind": False}
        told |= {"cells": cells_section(composition), **rules(), "marks": {**rules()["marks"], **behind}}
        self.page: Timed = opened(composition, (told, arrays))
        engine().eval(HELPERS)

    def explanation(self, path: str, i: int, j: int) -> Any:
        """How an element came about."""
        return self._said("testing.explain", path, i, j)

    def picked(
        self,
        t: float,
        camera: Camera,
        x: float,
        y: float,
        aspect: float,
        *,
        insets: Sequence[Any] = (),
        hidden: Sequence[str] = (),
    ) -> Any:
        """What is at a place of the picture, with what is said of it."""
        return self._said("testing.pick", insets, t, camera_record(camera), x, y, aspect, list(hidden))

    def meant(self, t: float, camera: Camera, x: float, y: float, aspect: float) -> Any:
        """The point in space that is meant there."""
        return self._said("testing.meant", t, camera_record(camera), x, y, aspect, [])

    def _said(self, function: str, *arguments: Any) -> Any:
        told = ", ".join(json.dumps(argument) for argument in arguments)
        return json.loads(str(engine().eval(f"{function}({told})")))


def explanation_told(found: Explanation) -> dict[str, Any]:
    """An explanation of Python as the page would say it."""
    return {
        "cell": asdict(found.cell),
        "name": found.name,
        "value": found.value,
        "masked": found.masked,
        "origin": _origin(found.origin),
        "stages": [
            {
                "function": stage.function,
                "before": stage.before,
                "after": stage.after,
                "formula": stage.formula,
                "quantities": [[quantity.name, quantity.value] for quantity in stage.quantities],
                "masked": stage.masked,
            }
            for stage in found.stages
        ],
        "scale": found.scale,
    }


def picked_told(found: Picked) -> dict[str, Any]:
    """A picked element of Python as the page would say it."""
    told = asdict(found)
    return told | {"part": None if found.part is None else list(found.part)}


def inset_told(inset: Inset) -> dict[str, Any]:
    """Where an inset stands, and who looks at what in it."""
    told = {"key": str(inset.key), "kind": inset.key.kind, "camera": camera_record(inset.camera), "side": inset.side}
    return told | {"margin": inset.margin, "bottom": inset.bottom, "width": inset.width}


def check_said(found: Any, expected: Any, where: str, *, rounding: float = 1e-9) -> None:
    """Equal but for rounding: words, keys and order to the letter."""
    if isinstance(expected, Mapping):
        assert set(found) == set(expected), where
        for key, value in expected.items():
            check_said(found[key], value, f"{where}, {key}", rounding=rounding)
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected), where
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            check_said(one, other, f"{where}, {number}", rounding=rounding)
    elif isinstance(expected, float):
        mine = STRANGE.get(found, found)
        if not isfinite(expected):
            assert isnan(mine) if isnan(expected) else mine == expected, f"{where}: {found}, not {expected}"
            return
        assert abs(mine - expected) <= rounding * max(1.0, abs(expected)), f"{where}: {found}, not {expected}"
    else:
        assert found == expected, f"{where}: {found!r}, not {expected!r}"


def _operand(operand: Operand) -> dict[str, Any]:
    told = {"name": operand.name, "value": operand.value, "masked": operand.masked}
    return told | {"cell": asdict(operand.cell)}


def _origin(origin: Origin) -> dict[str, Any]:
    match origin:
        case Products():
            return _products(origin)
        case Terms(left=left, right=right):
            told = {"kind": "terms", "sign": origin.sign, "total": origin.total, "masked": origin.masked}
            return told | {"left": _operand(left), "right": _operand(right)}
        case Again(target=target):
            return {"kind": "again", "target": _operand(target), "before": origin.before, "total": origin.total}
        case Selected(target=target):
            return {"kind": "selected", "target": _operand(target), "why": origin.why, "total": origin.total}
        case Reduced(target=found, first=first):
            reduced = {"kind": "reduced", "function": origin.function, "line": origin.line, "count": origin.count}
            shown = None if found is None else _operand(found)
            return reduced | {"first": asdict(first), "axis": origin.axis, "total": origin.total, "target": shown}
        case Source():
            return {"kind": "source", **asdict(origin)}


def _products(origin: Products) -> dict[str, Any]:
    def row(number: int) -> dict[str, Any]:
        k = int(origin.k[number])
        parts = ("left", "right", "product", "share", "running")
        numbers = {name: float(getattr(origin, name)[number]) for name in parts}
        return {"k": k, "label": origin.labels[k], **numbers, "masked": bool(origin.masked[number])}

    cells: tuple[Cell, Cell] = origin.cells
    return {
        "kind": "products",
        "axis": origin.axis,
        "names": list(origin.names),
        "cells": [asdict(cell) for cell in cells],
        "places": list(origin.places),
        "rows": [row(number) for number in range(len(origin.k))],
        "total": origin.total,
    }
