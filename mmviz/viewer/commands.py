"""Every command of the window and the ways to it. Imports no Qt, so that `mmviz view --keys` is quick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Place = Literal["matrix", "ground", "cube", "tokens", "transport", "tabs", "bars"]
"""Where a right click opens a menu."""
PLACES: Mapping[Place, str] = {
    "matrix": "a matrix",
    "ground": "the ground",
    "cube": "the view cube",
    "tokens": "a token",
    "transport": "the bar below the picture",
    "tabs": "a tab",
    "bars": "the tool bar",
}


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a menu entry or a key does."""

    name: str  # by which the window binds it
    menu: str
    text: str  # in the menu
    keys: tuple[str, ...] = ()
    switch: bool = False  # it is on or off
    repeats: bool = False  # again and again while its key is held
    parted: bool = False  # a line stands before it in its menu
    icon: str = ""  # the name of a drawing in controls/drawings
    needs: str = ""  # why it cannot be given, where it cannot


COMMANDS: tuple[Command, ...] = (
    Command("start", "File", "Start page: examples, templates, models …", ("Ctrl+N",), icon="start"),
    Command("open", "File", "Open …", ("Ctrl+O",), icon="open"),
    Command("open_model", "File", "Open a model's head …", ("Ctrl+Shift+O",), icon="open_model"),
    Command("paste", "File", "Paste a scene, a link or a path", ("Ctrl+V",), icon="paste"),
    Command("tensors", "File", "Tensors of this model or file …", ("Ctrl+T",)),
    Command("save", "File", "Save", ("Ctrl+S",), parted=True, icon="save"),
    Command("save_as", "File", "Save as …", ("Ctrl+Shift+S",)),
    Command("recover", "File", "Recover unsaved changes …"),
    Command("export", "File", "Export a film, picture, mesh or page …", ("Ctrl+E",), parted=True, icon="export"),
    Command("screenshot", "File", "Screenshot", ("F12",), icon="screenshot"),
    Command("copy_picture", "File", "Copy the picture", ("Ctrl+Shift+C",), icon="copy"),
    Command("close", "File", "Quit", ("Ctrl+Q", "Ctrl+W"), parted=True, icon="quit"),
    Command("undo", "Edit", "Undo", ("Ctrl+Z",), repeats=True, icon="undo", needs="nothing was changed"),
    Command("redo", "Edit", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), repeats=True, icon="redo", needs="nothing was undone"),
    Command("expression", "Edit", "Edit the expression", ("Ctrl+L",), parted=True, icon="expression"),
    Command("edit_prompt", "Edit", "Edit the prompt", ("Ctrl+P",)),
    Command("find", "Edit", "Find a matrix …", ("Ctrl+F",), icon="find"),
    Command("palette", "Edit", "Find a command …", ("Ctrl+Shift+P",), icon="palette"),
    Command("fill", "Edit", "Fill the selected matrix with …"),
    Command("copy_name", "Edit", "Copy the name of the selected matrix", parted=True),
    Command("copy_hook", "Edit", "Copy its name in the model"),
    Command("copy_values", "Edit", "Copy its numbers"),
    Command("table", "Edit", "The selected matrix as a table …", ("Ctrl+D",)),
    Command("shortcuts", "Edit", "Keyboard shortcuts …", ("Ctrl+Shift+H",), parted=True, icon="shortcuts"),
    Command("settings", "Edit", "Settings …", ("Ctrl+,",), icon="settings"),
    Command("stop", "Edit", "Stop waiting; let go of the pinned cell", ("Esc",), parted=True),
    Command("play", "Play", "Play or pause", ("Space",), icon="play"),
    Command("pause", "Play", "Pause", ("P",)),
    Command(
        "step_on",
        "Play",
        "Step on",
        ("Right", "S"),
        repeats=True,
        parted=True,
        icon="step_on",
        needs="it is at its end",
    ),
    Command("step_back", "Play", "Step back", ("Left",), repeats=True, icon="step_back", needs="it is at its start"),
    Command("first", "Play", "First step", ("Home",), parted=True),
    Command("last", "Play", "Last step", ("End",)),
    Command("next_chapter", "Play", "Next chapter", ("PgDown",), repeats=True, parted=True),
    Command("previous_chapter", "Play", "Previous chapter", ("PgUp",), repeats=True),
    Command("faster", "Play", "Faster", ("]",), repeats=True, parted=True),
    Command("slower", "Play", "Slower", ("[",), repeats=True),
    Command("loop", "Play", "Play again and again", ("Ctrl+R",), switch=True, parted=True, icon="loop"),
    Command("reset", "View", "Reset the view", ("R",), icon="reset"),
    Command("zoom_in", "View", "Nearer", ("Up", "+"), repeats=True, icon="zoom_in"),
    Command("zoom_out", "View", "Farther", ("Down", "-"), repeats=True, icon="zoom_out"),
    Command("front", "View", "From the front", ("1",), parted=True, icon="front"),
    Command("side", "View", "From the side", ("3",), icon="side"),
    Command("top", "View", "From above", ("7",), icon="top"),
    Command("isometric", "View", "Isometric", ("V",), icon="isometric"),
    Command("view_cube", "View", "View cube in the corner", ("C",), switch=True),
    Command("bookmark", "View", "Keep this view", ("Ctrl+B",), parted=True, icon="bookmark"),
    Command("next_bookmark", "View", "Next kept view", ("B",)),
    Command("name_bookmark", "View", "Name this kept view …", ("Shift+B",)),
    Command("forget_bookmark", "View", "Forget this kept view"),
    Command("own_camera", "View", "Make this view the scene's camera", ("Ctrl+Shift+K",), parted=True),
    Command("keyframe", "View", "Add a keyframe here", ("K",), icon="keyframe"),
    Command("film_from_view", "View", "Film from this view …", ("Ctrl+Shift+E",)),
    Command("fly", "View", "Fly to the selected matrix", ("F",), parted=True, icon="fly"),
    Command("isolate", "View", "Show the selected matrix and what it is made of alone", ("I",), icon="isolate"),
    Command("hide", "View", "Hide the selected matrix and what it is made of", ("X",), icon="hide"),
    Command("show_all", "View", "Show everything again", ("A",), icon="show_all"),
    Command("proportions", "View", "True proportions, or axes as they are folded", ("T",), parted=True),
    Command("lighting", "View", "Light the row and column under the pointer", ("L",), switch=True, parted=True),
    Command("cell_tip", "View", "Name, place and number beside the pointer", ("D",), switch=True),
    Command("spotlight", "View", "Numbers near the pointer", ("N",), switch=True),
    Command("lens", "View", "Lens under the pointer (hold M, or press long)", (), switch=True, icon="lens"),
    Command("tokens", "View", "Tokens below the picture", ("Ctrl+Shift+T",), switch=True, parted=True),
    Command("heads", "View", "Grid of all heads", ("G",), switch=True, parted=True, icon="head_grid"),
    Command("beside", "View", "Two views side by side", ("Ctrl+2",), switch=True, icon="beside"),
    Command("panel", "View", "Side panel", ("F9",), switch=True, icon="panel"),
    Command("messages", "View", "Messages", ("Ctrl+Shift+M",)),
    Command("tool_bar", "View", "Tool bar", ("Ctrl+F9",), switch=True, icon="tool_bar"),
    Command("theme", "View", "Light or dark", ("Ctrl+Shift+L",)),
    Command("full_screen", "View", "Full screen", ("F11",), switch=True, icon="full_screen"),
    Command("help", "Help", "Keys", ("H", "F1"), icon="help"),
    Command("tour", "Help", "Tour of the window"),
)

_PALETTE = next(command.keys[0] for command in COMMANDS if command.name == "palette")
EVERYWHERE = f"Every command stands in its menu, and is found by a few of its letters with {_PALETTE}."

TOOL_BAR: tuple[tuple[str, ...], ...] = (
    ("start", "open", "save"),
    ("undo", "redo"),
    ("find", "palette"),
    ("export", "copy_picture"),
    ("reset", "isometric", "keyframe"),
    ("heads", "panel", "help"),
)
"""What stands in the tool bar: groups of names, with a line between them."""

CONTEXT_MENUS: Mapping[Place, Sequence[Sequence[str]]] = {
    "matrix": (
        ("fly", "isolate", "hide", "show_all"),
        ("fill",),
        ("table", "copy_name", "copy_hook", "copy_values"),
    ),
    "ground": (
        ("reset", "isometric", "front", "side", "top"),
        ("bookmark", "next_bookmark", "name_bookmark", "forget_bookmark"),
        ("own_camera", "keyframe", "film_from_view"),
        ("show_all", "proportions"),
        ("screenshot", "copy_picture", "export"),
    ),
    "cube": (
        ("reset", "isometric", "front", "side", "top"),
        ("view_cube",),
    ),
    "tokens": (("edit_prompt", "tokens"),),
    "transport": (
        ("play", "step_back", "step_on"),
        ("first", "last", "previous_chapter", "next_chapter"),
        ("faster", "slower", "loop"),
        ("keyframe",),
        ("export",),
    ),
    "tabs": (("panel",), ("undo", "redo")),
    "bars": (
        ("tool_bar", "panel", "heads", "tokens", "view_cube"),
        ("full_screen", "theme", "settings"),
    ),
}
"""What a right click offers where it is: groups of names, with a line between them."""

BUTTONS = {
    **dict.fromkeys(("step_back", "play", "step_on", "loop"), "button below the picture"),
    "edit_prompt": "pencil beside the tokens",
    "table": "button in the tab Matrices",
}
"""Buttons outside the tool bar."""

MOUSE_WAYS = {
    "paste": "drop on the window",
    "edit_prompt": "double click on a token",
    "beside": "right click on a head in the grid",
    "messages": "click on the message at the bottom",
    "stop": "click beside everything",
    "zoom_in": "wheel",
    "zoom_out": "wheel",
    "reset": "double click beside everything",
    **dict.fromkeys(("front", "side", "top"), "face of the view cube"),
    "fly": "double click on a matrix",
    "hide": "eye in the tab Matrices",
    "lens": "long press",
    "cell_tip": "rest on a cell",
}
"""What the mouse does that a command does, too."""

HELD = {"M": "Lens under the pointer"}
"""Keys that do something while they are held; no command can have them."""

MOUSE = (
    ("Drag", "turn about what is under the pointer, or what is selected"),
    ("Shift+drag, middle or right button", "move"),
    ("Wheel", "nearer to what is under the pointer, or farther"),
    ("Rest on a cell", "its name, tokens and number"),
    ("Click", "explain the cell under the pointer"),
    ("Double click", "fly to the matrix, then to the cell; beside everything: back"),
    ("Two fingers on a trackpad", "move; with Shift: turn; with Ctrl, or pinched: zoom"),
    ("Touch: one finger, two", "turn; move and zoom"),
    ("Touch: tap, long press", "explain; lens"),
    ("Right click", "what else can be done there"),
    ("Hold M, or press long", "lens"),
    ("Click a token below the picture", "go to its step"),
    ("Double click a token", "edit the prompt"),
    ("Click a head in the grid", "show it in the scene"),
)
"""What the mouse does in the picture."""


def other_ways(name: str) -> tuple[str, ...]:
    """The ways to a command besides its menu, its keys and the palette."""
    bar = ("tool bar",) if any(name in group for group in TOOL_BAR) else ()
    by_place = {PLACES[place]: {one for group in groups for one in group} for place, groups in CONTEXT_MENUS.items()}
    clicked = [place for place, names in by_place.items() if name in names]
    right = (f"right click on {' or '.join(clicked)}",) if clicked else ()
    return (*bar, *(ways[name] for ways in (BUTTONS, MOUSE_WAYS) if name in ways), *right)


def keys_table() -> str:
    """All commands, a line each, by menu: their keys, and the other ways to them."""
    lines = [EVERYWHERE]
    for menu in dict.fromkeys(command.menu for command in COMMANDS):
        lines += ["", menu]
        for command in COMMANDS:
            if command.menu == menu:
                keys = ", ".join(command.keys) or ("M" if command.name == "lens" else "-")
                ways = "; ".join(other_ways(command.name))
                lines.append(f"  {keys:<24} {command.text.rstrip(' …'):<54} {ways}".rstrip())
    lines += ["", "Mouse", *(f"  {what:<36} {does}" for what, does in MOUSE)]
    return "\n".join(lines)
