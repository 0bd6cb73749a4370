"""frame(t) of the page is that of Python on random scenes: any tree, algorithm, fusing, cut, function and number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmviz.scene.language.grammar import parse
from tests.examples import examples
from tests.page.frames import check_finals, check_frame
from tests.page.random_scenes import CALLS, Made, rectangles, squares, tilings
from tests.page.timed import opened

KINDS: dict[str, st.SearchStrategy[Made]] = {"trees": rectangles(), "functions": squares(), "tilings": tilings()}
SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3)
FEW, MANY = examples(8), settings(max_examples=200)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.thousands)], ids=["few", "many"])
def test_a_random_scene_has_the_same_frames_in_the_page(kind: str, count: settings) -> None:
    @given(KINDS[kind], SHARES)
    @count
    def compare(made: Made, shares: list[float]) -> None:
        page = opened(made.scene().composition)
        check_finals(page)
        steps = page.composition.timeline.steps
        for t in (0, steps, *(round(share * steps, 2) for share in shares)):
            check_frame(page, t)

    compare()


def test_running_sums_do_not_depend_on_which_were_asked_before() -> None:
    """They are added up from step to step; earlier ones are found again from those that were kept on the way."""
    shapes = (("m0", 3, 70), ("m1", 70, 4))
    for algorithm in ("vvprod", "axpy"):
        made = Made("m0 @ m1", shapes, {"algorithm": algorithm}, {"k": 2})
        page = opened(made.scene().composition)
        steps = page.composition.timeline.steps
        for t in (0, steps - 1, 3, 20, 17, 34, 2, 33, 0, 19, steps):
            check_frame(page, min(t, steps))


def test_a_frame_without_patience_has_its_running_sums_once_they_are_computed_slice_by_slice() -> None:
    page = opened(
        Made("m0 @ m1", (("m0", 200, 300), ("m1", 300, 200)), {"algorithm": "vvprod"}, {}).scene().composition
    )
    t = page.composition.timeline.steps - 2
    (root,) = (path for path in page.composition.timeline.frame(t).states if path not in ["left", "right"])
    look = f"(() => {{ const {{ timeline }} = testing; const frame = timeline.frame({t}); "
    there = f"[frame.states.get({root!r}).there, timeline.waits]"
    assert page.asked(f"{look} return {there}; }})()") == [True, False], "frames wait by themselves"
    assert page.asked(f"(testing.timeline.patience = 5e6, {look} return {there}; }})())") == [False, True]
    slices = page.asked("(() => { let n = 0; while (!testing.timeline.work(() => false)) n++; return n; })()")
    assert slices > 1
    assert page.asked(f"{look} return {there}; }})()") == [True, False]
    check_frame(page, t)


def test_what_is_called_in_random_scenes_is_every_function() -> None:
    assert len({call.split("(")[0] for call in CALLS}) == len(CALLS) > 30
    for call in CALLS:
        parse(call.format("(a @ b)"))
