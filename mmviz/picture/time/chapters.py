"""The parts of which a film is made: from which step to which, how fast, and when in the film; no pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from mmviz.errors import SceneError
from mmviz.picture.time.schedule import Schedule
from mmviz.scene.keys.keyframes import KeyframeOptions
from mmviz.scene.keys.mentions import END
from mmviz.scene.keys.options import AnimationOptions
from mmviz.scene.language.tree import Tree, find


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the animation, played once; the same steps may be in several."""

    first: float  # step it begins with
    last: float  # step it ends with
    speed: float  # steps a second
    hold: float  # seconds that its last moment stays
    start: float = 0.0  # second of the film at which it begins
    title: str = ""  # what is written below the picture
    keyframes: tuple[tuple[float, KeyframeOptions], ...] = ()  # its own camera: steps that grow, and what is seen there
    joined: bool = False  # the next chapter begins where this one ends

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.last - self.first) / self.speed + self.hold

    def holds(self, step: float) -> bool:
        """Whether it shows a step."""
        return self.first <= step <= self.last


def chapters_of(root: Tree, schedule: Schedule, animation: AnimationOptions) -> tuple[Chapter, ...]:
    """The chapters of an animation; the whole of it is one, where it has none.

    Args:
        root: The tree.
        schedule: When its products are computed.
        animation: What the scene says.

    Raises:
        SceneError: a chapter ends before it begins, or a step lies beyond the end.
    """
    if not animation.chapters:
        return (Chapter(0.0, float(schedule.steps), animation.speed, animation.hold),)
    return tuple(_joined(list(_told(root, schedule, animation))))


def whole_of(
    root: Tree, schedule: Schedule, animation: AnimationOptions, keyframes: tuple[KeyframeOptions, ...]
) -> Chapter:
    """The animation from its beginning to its end, with the keyframes of the scene's camera.

    Raises:
        SceneError: a keyframe lies beyond the end, or is not after the one before it.
    """
    last = float(schedule.steps)
    steps = keyframe_steps(keyframes, root, schedule, (0.0, last), "camera.keyframes")
    return Chapter(0.0, last, animation.speed, animation.hold, keyframes=steps)


def keyframe_steps(
    keyframes: tuple[KeyframeOptions, ...],
    root: Tree,
    schedule: Schedule,
    within: tuple[float, float],
    place: str,
) -> tuple[tuple[float, KeyframeOptions], ...]:
    """Keyframes with their steps, which grow.

    Args:
        keyframes: What the scene says.
        root: The tree.
        schedule: When its products are computed.
        within: First and last step of what they belong to.
        place: Where they stand in the document.

    Raises:
        SceneError: a keyframe lies outside, or is not after the one before it.
    """
    found: list[tuple[float, KeyframeOptions]] = []
    for number, keyframe in enumerate(keyframes):
        here = f"{place}.{number}"
        if keyframe.at is None:
            step = within[0]
        elif keyframe.at == END:
            step = within[1]
        else:
            step = _step(keyframe.at, root, schedule, schedule.begins, f"{here}.at")
        if not within[0] <= step <= within[1]:
            raise SceneError(
                f"{here}.at: {_called(keyframe.at, step)} is not within steps {within[0]:g} to {within[1]:g}."
            )
        if found and step <= found[-1][0]:
            before = f"{place}.{number - 1}"
            raise SceneError(
                f"{here}.at: {_called(keyframe.at, step)} is not after step {found[-1][0]:g} of {before}; "
                "put the keyframes in the order of their steps."
            )
        found.append((step, keyframe))
    return tuple(found)


def _told(root: Tree, schedule: Schedule, animation: AnimationOptions) -> Iterator[Chapter]:
    start = 0.0
    for number, chapter in enumerate(animation.chapters):
        place = f"animation.chapters.{number}"
        first = _step(chapter.from_, root, schedule, schedule.begins, f"{place}.from")
        last = _step(chapter.to, root, schedule, schedule.ready, f"{place}.to")
        if first > last:
            raise SceneError(
                f"{place}: goes from {_called(chapter.from_, first)} to {_called(chapter.to, last)}; "
                "it must end where it begins, or later."
            )
        at_the_end = number == len(animation.chapters) - 1
        hold = (animation.hold if at_the_end else 0.0) if chapter.hold is None else chapter.hold
        keyframes = keyframe_steps(chapter.camera, root, schedule, (first, last), f"{place}.camera")
        speed = animation.speed if chapter.speed is None else chapter.speed
        told = Chapter(first, last, speed, hold, start, chapter.caption or "", keyframes)
        start += told.seconds
        yield told


def _joined(chapters: list[Chapter]) -> Iterator[Chapter]:
    for chapter, following in pairwise(chapters):
        yield replace(chapter, joined=chapter.last == following.first)
    yield chapters[-1]


def _step(step: float | str, root: Tree, schedule: Schedule, of_matrices: Mapping[str, int], place: str) -> float:
    """The step that is meant by a number, a matrix or the word end."""
    if step == END:
        return float(schedule.steps)
    if isinstance(step, str):
        node = find(root, step)
        if node is None:
            raise SceneError(f"{place}: no matrix is named '{step}'.")
        return float(of_matrices[node.path])
    if step > schedule.steps:
        raise SceneError(f"{place}: must be a step from 0 to {schedule.steps}, the last one, got {step:g}.")
    return step


def _called(told: float | str | None, step: float) -> str:
    return f"step {step:g} ({told})" if isinstance(told, str) else f"step {step:g}"
