"""What a page says of single elements with: tokens, where numbers come from, and what flies; computes no numbers."""

from mmviz.page.matrices_section import Record
from mmviz.picture.cell.cell_words import LONGEST
from mmviz.picture.cell.explanation import COUNTED
from mmviz.picture.cell.picking import MEANINGS, OF_ROWS
from mmviz.picture.cell.targets import BEFORE, GRID
from mmviz.picture.composition import Composition


def cells_section(composition: Composition) -> Record:
    """Words for the elements of a scene."""
    return {
        "counted": list(COUNTED),
        "tokens": {axis: list(texts) for axis in COUNTED if (texts := composition.tokens_along(axis))},
        "sources": dict(composition.origins),
        "meanings": dict(MEANINGS),
        "ofRows": dict(OF_ROWS),
        "grid": GRID,
        "before": BEFORE,
        "longest": LONGEST,
    }
