"""Where names stand while the camera moves: chosen a few times a second, and on their way from place to place between.

A choice keeps the places of the choice before as long as they are good, and looks ahead before it takes others. It
depends on nothing but the camera's path: frames may be drawn in any order, by any number of processes.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence

from mmviz.picture.drawlist import Label, Lines
from mmviz.picture.easing import smooth
from mmviz.picture.eye.camera import Camera, same
from mmviz.picture.marks.name_choice import Choice, Outlook, choose
from mmviz.picture.marks.names import Drawn, giving_way, names_drawn
from mmviz.picture.marks.writing import Texts, Writing, turned
from mmviz.picture.shots.camera_work import CameraWork
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Vector

PAUSE = 0.4
"""Seconds between two moments at which texts are chosen."""
AHEAD = 3
"""How many choices a choice looks ahead."""
BLOCK = 8
"""Choices in a block."""
KEPT = 4 * BLOCK
"""Outlooks and choices that are kept."""

Choices = Mapping[ItemKey, Choice]


class NamingShots:
    """The names of a film, or of any picture of its scene.

    Args:
        writing: What there is to be written.
        work: Where the camera is.
        aspect: Width of the picture divided by its height.
        taken: (boxes, 4): what lies over the picture, as shares of its height.
        flat: By chapter and number of a choice: the texts that lie flat in space then.
    """

    def __init__(
        self,
        writing: Writing,
        work: CameraWork,
        aspect: float,
        taken: Vector,
        flat: Callable[[int | None, int], Texts],
    ) -> None:
        self._writing = writing
        self._work = work
        self._aspect = aspect
        self._taken = taken
        self._flat = flat
        self._outlooks: dict[tuple[int | None, int], Outlook] = {}
        self._choices: dict[Hashable, Choices] = {}
        self._latest: tuple[Camera, Choices] | None = None
        self._kept: tuple[Camera, float, list[int], tuple[Choices, Choices], list[Drawn]] | None = None

    def moving(
        self, chapter: int | None, seconds: float, camera: Camera, flying: Sequence[Vector]
    ) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
        """The names some seconds after the beginning of a chapter, as the film's own camera sees them."""
        number = int(seconds / PAUSE)
        share = smooth(seconds / PAUSE - number)
        choices = self._chosen(chapter, number), self._chosen(chapter, number + 1)
        return self._drawn(choices, share, camera, flying)

    def standing(
        self, camera: Camera, texts: Texts, flying: Sequence[Vector]
    ) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
        """The names as any other camera sees them."""
        if self._latest is None or not same(self._latest[0], camera):
            outlook = self._writing.outlook(self._writing.view(camera, self._aspect), texts, self._taken)
            self._latest = camera, choose(outlook)
        return self._drawn((self._latest[1], self._latest[1]), 0.0, camera, flying)

    def _drawn(
        self, choices: tuple[Choices, Choices], share: float, camera: Camera, flying: Sequence[Vector]
    ) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
        """Items that stay what they were are the same objects: a renderer has them already."""
        kept = self._kept
        if kept is None or kept[0] is not camera or kept[1:3] != (share, [*map(id, choices)]):
            names, extent = self._writing.names(), self._writing.extent
            drawn = names_drawn(names, choices, share, extent, camera, self._aspect)
            kept = self._kept = camera, share, [*map(id, choices)], choices, drawn
        return giving_way(kept[-1], flying, camera, self._aspect)

    def _chosen(self, chapter: int | None, number: int) -> Choices:
        """A choice: every name keeps its place from the choice before as long as that is good.

        The choices before go back to the beginning of the block before, wherever one begins to ask.
        """
        first = max(0, number // BLOCK - 1) * BLOCK
        before: Choices = {}
        for one in range(first, number + 1):
            key = chapter, first, one
            if key not in self._choices:
                ahead = [self._outlook(chapter, one + far) for far in range(1, AHEAD + 1)]
                _keep(self._choices, key, choose(self._outlook(chapter, one), ahead, before))
            before = self._choices[key]
        return before

    def _outlook(self, chapter: int | None, number: int) -> Outlook:
        key = chapter, number
        if key not in self._outlooks:
            camera = self._work.at(self._work.after(chapter, number * PAUSE))
            view = next((one.view for one in self._outlooks.values() if one.view.camera is camera), None)
            texts = turned(self._flat(chapter, number), camera)
            outlook = self._writing.outlook(view or self._writing.view(camera, self._aspect), texts, self._taken)
            _keep(self._outlooks, key, outlook)
        return self._outlooks[key]


def _keep(kept: dict, key: Hashable, found: object) -> None:  # type: ignore[type-arg]
    while len(kept) >= KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = found
