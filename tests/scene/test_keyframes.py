"""Keyframes and chapters in scene files: read, written, and refused with a message that says what is needed."""

from pathlib import Path
from typing import Any

import pytest

from mmviz.errors import SceneError
from mmviz.scene.document import Document, from_mapping, load, save
from mmviz.scene.edits import edited

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
