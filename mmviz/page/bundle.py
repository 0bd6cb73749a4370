"""The program of a page, built from the TypeScript in `front`; it comes with mmviz, so nobody needs node to use it."""

from functools import cache
from importlib.resources import files


@cache
def program() -> str:
    """The JavaScript of a page: it defines `mmvizPage`, and does nothing until its `start` is called. ASCII."""
    return files("mmviz.page").joinpath("page.js").read_text(encoding="ascii")
