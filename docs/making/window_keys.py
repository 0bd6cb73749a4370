"""The reference of the window's commands and the ways to them as Markdown, from its own list of commands."""

from collections.abc import Iterable

from mmviz.viewer.commands import EVERYWHERE, Command, other_ways


def window_keys_page(commands: Iterable[Command], mouse: Iterable[tuple[str, str]]) -> str:
    """The whole page: a table for each menu, and one of what the mouse does."""
    tables: dict[str, list[str]] = {}
    for command in commands:
        keys = " or ".join(f"{{kbd}}`{key}`" for key in command.keys)
        text = command.text.removesuffix("…").rstrip()
        tables.setdefault(command.menu, []).append(f"| {text} | {keys} | {'; '.join(other_ways(command.name))} |")
    lines = ["# Keys of the window", "", EVERYWHERE]
    lines += ["H shows the keys in the window, `mmviz view --keys` on the command line; Ctrl+Shift+H changes them."]
    for menu, rows in tables.items():
        lines += ["", f"## {menu}", "", "| command | keys | other ways |", "|---|---|---|", *rows]
    lines += ["", "## Mouse", "", "| mouse | does |", "|---|---|", *(f"| {what} | {does} |" for what, does in mouse)]
    return "\n".join(lines) + "\n"
