"""The pictures and films of the documentation, drawn by mmviz by the commands that the pages themselves show."""

import hashlib
import json
import os
import re
import shlex
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from PIL import Image

from mmviz import Scene
from mmviz.picture.ground import Repainter
from mmviz.render.offscreen import offscreen
from mmviz.render.renderer import Renderer

SMALLER = 4 if os.environ.get("MMVIZ_DOCS_PICTURES") == "small" else 1
"""Where the pages are only looked through for what is wrong in them, pictures need not be large."""
WIDTH, HEIGHT = 1280 // SMALLER, 720 // SMALLER
QUALITY = 80
"""Of WebP."""


@dataclass(frozen=True, slots=True)
class Order:
    """A picture or film of a scene, and how it is asked for."""

    scene: str
    path: Path
    words: tuple[str, ...] = ()  # the options of `mmviz render` that matter: --step 9.5, --ground white

    def after(self, option: str) -> str | None:
        """What stands behind an option."""
        return self.words[self.words.index(option) + 1] if option in self.words else None


def orders(docs: Path, folder: Path) -> list[Order]:
    """Every picture `made/NAME.webp` of a page, by that page's command for NAME.png, and the film of the first page.

    What two pages show in the same way is drawn once.
    """
    pages = [page for name in ("guide", "scenes") for page in sorted((docs / name).glob("*.md"))]
    found = [order for page in pages for order in page_orders(page, folder)]
    return [*dict.fromkeys(found), Order("matmul", folder / "films" / "matmul.mp4")]


def page_orders(page: Path, folder: Path) -> list[Order]:
    """The pictures of one page; the gallery of all scenes shows those of other pages."""
    if page.stem == "index":
        return []
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"^mmviz render .*$", text, flags=re.MULTILINE)
    commands = {words[words.index("-o") + 1]: words for words in (shlex.split(line, comments=True) for line in lines)}
    found = []
    for name in re.findall(r"made/(\w+)\.webp", text):
        if f"{name}.png" not in commands:
            raise ValueError(f"{page}: no command `mmviz render ... -o {name}.png` draws its picture {name}.")
        words = commands[f"{name}.png"]
        found.append(Order(words[2], folder / f"{name}.webp", _that_matter(words)))
    return found


def _that_matter(words: list[str]) -> tuple[str, ...]:
    """Step and ground; the documentation has a size of its own."""
    return tuple(
        word for option, value in pairwise(words) if option in ("--step", "--ground") for word in (option, value)
    )


def draw(wanted: list[Order], scenes: Path, source: Path, folder: Path) -> int:
    """Draw what is not there, or was drawn from other scenes or by another mmviz; returns how many."""
    record = folder / "drawn.json"
    drawn: dict[str, str] = json.loads(record.read_text("utf-8")) if record.exists() else {}
    program = _digest(*sorted(path for path in source.rglob("*") if path.suffix in (".py", ".glsl", ".json")))
    count = 0
    with ExitStack() as stack:
        canvas = cache(lambda light: stack.enter_context(offscreen(WIDTH, HEIGHT, light=light)))  # one for all pictures
        for order in wanted:
            mark = " ".join([program, str(WIDTH), _digest(scenes / f"{order.scene}.yaml"), *order.words])
            if not order.path.exists() or drawn.get(order.path.name) != mark:
                _draw(order, scenes, canvas)
                drawn[order.path.name] = mark
                count += 1
    if count:
        record.write_text(json.dumps(drawn, indent=1), encoding="utf-8")
    return count


def _draw(order: Order, scenes: Path, canvas: Callable[[bool], Renderer]) -> None:
    order.path.parent.mkdir(parents=True, exist_ok=True)
    scene = Scene.load(scenes / f"{order.scene}.yaml")
    if order.path.suffix == ".mp4":
        scene.movie(order.path, width=640 // SMALLER, height=360 // SMALLER, fps=20 // SMALLER, crf=26)
        return
    step, light = order.after("--step"), order.after("--ground") == "white"
    made, aspect = scene.composition, WIDTH / HEIGHT
    moment = float(made.timeline.steps if step is None else step)
    camera = made.camera_at(moment, aspect)
    renderer = canvas(light)
    renderer.show(Repainter("white" if light else "black")(made.at(moment, camera, aspect)), camera)
    Image.fromarray(renderer.draw()).save(order.path, quality=QUALITY, method=4)


def _digest(*paths: Path) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]
