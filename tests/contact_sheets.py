"""Twelve frames of each algorithm, decomposition and camera path as one picture each, to be looked at.

    python -m tests.contact_sheets FOLDER [NAME...]

It draws what a person has to judge: whether a stranger would understand it, and whether it is beautiful.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

import mmviz
from mmviz.filming.studio import Studio
from mmviz.orders.order import FilmOrder
from mmviz.render.film.formats import film_of
from mmviz.render.offscreen import offscreen

COLUMNS, ROWS = 4, 3
WIDTH, HEIGHT = 640, 360
"""Of one frame, in pixels."""

TENSORS = {"A": [18, 24], "B": [24, 14], "C": [14, 20], "D": [20, 12]}
ALONE = ("vmprod", "mvprod", "vvprod", "dotprod", "dotprod-columns", "axpy")


def sheets() -> dict[str, mmviz.Scene]:
    """What there is to be looked at, by name."""
    found = {f"alone-{algorithm}": product("A @ B", {"algorithm": algorithm}) for algorithm in ALONE}
    found |= {f"blocks-{a}": product("A @ B", {"algorithm": a}, i=2, k=3, j=2) for a in ("vmprod", "vvprod", "dotprod")}
    for fuse in ("none", "chain", "sync", "async"):
        found[f"tree-{fuse}"] = product("(A @ B) @ (C @ D)", {"fuse": fuse, "matrices": {"right": "mvprod"}})
    found["tree-outer"] = product(
        "(A @ B) @ (C @ D)",
        {"algorithm": "vvprod", "fuse": "chain", "matrices": {"left": "mvprod", "right": "vmprod"}},
    )
    found["hidden-inputs"] = product("A @ B", {"algorithm": "vvprod", "hide_inputs": True})
    found["spin"] = product("A @ B", {"spin": 40})
    found["whole"] = product("(A @ B) @ (C @ D)", {"algorithm": "whole", "fuse": "none", "speed": 0.5})
    slow = {"algorithm": "whole", "fuse": "chain", "sums": "running", "speed": 0.5}
    found["running-sums"] = product("A @ B + E @ C.T - F", slow)
    for name in ("attention_head", "heads_one_by_one", "decoding", "blockwise_attention", "attention_tour"):
        found[name] = mmviz.Scene.load(name)
    return found


def product(expression: str, animation: Mapping[str, Any], **cut: int) -> mmviz.Scene:
    """A scene of random matrices that fit."""
    shapes = TENSORS | {"E": [18, 20], "F": [18, 14]}
    tensors = {
        name: {"init": "gaussian", "shape": shape, "seed": number}
        for number, (name, shape) in enumerate(shapes.items())
        if name in expression
    }
    partition = {"": cut} if cut else {}
    title = " ".join(f"{key}: {value}" for key, value in animation.items() if key != "matrices")
    return mmviz.Scene(
        expression, tensors, title=f"{expression}   {title}", animation={"hold": 0.5, **animation}, partition=partition
    )


def draw(scene: mmviz.Scene, path: Path) -> None:
    """Twelve moments, evenly over the film, side by side."""
    film = film_of(FilmOrder(str(path.with_suffix(".gif")), WIDTH, HEIGHT))
    with Studio(scene, film, offscreen) as studio:
        frames = [Image.fromarray(frame) for frame in studio.samples(COLUMNS * ROWS)]
    sheet = Image.new("RGB", (COLUMNS * WIDTH, ROWS * HEIGHT))
    for number, frame in enumerate(frames):
        row, column = divmod(number, COLUMNS)
        sheet.paste(frame, (column * WIDTH, row * HEIGHT))
    sheet.save(path)


def main() -> None:
    """Draw all sheets, or those that are named."""
    folder, *names = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, scene in sheets().items():
        if not names or name in names:
            draw(scene, Path(folder) / f"{name}.png")


if __name__ == "__main__":
    main()
