"""Which places names get from one camera: free ones in the picture, of what is seen, and the same as before."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.marks.faces_seen import faces_seen
from mmviz.picture.marks.name_choice import WORST, Choice, Outlook, choose
from mmviz.picture.marks.name_places import BESIDE, ON, nameplate, spots
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement

ASPECT = 16 / 9
Boxes = NDArray[np.float64]
NOTHING: Boxes = np.zeros((0, 4))
WHOLE: Boxes = np.array([[0.0, 0.0, ASPECT, 1.0]])


def sheet(x: float, y: float, z: float = 0.0, side: int = 8) -> Placement:
    """A square matrix that faces the reader, by its middle."""
    half = (side - 1) / 2
    return Placement((side, side), np.array([x - half, y + half, z]), np.array([0.0, -1, 0]), np.array([1.0, 0, 0]))


GRID = [sheet(13.0 * column, 10.0 * row) for row in range(3) for column in range(3)]
CROWD = [sheet(6.0 * column, 5.0 * row, 4.0 * ((row + column) % 3), side=6) for row in range(4) for column in range(4)]


def outlook(
    places: Sequence[Placement], written: Boxes = NOTHING, least: float = 0.0, direction: Sequence[float] = (0, 0, 1)
) -> Outlook:
    faces = {ItemKey("matrix", str(number)): place for number, place in enumerate(places)}
    extent = np.concatenate([place.corners() for place in places])
    view = faces_seen(faces, [], extent, fit(extent, direction, ASPECT), ASPECT)
    names = [
        nameplate(ItemKey("name", key.path), f"softmax(Q_{key.path})", (1, 1, 1), key, place)
        for key, place in faces.items()
    ]
    return Outlook(names, view, written, least) if least else Outlook(names, view, written)


def boxes(seen: Outlook, chosen: dict[ItemKey, Choice]) -> dict[ItemKey, Boxes]:
    """Left, bottom, right and top of each name."""
    camera: Camera = seen.view.camera
    names = [name for name in seen.all_names if name.key in chosen]
    heights = np.array([chosen[name.key].height for name in names])
    found = spots(names, heights, camera, ASPECT).boxes
    return {name.key: found[row, chosen[name.key].place] for row, name in enumerate(names)}


def overlap(one: Boxes, other: Boxes) -> bool:
    return bool((one[:2] < other[2:]).all() and (other[:2] < one[2:]).all())


@pytest.mark.parametrize("direction", [(0, 0, 1), (-1, 0.7, 1), (1, 0.1, 0.4)])
def test_names_lie_in_the_picture_and_none_over_another_or_over_a_matrix_that_is_not_its_own(
    direction: Sequence[float],
) -> None:
    seen = outlook(GRID, direction=direction)
    found = boxes(seen, choose(seen))
    assert len(found) > 6
    for box in found.values():
        assert (box[:2] >= 0).all()
        assert (box[2:] <= (ASPECT, 1.0)).all()
    assert not any(overlap(one, other) for one, other in combinations(found.values(), 2))
    for key, (left, bottom, right, top) in found.items():
        across, up = np.meshgrid(np.linspace(left, right, 9), np.linspace(bottom, top, 5))
        under = seen.view.at(np.stack([across, up], axis=-1))
        others = (under >= 0) & (under != int(key.path))
        assert others.mean() < 0.1, key


@pytest.mark.parametrize("turn", range(8))
def test_no_line_leads_over_another_name(turn: int) -> None:
    """Nor over its corner: at any of 1000 points."""
    seen = outlook(CROWD, direction=(-1, 0.1 * turn, 1))
    chosen = choose(seen)
    names = [name for name in seen.all_names if name.key in chosen]
    found = spots(names, np.array([chosen[name.key].height for name in names]), seen.view.camera, ASPECT)
    places = [chosen[name.key].place for name in names]
    each = range(len(names))
    texts = found.boxes[each, places]
    lined = np.flatnonzero(found.lined[each, places])
    assert len(lined) > 2
    for row in lined:
        start, end = (one[row, places[row]] for one in (found.starts, found.ends))
        points = start + np.linspace(0, 1, 1000)[:, None] * (end - start)
        for left, bottom, right, top in np.delete(texts, row, axis=0):
            assert not ((points > (left, bottom)) & (points < (right, top))).all(axis=1).any()


def test_no_place_beside_a_matrix_can_be_had_that_lies_over_one() -> None:
    seen = outlook(GRID, direction=(-1, 0.7, 1))
    costs = seen.large.costs
    off = np.ones(costs.shape, np.bool_)
    off[:, BESIDE:ON] = False
    found = seen.large.spots.boxes[(costs < WORST) & off]
    across, up = np.meshgrid(np.linspace(0.02, 0.98, 25), np.linspace(0.05, 0.95, 9))
    shares = np.stack([across, up], axis=-1)
    under = seen.view.at(found[:, None, None, :2] + shares * (found[:, 2:] - found[:, :2])[:, None, None])
    assert len(found) > 100
    assert (under >= 0).mean(axis=(1, 2)).max() < 0.12


def test_a_matrix_that_is_hidden_has_no_name() -> None:
    places = [sheet(0, 0, side=4), sheet(0, 0, 3.0, side=12)]
    assert {key.path for key in choose(outlook(places))} == {"1"}
    assert {key.path for key in choose(outlook(places, direction=(0, 0, -1)))} == {"0", "1"}


def test_a_matrix_of_which_next_to_nothing_is_seen_has_no_name() -> None:
    large = sheet(0, 0, side=100)
    assert {key.path for key in choose(outlook([large, sheet(60, 0, side=1)]))} == {"0"}
    assert {key.path for key in choose(outlook([large, sheet(60, 0, side=4)]))} == {"0", "1"}


def test_a_name_gives_way_to_what_is_written_and_goes_where_nothing_is_free() -> None:
    free = outlook(GRID[:1])
    ((key, box),) = boxes(free, choose(free)).items()
    taken = outlook(GRID[:1], box[None])
    found = boxes(taken, choose(taken))
    assert not overlap(found[key], box)
    assert choose(outlook(GRID[:1], WHOLE)) == {}


def test_a_name_keeps_a_place_that_it_had_where_the_best_one_is_hardly_better() -> None:
    seen = outlook(GRID[:1])
    ((key, best),) = choose(seen).items()
    others = [place for place in np.argsort(seen.large.costs[0]) if place != best.place][:3]
    for place in others:
        kept = choose(seen, before={key: Choice(int(place), best.height)})
        assert kept[key].place == place
    worst = int(seen.large.costs[0].argmax())
    assert choose(seen, before={key: Choice(worst, best.height)}) == {key: best}


def test_no_name_goes_where_it_cannot_stay() -> None:
    now = outlook(GRID[:1])
    ((key, best),) = choose(now).items()
    box = boxes(now, {key: best})[key]
    later = outlook(GRID[:1], box[None])
    assert choose(now, [later])[key].place != best.place


def test_letters_are_never_smaller_than_can_be_read() -> None:
    for least in (0.02, 0.04):
        found = choose(outlook(GRID, least=least))
        assert found
        assert min(choice.height for choice in found.values()) >= least
