"""What a page is told of a scene: the sections of its document, put together; decides nothing and draws nothing."""

from typing import Any

from mmviz.page.arrays import Arrays
from mmviz.page.cameras_section import cameras_section
from mmviz.page.looks_found import looks_of
from mmviz.page.marks_section import marks_section
from mmviz.page.matrices_section import matrices_section
from mmviz.page.storing import Storing
from mmviz.page.time_section import time_section
from mmviz.picture.composition import Composition

VERSION = 1
"""Of the document; the program that reads it lies in the same file."""


def document(composition: Composition, step: float | None = None) -> tuple[dict[str, Any], Arrays]:
    """The header of a page and the arrays that it refers to.

    Args:
        composition: What the page shows at any time.
        step: At which it opens and waits; None: it plays from the beginning.
    """
    arrays = Arrays()
    storing = Storing(arrays)
    told: dict[str, Any] = {"version": VERSION, "title": composition.title, "step": step}
    told |= {"matrices": matrices_section(composition, storing), "time": time_section(composition, storing)}
    numbers = {look: number for number, look in enumerate(looks_of(composition))}
    told |= {
        "marks": marks_section(composition, arrays, numbers.__getitem__),
        "cameras": cameras_section(composition, arrays),
    }
    return told, arrays
