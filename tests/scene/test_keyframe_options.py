"""What a keyframe or a chapter may say, read by itself: kinds that exclude each other, orders, and their messages."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from mmviz.scene.keys.keyframes import MOST, ChapterOptions, KeyframeOptions, Keyframes, check_apart

KEYFRAMES: TypeAdapter[tuple[KeyframeOptions, ...]] = TypeAdapter(Keyframes)


def refusal(read: Any, content: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(content)
    (error,) = caught.value.errors()
    return str(error["msg"]).removeprefix("Value error, ")


KINDS: dict[str, Any] = {"position": (1, 2, 3), "focus": "A", "follow": "A", "orbit": 90}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_a_keyframe_has_one_kind(kind: str, other: str) -> None:
    content = {kind: KINDS[kind], other: KINDS[other]}
    if kind == other:
        assert getattr(KeyframeOptions.model_validate(content), kind) is not None
        return
    first, second = (name for name in KINDS if name in (kind, other))
    assert refusal(KeyframeOptions.model_validate, content) == (
        f"has {first} and {second}; a keyframe has one of them."
    )


@pytest.mark.parametrize("look", [{"zoom": 2}, {"direction": (0, 0, 1)}])
def test_what_looks_from_a_direction_goes_with_what_is_looked_at(look: dict[str, Any]) -> None:
    KeyframeOptions.model_validate(look)
    for kind in ("focus", "follow"):
        KeyframeOptions.model_validate({kind: KINDS[kind], **look})
    for kind in ("position", "orbit"):
        assert refusal(KeyframeOptions.model_validate, {kind: KINDS[kind], **look}) == (
            f"has {kind} and {next(iter(look))}; a keyframe has one of them."
        )


@pytest.mark.parametrize(("key", "value"), [("target", (0, 0, 0)), ("view_angle", 30)])
def test_a_target_and_an_angle_take_a_position(key: str, value: Any) -> None:
    KeyframeOptions.model_validate({"position": (1, 2, 3), key: value})
    assert refusal(KeyframeOptions.model_validate, {"focus": "A", key: value}) == (
        f"has a {key} but no position; the two go together."
    )


def test_a_keyframe_that_says_nothing_is_refused() -> None:
    assert refusal(KeyframeOptions.model_validate, {"at": 3}) == (
        "says not where to look from; add one of direction, zoom, position, focus, follow, orbit."
    )


def test_an_eye_stands_somewhere_else_than_where_it_looks() -> None:
    check_apart((0, 0, 1e-6), (0, 0, 0))
    check_apart((5, 5, 5), (5, 5, 5.1))
    for position, target in (((0, 0, 0.9e-6), (0, 0, 0)), ((1, 2, 3), (1, 2, 3))):
        with pytest.raises(ValueError, match=r"^position and target must differ\.$"):
            check_apart(position, target)
    assert refusal(KeyframeOptions.model_validate, {"position": (0, 0, 0)}) == "position and target must differ."
    KeyframeOptions.model_validate({"position": (0, 0, 0), "target": (0, 1, 0)})


@pytest.mark.parametrize("direction", [(1e-6, 0, 0), (0, -1e-6, 0), (1e6, -1e6, 0)])
def test_a_direction_at_its_bounds(direction: tuple[float, float, float]) -> None:
    assert KeyframeOptions.model_validate({"direction": direction}).direction == direction


@pytest.mark.parametrize("direction", [(0, 0, 0), (9e-7, 0, 0), (0, 0, -1.1e6)])
def test_a_direction_beyond_its_bounds(direction: tuple[float, float, float]) -> None:
    assert refusal(KeyframeOptions.model_validate, {"direction": direction}) == (
        "the largest of its numbers must be between 0.000001 and 1000000, without sign."
    )


@pytest.mark.parametrize("at", [0, 2.5, 1 << 53, "end", "A", "left.right"])
def test_a_moment_is_a_step_a_name_or_the_end(at: Any) -> None:
    found = KeyframeOptions.model_validate({"at": at, "zoom": 1}).at
    assert found == at
    assert isinstance(found, str if isinstance(at, str) else float)


@pytest.mark.parametrize(
    ("at", "shown"), [(-1, "-1"), (True, "true"), ([1], "[1]"), ((1 << 53) + 2, str((1 << 53) + 2))]
)
def test_a_moment_that_is_none(at: Any, shown: str) -> None:
    assert refusal(KeyframeOptions.model_validate, {"at": at, "zoom": 1}).startswith(
        "must be a step (0 or more), the name or path of a matrix, or end, got "
    )
    assert shown.partition("[")[0] in refusal(KeyframeOptions.model_validate, {"at": at, "zoom": 1})


@pytest.mark.parametrize(
    "steps", [[None], [None, 1], [0, 0.5, 1], [None, "A", 1], [3, "A", 1], ["A", "A"], [1, "A", "end"], ["end"]]
)
def test_moments_in_order(steps: list[Any]) -> None:
    read = KEYFRAMES.validate_python([{"at": step, "zoom": 1} for step in steps])
    assert [frame.at for frame in read] == steps


ORDER = "put them in the order of their steps."


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([1, None], "entry 1 has no key 'at'; only the first keyframe can do without."),
        ([None, 0], f"entry 1 is at step 0, not after the one before it, at step 0; {ORDER}"),
        ([1, 2, 1.5], f"entry 2 is at step 1.5, not after the one before it, at step 2; {ORDER}"),
        ([1, 1], f"entry 1 is at step 1, not after the one before it, at step 1; {ORDER}"),
        (["end", 1], "entry 1 comes after the end; put the keyframes in the order of their steps."),
        (["end", "end"], "entry 1 comes after the end; put the keyframes in the order of their steps."),
    ],
)
def test_moments_out_of_order(steps: list[Any], message: str) -> None:
    assert refusal(KEYFRAMES.validate_python, [{"at": step, "zoom": 1} for step in steps]) == message


def test_a_thousand_keyframes_are_enough() -> None:
    frames = [{"at": step, "zoom": 1} for step in range(MOST + 1)]
    assert len(KEYFRAMES.validate_python(frames[:MOST])) == MOST
    assert refusal(KEYFRAMES.validate_python, frames).startswith(f"Tuple should have at most {MOST} items")


def test_a_chapter_is_the_whole_animation_unless_it_says_otherwise() -> None:
    chapter = ChapterOptions.model_validate({})
    assert (chapter.from_, chapter.to, chapter.speed, chapter.hold, chapter.caption, chapter.camera) == (
        0.0, "end", None, None, None, ()
    )  # fmt: skip
    assert ChapterOptions.model_validate({"from": "A", "to": 3}).model_dump(exclude_defaults=True) == {
        "from": "A",
        "to": 3.0,
    }


def test_a_chapter_ends_where_it_begins_or_later() -> None:
    ChapterOptions.model_validate({"from": 3, "to": 3})
    ChapterOptions.model_validate({"from": 3, "to": "A"})
    assert refusal(ChapterOptions.model_validate, {"from": 3, "to": 2.5}) == (
        "goes from step 3 to step 2.5; it must end where it begins, or later."
    )
