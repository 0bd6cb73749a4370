"""The text of every page that nobody writes by hand, by the name of the page."""

from pathlib import Path

import mmviz
from docs.making.api import api_page
from docs.making.commands import commands_page
from docs.making.functions import functions_page
from docs.making.included import included
from docs.making.keys import keys_page
from docs.making.window_keys import window_keys_page
from mmviz import errors
from mmviz.cli.program import app as program
from mmviz.picture.space.layout import Layout
from mmviz.picture.time.states import State
from mmviz.picture.time.timeline import Frame, Timeline
from mmviz.scene.document import json_schema
from mmviz.scene.language.described import described
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.values.reference.certificate import Certificate
from mmviz.viewer.commands import COMMANDS, MOUSE

RESULTS = (Layout, Timeline, Frame, State, Certificate)
"""What the methods of a scene return, where it is no array."""
INCLUDED = ("ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")


def made_pages(root: Path) -> dict[str, str]:
    """`reference/keys` and the others; `root` is the folder of the repository."""
    project = {
        f"project/{name.lower()}": included((root / f"{name}.md").read_text(encoding="utf-8")) for name in INCLUDED
    }
    return project | {
        "reference/keys": keys_page(json_schema()),
        "reference/functions": functions_page(described()),
        "reference/commands": commands_page(program),
        "reference/window_keys": window_keys_page(COMMANDS, MOUSE),
        "reference/python": api_page(mmviz, errors, RESULTS, FUNCTIONS),
    }
