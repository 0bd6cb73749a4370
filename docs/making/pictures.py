"""The pictures and films of the documentation, drawn by mmviz by the commands that the pages themselves show."""

import hashlib
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from mmviz import Scene

WIDTH, HEIGHT = 1280, 720
QUALITY = 80
"""Of WebP."""


@dataclass(frozen=True, slots=True)
class Order:
    """A picture, or a film where `step` is "film"."""

    scene: str
    step: float | str | None
    path: Path


def orders(docs: Path, folder: Path) -> list[Order]:
    """A picture for each page of a scene, by its first `mmviz render`, and the film of the first page."""
    pages = sorted(page for page in (docs / "scenes").glob("*.md") if page.name != "index.md")
    found = [Order(page.stem, picture_step(page), folder / f"{page.stem}.webp") for page in pages]
    return [*found, Order("matmul", "film", folder / "films" / "matmul.mp4")]


def picture_step(page: Path) -> float | None:
    """The step that the first `mmviz render` of a page asks for."""
    command = re.search(r"^mmviz render .*$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if command is None:
        raise ValueError(f"{page}: no command `mmviz render` draws its picture.")
    words = shlex.split(command[0], comments=True)
    return float(words[words.index("--step") + 1]) if "--step" in words else None


def draw(wanted: list[Order], scenes: Path, source: Path, folder: Path) -> int:
    """Draw what is not there, or was drawn from other scenes or by another mmviz; returns how many."""
    record = folder / "drawn.json"
    drawn: dict[str, str] = json.loads(record.read_text("utf-8")) if record.exists() else {}
    program = _digest(*sorted(path for path in source.rglob("*") if path.suffix in (".py", ".glsl", ".json")))
    count = 0
    for order in wanted:
        mark = f"{program}-{_digest(scenes / f'{order.scene}.yaml')}-{order.step}"
        if not order.path.exists() or drawn.get(order.path.name) != mark:
            _draw(order, scenes)
            drawn[order.path.name] = mark
            count += 1
    if count:
        record.write_text(json.dumps(drawn, indent=1), encoding="utf-8")
    return count


def _draw(order: Order, scenes: Path) -> None:
    order.path.parent.mkdir(parents=True, exist_ok=True)
    scene = Scene.load(scenes / f"{order.scene}.yaml")
    if isinstance(order.step, str):
        scene.movie(order.path, width=640, height=360, fps=20, crf=26)
        return
    plain = order.path.with_suffix(".png")
    scene.screenshot(plain, order.step, width=WIDTH, height=HEIGHT)
    with Image.open(plain) as picture:
        picture.convert("RGB").save(order.path, quality=QUALITY, method=4)
    plain.unlink()


def _digest(*paths: Path) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]
