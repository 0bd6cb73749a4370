"""The reference of the window's keys as Markdown, from its own list of commands."""

from collections.abc import Iterable

from mmviz.viewer.commands import Command


def window_keys_page(commands: Iterable[Command], mouse: Iterable[tuple[str, str]]) -> str:
    """The whole page: a table for each menu, and one of what the mouse does."""
    tables: dict[str, list[str]] = {}
    for command in commands:
        keys = " or ".join(f"{{kbd}}`{key}`" for key in command.keys)
        text = command.text.removesuffix("…").rstrip()
        tables.setdefault(command.menu, []).append(f"| {text} | {keys} |")
    lines = ["# Keys of the window", "", "H shows them in the window, `mmviz view --keys` on the command line."]
    for menu, rows in tables.items():
        lines += ["", f"## {menu}", "", "| command | keys |", "|---|---|", *rows]
    lines += ["", "## Mouse", "", "| mouse | does |", "|---|---|", *(f"| {what} | {does} |" for what, does in mouse)]
    return "\n".join(lines) + "\n"
