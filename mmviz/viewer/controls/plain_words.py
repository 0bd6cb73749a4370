"""The panel's words for keys of a scene and for the words that they take, as one says what one does; no Qt."""

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "animation.algorithm": "A step makes",
    "animation.fuse": "Products go",
    "animation.sums": "Sums",
    "animation.speed": "Steps a second",
    "animation.easing": "Between steps",
    "animation.spin": "Turn, ° a second",
    "animation.hold": "Rest at the end",
    "animation.hide_inputs": "Only the result",
    "layout.gap": "Gap",
    "layout.fold": "Long axes shorter",
    "layout.scheme": "Arguments face",
    "layout.scatter": "Distance",
    "layout.blast": "Grows with size",
    "layout.molecule": "Only if larger than",
    "layout.polarity": "k runs",
    "layout.left": "Left argument",
    "layout.right": "Right argument",
    "layout.result": "Result",
    "style.palette": "Colours",
    "style.patterns": "Patterns",
    "style.bar": "Colour bar",
    "style.mm": "Colours of mm",
    "style.curve": "Size grows",
    "style.quantile": "Unclipped share",
    "style.decades": "Powers of ten",
    "style.scales.shown": "Ranges",
    "style.names": "Names",
    "style.sizes": "Sizes",
    "style.tokens": "Tokens",
    "style.arrows": "Arrows",
    "style.guides": "Outlines",
    "style.legend": "Legend",
    "style.heads": "Heads of a layer",
    "tensors.init": "Source",
    "tensors.formula": "Formula",
    "tensors.rows": "Rows",
    "tensors.columns": "Columns",
    "tensors.min": "From",
    "tensors.max": "To",
    "tensors.value": "Value",
    "tensors.head": "Head",
    "tensors.heads": "Heads",
    "tensors.causal": "Causal",
    "tensors.seed": "Seed",
    "expr": "Function",
    "partition.i": "Blocks of rows, i",
    "partition.k": "Blocks between, k",
    "partition.j": "Blocks of columns, j",
}
"""Before the fields, by their keys."""
_ALGORITHMS = {
    "none": "nothing: shown at once",
    "vmprod": "a row",
    "mvprod": "a column",
    "vvprod": "an outer product",
    "dotprod": "an element, row by row",
    "dotprod-columns": "an element, by columns",
    "axpy": "a scaled column",
    "whole": "all of the result",
    "blockwise": "a block of queries and keys",
    "inherit": "as what it is part of",
}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "animation.algorithm": _ALGORITHMS,
    "animation.fuse": {
        "none": "one after the other",
        "chain": "together, row by row",
        "sync": "together as in mm, if even",
        "async": "together as in mm",
        "decode": "token by token",
    },
    "animation.sums": {"together": "appear with their terms", "running": "add term after term"},
    "animation.easing": {"smooth": "softly", "linear": "evenly", "none": "in a jump"},
    "layout.scheme": {
        "blocks": "touching, sides alternate",
        "zigzag": "touching, sides stay",
        "wheel": "as their product does",
        "custom": "as they say",
    },
    "layout.polarity": {"negative": "from back to front", "positive": "from front to back"},
    "layout.left": {"left": "at the left", "right": "at the right"},
    "layout.right": {"top": "above", "bottom": "below"},
    "layout.result": {"front": "in front", "back": "at the back"},
    "style.palette": {"blue-red": "blue and red", "blue-orange": "blue and orange"},
    "style.patterns": {"signed": "as all others", "sequential": "dark to yellow"},
    "style.bar": {"none": "none", "side": "at the side", "below": "below"},
    "style.curve": {"sqrt": "with the square root", "linear": "evenly", "log": "with the logarithm"},
    "style.tokens": {"decoded": "as text", "raw": "as in the vocabulary", "none": "none"},
    "style.heads": {"nested": "added two by two", "grid": "in a grid"},
}
"""Of the words that a key takes."""


def label(key: str) -> str:
    """What stands before the field of a key."""
    return LABELS[key]


def plain(key: str, word: str) -> str:
    """A word that a key takes, as the panel says it."""
    return CHOICES.get(key, {}).get(word, word)
