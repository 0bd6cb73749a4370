"""What the page is told of its shell: keys and their words, how much gestures do, where it opens; as in the window."""

from typing import Any

from mmviz.picture.composition import Composition
from mmviz.picture.marks.shared_axes import SharedAxes, Side
from mmviz.viewer import gestures
from mmviz.viewer.commands import COMMANDS, Command

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
        },
        "commands": [_told(command) for command in COMMANDS if command.name in GIVEN],
        "mouse": MOUSE,
        "lines": _lines(composition),
    }


def _lines(composition: Composition) -> dict[str, list[int]]:
    """By path the numbers of its rows' and its columns' line: those that are one by the operations share it."""
    shared = SharedAxes.of(composition.root, composition.axes, composition.values)
    numbers: dict[tuple[Side, ...], int] = {}
    return {
        path: [numbers.setdefault(shared.along((path, axis)), len(numbers)) for axis in (0, 1)]
        for path in composition.values
    }


def _told(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "menu": command.menu,
        "text": command.text,
        "keys": command.keys,
        "repeats": command.repeats,
    }
