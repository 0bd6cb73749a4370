"""The small pictures of the start page, drawn by mmviz: `python -m docs.making.thumbnails` draws them all anew.

`python -m docs.making.thumbnails NAME...` draws those that are named, such as dot or new_product.

They lie in the package, because they are on the screen before anything could be drawn.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from docs.making.pictures import page_orders
from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.render.offscreen import offscreen
from mmviz.scene import document as documents
from mmviz.scene.gallery import entries
from mmviz.scene.templates import TEMPLATES
from mmviz.scene.text import scene_file
from mmviz.viewer.start.examples import PICTURES, picture_in_gallery, picture_of

PAGES = Path(__file__).parents[1] / "scenes"
WIDTH, HEIGHT = 960, 540
SMALLER, SMALLER_IN_GALLERY = 1.5, 2.0
"""How many times smaller they are kept than drawn: names are larger so, and edges smooth."""
QUALITY = 78
"""Of WebP."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of a scene."""

    path: Path
    scene: Scene
    step: float | None  # None: the finished picture
    smaller: float = SMALLER


def thumbnails() -> Iterator[Thumbnail]:
    """Of every shipped scene at the step at which its page shows it, of every template, and of the gallery."""
    for name in scene_names():
        (order,) = page_orders(PAGES / f"{name}.md", PICTURES)
        step = order.after("--step")
        yield Thumbnail(picture_of(name), Scene.load(name), None if step is None else float(step))
    for template in TEMPLATES:
        document = documents.from_mapping(scene_file.parse(template.text, template.name), template.name)
        yield Thumbnail(picture_of(f"new_{template.name}"), Scene.of(document, Path()), None)
    for _, one in entries():
        yield Thumbnail(picture_in_gallery(one.name), Scene.load(one.name), one.still, SMALLER_IN_GALLERY)


def draw(wanted: list[Thumbnail]) -> int:
    """Draw some; the size of them together, in bytes."""
    with offscreen(WIDTH, HEIGHT) as renderer:
        renderer.refine()
        for one in wanted:
            style = one.scene.document.style.model_dump(mode="json", exclude_defaults=True) | {"legend": False}
            made = one.scene.changed(title="", captions=[], style=style).composition
            moment = float(made.timeline.steps if one.step is None else one.step)
            camera = made.camera_at(moment, WIDTH / HEIGHT)
            drawing = replace(made.at(moment, camera, WIDTH / HEIGHT), captions=())  # too small to be read
            renderer.show(drawing, camera)
            whole = Image.fromarray(renderer.draw())
            small = whole.resize((round(WIDTH / one.smaller), round(HEIGHT / one.smaller)), Image.Resampling.LANCZOS)
            one.path.parent.mkdir(parents=True, exist_ok=True)
            small.save(one.path, quality=QUALITY, method=6)
    return sum(one.path.stat().st_size for one in wanted)


def main(names: list[str]) -> None:
    """Draw those that are named; without names all, and remove what belongs to nothing."""
    known = list(thumbnails())
    wanted = [one for one in known if one.path.stem in names] if names else known
    if not names:
        for stale in set(PICTURES.rglob("*.webp")) - {one.path for one in known}:
            stale.unlink()
    sys.stdout.write(f"{draw(wanted)} bytes in {PICTURES}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
