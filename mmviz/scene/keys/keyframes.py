"""How a film is told: the camera's keyframes and the chapters of the animation; what a scene file says of them."""

from itertools import pairwise
from operator import sub
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from mmviz.scene.keys.fields import Line, Number, Strict
from mmviz.scene.keys.mentions import END, Names
from mmviz.scene.keys.problems import found

MOST = 1000
"""Most keyframes of a camera, and most chapters."""


def _somewhere(direction: tuple[float, float, float]) -> tuple[float, float, float]:
    if not 1e-6 <= max(map(abs, direction)) <= 1e6:
        raise ValueError("the largest of its numbers must be between 0.000001 and 1000000, without sign.")
    return direction


Spot = tuple[
    Annotated[Number, Field(ge=-1e7, le=1e7)],
    Annotated[Number, Field(ge=-1e7, le=1e7)],
    Annotated[Number, Field(ge=-1e7, le=1e7)],
]
"""A place, in cells from the scene's centre: right, up, toward the viewer."""
Direction = Annotated[tuple[Number, Number, Number], AfterValidator(_somewhere)]
"""From the scene toward the eye: right, up, toward the viewer."""
Zoom = Annotated[Number, Field(ge=0.01, le=100)]
ViewAngle = Annotated[Number, Field(ge=1, le=150)]


def _step(step: Any) -> Any:
    is_number = isinstance(step, int | float) and not isinstance(step, bool)
    if is_number and 0 <= step <= 1 << 53:
        return float(step)
    if isinstance(step, str):
        return step
    raise ValueError(f"must be a step (0 or more), the name or path of a matrix, or {END}, got {found(step)}.")


Step = Annotated[Annotated[float, Field(ge=0)] | str, BeforeValidator(_step)]
"""A moment of the animation: a number of steps, "end", or a matrix by name or path."""


class KeyframeOptions(Strict):
    """Where the scene is seen from at one step."""

    at: Annotated[
        Step | None,
        Names("matrix", or_end=True),
        Field(
            description="A step, the name or path of a matrix (its first step), or end; by default the first step of "
            "the animation or of the chapter."
        ),
    ] = None
    direction: Annotated[
        Direction | None,
        Field(
            description="From the scene's centre toward the eye: right, up, toward the viewer; all of the scene is "
            "seen, or what focus or follow names. By default as at the keyframe before."
        ),
    ] = None
    zoom: Annotated[Zoom | None, Field(description="1: what is looked at just fits the picture.")] = None
    position: Annotated[Spot | None, Field(description="Where the eye is, in cells from the scene's centre.")] = None
    target: Annotated[Spot | None, Field(description="With a position: what the eye looks at; the centre.")] = None
    view_angle: Annotated[
        ViewAngle | None,
        Field(description="With a position: field of view, in degrees, of the picture's shorter side."),
    ] = None
    focus: Annotated[
        str | None, Names("matrix"), Field(description="Name or path of a matrix that fills the picture.")
    ] = None
    follow: Annotated[
        str | None,
        Names("product"),
        Field(
            description="Name or path of a product: what is in flight in it stays in the middle of the picture, "
            "until shortly before the next keyframe."
        ),
    ] = None
    orbit: Annotated[
        Number | None,
        Field(
            ge=-36000,
            le=36000,
            description="Degrees by which the eye goes around what it looks at, to its right, until the next keyframe "
            "or until the film ends.",
        ),
    ] = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> "KeyframeOptions":
        kinds = [key for key in ("position", "focus", "follow", "orbit") if getattr(self, key) is not None]
        looks = [key for key in ("direction", "zoom") if getattr(self, key) is not None]
        for key in ("target", "view_angle"):
            if getattr(self, key) is not None and self.position is None:
                raise ValueError(f"has a {key} but no position; the two go together.")
        if not kinds and not looks:
            raise ValueError("says not where to look from; add one of direction, zoom, position, focus, follow, orbit.")
        if len(kinds) > 1:
            raise ValueError(f"has {kinds[0]} and {kinds[1]}; a keyframe has one of them.")
        if kinds and kinds[0] in ("position", "orbit") and looks:
            raise ValueError(f"has {kinds[0]} and {looks[0]}; a keyframe has one of them.")
        if self.position is not None:
            check_apart(self.position, self.target or (0.0, 0.0, 0.0))
        return self


def check_apart(position: tuple[float, ...], target: tuple[float, ...]) -> None:
    """Refuse an eye that stands where it looks at.

    Raises:
        ValueError: it does.
    """
    if max(map(abs, map(sub, position, target))) < 1e-6:
        raise ValueError("position and target must differ.")


def _in_order(keyframes: tuple[KeyframeOptions, ...]) -> tuple[KeyframeOptions, ...]:
    """Refuse keyframes whose numbers of steps do not grow; what names mean is known only with the shapes."""
    for number, (before, after) in enumerate(pairwise(keyframes), start=1):
        first, second = before.at, after.at
        if second is None:
            raise ValueError(f"entry {number} has no key 'at'; only the first keyframe can do without.")
        if isinstance(first, float | None) and isinstance(second, float) and second <= (first or 0.0):
            raise ValueError(
                f"entry {number} is at step {second:g}, not after the one before it, at step {first or 0:g}; "
                "put them in the order of their steps."
            )
        if first == END:
            raise ValueError(f"entry {number} comes after the end; put the keyframes in the order of their steps.")
    return keyframes


Keyframes = Annotated[tuple[KeyframeOptions, ...], Field(max_length=MOST), AfterValidator(_in_order)]


class ChapterOptions(Strict):
    """A part of the animation that is played by itself."""

    model_config = ConfigDict(title="ChapterOptions")

    from_: Annotated[
        Step,
        Names("matrix", or_end=True),
        Field(alias="from", description="The step it begins with: a number, a matrix (its first step), or end."),
    ] = 0.0
    to: Annotated[
        Step,
        Names("matrix", or_end=True),
        Field(description="The step it ends with: a number, a matrix (the step that finishes it), or end."),
    ] = END
    speed: Annotated[
        Number | None, Field(ge=0.01, le=1000, description="Steps a second; animation.speed by default.")
    ] = None
    hold: Annotated[
        Number | None,
        Field(
            ge=0, le=60, description="Seconds that its last moment stays; 0 by default, and animation.hold at the end."
        ),
    ] = None
    caption: Annotated[Line | None, Field(description="What is written below the picture during it.")] = None
    camera: Annotated[
        Keyframes,
        Field(description="Keyframes of its own; 'end' is its end. By default the camera is that of the whole scene."),
    ] = ()

    @model_serializer(mode="wrap")
    def _by_their_keys(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"from" if key == "from_" else key: value for key, value in write(self).items()}

    @model_validator(mode="after")
    def _lasts(self) -> "ChapterOptions":
        first, last = self.from_, self.to
        if isinstance(first, float) and isinstance(last, float) and first > last:
            raise ValueError(f"goes from step {first:g} to step {last:g}; it must end where it begins, or later.")
        return self
