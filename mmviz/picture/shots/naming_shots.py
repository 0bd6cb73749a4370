"""Where names stand while the camera moves: chosen a few times a second, and on their way from place to place between.

A choice keeps the places of the choice before as long as they are good, and looks ahead before it takes others. It
depends on nothing but the camera's path: frames may be drawn in any order, by any number of processes.
"""

from collections.abc import Callable, Sequence

from mmviz.picture.drawlist import Label, Lines
from mmviz.picture.easing import smooth
from mmviz.picture.eye.camera import Camera, same
from mmviz.picture.marks.faces_seen import FacesSeen
from mmviz.picture.marks.name_choice import Outlook, choose
from mmviz.picture.marks.names import Choices, Drawn, giving_way, names_drawn
from mmviz.picture.marks.writing import Texts, Writing, turned
from mmviz.picture.shots.camera_work import CameraWork
from mmviz.picture.space.placement import Vector

PAUSE = 0.4
"""Seconds between two moments at which texts are chosen."""
AHEAD = 3
"""How many choices a choice looks ahead."""
LONGEST = 150
"""Choices after which one is made anew: a minute, so that no frame has to wait for those of a whole lecture."""
NOTHING: Choices = {}
KEPT = 2 * AHEAD + 2
"""Outlooks that are kept."""


class NamingShots:
    """The names of a film, or of any picture of its scene.

    Args:
        writing: What there is to be written.
        work: Where the camera is.
        taken: (boxes, 4): what lies over the picture, as shares of its height.
        flat: By chapter and number of a choice: the texts that lie flat in space then, and what is seen.
    """

    def __init__(
        self,
        writing: Writing,
        work: CameraWork,
        taken: Vector,
        flat: Callable[[int | None, int], tuple[Texts, FacesSeen]],
    ) -> None:
        self._writing = writing
        self._work = work
        self._taken = taken
        self._flat = flat
        self._outlooks: dict[tuple[int | None, int], Outlook] = {}
        self._chains: dict[tuple[int | None, int], list[Choices]] = {}  # by chapter and number of the first choice
        self._latest: tuple[Camera, Choices, bool] | None = None
        self._kept: tuple[Camera, float, list[int], tuple[Choices, Choices], list[Drawn]] | None = None

    def moving(
        self, chapter: int | None, seconds: float, camera: Camera, flying: Sequence[Vector]
    ) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
        """The names some seconds after the beginning of a chapter, as the film's own camera sees them."""
        number = int(seconds / PAUSE)
        _, view = self._flat(chapter, number)
        choices = self.around(chapter, number)
        return self._drawn(choices, smooth(seconds / PAUSE - number), camera, view.aspect, flying)

    def around(self, chapter: int | None, number: int) -> tuple[Choices, Choices]:
        """Where names stand before the choice of this number in a chapter, and from then on."""
        return self._before(chapter, number), self._chosen(chapter, number)

    def standing(
        self, camera: Camera, texts: Texts, view: FacesSeen, flying: Sequence[Vector], *, steady: bool
    ) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
        """The names as any other camera sees them.

        Args:
            camera: Of the picture.
            texts: That lie flat in space.
            view: What the camera sees.
            flying: (4, 3) each, in cells: the corners of what flies.
            steady: They keep the places that they had for the camera before.
        """
        if self._latest is None or not same(self._latest[0], camera) or self._latest[2] != steady:
            before = self._latest[1] if steady and self._latest is not None else NOTHING
            self._latest = camera, self.best(texts, view, before), steady
        return self._drawn((self._latest[1], self._latest[1]), 0.0, camera, view.aspect, flying)

    def best(self, texts: Texts, view: FacesSeen, before: Choices = NOTHING) -> Choices:
        """Where names stand best in a picture alone; they keep the places of before where these are good."""
        return choose(self._writing.outlook(view, texts, self._taken), (), before)

    def _drawn(
        self,
        choices: tuple[Choices, Choices],
        share: float,
        camera: Camera,
        aspect: float,
        flying: Sequence[Vector],
    ) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
        """Items that stay what they were are the same objects: a renderer has them already."""
        kept = self._kept
        if kept is None or kept[0] is not camera or kept[1:3] != (share, [*map(id, choices)]):
            names, extent = self._writing.names(), self._writing.extent
            drawn = names_drawn(names, choices, share, extent, camera, aspect)
            kept = self._kept = camera, share, [*map(id, choices)], choices, drawn
        return giving_way(kept[-1], flying, camera, aspect)

    def _chosen(self, chapter: int | None, number: int) -> Choices:
        """A choice: every name keeps its place from the choice before as long as that is good."""
        first = number // LONGEST * LONGEST
        chain = self._chains.setdefault((chapter, first), [])
        while first + len(chain) <= number:
            now = first + len(chain)
            anew = first > 0 and now == first
            before = NOTHING if anew else self._before(chapter, now)
            rests = not anew and self._rests(chapter, now)
            chain.append(before if rests else self._choose(chapter, now, before))
        return chain[number - first]

    def _before(self, chapter: int | None, number: int) -> Choices:
        """The choice before: also of the chapter before, and before the first one that itself."""
        if number > 0:
            return self._chosen(chapter, number - 1)
        if chapter:
            return self._chosen(chapter - 1, int(self._work.lasts(chapter - 1) / PAUSE))
        chain = self._chains.get((chapter, 0))
        return chain[0] if chain else self._choose(chapter, 0, NOTHING)

    def _choose(self, chapter: int | None, number: int, before: Choices) -> Choices:
        ahead = [self._outlook(chapter, number + far) for far in range(1, AHEAD + 1)]
        return choose(self._outlook(chapter, number), ahead, before)

    def _rests(self, chapter: int | None, number: int) -> bool:
        """Whether the camera has not moved since the choice before."""
        return number > 0 and self._camera(chapter, number) is self._camera(chapter, number - 1)

    def _camera(self, chapter: int | None, number: int) -> Camera:
        return self._work.at(self._work.after(chapter, number * PAUSE))

    def _outlook(self, chapter: int | None, number: int) -> Outlook:
        key = chapter, number
        if key not in self._outlooks:
            texts, view = self._flat(chapter, number)
            outlook = self._writing.outlook(view, turned(texts, view.camera), self._taken)
            while len(self._outlooks) >= KEPT:
                self._outlooks.pop(next(iter(self._outlooks)))
            self._outlooks[key] = outlook
        return self._outlooks[key]
