"""Draw lists of the page are those of Python, for every scene that comes with mmviz."""

from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.page.cameras_section import ASPECTS
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.orbit import approach
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.shots.framing import Look
from mmviz.picture.space.sweep import Sweep
from tests.page.composed import Composed, check_alike, composed, emphasis_record, told

pytestmark = pytest.mark.slow

WIDE = ASPECTS[0]
SHARES = (0.0, 0.21, 0.5, 0.83, 1.0)
"""Of the animation, at which pictures are compared."""
VIEWS = ((1, 1, 1), (0, 0, 1))
"""Toward the eyes of two views of the library."""


def check_drawn(page: Composed, share: float, view: tuple[int, int, int] | None, aspect: float = WIDE) -> None:
    """Compare the pictures of one time and camera."""
    composition = page.composition
    moment = composition.moment(round(share * composition.timeline.steps, 3))
    if view is None:
        camera = composition.camera_at(moment, aspect)
    else:
        camera = composition.camera_toward(Look(np.array(view, float)), aspect)
    expected = told(composition.at(moment, camera, aspect), composition)
    check_alike(page.drawn(moment, None if view is None else camera, aspect), expected, f"{moment}, {view}")


LONG = (
    *("all_heads", "attention_tour", "decoding", "experts", "gated_mlp", "heads_one_by_one", "lora"),
    "transformer_layer",
)
"""Scenes that take a second or more to be asked for all that is read in them; see `-m thousands`."""
NAMES = [pytest.param(name, marks=[pytest.mark.thousands] if name in LONG else []) for name in scene_names()]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scene_is_drawn_alike(name: str) -> None:
    page = composed(name)
    for share in SHARES:
        for view in (None, *VIEWS):
            check_drawn(page, share, view)


MATRICES = ("sheets", "patches", "near", "captions", "insets")
"""Of a draw list, what does not go by where names stand."""


def check_matrices(page: Composed, camera: Camera, t: float, emphasis: Emphasis = PLAIN) -> dict[str, Any]:
    """Compare all but what is written over the scene, and give what the page draws."""
    composition = page.composition
    moment = composition.moment(t)
    expected = told(composition.at(moment, camera, WIDE, emphasis), composition)
    found = page.drawn(moment, camera, WIDE, **emphasis_record(emphasis))
    for part in MATRICES:
        check_alike(found[part], expected[part], f"{part} at {t}")
    lines, own = ([line for line in one["lines"] if not line["key"].startswith("leader")] for one in (found, expected))
    check_alike(lines, own, f"lines at {t}")
    return found


@pytest.mark.parametrize("name", ["attention_head", "lora"])
def test_what_is_close_to_the_eye_gives_way_alike(name: str) -> None:
    page = composed(name)
    composition = page.composition
    seen = set()
    for path in ("", *composition.behind.placements):
        place = composition.layout[path]
        for side in (1, -1):
            before = composition.camera_toward(Look(side * place.normal), WIDE, path)
            for factor in (1.0, 1.4, 6.0):
                camera = approach(before, place.center() + 3 * place.ways[0], factor)
                found = check_matrices(page, camera, 0.6 * composition.timeline.steps)
                seen |= {sheet["scale"] for sheet in found["sheets"] if sheet["key"].endswith("before")}
    assert name == "lora" or len(seen) >= 3  # the sheet behind the pattern is there in parts


def test_what_a_person_looks_at_is_drawn_alike() -> None:
    page = composed("attention_head")
    camera = page.composition.camera(WIDE)
    cell = Sweep(64, 1, 64 * 9 + 4, 64 * 9 + 4)
    row, column = Sweep(row_turn=1, first=9, last=9), Sweep(column_turn=1, first=4, last=4)
    for emphasis in (
        Emphasis(lit={"left.left": (cell,)}, pointed={"": (row,), "right": (row, column)}, outlined="right"),
        Emphasis(pointed={"left.left": (row,)}, hidden=frozenset(["right", "left.left.left"]), outlined="left.left"),
        Emphasis(hidden=frozenset(["left.left"]), outlined="left.left"),
    ):
        for t in (30.0, 128.0):
            found = check_matrices(page, camera, t, emphasis)
            hidden = {sheet["path"] for sheet in found["sheets"]} & emphasis.hidden
            assert not hidden


ATTENTION = "z = (attn = softmax(tril(scale(Q @ K.T)))) @ V"
QUERIES: dict[str, Any] = {name: {"init": "gaussian", "shape": [9, 6], "seed": n} for n, name in enumerate("QKV")}
SMALL: dict[str, dict[str, Any]] = {
    "bars at the side": {"style": {"bar": "side", "scales": {"shown": True}}},
    "bars below": {"style": {"bar": "below"}, "camera": {"inset": "attn"}},
    "the colours of mm": {"style": {"mm": {}, "before": {"attn": "scores"}}},
    "sheets behind": {"style": {"before": {"attn": "scores", "z": "mixed"}}, "animation": {"algorithm": "vvprod"}},
    "long elements": {"layout": {"fold": {"k": 0.25}}, "camera": {"inset": "attn"}},
    "blocks": {"partition": {"i": 3, "k": 2}, "style": {"arrows": False}},
    "without texts": {"style": {"names": False, "sizes": False, "guides": False, "legend": False}},
    "a blockwise attention": {"animation": {"matrices": {"z": "blockwise"}}, "partition": {"z": {"i": 3, "k": 3}}},
}


@pytest.mark.parametrize("parts", SMALL.values(), ids=SMALL)
def test_a_small_scene_is_drawn_alike_in_pictures_of_every_shape(parts: dict[str, Any]) -> None:
    expr = ATTENTION if "mixed" not in str(parts) else ATTENTION.replace("z = ", "z = relu(") + ")"
    page = composed(Scene(expr, QUERIES, captions=[{"start": "z", "text": "Mix"}], **parts).composition)
    for share, aspect in zip((0.3, 0.55, 0.8, 1.0), ASPECTS, strict=True):
        check_drawn(page, share, None, aspect)
    check_drawn(page, 0.6, (1, 1, 1))
