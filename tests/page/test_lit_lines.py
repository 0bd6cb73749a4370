"""The row and the column of a cell are lit in the page where they are in the window, wherever they go on."""

import numpy as np
import pytest

from mmviz.machine.shipped import scene_names
from mmviz.page.shell_section import shell_section
from mmviz.picture.marks.shared_axes import SharedAxes
from tests.page.engine import call
from tests.page.timed import shipped, sweep_told

CELLS = 20
"""Of each scene."""


@pytest.mark.parametrize("name", scene_names())
def test_rows_and_columns_are_lit_alike(name: str) -> None:
    composition = shipped(name)
    shared = SharedAxes.of(composition.root, composition.axes, composition.values)
    told = shell_section(composition, None, light=False)
    paths, chance = list(composition.values), np.random.default_rng(3)
    for _ in range(CELLS):
        path = paths[chance.integers(len(paths))]
        i, j = (int(chance.integers(side)) for side in composition.values[path].shape)
        expected = {other: [sweep_told(one) for one in lit] for other, lit in shared.lit_around(path, i, j).items()}
        found = dict(call("litAround", told["lines"], told["alike"], path, i, j))
        assert found == expected, f"[{i}, {j}] at {path!r}"
