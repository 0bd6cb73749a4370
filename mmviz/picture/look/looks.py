"""Which look each matrix of a scene has, and the scale of its numbers."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look import color, mm_color
from mmviz.picture.look.color import robust_scale
from mmviz.picture.look.mm_color import full_range
from mmviz.picture.look.palette import BLUE_ORANGE, PALETTE, SEQUENTIAL, MmLook, Palette
from mmviz.picture.space.item_key import BRIEF, ItemKey, of_matrix
from mmviz.scene.keys.options import MmColors, StyleOptions
from mmviz.scene.keys.scale_groups import scale_groups
from mmviz.scene.language.functions import PATTERNS
from mmviz.scene.language.tree import (
    Tree,
    arguments,
    references,
    takes_over,
    twins,
    walk,
)

SAME_NUMBERS = ("term", "gain")
"""What is brief and shows numbers of the matrix whose path it has, or parts of them."""
PALETTES = {"blue-red": PALETTE, "blue-orange": BLUE_ORANGE}
Looks = Mapping[ItemKey, tuple[Palette | MmLook, float]]
"""Look and scale (the |x| that is drawn at full size) of matrices, of sheets behind them, and of what is brief."""


def looks(
    root: Tree, numbers: Mapping[ItemKey, NDArray[np.float32]], style: StyleOptions
) -> dict[ItemKey, tuple[Palette | MmLook, float]]:
    """Look and scale of every matrix and of all that is there only during a run.

    Args:
        root: The tree.
        numbers: The numbers of each.
        style: The scene's style.
    """
    shown = {of_matrix(path): of_matrix(target) for path, (target, _) in twins(root).items()}
    again = {key: target for key, target in shown.items() if target in numbers}
    again |= {key: again.get(of_matrix(key.path), of_matrix(key.path)) for key in numbers if key.kind == "sink"}
    own = {key: values for key, values in numbers.items() if key not in again}
    found: dict[ItemKey, tuple[Palette | MmLook, float]]
    if style.mm is not None:
        found = {key: (look, 1.0) for key, look in _mm_looks(own, style.mm).items()}
    else:
        sequential = _patterns(root) if style.patterns == "sequential" else set()
        signed, rising = (
            replace(palette, curve=style.curve, decades=style.decades)
            for palette in (PALETTES[style.palette], SEQUENTIAL)
        )
        scales = _common(root, style, {key: robust_scale(values, style.quantile) for key, values in own.items()})
        found = {key: (rising if key in sequential else signed, scale) for key, scale in scales.items()}
    return {key: found[again.get(key, key)] for key in numbers}


def has_patterns(root: Tree, style: StyleOptions) -> bool:
    """Whether some matrices have the sequential scale."""
    return style.mm is None and style.patterns == "sequential" and bool(_patterns(root))


def _common(root: Tree, style: StyleOptions, own: Mapping[ItemKey, float]) -> dict[ItemKey, float]:
    """The scales, where matrices that share one have the same, or the one that is said of them.

    What flies and shows the numbers of a matrix itself has the scale of that.
    """
    scales = dict(own)
    for group in scale_groups(root, style):
        keys = [key for key in map(of_matrix, group.paths) if key in own]
        scale = group.said if group.said is not None else max((own[key] for key in keys), default=1.0)
        scales |= dict.fromkeys(keys, scale)
        scales |= {key: scale for key in own if key.kind in SAME_NUMBERS and key.path in group.paths}
    return scales


def _patterns(root: Tree) -> set[ItemKey]:
    """The matrices whose outermost function is one of PATTERNS, also by what they show again."""
    shown = {node.path: (target, node.depth) for node, target in references(root)}
    outermost: dict[str, list[str]] = {}  # path -> the outermost function before and after each that is worn there
    for node in walk(root):
        target, depth = shown.get(node.path, ("", 0))
        before = outermost[target][depth] if node.path in shown else ""
        if takes_over(node):  # a slice of a pattern is one, and so are patterns side by side
            found = {outermost[argument.path][-1] for argument in arguments(node)}
            before = found.pop() if len(found) == 1 else ""
        outermost[node.path] = [before, *(worn.function for worn in node.worn)]
    return {of_matrix(path) for path, functions in outermost.items() if functions[-1] in PATTERNS}


def colors_of(values: NDArray[np.float32], look: Palette | MmLook, scale: float) -> NDArray[np.float64]:
    """The colour of each value before light and shade; (..., 3), RGB 0..1."""
    if isinstance(look, MmLook):
        return mm_color.color(values, look.low, look.high, look.colors)
    return color.color(values, scale, look)


def sizes_of(values: NDArray[np.float32], look: Palette | MmLook, scale: float) -> NDArray[np.float64]:
    """The size of each value: the radius in cells, or under an MmLook mm's size, where elem_scale is a full one."""
    if isinstance(look, MmLook):
        return mm_color.size(values, look.low, look.high, look.colors)
    return color.radius(values, scale, look)


def _mm_looks(numbers: Mapping[ItemKey, NDArray[np.float32]], colors: MmColors) -> dict[ItemKey, MmLook]:
    ranges = {key: _range(values) for key, values in numbers.items()}
    largest_of_all = max((high for key, (_, high) in ranges.items() if key.kind not in BRIEF), default=0.0)
    return {key: MmLook(colors, *full_range(high, low, largest_of_all, colors)) for key, (low, high) in ranges.items()}


def _range(values: NDArray[np.float32]) -> tuple[float, float]:
    """Smallest and largest |x|; NaN and infinities are left out."""
    sizes = np.abs(values[np.isfinite(values)])
    return (float(sizes.min()), float(sizes.max())) if sizes.size else (0.0, 0.0)
