"""Draw lists as the page has them, recorded from Python; for tests of the page's renderer alone."""

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmviz.page.arrays import TYPES, Arrays
from mmviz.page.bundle import program
from mmviz.page.letters_section import Letters
from mmviz.page.looks_section import Looks
from mmviz.picture.drawlist import DrawList, Inset, Sheet
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from tests.page.browser.driver import Page

HTML = """<!doctype html><html><head><meta charset="utf-8"><style>body {{ margin: 0; background: #444 }}
canvas {{ display: block }}</style></head><body><canvas id="canvas"></canvas><script>{program}</script><script>
const KINDS = {{ f32: Float32Array, f64: Float64Array, u8: Uint8Array, u16: Uint16Array, i32: Int32Array }};
const asked = {asked};
const arrays = asked.arrays.map(([kind, text]) =>
  new KINDS[kind](Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer));
const revived = (value) => {{
  if (value === null || typeof value !== "object") return value;
  if ("$" in value) return arrays[value.$];
  for (const name of Object.keys(value)) value[name] = revived(value[name]);
  return value;
}};
const frames = revived(asked.frames);
const drawn = {{
  looks: asked.looks, letters: asked.letters,
  arrays: {{ get: (ref) => arrays[ref.array], there: () => true }},
}};
let lost = [];
const renderer = new mmvizPage.Renderer(canvas, drawn, asked.ground, (is) => lost.push(is));
function draw(number, width, height, coarse) {{
  renderer.resize(width, height);
  const {{ drawing, camera }} = frames[number];
  renderer.show(drawing, camera);
  while (!renderer.work(1000));
  if (coarse === 0) while (!renderer.refine());
  else renderer.draw(coarse);
  return canvas.toDataURL("image/png");
}}
</script></body></html>
"""


class Recorded:
    """Frames of a page whose draw lists were made by Python.

    Args:
        light: The ground is white.
        rimmed: Names have dark rims.
    """

    def __init__(self, *, light: bool = False, rimmed: bool = False) -> None:
        self._arrays = Arrays()
        self._looks, self.letters = Looks(self._arrays), Letters(self._arrays)
        self._frames: list[dict[str, Any]] = []
        self._ground = {"light": light, "rimmed": rimmed}
        # A look is asked for by what it is on a dark ground; recorded draw lists have the one of their ground.
        self._light = light

    def add(self, drawing: DrawList, camera: Camera) -> int:
        """One more frame; gives its number."""
        self._frames.append({"drawing": self._told(drawing), "camera": self._told(camera)})
        return len(self._frames) - 1

    def write(self, place: Path) -> Path:
        """The page."""
        looks, letters = self._looks.section(), self.letters.section()
        if self._light:
            for number, look in enumerate(looks["looks"]):
                look["light"] = number
        asked = {
            "looks": looks,
            "letters": letters,
            "frames": self._frames,
            "ground": self._ground,
            "arrays": [
                (TYPES[one.dtype.str[1:]], b64encode(np.ascontiguousarray(one).tobytes()).decode())
                for one in self._arrays._arrays
            ],
        }
        text = json.dumps(asked).replace("<", "\\u003c")
        place.write_text(HTML.format(program=program(), asked=text), encoding="utf-8")
        return place

    def _told(self, value: Any) -> Any:  # noqa: PLR0911  (a case for each kind of thing)
        """As JSON, with the names that the page has for fields, and arrays by their numbers."""
        match value:
            case Sheet():
                return self._sheet(value)
            case Placement():
                rows, columns = value.shape
                return {"rows": rows, "columns": columns, **self._fields(value, without=("shape",))}
            case Camera():
                names = ("position", "target", "up", "view_angle")
                return {_camel(name): self._told(getattr(value, name)) for name in names}
            case Inset():
                return {**self._fields(value), "kind": value.key.kind}
            case np.ndarray():
                return self._array(value)
            case tuple() | list():
                return [self._told(one) for one in value]
            case np.floating() | np.integer() | np.bool_():
                return value.item()
            case ItemKey():
                return str(value)
            case _ if is_dataclass(value):
                return self._fields(value)
            case _:
                return value

    def _fields(self, value: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
        if hasattr(value, "text"):
            (self.letters.add_caption if hasattr(value, "level") else self.letters.add)(value.text)
        if hasattr(value, "texts"):
            for text in value.texts:
                self.letters.add(text)
        names = [one.name for one in fields(value) if one.name not in without]
        return {_camel(name): self._told(getattr(value, name)) for name in names}

    def _sheet(self, sheet: Sheet) -> dict[str, Any]:
        rows, columns = sheet.values.shape
        return {
            **self._fields(sheet, without=("values", "masked", "look", "shown", "lit")),
            "matrix": {"rows": rows, "columns": columns, "values": self._array(sheet.values)},
            "masked": None if sheet.masked is None else self._array(sheet.masked),
            "look": self._looks.number(sheet.look),
            "shown": {_camel(name): one for name, one in asdict(sheet.shown).items()},
            "lit": [{_camel(name): one for name, one in asdict(lit).items()} for lit in sheet.lit],
        }

    def _array(self, array: NDArray[Any]) -> Any:
        if array.shape == (3,):
            return array.tolist()
        kinds = {"b": np.uint8, "i": np.int32}
        kind = kinds.get(array.dtype.kind)
        return {"$": self._arrays.add(self._kept(array, kind) if kind else array)["array"]}

    def _kept(self, array: NDArray[Any], kind: Any) -> NDArray[Any]:
        made: NDArray[Any] = array.astype(kind)
        return made


def drawn(page: Page, number: int, width: int, height: int, coarse: int = 1) -> NDArray[np.uint8]:
    """What the page draws of a frame; (height, width, 3), the top row first. coarse 0: by several samples a pixel."""
    told = page.evaluate(f"draw({number}, {width}, {height}, {coarse})")
    return np.asarray(Image.open(BytesIO(b64decode(told.partition(",")[2]))).convert("RGB"))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))
