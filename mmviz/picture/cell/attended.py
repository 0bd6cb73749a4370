"""Which tokens a token looks at, by the attention patterns of a scene, in words; draws nothing."""

import numpy as np

from mmviz.picture.cell.element_names import place_name
from mmviz.picture.composition import Composition
from mmviz.picture.time.token_steps import AXIS, SOURCE_AXIS
from mmviz.scene.language.tree import pattern_of, walk

TOLD = 3
"""Tokens that are named of a pattern."""
LEAST = 0.01
"""Weight from which more than one token is named."""
PATTERNS = 16
"""Patterns that are told of a scene."""


def attended(composition: Composition, token: int) -> tuple[str, ...]:
    """A line for each pattern: `attn looks at 6 “ what” (0.97), 5 “ know” (0.024)`, the largest weights first."""
    found: dict[str, str] = {}
    for node in walk(composition.root):
        pattern = pattern_of(node)
        if pattern is None or pattern.path in found:
            continue
        rows, columns = composition.axes[pattern.path]
        if rows != AXIS or columns not in (AXIS, SOURCE_AXIS):
            continue
        values = np.asarray(
            composition.values[pattern.path]
        )  # (tokens, tokens or source_tokens), a row of weights for each
        if token >= len(values):
            continue
        row = values[token]
        first, *others = np.argsort(-row, kind="stable")[:TOLD]
        named = (
            f"{place_name(composition, columns, int(j))} ({row[j]:.2g})"
            for j in (first, *(j for j in others if row[j] >= LEAST))
        )
        found[pattern.path] = f"{pattern.name} looks at {', '.join(named)}"
    lines = tuple(found.values())
    return lines if len(lines) <= PATTERNS else (*lines[:PATTERNS], f"and {len(lines) - PATTERNS} more")
