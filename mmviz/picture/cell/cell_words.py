"""What is said of an element right beside it: its matrix, its place with the tokens, its number; draws nothing."""

from dataclasses import dataclass

from mmviz.picture.cell.element_names import place_name, short
from mmviz.picture.cell.picking import Picked, describe
from mmviz.picture.composition import Composition

LONGEST = 44
"""Most letters of a matrix' name; of a longer one the middle is left out."""


@dataclass(frozen=True, slots=True)
class CellWords:
    """A few short lines."""

    title: str  # the matrix
    places: tuple[tuple[str, str], ...]  # what is counted, and which one it is
    value: str
    note: str = ""  # of what flies: what it is


def words(picked: Picked, composition: Composition) -> CellWords:
    """What is said of an element at the pointer."""
    if picked.kind != "plane" or picked.k is not None or picked.part is not None:
        value, _, note = describe(picked, composition).partition("   (")
        return CellWords("", (), value, note.removesuffix(")"))
    places = tuple(
        (f"{letter}  {axis}" if axis else letter, place_name(composition, axis, index))
        for letter, axis, index in zip("ij", composition.axes[picked.path], (picked.i, picked.j), strict=True)
    )
    value = "masked" if picked.masked else short(picked.value)
    so_far = " so far" if picked.unfinished and not picked.masked else ""
    return CellWords(shortened(picked.name), places, value + so_far)


def shortened(name: str) -> str:
    """A name of which the middle is left out where it is long."""
    half = (LONGEST - 3) // 2
    return name if len(name) <= LONGEST else f"{name[:half]} … {name[-half:]}"
