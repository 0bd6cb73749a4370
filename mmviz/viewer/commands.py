"""Every command of the window: its menu, its name and its keys. Imports no Qt, so that `mmviz view --keys` is quick."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a menu entry or a key does."""

    name: str  # by which the window binds it
    menu: str
    text: str  # in the menu
    keys: tuple[str, ...] = ()
    switch: bool = False  # it is on or off
    repeats: bool = False  # again and again while its key is held


COMMANDS: tuple[Command, ...] = (
    Command("open", "File", "Open …", ("Ctrl+O",)),
    Command("open_model", "File", "Open a model's head …", ("Ctrl+Shift+O",)),
    Command("paste", "File", "Paste a scene, a link or a path", ("Ctrl+V",)),
    Command("save", "File", "Save", ("Ctrl+S",)),
    Command("save_as", "File", "Save as …", ("Ctrl+Shift+S",)),
    Command("export", "File", "Export a film, picture or mesh …", ("Ctrl+E",)),
    Command("screenshot", "File", "Screenshot", ("F12",)),
    Command("close", "File", "Close", ("Q", "Ctrl+Q")),
    Command("undo", "Edit", "Undo", ("Ctrl+Z",), repeats=True),
    Command("redo", "Edit", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), repeats=True),
    Command("expression", "Edit", "Edit the expression", ("Ctrl+L",)),
    Command("find", "Edit", "Find a matrix …", ("Ctrl+F",)),
    Command("stop", "Edit", "Stop waiting; let go of the pinned cell", ("Esc",)),
    Command("play", "Play", "Play or pause", ("Space",)),
    Command("pause", "Play", "Pause", ("P",)),
    Command("step_on", "Play", "Step on", ("Right", "S"), repeats=True),
    Command("step_back", "Play", "Step back", ("Left",), repeats=True),
    Command("first", "Play", "First step", ("Home",)),
    Command("last", "Play", "Last step", ("End",)),
    Command("next_chapter", "Play", "Next chapter", ("PgDown",), repeats=True),
    Command("previous_chapter", "Play", "Previous chapter", ("PgUp",), repeats=True),
    Command("faster", "Play", "Faster", ("]",), repeats=True),
    Command("slower", "Play", "Slower", ("[",), repeats=True),
    Command("loop", "Play", "Play again and again", ("Ctrl+R",), switch=True),
    Command("reset", "View", "Reset the view", ("R",)),
    Command("zoom_in", "View", "Nearer", ("Up", "+"), repeats=True),
    Command("zoom_out", "View", "Farther", ("Down", "-"), repeats=True),
    Command("front", "View", "From the front", ("1",)),
    Command("side", "View", "From the side", ("3",)),
    Command("top", "View", "From above", ("7",)),
    Command("isometric", "View", "Isometric", ("V",)),
    Command("bookmark", "View", "Keep this view", ("Ctrl+B",)),
    Command("next_bookmark", "View", "Next kept view", ("B",)),
    Command("fly", "View", "Fly to the selected matrix", ("F",)),
    Command("isolate", "View", "Show the selected matrix and what it is made of alone", ("I",)),
    Command("hide", "View", "Hide the selected matrix and what it is made of", ("X",)),
    Command("show_all", "View", "Show everything again", ("A",)),
    Command("proportions", "View", "True proportions, or axes as they are folded", ("T",)),
    Command("lens", "View", "Lens under the pointer (hold M, or press long)", (), switch=True),
    Command("spotlight", "View", "Numbers near the pointer", ("N",), switch=True),
    Command("panel", "View", "Side panel", ("F9",), switch=True),
    Command("help", "Help", "Keys", ("H", "F1")),
)

MOUSE = (
    ("Drag", "turn"),
    ("Shift+drag, middle or right button", "move"),
    ("Wheel", "nearer, farther"),
    ("Click", "explain the cell under the pointer"),
    ("Double click", "reset the view"),
    ("Hold M, or press long", "lens"),
)
"""What the mouse does in the picture."""


def keys_table() -> str:
    """All keys and what they do, a line each, by menu."""
    lines: list[str] = []
    for menu in dict.fromkeys(command.menu for command in COMMANDS):
        lines += ["", menu] if lines else [menu]
        for command in COMMANDS:
            if command.menu == menu and (command.keys or command.name == "lens"):
                keys = ", ".join(command.keys) or "M"
                lines.append(f"  {keys:<24} {command.text.rstrip(' …')}")
    lines += ["", "Mouse", *(f"  {what:<36} {does}" for what, does in MOUSE)]
    return "\n".join(lines)
