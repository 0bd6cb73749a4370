"""The page plays as the window does: the same acts lead to the same moments."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.time.chapters import Chapter
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.gestures import FUZZ, LONGEST_TICK, RATES
from tests.page.engine import call

PACE = {"rates": RATES, "fuzz": FUZZ, "longestTick": LONGEST_TICK}
STEPS = 12
TIMES = st.one_of(st.integers(0, STEPS).map(float), st.floats(0, STEPS, width=32))


@st.composite
def chapters(draw: st.DrawFn) -> list[Chapter]:
    found = []
    for _ in range(draw(st.integers(1, 4))):
        first, last = sorted((draw(TIMES), draw(TIMES)))
        speed, hold = draw(st.sampled_from([0.5, 1.0, 4.0])), draw(st.sampled_from([0.0, 0.25, 1.5]))
        found.append(Chapter(first, last, speed, hold))
    return found


ACTS = st.one_of(
    st.sampled_from([["play"], ["pause"], ["toggle"], ["step", 1], ["step", -1], ["chapter", 1], ["chapter", -1]]),
    st.sampled_from([["faster", 1], ["faster", -1]]),
    st.tuples(st.just("seek"), st.floats(-1, STEPS + 1, width=32)).map(list),
    st.tuples(st.just("tick"), st.sampled_from([0.0, 0.016, 0.1, 0.45, 3.0])).map(list),
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def in_the_window(found: list[Chapter], acts: list[list[Any]], *, loop: bool) -> list[dict[str, Any]]:
    clock = Clock()
    player = Player(STEPS, 1.0, clock)
    player.take(STEPS, found)
    player.loop = loop
    shown = []
    for name, *arguments in acts:
        if name == "tick":
            if player.playing:
                clock.now += arguments[0]
                player.tick()
        else:
            getattr(player, name)(*arguments)
        moment = player.moment
        told = {"time": moment.time, "chapter": moment.chapter, "held": moment.held}
        shown.append({**told, "playing": player.playing, "rate": player.rate})
    player.pause()
    return shown


@pytest.mark.usefixtures("qapp")
@given(found=chapters(), acts=st.lists(ACTS, max_size=12), loop=st.booleans())
def test_the_same_acts_lead_to_the_same_moments(found: list[Chapter], acts: list[list[Any]], loop: bool) -> None:
    told = [{"first": c.first, "last": c.last, "speed": c.speed, "hold": c.hold, "title": ""} for c in found]
    in_the_page = call("played", STEPS, told, PACE, loop, acts)
    for one, other in zip(in_the_page, in_the_window(found, acts, loop=loop), strict=True):
        assert one == pytest.approx(other, abs=1e-9)
