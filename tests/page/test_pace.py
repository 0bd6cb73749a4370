"""Pictures that move are as coarse as it takes to be fluent: on machines that take so long for each, as a law says."""

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.page.engine import engine

FLUENT = 1000 / 15
RUN = """
(milliseconds, told) => {
  const pace = new mmvizPage.Pace(), others = JSON.parse(told), found = [];
  for (let n = 0; n < 1000; n++) {
    found.push(pace.coarse);
    const jolt = others.length > 0 ? others[n % others.length] : 0;
    pace.took(milliseconds / pace.coarse ** 2 + jolt, pace.coarse);
  }
  return JSON.stringify(found);
}
"""
WATCH = """
(pictures) => {
  const watch = new mmvizPage.Stopwatch(), told = [];
  const pace = { took: (...each) => told.push(each) };
  let now = 0;
  for (const { begun, ends } of JSON.parse(pictures)) watch.begin(begun, 1, () => now >= ends);
  for (now = 0; watch.busy; now += 4) watch.look(now, pace);
  return JSON.stringify(told);
}
"""


def played(milliseconds: float, *others: float) -> list[int]:
    """The side of the pixels of a thousand pictures; others: what they take besides, one after the other."""
    found: list[int] = json.loads(str(_function(RUN)(milliseconds, json.dumps(others))))
    return found


def _function(text: str) -> Any:
    return engine().eval(text)


@pytest.mark.parametrize("milliseconds", [1.0, 16.0, 50.0])
def test_a_quick_machine_is_never_coarse(milliseconds: float) -> None:
    assert set(played(milliseconds)) == {1}
    assert set(played(milliseconds, 400.0, 0.0, 0.0)) == {1}, "a jolt now and then changes nothing"


@pytest.mark.parametrize("milliseconds", [80.0, 150.0, 300.0, 500.0, 900.0])
def test_a_slow_machine_becomes_fluent_within_a_few_pictures_and_stays_so(milliseconds: float) -> None:
    found = played(milliseconds)
    assert all(milliseconds / coarse**2 <= FLUENT for coarse in found[6:])
    assert sum(a != b for a, b in pairwise(found)) <= 2, "it does not flicker"


def test_no_machine_is_so_slow_that_pixels_become_larger_than_four() -> None:
    assert max(played(1e5)) == 4


def test_where_finer_pictures_are_too_slow_after_all_they_are_tried_ever_more_seldom() -> None:
    found = played(100.0, *[30.0] * 20, *[0.0] * 60)
    changes = sum(a != b for a, b in pairwise(found))
    assert found[2] == 2
    assert changes < 12


def test_a_picture_becomes_sharp_again_when_the_machine_has_time() -> None:
    slow = (
        "const pace = new mmvizPage.Pace(); for (let n = 0; n < 9; n++) pace.took(300 / pace.coarse ** 2, pace.coarse);"
    )
    then = "for (let n = 0; n < 60; n++) pace.took(8, pace.coarse);"
    assert engine().eval(f"(() => {{ {slow} return pace.coarse; }})()") == 3
    assert engine().eval(f"(() => {{ {slow} {then} return pace.coarse; }})()") == 1


def test_pictures_are_timed_from_where_the_one_before_was_ready() -> None:
    pictures = [{"begun": 0, "ends": 20}, {"begun": 10, "ends": 60}, {"begun": 100, "ends": 101}]
    told = json.loads(str(_function(WATCH)(json.dumps(pictures))))
    # One looks every 4 ms, and what was ready since then counts as ready when one looked last.
    assert told == [[16, 1], [40, 1], [0, 1]]
