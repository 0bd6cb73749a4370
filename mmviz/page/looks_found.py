"""The looks of a scene by their numbers, under which sheets of the page name them; says nothing of colours."""

from collections.abc import Iterator

from mmviz.picture.composition import Composition
from mmviz.picture.look.palette import MmLook, Palette

Look = Palette | MmLook


def looks_of(composition: Composition) -> tuple[Look, ...]:
    """Every look that something of a scene has, once; its place is its number."""
    return tuple(dict.fromkeys(_looks(composition)))


def _looks(composition: Composition) -> Iterator[Look]:
    yield from (look for look, _ in composition.looks.values())
    yield from (look for look, _ in composition.behind.looks.values())
