"""The small pictures of the start page, drawn by mmviz: `python -m docs.making.thumbnails` draws them all anew.

They lie in the package, because they are on the screen before anything could be drawn.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image

from docs.making.pictures import page_orders
from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.render.offscreen import offscreen
from mmviz.scene import document as documents
from mmviz.scene.templates import TEMPLATES
from mmviz.scene.text import scene_file
from mmviz.viewer.start.examples import PICTURES, picture_of

PAGES = Path(__file__).parents[1] / "scenes"
WIDTH, HEIGHT = 960, 540
SMALLER = 1.5
"""How many times smaller they are kept than drawn: names are larger so, and edges smooth."""
QUALITY = 78
"""Of WebP."""


def thumbnails() -> Iterator[tuple[Path, Scene, float | None]]:
    """Of every shipped scene and every template: its file, the scene, and the step at which its page shows it."""
    for name in scene_names():
        (order,) = page_orders(PAGES / f"{name}.md", PICTURES)
        step = order.after("--step")
        yield picture_of(name), Scene.load(name), None if step is None else float(step)
    for template in TEMPLATES:
        document = documents.from_mapping(scene_file.parse(template.text, template.name), template.name)
        yield picture_of(f"new_{template.name}"), Scene.of(document, Path()), None


def draw_all() -> int:
    """Draw all, and remove what belongs to nothing; the size of all together, in bytes."""
    PICTURES.mkdir(exist_ok=True)
    wanted = list(thumbnails())
    for stale in set(PICTURES.iterdir()) - {path for path, _, _ in wanted}:
        stale.unlink()
    with offscreen(WIDTH, HEIGHT) as renderer:
        renderer.refine()
        for path, scene, step in wanted:
            style = scene.document.style.model_dump(mode="json", exclude_defaults=True) | {"legend": False}
            made = scene.changed(title="", captions=[], style=style).composition
            moment = float(made.timeline.steps if step is None else step)
            camera = made.camera_at(moment, WIDTH / HEIGHT)
            drawing = replace(made.at(moment, camera, WIDTH / HEIGHT), captions=())  # too small to be read
            renderer.show(drawing, camera)
            whole = Image.fromarray(renderer.draw())
            small = whole.resize((round(WIDTH / SMALLER), round(HEIGHT / SMALLER)), Image.Resampling.LANCZOS)
            small.save(path, quality=QUALITY, method=6)
    return sum(path.stat().st_size for path, _, _ in wanted)


if __name__ == "__main__":
    sys.stdout.write(f"{draw_all()} bytes in {PICTURES}\n")
