"""The files of GLSL that lie beside this one; changes nothing in them."""

from functools import cache
from importlib.resources import files


@cache
def source(name: str) -> str:
    """The text of a file, such as 'lattice.frag.glsl'."""
    return files("mmviz.render.glsl").joinpath(name).read_text(encoding="utf-8")
