"""Files from the top of the repository as pages: links lead to pages where there are any, and graphs are drawn."""

import re

from docs.making.graph import graph_svg

PAGES = {
    "README.md": "../start.md",
    "README.md#start": "../start.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""The page of the documentation that says what a file of the repository says."""

_LINK = re.compile(r"\[([^\]\n]+)\]\((?![a-z]+:|#)([^)\s]+)\)")
_GRAPH = re.compile(r"^```mermaid\n(.*?)^```\n", flags=re.MULTILINE | re.DOTALL)


def included(text: str) -> str:
    """The text of a file, as it stands on a page of the folder `project`."""
    linked = _LINK.sub(_linked, text)
    return _GRAPH.sub(lambda found: f"```{{raw}} html\n{graph_svg(found[1])}\n```\n", linked)


def _linked(link: re.Match[str]) -> str:
    """A link to a page, or the name of a file that is read in the repository only."""
    text, target = link.groups()
    if target in PAGES:
        return f"[{text}]({PAGES[target]})"
    if target.startswith("docs/") and target != "docs/README.md":
        return f"[{text}](../{target.removeprefix('docs/')})"
    return f"`{target}`" if text.strip("`") in target else f"{text} (`{target}`)"
