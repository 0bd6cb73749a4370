"""Scores of kinds of heads: 1 for the head that they are named after, and where nothing could show it, none."""

from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.look.head_kinds import KINDS, Kind, KindCells, ScoredHead, best
from mmviz.scene.language.masks import Masking

IDS = (7, 3, 5, 3, 7, 3, 5, 9)  # 7 and 5 come back once, 3 twice
CAUSAL = KindCells.of(IDS, None, Masking("tril"))


def looking_at(*columns: int) -> NDArray[np.float32]:
    """A head of which every token gives all its attention to one."""
    return np.eye(len(columns), dtype=np.float32)[list(columns)]


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("previous", (0, 0, 1, 2, 3, 4, 5, 6)),
        ("duplicate", (0, 0, 1, 1, 0, 3, 2, 0)),
        ("induction", (0, 1, 0, 2, 1, 4, 3, 7)),
        ("sink", (0,) * 8),
    ],
)
def test_the_head_that_a_kind_is_named_after_scores_1(kind: Kind, columns: tuple[int, ...]) -> None:
    found = CAUSAL.scores(looking_at(*columns))
    assert found[kind] == 1
    others = {one for one, score in found.items() if one not in (kind, "local", "uniform") and score == 1}
    assert not others


def test_every_kind_has_a_score_in_a_causal_layer() -> None:
    assert CAUSAL.kinds == tuple(KINDS) == get_args(Kind)


def test_the_head_of_no_preference_looks_as_far_and_as_evenly_as_one_can_count() -> None:
    even = np.tril(np.ones((8, 8), np.float32)) / np.arange(1, 9, dtype=np.float32)[:, None]
    found = CAUSAL.scores(even)
    assert found["uniform"] == pytest.approx(1, abs=1e-6)
    assert found["local"] == pytest.approx(np.mean([i / 2 for i in range(1, 8)]), rel=1e-6)
    assert found["sink"] == pytest.approx(np.mean([1 / (i + 1) for i in range(1, 8)]), rel=1e-6)
    for kind, score in found.items():
        assert CAUSAL.chance(kind) == score


def test_a_head_that_looks_at_itself_is_near_and_decided() -> None:
    found = CAUSAL.scores(looking_at(*range(8)))
    assert (found["local"], found["uniform"], found["previous"], found["duplicate"]) == (0, 0, 0, 0)


def test_a_token_that_follows_itself_is_no_induction() -> None:
    cells = KindCells.of((4, 4, 4), None, Masking("tril"))  # of the last 4 what stood behind the first is the second
    assert np.argwhere(cells.cells["induction"]).tolist() == [[2, 1]]


def test_what_a_prompt_cannot_show_has_no_score() -> None:
    cells = KindCells.of((1, 2, 3), None, Masking("tril"))
    found = cells.scores(looking_at(0, 1, 2))
    assert [kind for kind, score in found.items() if np.isnan(score)] == ["duplicate", "induction"]
    assert not cells.shows("induction")
    alone = KindCells.of((1,), None, Masking("tril"))
    assert all(np.isnan(score) for score in alone.scores(looking_at(0)).values())


def test_behind_a_window_only_tokens_count_that_see_what_they_are_asked_for() -> None:
    cells = KindCells.of(IDS, None, Masking("window", (3,)))
    assert np.flatnonzero(cells.cells["sink"].any(1)).tolist() == [1, 2]
    assert np.argwhere(cells.cells["duplicate"]).tolist() == [[3, 1], [5, 3]]
    assert cells.chance("uniform") == pytest.approx(1)


def test_tokens_that_look_both_ways_have_no_induction_and_duplicates_on_both_sides() -> None:
    cells = KindCells.of((1, 2, 1), None, None)
    assert "induction" not in cells.kinds
    assert np.argwhere(cells.cells["duplicate"]).tolist() == [[0, 2], [2, 0]]
    assert cells.scores(np.full((3, 3), 1 / 3, dtype=np.float32))["uniform"] == pytest.approx(1)


def test_heads_that_look_across_have_the_kinds_that_need_no_tokens_of_their_own() -> None:
    cells = KindCells.of((1, 2), 3, None)
    assert cells.scores(np.array([[1, 0, 0], [0.5, 0.5, 0]], dtype=np.float32)) == {
        "sink": 0.75,
        "uniform": pytest.approx(np.log(2) / np.log(3) / 2),
    }


def test_what_a_sink_takes_of_a_row_changes_neither_distance_nor_evenness() -> None:
    pattern = np.tril(np.random.default_rng(0).random((8, 8)).astype(np.float32))
    whole, part = CAUSAL.scores(pattern), CAUSAL.scores(pattern / np.float32(4))
    assert (part["local"], part["uniform"]) == pytest.approx((whole["local"], whole["uniform"]), rel=1e-6)
    assert part["sink"] == pytest.approx(whole["sink"] / 4)


def test_the_best_come_first_the_nearest_of_local_ones_and_none_that_has_no_score() -> None:
    scores = {0: 0.2, 1: 0.7, 2: float("nan"), 3: 0.7}
    heads = [ScoredHead(0, head, {"sink": score, "local": score}) for head, score in scores.items()]
    assert [one.head for one in best(heads, "sink")] == [1, 3, 0]
    assert [one.head for one in best(heads, "local")] == [0, 1, 3]
    assert best(heads, "previous") == []
