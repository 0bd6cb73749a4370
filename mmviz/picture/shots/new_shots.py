"""What a scene says once a person has shown from where it is to be seen: its camera, or one more keyframe of it."""

from collections.abc import Sequence
from typing import Any, Protocol

from mmviz.picture.eye.said import keys_of
from mmviz.picture.time.chapters import Chapter, whole_of
from mmviz.picture.time.pacing import Moment
from mmviz.picture.time.timeline import Timeline
from mmviz.scene.document import Document
from mmviz.scene.keys.keyframes import KeyframeOptions
from mmviz.scene.keys.mentions import END
from mmviz.scene.keys.options import AnimationOptions, CameraOptions
from mmviz.scene.keys.view import SeenFrom
from mmviz.scene.language.tree import Tree
from mmviz.scene.parts import Changes

NEAR = 5e-4
"""Steps within which two keyframes are at the same step."""
Keyframes = Sequence[tuple[float, KeyframeOptions]]


class Filmed(Protocol):
    """A scene, as far as its keyframes go: a composition is one."""

    @property
    def root(self) -> Tree:
        """The tree."""

    @property
    def timeline(self) -> Timeline:
        """When its products are computed."""

    @property
    def animation(self) -> AnimationOptions:
        """What the scene says of it."""

    @property
    def eye(self) -> CameraOptions:
        """The scene's camera."""

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The parts of the film."""


def with_own_camera(document: Document, words: SeenFrom) -> Changes:
    """The scene's camera at another place; its inset and keyframes stay."""
    said = document.camera.model_dump(exclude_defaults=True)
    kept = {key: part for key, part in said.items() if key not in ("direction", "zoom")}
    return {"camera": kept | keys_of(words)}


def with_keyframe(document: Document, film: Filmed, moment: Moment, words: SeenFrom) -> Changes:
    """One more keyframe at a moment, or another in the place of the one that is at this step.

    It belongs to the camera of the chapter that shows the moment, where that has one, or else to the scene's.
    """
    number = own_chapter(film, moment)
    if number is None:
        frames = _joined(_of_the_whole(film), moment.time, words, float(film.timeline.steps))
        return {"camera": document.camera.model_dump(exclude_defaults=True) | {"keyframes": frames}}
    chapter = film.chapters[number]
    frames = _joined(chapter.keyframes, moment.time, words, chapter.last)
    animation = document.animation.model_dump(exclude_defaults=True)
    animation["chapters"] = [
        told | {"camera": frames} if place == number else told for place, told in enumerate(animation["chapters"])
    ]
    return {"animation": animation}


def keyframes_at(film: Filmed, moment: Moment) -> Keyframes:
    """The keyframes, with their steps, that a new one at a moment would stand among."""
    number = own_chapter(film, moment)
    return _of_the_whole(film) if number is None else film.chapters[number].keyframes


def own_chapter(film: Filmed, moment: Moment) -> int | None:
    """The number of the chapter that shows a moment, where it has a camera of its own."""
    number = moment.chapter
    if number is None or number >= len(film.chapters):
        return None
    return number if film.chapters[number].keyframes else None


def _of_the_whole(film: Filmed) -> Keyframes:
    schedule, eye = film.timeline.schedule, film.eye
    whole: Chapter = whole_of(film.root, schedule, film.animation, eye.keyframes)
    return whole.keyframes


def _joined(keyframes: Keyframes, time: float, words: SeenFrom, last: float) -> list[dict[str, Any]]:
    """The keyframes with the new one among them, in the order of their steps."""
    there = next((keyframe for step, keyframe in keyframes if abs(step - time) < NEAR), None)
    if there is None:
        at: float | str | None = END if abs(time - last) < NEAR else round(time, 3)
    else:
        at = there.at  # as the scene says it, such as the name of a matrix
    new: dict[str, Any] = ({} if at is None else {"at": at}) | keys_of(words)
    before = [_told(keyframe) for step, keyframe in keyframes if step <= time - NEAR]
    after = [_told(keyframe) for step, keyframe in keyframes if step >= time + NEAR]
    return [*before, new, *after]


def _told(keyframe: KeyframeOptions) -> dict[str, Any]:
    return keyframe.model_dump(exclude_defaults=True)
