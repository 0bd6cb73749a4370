"""What the page is told of its shell: keys and their words, how much gestures do, where it opens; as in the window."""

from typing import Any

from mmviz.picture.composition import Composition
from mmviz.picture.marks.shared_axes import SharedAxes, Side
from mmviz.viewer import gestures
from mmviz.viewer.commands import COMMANDS, HELD, Command

GIVEN = (
    *("find", "stop", "play", "pause", "step_on", "step_back", "first", "last", "next_chapter", "previous_chapter"),
    *("faster", "slower", "loop", "reset", "zoom_in", "zoom_out", "front", "side", "top", "isometric"),
    *("fly", "isolate", "hide", "show_all", "cell_tip", "full_screen", "help"),
)
"""The window's commands that a page has, by their names."""
MOUSE = (
    ("Drag, or one finger", "turn about what is under the pointer"),
    ("Shift and drag, the right button, two fingers", "move"),
    ("Wheel, or two fingers apart", "nearer to what is under the pointer, or farther"),
    ("Rest on a cell", "its name, tokens and number"),
    ("Click or tap", "explain the cell under the pointer"),
    ("Press long", "lens, until it is let go"),
    ("Twice", "fly to the matrix, then to the cell; beside everything: back"),
)


def shell_section(composition: Composition, step: float | None, *, light: bool) -> dict[str, Any]:
    """What the shell is told.

    Args:
        composition: The scene.
        step: At which the page opens and waits; None: it plays from the beginning.
        light: The ground is white.
    """
    return {
        "step": step,
        "light": light,
        "pace": {"rates": gestures.RATES, "fuzz": gestures.FUZZ, "longestTick": gestures.LONGEST_TICK},
        "gestures": {
            "degreesAHeight": gestures.DEGREES_A_HEIGHT,
            "zoomANotch": gestures.ZOOM_A_NOTCH,
            "pixelsANotch": gestures.PIXELS_A_NOTCH,
            "closest": gestures.CLOSEST,
            "delay": gestures.DELAY,
            "closeUp": gestures.CLOSE_UP,
            "lens": {
                "diameter": gestures.LENS_DIAMETER,
                "power": gestures.LENS_POWER,
                "patience": gestures.LENS_PATIENCE,
                "rim": gestures.LENS_RIM,
            },
        },
        "held": list(HELD.items()),
        "commands": [_told(command) for command in COMMANDS if command.name in GIVEN],
        "mouse": MOUSE,
        **_lit(composition),
    }


def _lit(composition: Composition) -> dict[str, Any]:
    """What is lit with a cell that is pointed at: by path the numbers of lines, and the matrices that have it, too.

    Rows and columns that are one by the operations share the number of their line.
    """
    shared = SharedAxes.of(composition.root, composition.axes, composition.values)
    numbers: dict[tuple[Side, ...], int] = {}
    lines = {
        path: [numbers.setdefault(shared.along((path, axis)), len(numbers)) for axis in (0, 1)]
        for path in composition.values
    }
    return {"lines": lines, "alike": {path: found for path in lines if (found := shared.alike(path))}}


def _told(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "menu": command.menu,
        "text": command.text,
        "keys": command.keys,
        "repeats": command.repeats,
    }
