"""Named sizes and speeds: each is one that every kind of film takes, and each is larger than the one before."""

from itertools import pairwise
from pathlib import Path

import pytest

from mmviz.orders.kinds import FILM, KINDS
from mmviz.orders.order import FilmOrder
from mmviz.render.film.formats import film_of
from mmviz.render.film.qualities import QUALITIES


@pytest.mark.parametrize("name", QUALITIES)
def test_a_film_can_have_each_of_them(name: str, tmp_path: Path) -> None:
    width, height, fps = QUALITIES[name]
    film_of(FilmOrder(str(tmp_path / "x.mp4"), width, height, fps))
    assert fps <= FILM.fastest
    assert abs(width / height - 16 / 9) < 0.002


def test_each_is_larger_and_no_slower_than_the_one_before() -> None:
    for before, after in pairwise(QUALITIES.values()):
        assert before[0] < after[0]
        assert before[1] < after[1]
        assert before[2] <= after[2]


def test_what_the_window_proposes_is_known() -> None:
    proposed = {kind.proposed for kind in KINDS}
    assert proposed <= {*QUALITIES, "own", "window"}
