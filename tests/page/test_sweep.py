"""Sweeps in the page hold the cells that they hold in Python."""

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from tests.page.engine import call, constant, engine

SMALL = st.integers(0, 5)
SIZES = st.integers(1, 7)
SWEEPS = st.builds(Sweep, SMALL, SMALL, SMALL, st.integers(0, 40), SIZES, SIZES, SIZES, SIZES)

CHANGED = """
(one, other, rows, columns) => {
  const [before, after] = [one, other].map((told) => mmvizPage.turnsOf(JSON.parse(told), rows, columns));
  return JSON.stringify(after.changed(before));
}
"""


def told(sweep: Sweep) -> dict[str, int]:
    """As the page has it."""
    names = {
        name: "".join(part.title() if n else part for n, part in enumerate(name.split("_"))) for name in asdict(sweep)
    }
    return {names[name]: value for name, value in asdict(sweep).items()}


@given(SWEEPS, st.integers(0, 30), st.integers(0, 30))
def test_a_sweep_holds_the_same_cells(sweep: Sweep, i: int, j: int) -> None:
    assert call("holds", told(sweep), i, j) == sweep.holds(i, j)


def test_all_and_nothing_are_the_same_sweeps() -> None:
    assert constant("EVERYWHERE") == told(EVERYWHERE)
    assert constant("NOWHERE") == told(NOWHERE)


@given(SWEEPS, SWEEPS, SIZES, SIZES, st.booleans())
def test_what_is_computed_again_is_the_smallest_rectangle_that_has_all_cells_that_come_or_go(
    one: Sweep, other: Sweep, rows: int, columns: int, plays: bool
) -> None:
    if plays:
        other = replace(one, first=other.first, last=other.last)
    cells = [(i, j) for i in range(rows) for j in range(columns) if one.holds(i, j) != other.holds(i, j)]
    function: Any = engine().eval(CHANGED)
    found = json.loads(function(json.dumps(told(one)), json.dumps(told(other)), rows, columns))
    if not cells:
        assert found is None
        return
    low, high = np.min(cells, axis=0), np.max(cells, axis=0) + 1
    assert found == {"rows": [low[0], high[0]], "columns": [low[1], high[1]]}
