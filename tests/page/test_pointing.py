"""What is at a place of the page's picture is what Python finds there, at any time and from any side."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.machine.shipped import scene_names
from mmviz.picture.cell.cell_words import words
from mmviz.picture.cell.picking import describe, pick, scale_told
from mmviz.picture.cell.targets import meant
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import Inset
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.eye.orbit import approach
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.shots.framing import Look
from tests.page.explained import Explained, check_said, inset_told, picked_told
from tests.page.timed import shipped

ASPECT = 16 / 9
POINTS = 50
"""Places of each scene that are asked, most of them on what is drawn."""
SIDES = ((1, 1, 1), (-0.4, 0.3, 1))


def cameras(composition: Composition) -> list[Camera]:
    """The scene's own, two others, one that is close, and one in the midst of everything."""
    found = [composition.camera(ASPECT), *(composition.camera_toward(Look(np.array(way)), ASPECT) for way in SIDES)]
    middle = found[0].target
    within = replace(found[0], position=middle, target=2 * middle - found[0].position)
    return [*found, approach(found[0], composition.layout[""].center(), 6.0), within]


def places(composition: Composition, camera: Camera, t: float, count: int, chance: np.random.Generator) -> Any:
    """Places of the picture on matrices and on what flies, and some anywhere."""
    frame = composition.timeline.frame(t)
    placements = [composition.layout[path] for path in frame] + [plane.drawn for plane in frame.planes] * 2
    for number in range(count):
        if number % 6 == 5:
            yield tuple(map(float, chance.random(2)))
            continue
        place = placements[chance.integers(len(placements))]
        point = place.spot(*(chance.uniform(-0.5, side - 0.5) for side in place.shape))
        x, y = project(camera, point[None], ASPECT)[0]
        yield float(np.clip(x, 0, 1)), float(np.clip(1 - y, 0, 1))


def check_place(page: Explained, t: float, camera: Camera, x: float, y: float, **more: Any) -> bool:
    """Compare what is at a place; True where there is something."""
    composition = page.composition
    emphasis = Emphasis(hidden=frozenset(more.get("hidden", ())))
    frame = emphasis.seen(composition.timeline.frame(t))
    insets: tuple[Inset, ...] = more.get("insets", ())
    expected = pick(composition, frame, camera, x, y, ASPECT, insets=insets, t=t)
    told = [inset_told(one) for one in insets]
    found = page.picked(t, camera, x, y, ASPECT, insets=told, hidden=sorted(emphasis.hidden))
    where = f"({x}, {y}) at {t}"
    if expected is None:
        assert found is None, where
        return False
    line, said, scale = (found.pop(part) for part in ("line", "words", "scale"))
    check_said(found, picked_told(expected), where, rounding=1e-6)
    assert line == describe(expected, composition), where
    own = words(expected, composition)
    own_places = [list(place) for place in own.places]
    assert said == {"title": own.title, "places": own_places, "value": own.value, "note": own.note}
    assert scale == scale_told(expected, composition)
    return True


@pytest.mark.parametrize("name", scene_names())
def test_the_same_elements_are_picked_in_a_shipped_scene(name: str) -> None:
    page = Explained(shipped(name))
    chance = np.random.default_rng(3)
    steps, views = page.composition.timeline.steps, cameras(page.composition)
    met = 0
    for number in range(10):
        t = round(float(chance.uniform(0, steps)), 2) if number else float(steps)
        camera = views[number % len(views)]
        for x, y in places(page.composition, camera, t, POINTS // 10, chance):
            met += check_place(page, t, camera, x, y)
    assert met > POINTS / 3


def test_what_is_left_out_is_looked_through() -> None:
    page = Explained(shipped("chain"))
    composition = page.composition
    camera = composition.camera(ASPECT)
    x, y = share_of(composition.layout[""].spot(13, 20), camera)  # within a cell: on a border rounding decides
    assert check_place(page, composition.timeline.steps, camera, x, y)
    assert page.picked(composition.timeline.steps, camera, x, y, ASPECT)["path"] == ""
    check_place(page, composition.timeline.steps, camera, x, y, hidden=[""])


def test_an_inset_hides_what_is_behind_it_and_shows_its_own_matrix() -> None:
    page = Explained(shipped("attention_head"))
    composition = page.composition
    t, camera = float(composition.timeline.steps), composition.camera(ASPECT)
    insets = composition.at(t, camera, ASPECT).insets
    inset = insets[0]
    left, bottom, right, top = inset.place(ASPECT)
    chance = np.random.default_rng(5)
    met = 0
    for _ in range(20):
        x, y = chance.uniform(left, right), 1 - chance.uniform(bottom, top)
        met += check_place(page, t, camera, float(x), float(y), insets=insets)
    assert met > 3


@pytest.mark.parametrize("name", ["chain", "attention_head"])
def test_the_same_point_in_space_is_meant(name: str) -> None:
    page = Explained(shipped(name))
    composition, chance = page.composition, np.random.default_rng(9)
    t = composition.timeline.steps / 2 + 0.25
    frame = composition.timeline.frame(t)
    for camera in cameras(composition):
        for x, y in places(composition, camera, t, 12, chance):
            expected = meant(composition, frame, camera, x, y, ASPECT)
            np.testing.assert_allclose(page.meant(t, camera, x, y, ASPECT), expected, rtol=1e-7, atol=1e-6)


def share_of(point: NDArray[np.float64], camera: Camera) -> tuple[float, float]:
    """Where a point is seen, from the left and from the top."""
    x, y = project(camera, point[None], ASPECT)[0]
    return float(x), float(1 - y)
