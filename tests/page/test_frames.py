"""frame(t) of the page is that of Python, on every scene that comes with mmviz."""

import numpy as np
import pytest

from mmviz.machine.shipped import scene_names
from mmviz.page import matrices_section, time_section
from mmviz.page.looks_found import looks_of
from mmviz.page.storing import Storing
from mmviz.picture.space.item_key import ItemKey
from tests.page.frames import check_finals, check_frame
from tests.page.timed import document_of, opened, shipped

SHARES = (0.03, 0.11, 0.2, 0.35, 0.5, 0.61, 0.77, 0.9, 0.97)
"""Of the animation, at which a frame is compared, besides its ends and a step before the last."""


@pytest.mark.parametrize("name", scene_names())
def test_a_shipped_scene_has_the_same_frames_in_the_page(name: str) -> None:
    page = opened(shipped(name))
    check_finals(page)
    steps = page.composition.timeline.steps
    for t in (0, *(round(share * steps, 3) for share in SHARES), steps - 1, steps):
        check_frame(page, t)


@pytest.mark.parametrize("name", ["attention_head", "heads_one_by_one", "transformer_layer"])
def test_no_number_is_stored_twice(name: str) -> None:
    """All heads read one residual stream, and a transpose shows the numbers of its matrix."""
    composition = shipped(name)
    _, arrays = document_of(composition)
    stored = [array for array in arrays.stored if array.ndim == 2 and array.size > 1]
    for number, one in enumerate(stored):
        for other in stored[number + 1 :]:
            for turned in (other, other.T):
                assert one.shape != turned.shape or not np.array_equal(one, turned)
    assert arrays.size < sum(values.nbytes for values in composition.values.values())


def test_the_sections_of_a_document_are_written_by_two_modules() -> None:
    composition = shipped("matmul")
    told, _ = document_of(composition)
    storing = Storing(document_of(composition)[1])
    assert [matrix["path"] for matrix in told["matrices"]] == ["left", "right", ""]
    assert (
        told["time"]["steps"] == composition.timeline.steps == time_section.time_section(composition, storing)["steps"]
    )
    assert len(matrices_section.matrices_section(composition, storing)) == 3


def test_every_look_has_a_number_under_which_matrices_and_planes_name_it() -> None:
    composition = shipped("attention_head")
    told, looks = document_of(composition)[0], looks_of(composition)
    assert len(set(looks)) == len(looks) > 1
    for matrix in told["matrices"]:
        own = composition.looks[ItemKey("matrix", matrix["path"])]
        assert (looks[matrix["look"]], matrix["scale"]) == own
    for key, (look, scale) in composition.looks.items():
        if key.kind != "matrix":
            named = told["time"]["scales"][str(key)]
            assert (looks[named["look"]], named["scale"]) == (look, scale)


def test_frames_of_one_step_share_their_numbers_and_those_of_the_next_do_not() -> None:
    page = opened(shipped("matmul"))
    same = "testing.timeline.frame({}).states.get('').matrix === testing.timeline.frame({}).states.get('').matrix"
    assert page.asked(same.format(3.1, 3.9))
    assert not page.asked(same.format(3.1, 4.0))
    flying = "testing.timeline.frame({}).planes[0].matrix === testing.timeline.frame({}).planes[0].matrix"
    assert page.asked(flying.format(3.1, 3.9))


def test_there_is_no_frame_beyond_the_end() -> None:
    page = opened(shipped("matmul"))
    script = "(() => {{ try {{ testing.timeline.frame({}) }} catch (error) {{ return error.message }} }})()"
    told = "frame({}): the animation runs from step 0 to step 24."
    assert page.asked(script.format(24.5)) == told.format("24.5")
    assert page.asked(script.format(-1)) == told.format("-1")
    assert page.asked(script.format("NaN")) == told.format("NaN")
