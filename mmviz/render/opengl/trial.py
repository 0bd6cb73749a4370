"""Whether this machine really draws: a small picture, held against what it must be. Nothing is left of it.

Where OpenGL is broken the process may die of it: `try_drawing` starts another one, and this module is its program.
"""

import json
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass

from mmviz.errors import DisplayError
from mmviz.machine.children import ran

SIZE = 100
"""Side of the picture, in pixels."""
PATIENCE = 120.0
"""Seconds after which a picture counts as never coming."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What drew the picture, in OpenGL's own words."""

    vendor: str
    renderer: str
    version: str


def try_drawing(
    program: tuple[str, ...] = (sys.executable, "-m", "mmviz.render.opengl.trial"), *, without: Collection[str] = ()
) -> Drawn:
    """What draws on this machine; another process draws.

    Args:
        program: Draws and prints what `main` does.
        without: Variables of the environment that it does not get.

    Raises:
        DisplayError: it cannot draw, died, gave no answer, or drew something else.
    """
    try:
        done = ran(program, {name: value for name, value in os.environ.items() if name not in without}, PATIENCE)
    except subprocess.TimeoutExpired:
        raise DisplayError(f"no picture came within {PATIENCE:.0f} s.") from None
    if done.returncode < 0:
        raise DisplayError(f"the process that draws died of signal {-done.returncode}.")
    if done.returncode > 0:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise DisplayError(f"the process that draws failed: {' '.join(last) or f'exit code {done.returncode}'}")
    said = json.loads(done.stdout.splitlines()[-1])
    if "refused" in said:
        raise DisplayError(said["refused"])
    if said["wrong"]:
        raise DisplayError(f"{said['renderer']} draws something else than it is told: {', '.join(said['wrong'])}.")
    return Drawn(said["vendor"], said["renderer"], said["version"])


def main() -> None:
    """Draw, and print what drew and what of the picture is wrong, as JSON in one line."""
    try:
        said = _draw()
    except DisplayError as refused:
        said = {"refused": str(refused)}
    sys.stdout.write("\n" + json.dumps(said) + "\n")


def _draw() -> dict[str, object]:
    """A red line, a blue line, and between them a matrix of one element, before a green ground."""
    from mmviz.render.opengl.probe import choose_window  # noqa: PLC0415  (only the other process needs all this)

    choose_window()  # refuses in a third of the time that VTK takes to be imported
    import numpy as np  # noqa: PLC0415

    from mmviz.picture.drawlist import DrawList, Lines, Sheet  # noqa: PLC0415
    from mmviz.picture.eye.camera import fit  # noqa: PLC0415
    from mmviz.picture.space.item_key import ItemKey  # noqa: PLC0415
    from mmviz.picture.space.placement import Placement  # noqa: PLC0415
    from mmviz.render.opengl.canvas import Canvas  # noqa: PLC0415

    x, y, z = np.eye(3)
    lines = tuple(
        Lines(ItemKey("arrow", "", number), np.array([-5 * x + up * y, 5 * x + up * y]), color, 60.0)
        for number, (up, color) in enumerate([(4.0, (1.0, 0.0, 0.0)), (-4.0, (0.0, 0.0, 1.0))])
    )
    element = Sheet(ItemKey("matrix", ""), Placement((1, 1), 0 * x, -y, x), np.ones((1, 1), np.float32), 1.0)
    extent = np.array([-5 * x - 5 * y, 5 * x + 5 * y])
    drawing = DrawList(sheets=(element,), lines=lines, background=(0.0, 1.0, 0.0), extent=extent)
    with Canvas(SIZE, SIZE) as canvas:
        canvas.show(drawing, fit(extent, z, 1.0))
        picture = canvas.draw()
        words = canvas.describe()
    half = SIZE // 2
    seen = {
        "no red line above": picture[:half, half].max(axis=0)[0] > 200,
        "no blue line below": picture[half:, half].max(axis=0)[2] > 200,
        "another ground": picture[half, SIZE // 4].tolist() == [0, 255, 0],
        "no element in the middle": picture[half, half].tolist() != [0, 255, 0],
    }
    return {**words, "wrong": [what for what, right in seen.items() if not right]}


if __name__ == "__main__":
    main()
