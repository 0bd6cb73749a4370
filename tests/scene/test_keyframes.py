"""Keyframes and chapters in scene files: read, written, and refused with a message that says what is needed."""

from pathlib import Path
from typing import Any

import pytest

from mmviz.errors import SceneError
from mmviz.scene.changes.edits import edited
from mmviz.scene.document import Document, from_mapping, load, save

BASE: dict[str, Any] = {
    "expr": "out = (X = A @ B) @ C",
    "tensors": {name: {"init": "rows", "shape": [4, 4]} for name in "ABC"},
}
FILM: dict[str, Any] = {
    "camera": {
        "keyframes": [
            {"direction": [1, 2, 3], "zoom": 2},
            {"at": 2.5, "position": [1, 2, 3], "target": [0, 0, 1], "view_angle": 40},
            {"at": "X", "focus": "", "direction": [0, 0, 1]},
            {"at": 5, "follow": "X"},
            {"at": "end", "orbit": -90},
        ]
    },
    "animation": {
        "easing": "linear",
        "chapters": [
            {"to": "X", "speed": 2, "hold": 0.5, "caption": "First X"},
            {"from": "out", "to": 7.5, "camera": [{"focus": "C"}, {"at": "end", "orbit": 45}]},
        ],
    },
}
NAMES = "A, B, X, C, out"


def document(**parts: Any) -> Document:
    return from_mapping(BASE | parts, "scene.yaml")


def message(**parts: Any) -> str:
    with pytest.raises(SceneError) as caught:
        document(**parts)
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_film_is_read_as_it_was_written(suffix: str, tmp_path: Path) -> None:
    told = document(**FILM)
    save(told, tmp_path / f"scene{suffix}")
    assert load(tmp_path / f"scene{suffix}") == told


def test_a_chapter_is_written_by_its_keys(tmp_path: Path) -> None:
    save(document(animation={"chapters": [{"from": "out", "caption": "c"}]}), tmp_path / "scene.yaml")
    assert "from: out" in (tmp_path / "scene.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("keyframes", "said"),
    [
        (
            [{"at": 1}],
            ".0: says not where to look from; add one of direction, zoom, position, focus, follow, orbit.",
        ),
        ([{"focus": "X", "orbit": 3}], ".0: has focus and orbit; a keyframe has one of them."),
        ([{"orbit": 3, "zoom": 2}], ".0: has orbit and zoom; a keyframe has one of them."),
        (
            [{"position": [1, 2, 3], "direction": [1, 2, 3]}],
            ".0: has position and direction; a keyframe has one of them.",
        ),
        ([{"target": [1, 2, 3]}], ".0: has a target but no position; the two go together."),
        ([{"position": [1, 2, 3], "target": [1, 2, 3]}], ".0: position and target must differ."),
        (
            [{"direction": [0, 0, 0]}],
            ".0.direction: the largest of its numbers must be between 0.000001 and 1000000, without sign.",
        ),
        (
            [{"at": -1, "orbit": 3}],
            ".0.at: must be a step (0 or more), the name or path of a matrix, or end, got -1.",
        ),
        (
            [{"at": True, "orbit": 3}],
            ".0.at: must be a step (0 or more), the name or path of a matrix, or end, got true.",
        ),
        (
            [{"at": 3, "orbit": 3}, {"at": 2, "orbit": 3}],
            ": entry 1 is at step 2, not after the one before it, at step 3; put them in the order of their steps.",
        ),
        ([{"orbit": 3}, {"orbit": 3}], ": entry 1 has no key 'at'; only the first keyframe can do without."),
        (
            [{"at": "end", "orbit": 3}, {"at": 5, "orbit": 3}],
            ": entry 1 comes after the end; put the keyframes in the order of their steps.",
        ),
        ([{"at": "Y", "orbit": 3}], f".0.at: no matrix is named 'Y'; the matrices are {NAMES}."),
        ([{"focus": "Y"}], f".0.focus: no matrix is named 'Y'; the matrices are {NAMES}."),
        ([{"follow": "A"}], ".0.follow: no product is named 'A'; the products are X, out."),
        (
            [{"fokus": "A"}],
            ".0: unknown key 'fokus'; known keys: "
            "at, direction, focus, follow, orbit, position, target, view_angle, zoom.",
        ),
    ],
)
def test_keyframes_that_say_nothing_clear_are_refused(keyframes: list[dict[str, Any]], said: str) -> None:
    assert message(camera={"keyframes": keyframes}) == f"scene.yaml, camera.keyframes{said}"
    chapters = [{"camera": keyframes}]
    assert message(animation={"chapters": chapters}) == f"scene.yaml, animation.chapters.0.camera{said}"


AT_THE_BOUNDS: list[dict[str, Any]] = [
    {"direction": [-1, 0, 0]},
    {"direction": [0, -1e6, 1]},
    {"direction": [0, 0, 1e-6]},
    {"zoom": 0.01},
    {"zoom": 100},
    {"position": [-1e7, 1e7, -1e7], "view_angle": 1},
    {"position": [0, 0, -5], "view_angle": 150},
    {"position": [0, -2e-6, 0]},
    {"at": 0, "orbit": -36000},
    {"at": 2**53, "orbit": 36000},
    {"follow": "X", "direction": [0, 0, 1], "zoom": 2},
    {"focus": "C", "zoom": 3},
]
BEYOND: list[tuple[str, dict[str, Any]]] = [
    (".direction", {"direction": [0, -1.1e6, 1]}),
    (".direction", {"direction": [0, 0, 9e-7]}),
    (".zoom", {"zoom": 0.0099}),
    (".zoom", {"zoom": 100.1}),
    (".position.0", {"position": [1.1e7, 0, 1]}),
    (".position.1", {"position": [0, -1.1e7, 1]}),
    (".position.2", {"position": [0, 0, 1.1e7]}),
    (".target.0", {"position": [0, 0, 1], "target": [-1.1e7, 0, 0]}),
    (".view_angle", {"position": [0, 0, 1], "view_angle": 0.9}),
    (".view_angle", {"position": [0, 0, 1], "view_angle": 151}),
    (": position and target must differ", {"position": [0, 0, 0]}),
    (": position and target must differ", {"position": [1, 2, 3], "target": [1, 2, 3.0000005]}),
    (": has a view_angle but no position", {"orbit": 9, "view_angle": 30}),
    (": has a target but no position", {"focus": "A", "target": [0, 0, 0]}),
    (".at", {"at": 2**53 + 2, "orbit": 9}),
    (".orbit", {"orbit": -36001}),
    (".orbit", {"orbit": 36001}),
]


@pytest.mark.parametrize("keyframe", AT_THE_BOUNDS)
def test_a_keyframe_at_the_bounds_is_taken_as_it_is_said(keyframe: dict[str, Any]) -> None:
    (taken,) = document(camera={"keyframes": [keyframe]}).camera.keyframes
    said = {key: tuple(value) if isinstance(value, list) else value for key, value in keyframe.items()}
    assert taken.model_dump(exclude_none=True) == said


@pytest.mark.parametrize(("place", "keyframe"), BEYOND)
def test_a_keyframe_beyond_the_bounds_is_refused_at_its_place(place: str, keyframe: dict[str, Any]) -> None:
    assert message(camera={"keyframes": [keyframe]}).startswith(f"scene.yaml, camera.keyframes.0{place}")


@pytest.mark.parametrize("first", [{}, {"at": 0}])
def test_two_keyframes_are_never_at_one_step(first: dict[str, Any]) -> None:
    assert message(camera={"keyframes": [{"orbit": 3, **first}, {"at": 0, "orbit": 3}]}) == (
        "scene.yaml, camera.keyframes: entry 1 is at step 0, not after the one before it, at step 0; "
        "put them in the order of their steps."
    )


def test_more_keyframes_or_chapters_than_a_thousand_are_refused() -> None:
    keyframes = [{"at": step, "orbit": 3} for step in range(1001)]
    assert len(document(camera={"keyframes": keyframes[:-1]}).camera.keyframes) == 1000
    assert message(camera={"keyframes": keyframes}).startswith("scene.yaml, camera.keyframes: ")
    assert message(animation={"chapters": [{}] * 1001}).startswith("scene.yaml, animation.chapters: ")


def test_a_chapter_may_be_a_single_step_and_as_fast_and_as_long_as_its_bounds() -> None:
    chapters = [{"from": 3, "to": 3, "hold": 60}, {"speed": 1000}, {"speed": 0.01, "hold": 0}]
    told = document(animation={"chapters": chapters}).animation.chapters
    assert [(one.from_, one.to, one.speed, one.hold) for one in told] == [
        (3, 3, None, 60), (0, "end", 1000, None), (0, "end", 0.01, 0),
    ]  # fmt: skip
    assert message(animation={"chapters": [{"speed": 1001}]}).startswith("scene.yaml, animation.chapters.0.speed: ")


@pytest.mark.parametrize(
    ("chapter", "said"),
    [
        ({"from": 5, "to": 3}, ": goes from step 5 to step 3; it must end where it begins, or later."),
        ({"from": "Y"}, f".from: no matrix is named 'Y'; the matrices are {NAMES}."),
        ({"to": "Y"}, f".to: no matrix is named 'Y'; the matrices are {NAMES}."),
        ({"to": [3]}, ".to: must be a step (0 or more), the name or path of a matrix, or end, got [3]."),
        ({"speed": 0}, ".speed: must be 0.01 or more, got 0."),
        ({"hold": 61}, ".hold: must be 60 or less, got 61."),
        ({"caption": ""}, ".caption: must not be empty, got \"\"."),
        ({"from_": 3}, ": unknown key 'from_'; known keys: camera, caption, from, hold, speed, to."),
    ],
)  # fmt: skip
def test_chapters_that_cannot_be_played_are_refused(chapter: dict[str, Any], said: str) -> None:
    assert message(animation={"chapters": [chapter]}) == f"scene.yaml, animation.chapters.0{said}"


def test_an_unknown_easing_is_refused() -> None:
    said = "scene.yaml, animation.easing: must be 'smooth', 'linear' or 'none', got \"soft\"."
    assert message(animation={"easing": "soft"}) == said


def test_an_edit_takes_keyframes_and_chapters_along_and_drops_those_of_what_is_gone() -> None:
    told = document(**FILM)
    assert edited(told, told.expr) == told
    after = edited(told, "D @ (X = A @ B)")
    assert [(one.at, one.focus, one.follow, one.orbit) for one in after.camera.keyframes] == [
        (None, None, None, None), (2.5, None, None, None), ("X", "", None, None), (5.0, None, "X", None),
        ("end", None, None, -90.0),
    ]  # fmt: skip
    assert [(chapter.from_, chapter.to, len(chapter.camera)) for chapter in after.animation.chapters] == [
        (0.0, "X", 0),
        ("", 7.5, 1),
    ]
    assert edited(told, "X = A + B").camera.keyframes[-2].at == "X"  # a sum has no plane to follow
