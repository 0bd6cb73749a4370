"""A page of several roots side by side: its draw lists are those of Python, titles and all."""

import numpy as np
import pytest

from mmviz import Scene
from mmviz.page.cameras_section import ASPECTS
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.shots.framing import Look
from tests.page.composed import Composed, check_alike, composed, emphasis_record, told

pytestmark = pytest.mark.slow

TENSORS = {
    "A": {"init": "gaussian", "shape": [5, 4], "seed": 1},
    "B": {"init": "gaussian", "shape": [4, 6], "seed": 2},
}


@pytest.fixture(scope="module", params=[False, True], ids=["all", "results"])
def page(request: pytest.FixtureRequest) -> Composed:
    roots = {"plain": "x = A @ B", "sharp": "softmax(A @ B) @ B.T", "again": "x.T"}
    return composed(Scene(roots, TENSORS, animation={"fuse": "chain", "hide_inputs": request.param}).composition)


@pytest.mark.parametrize("view", [None, (1, 1, 1), (0, 0, 1)])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_every_picture_is_that_of_python(page: Composed, share: float, view: tuple[int, int, int] | None) -> None:
    composition = page.composition
    moment = composition.moment(round(share * composition.timeline.steps, 3))
    own = composition.camera_at(moment, ASPECTS[0])
    camera = own if view is None else composition.camera_toward(Look(np.array(view, float)), ASPECTS[0])
    expected = told(composition.at(moment, camera, ASPECTS[0]), composition)
    found = page.drawn(moment, None if view is None else camera, ASPECTS[0])
    check_alike(found, expected, f"{moment}, {view}")
    titles = [label["text"] for label in found["labels"] if label["key"].startswith("title")]
    assert titles == ["plain", "sharp", "again"]


def test_a_title_goes_with_its_root(page: Composed) -> None:
    hidden = Emphasis(hidden=frozenset({"root1", "root1.left"}))
    camera = page.composition.camera(ASPECTS[0])
    for emphasis, texts in ((PLAIN, ["plain", "sharp", "again"]), (hidden, ["plain", "again"])):
        found = page.drawn(page.composition.moment(1.0), camera, ASPECTS[0], **emphasis_record(emphasis))
        assert [one["text"] for one in found["labels"] if one["key"].startswith("title")] == texts
