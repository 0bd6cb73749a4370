"""Which texts a moving camera sees: chosen a few times a second, so that none flickers, and turned in every frame."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from mmviz.picture.drawlist import Label, Lines, TickLabels
from mmviz.picture.eye.camera import Camera, same
from mmviz.picture.marks.faces_seen import FacesSeen
from mmviz.picture.marks.names import Choices
from mmviz.picture.marks.writing import Texts, Writing, turned
from mmviz.picture.shots.camera_work import CameraWork
from mmviz.picture.shots.naming_shots import AHEAD, PAUSE, NamingShots
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Vector
from mmviz.picture.time.pacing import Moment

VOTERS = 5
"""Choices that decide together: a text is there where most of them have it, so that it neither blinks nor flashes."""
KEPT = VOTERS + AHEAD + 4
"""Choices that are kept: names look ahead."""


class Lettering:
    """The texts of a film; what they are does not depend on what was asked before.

    Args:
        writing: What there is to be written.
        work: Where the camera is.
        aspect: Width of the picture divided by its height.
        taken: (boxes, 4): what lies over the picture, as shares of its height; names keep off it.
    """

    def __init__(self, writing: Writing, work: CameraWork, aspect: float, taken: Vector) -> None:
        self._writing = writing
        self._work = work
        self._aspect = aspect
        self._taken = taken
        self._latest: tuple[Camera, Hashable, Texts] | None = None
        self._kept: dict[Hashable, _Choice] = {}  # the latest choices
        self._votes: dict[tuple[int | None, int], tuple[Texts, FacesSeen]] = {}  # the latest
        self._names = NamingShots(writing, work, taken, self._voted)

    def at(self, moment: Moment, camera: Camera) -> Texts:
        """The sizes and tokens of a moment as this camera sees them: the film's own, or any other."""
        number = self._number(moment, camera)
        key = None if number is None else (moment.chapter, number)
        if self._latest is None or self._latest[0] is not camera or self._latest[1] != key:
            there = self._chosen(None, camera).texts if number is None else self._voted(moment.chapter, number)[0]
            self._latest = camera, key, turned(there, camera)
        return self._latest[2]

    def names(
        self, moment: Moment, camera: Camera, flying: Sequence[Vector] = (), *, steady: bool = False
    ) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
        """The names of a moment and the lines to them, as this camera sees them.

        Args:
            moment: Of the film.
            camera: The film's own, or any other.
            flying: (4, 3) each, in cells: the corners of what flies, before which names fade.
            steady: Of a camera that is not the film's own: names keep the places that they had for the one before.
        """
        if self._number(moment, camera) is None:
            view = self._chosen(None, camera).view
            return self._names.standing(camera, self.at(moment, camera), view, flying, steady=steady)
        return self._names.moving(moment.chapter, self._work.seconds(moment), camera, flying)

    def alone(self, camera: Camera) -> tuple[Texts, Choices]:
        """The sizes and tokens of a camera that is not the film's own, not turned to it yet, and where names stand."""
        chosen = self._chosen(None, camera)
        return chosen.texts, self._names.best(turned(chosen.texts, camera), chosen.view)

    def filmed(self, chapter: int | None, number: int) -> tuple[Texts, Choices, Choices]:
        """The same of a choice of the film, by its number in a chapter; names as they stood before it, and after."""
        return self._voted(chapter, number)[0], *self._names.around(chapter, number)

    def _number(self, moment: Moment, camera: Camera) -> int | None:
        """Which choice of its chapter counts in a moment; None: that of the camera itself."""
        if self._work.stands or not same(camera, self._work.at(moment)):
            return None
        return int(self._work.seconds(moment) / PAUSE)

    def _voted(self, chapter: int | None, number: int) -> tuple[Texts, FacesSeen]:
        """What most of the choices around one have, and what is seen then."""
        kept = self._votes.get((chapter, number))
        if kept is None:
            while len(self._votes) >= KEPT:
                self._votes.pop(next(iter(self._votes)))
            kept = self._votes[chapter, number] = self._vote(chapter, number)
        return kept

    def _vote(self, chapter: int | None, number: int) -> tuple[Texts, FacesSeen]:
        around = range(number - VOTERS // 2, number + VOTERS // 2 + 1)
        cameras = [self._work.at(self._work.after(chapter, other * PAUSE)) for other in around]
        choices = [self._chosen((chapter, other), seen) for other, seen in zip(around, cameras, strict=True)]
        return _most([choice.texts for choice in choices]), choices[VOTERS // 2].view

    def _chosen(self, key: Hashable, camera: Camera) -> "_Choice":
        """What is read from a camera; the latest choices are kept."""
        kept = self._kept.get(key)
        if kept is None or not same(kept.camera, camera):
            kept = next((one for one in self._kept.values() if one.camera is camera), None)
            if kept is None:
                view = self._writing.view(camera, self._aspect)
                kept = _Choice(camera, self._writing.toward(camera, view, self._taken), view)
            self._kept.pop(key, None)
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = kept
        return kept


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """What is read from one camera."""

    camera: Camera
    texts: Texts
    view: FacesSeen


def _most(choices: list[Texts]) -> Texts:
    """The texts that most of some choices have, as the choice in the middle has them, or one that is near it."""
    middle = len(choices) // 2
    nearest_last = sorted(range(len(choices)), key=lambda number: -abs(number - middle))
    labels: dict[ItemKey, Label] = {label.key: label for number in nearest_last for label in choices[number].labels}
    ticks: dict[ItemKey, TickLabels] = {one.key: one for number in nearest_last for one in choices[number].ticks}
    votes = Counter(label.key for choice in choices for label in choice.labels)
    votes += Counter(one.key for choice in choices for one in choice.ticks)
    return Texts(
        tuple(label for key, label in labels.items() if 2 * votes[key] > len(choices)),
        tuple(one for key, one in ticks.items() if 2 * votes[key] > len(choices)),
        choices[middle].titles,
    )
