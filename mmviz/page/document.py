"""What a page is told of a scene: the sections of its document, put together; decides nothing and draws nothing."""

from typing import Any

from mmviz.page.arrays import Arrays
from mmviz.page.cameras_section import cameras_section
from mmviz.page.cells_section import cells_section
from mmviz.page.letters_section import Letters
from mmviz.page.looks_found import looks_of
from mmviz.page.looks_section import Looks
from mmviz.page.marks_section import marks_section
from mmviz.page.matrices_section import matrices_section
from mmviz.page.shell_section import shell_section
from mmviz.page.storing import Storing
from mmviz.page.texts_found import captions, texts_in_space
from mmviz.page.time_section import time_section
from mmviz.picture.composition import Composition
from mmviz.picture.ground import on_white

VERSION = 1
"""Of the document; the program that reads it lies in the same file."""


def document(
    composition: Composition, step: float | None = None, *, light: bool = False
) -> tuple[dict[str, Any], Arrays]:
    """The header of a page and the arrays that it refers to.

    Args:
        composition: What the page shows at any time.
        step: At which it opens and waits; None: it plays from the beginning.
        light: It is drawn on white.
    """
    arrays = Arrays()
    storing = Storing(arrays)
    looks, letters = Looks(arrays), Letters(arrays)
    for look in looks_of(composition):
        looks.number(look)
    marks, cameras = marks_section(composition, arrays, looks.number), cameras_section(composition, arrays)
    if light:
        marks["captions"] = [{**one, "text": on_white(one["text"])} for one in marks["captions"]]
    for text in texts_in_space(marks):
        letters.add(text)
    for text in captions(marks, cameras):
        letters.add_caption(text)
    told = {
        "version": VERSION,
        "title": composition.title,
        "shell": shell_section(composition, step, light=light),
        "matrices": matrices_section(composition, storing),
        "time": time_section(composition, storing),
        "marks": marks,
        "cameras": cameras,
        "cells": cells_section(composition),
        "looks": looks.section(),
        "letters": letters.section(),
    }
    return told, arrays
