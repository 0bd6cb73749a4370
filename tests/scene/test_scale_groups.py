"""Scales that a scene says: who shares one, and what contradicts itself, in whole messages."""

from typing import Any

import pytest

from mmviz import Scene
from mmviz.errors import SceneError
from mmviz.scene.keys.scale_groups import scale_groups

G = {"init": "gaussian", "shape": [4, 4]}


def scene(style: dict[str, Any], expr: str = "out = softmax(Q @ K.T) @ V") -> Scene:
    return Scene(expr, {name: G for name in "QKV" if name in expr}, style=style)


def message(style: dict[str, Any]) -> str:
    with pytest.raises(SceneError) as caught:
        scene(style)
    return str(caught.value)


KNOWN = "the matrices are Q, K.T, softmax(Q @ K.T), V, out"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ({"scale": {"Q": 0}}, "scene, style.scale.Q: must be 1e-30 or more, got 0."),
        ({"scale": {"Q": -1}}, "scene, style.scale.Q: must be 1e-30 or more, got -1."),
        ({"scale": {"Q": 1e31}}, "scene, style.scale.Q: must be 1e+30 or less, got 1e+31."),
        ({"scale": {"Q": 1e-31}}, "scene, style.scale.Q: must be 1e-30 or more, got 1e-31."),
        ({"scale": {"Q": float("inf")}}, "scene, style.scale.Q: must be a finite number, got Infinity."),
        ({"scale": {"Q": "1"}}, 'scene, style.scale.Q: must be a number, got "1".'),
        ({"scale": 0.5}, "scene, style.scale: must be a mapping, got 0.5."),
        ({"scale": {"W": 1}}, f"scene, style.scale.W: no matrix is named 'W'; {KNOWN}."),
        ({"scales": {"shared": ["Q", "W"]}}, f"scene, style.scales.shared.1: no matrix is named 'W'; {KNOWN}."),
        ({"scales": {"shared": "Q"}}, 'scene, style.scales.shared: must be a list, got "Q".'),
        ({"scales": {"shared": [3]}}, "scene, style.scales.shared.0: must be a name or a list of names, got 3."),
        (
            {"scales": {"shared": [["Q", 3]]}},
            "scene, style.scales.shared.0.1: must be text, in quotes where it looks like something else, got 3.",
        ),
        ({"scales": ["Q", "K"]}, 'scene, style.scales: must be a mapping, got ["Q", "K"].'),
        ({"scales": {"share": ["Q"]}}, "scene, style.scales: unknown key 'share'; known keys: roots, shared, shown."),
        (
            {"scales": {"shared": [["Q", "K"], ["K.T", "V"]]}},
            "scene, style.scales.shared: K.T stands in two lists; a matrix has one scale, so that they have to be one "
            "list.",
        ),
        (
            {"scale": {"K": 1, "K.T": 2.5}},
            "scene, style.scale: K and K.T are one matrix, and are given 1 and 2.5; one number is needed.",
        ),
        (
            {"scale": {"Q": 1, "K": 2.5}, "scales": {"shared": ["Q", "K"]}},
            "scene, style.scale: Q and K share a scale, and are given 1 and 2.5; one number is needed.",
        ),
        ({"curve": "cubic"}, "scene, style.curve: must be 'sqrt', 'linear' or 'log', got \"cubic\"."),
        (
            {"bar": "left"},
            'scene, style.bar: must be none, side, below or a mapping with at and of, got "left".',
        ),
        ({"bar": True}, "scene, style.bar: must be none, side, below or a mapping with at and of, got true."),
        ({"bar": {"at": "left"}}, "scene, style.bar.at: must be 'none', 'side' or 'below', got \"left\"."),
        ({"bar": {"on": ["Q"]}}, "scene, style.bar: unknown key 'on'; known keys: at, of."),
        ({"bar": {"of": "Q"}}, 'scene, style.bar.of: must be a list, got "Q".'),
        ({"bar": {"of": ["W"]}}, f"scene, style.bar.of.0: no matrix is named 'W'; {KNOWN}."),
        (
            {"bar": {"of": list("QQQQQ")}},
            'scene, style.bar.of: must have 4 entries or fewer, got ["Q", "Q", "Q", "Q", "Q"].',
        ),
        ({"decades": 0}, "scene, style.decades: must be 1 or more, got 0."),
    ],
)
def test_what_is_wrong_or_contradicts_itself_gets_one_message(style: dict[str, Any], expected: str) -> None:
    assert message(style) == expected


@pytest.mark.parametrize(
    ("style", "found"),
    [
        ({}, []),
        ({"scales": {"shared": []}}, []),
        ({"scales": {"shared": ["Q", "K"]}}, [(("left.left", "left.right"), None)]),
        (
            {"scales": {"shared": [["Q", "K.T"], ["left", "out"]]}, "scale": {"V": 2}},
            [(("left.left", "left.right"), None), (("left", ""), None), (("right",), 2)],
        ),
        ({"scales": {"shared": ["Q", "K"]}, "scale": {"K": 2}}, [(("left.left", "left.right"), 2)]),
    ],
)
def test_groups_hold_the_matrices_that_are_named_and_a_number_counts_for_all_of_them(
    style: dict[str, Any], found: list[tuple[tuple[str, ...], float | None]]
) -> None:
    made = scene(style)
    assert [(group.paths, group.said) for group in scale_groups(made.root, made.document.style)] == found


def test_scales_follow_their_matrices_through_edits_and_go_away_with_them() -> None:
    made = scene({"scales": {"shared": [["Q", "K"], ["V", "out"]]}, "scale": {"Q": 2, "V": 3}})
    style = made.edited("out = softmax(Q @ K.T)").document.style
    assert style.scales.groups() == (("Q", "K"), ())
    assert style.scale == {"Q": 2}


def test_a_scene_under_the_colours_of_mm_tells_which_of_its_keys_mean_nothing() -> None:
    assert scene({"mm": {}}).doubts() == ()
    assert scene({"mm": {}, "scale": {"Q": 1}, "curve": "log"}).doubts() == (
        "style.scale and style.curve: mean nothing under style.mm, whose colours have ranges of their own",
    )
