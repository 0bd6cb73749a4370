"""Sweeps in the page hold the cells that they hold in Python."""

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from tests.page.engine import call, constant

SMALL = st.integers(0, 5)
SIZES = st.integers(1, 7)
SWEEPS = st.builds(Sweep, SMALL, SMALL, SMALL, st.integers(0, 40), SIZES, SIZES, SIZES, SIZES)


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
