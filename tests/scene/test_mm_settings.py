"""mm's settings as parts of a scene: in mm's own units where they are the same, else as measured, within our bounds."""

from math import pi
from typing import Any

import pytest

from mmviz.errors import SceneError
from mmviz.scene.document import from_mapping
from mmviz.scene.mm.settings import (
    ALGORITHMS,
    losses,
    read_animation,
    read_camera,
    read_layout,
    read_partition,
    read_style,
)
from mmviz.scene.mm.tree import MmProduct, read_tree


def tree(**groups: Any) -> MmProduct:
    """(A @ B) @ (C @ D), with groups of the root; `left` and `right` are those of the inner products."""
    inner = {
        side: {"matmul": True, "left": {"name": one}, "right": {"name": other}, **groups.pop(side, {})}
        for side, one, other in (("left", "A", "B"), ("right", "C", "D"))
    }
    return read_tree({**inner, **groups})


def key(path: str) -> str:
    return path or "root"


def checked(**parts: Any) -> None:
    """What is read is a part of a scene that has such matrices."""
    tensors = {name: {"init": "eye", "shape": [4, 4]} for name in "ABCD"}
    from_mapping({"version": 1, "expr": "root = (left = A @ B) @ (right = C @ D)", "tensors": tensors, **parts}, "s")


def animation(**groups: Any) -> dict[str, Any]:
    found = read_animation(tree(**groups), key)
    checked(animation=found)
    return found


def test_mm_stands_still_by_itself_and_plays_twenty_steps_a_second() -> None:
    assert animation() == {
        "algorithm": "none", "fuse": "none", "matrices": {}, "hide_inputs": False, "spin": 0.0, "speed": 20.0
    }  # fmt: skip


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_every_algorithm_of_mm_is_one_of_ours(alg: str) -> None:
    assert animation(anim={"alg": alg})["algorithm"] == ALGORITHMS[alg]


def test_an_inner_product_is_told_where_it_goes_another_way_and_moves() -> None:
    root = {"alg": "vmprod"}
    assert animation(anim=root, left={"anim": {"alg": "axpy"}}, right={"anim": {"alg": "inherit"}})["matrices"] == {
        "left": "axpy"
    }
    assert animation(anim=root, left={"anim": {"alg": "vmprod"}}, right={"anim": {"alg": "none"}})["matrices"] == {
        "right": "none"
    }
    assert animation(anim={"alg": "none"}, left={"anim": {"alg": "axpy"}})["matrices"] == {}


@pytest.mark.parametrize(
    ("anim", "found"),
    [
        ({"fuse": "sync"}, {"fuse": "sync"}),
        ({"fuse": "async"}, {"fuse": "async"}),
        ({"hide inputs": True}, {"hide_inputs": True}),
        ({"hide inputs": "yes"}, {"hide_inputs": False}),
        ({"speed": 0}, {"speed": 0.01}),
        ({"speed": 1e9}, {"speed": 1000.0}),
        ({"spin": -1e9}, {"spin": -360.0}),
        ({"spin": 1e9}, {"spin": 360.0}),
        ({"spin": 2}, {"spin": 2 / 20 * 180 / pi}),  # a twentieth of a radian a second for each 1
    ],
)
def test_how_it_moves(anim: dict[str, Any], found: dict[str, Any]) -> None:
    said = animation(anim=anim)
    assert {name: said[name] for name in found} == pytest.approx(found)


def test_blocks_are_the_roots_and_k_of_every_product() -> None:
    inner = {"block": {"i blocks": 9, "j blocks": 9, "k blocks": 4}}
    found = read_partition(tree(block={"i blocks": 2, "k blocks": "3", "j blocks": 1}, left=inner, right=inner), key)
    assert found == {"i": 2, "k": 3, "left": {"k": 4}, "right": {"k": 4}}
    checked(partition={"i": 2, "k": 3, "left": {"k": 4}})
    assert read_partition(tree(block={"i blocks": -2, "k blocks": 0, "j blocks": 1.9}), key) == {}


def layout(**groups: Any) -> dict[str, Any]:
    found = read_layout(tree(**groups), key)
    checked(layout=found)
    return found


def test_a_layout_says_what_mm_says() -> None:
    assert layout() == {"scheme": "blocks", "gap": 4.0}  # mm's own where nothing is said
    said = {"scheme": "wheel", "gap": 3, "scatter": 1.5, "molecule": 2.0, "blast": 4, "polarity": "positive",
            "left placement": "right", "right placement": "bottom", "result placement": "back"}  # fmt: skip
    assert layout(layout=said) == {
        "scheme": "wheel", "gap": 3.0, "scatter": 1.5, "molecule": 2, "blast": 4.0, "polarity": "positive",
        "left": "right", "right": "bottom", "result": "back"
    }  # fmt: skip
    assert isinstance(layout(layout=said)["molecule"], int)


def test_inner_facings_count_where_the_scheme_is_custom_and_inner_gaps_everywhere() -> None:
    inner = {"layout": {"gap": 7, "polarity": "positive"}}
    assert layout(left=inner) == {"scheme": "blocks", "gap": 4.0, "matrices": {"left": {"gap": 7.0}}}
    assert layout(layout={"scheme": "custom"}, left=inner) == {
        "scheme": "custom",
        "gap": 4.0,
        "matrices": {"left": {"gap": 7.0, "polarity": "positive"}},
    }


def style(**groups: Any) -> dict[str, Any]:
    found = read_style(tree(**groups))
    checked(style=found)
    return found


def test_decorations_are_on_unless_their_size_is_0() -> None:
    on = {"names": True, "sizes": True, "guides": True, "arrows": True}
    assert style() == {"mm": {}, **on}
    assert style(deco={"legends": 0.5, "row guides": 1, "flow guides": 1, "shape": True}) == {"mm": {}, **on}
    assert style(deco={"legends": 0, "row guides": 0, "flow guides": 0}) == {"mm": {}, **dict.fromkeys(on, False)}
    assert style(deco={"shape": False, "row guides": -1}) == {"mm": {}, **on, "sizes": False, "guides": False}


def test_colours_are_within_their_bounds() -> None:
    said = {"sensitivity": "semilocal", "min size": -1, "min light": 0.25, "max light": 2, "elem scale": 20,
            "zero hue": "0.5", "hue gap": 0, "hue spread": 1}  # fmt: skip
    assert style(viz=said)["mm"] == {
        "sensitivity": "semilocal", "min_size": 0.0, "min_light": 0.25, "max_light": 1.0, "elem_scale": 10.0,
        "zero_hue": 0.5, "hue_gap": 0.0, "hue_spread": 1.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cam", "found"),
    [
        ({}, {}),
        ({"target": {"x": 1}}, {}),
        ({"x": None, "y": None}, {}),
        ({"x": 1}, {"position": [1, 48, 48], "target": [0, 0, 0], "view_angle": 45}),
        ({"z": "0", "target": {"y": 2}}, {"position": [-48, 48, 0], "target": [0, 2, 0], "view_angle": 45}),
        ({"x": 0, "y": 0, "z": 0, "target": 3}, {}),  # it stands where it looks at
        ({"x": 1, "y": 2, "z": 3, "target": {"x": 1, "y": 2, "z": 3}}, {}),
    ],
)
def test_the_camera_is_mms_where_it_says_one(cam: dict[str, Any], found: dict[str, Any]) -> None:
    assert read_camera(tree(cam=cam)) == found
    checked(camera=found)


@pytest.mark.parametrize(
    ("deco", "lines"),
    [
        ({}, []),
        ({"interior spotlight": False, "axes": False}, []),
        ({"axes": True}, ["'axes': is left out"]),
        ({"interior spotlight": 0.5, "axes": 1}, ["'interior spotlight': is left out", "'axes': is left out"]),
    ],
)
def test_what_is_left_out_is_told(deco: dict[str, Any], lines: list[str]) -> None:
    assert losses(tree(deco=deco)) == lines


WORDS = ", ".join(ALGORITHMS)


@pytest.mark.parametrize(
    ("read", "groups", "message"),
    [
        (animation, {"anim": {"alg": "fast"}}, f'anim.alg: must be one of inherit, {WORDS}; got "fast".'),
        (
            animation,
            {"left": {"anim": {"alg": 1}}, "anim": {"alg": "axpy"}},
            f"left.anim.alg: must be one of inherit, {WORDS}; got 1.",
        ),
        (
            layout,
            {"layout": {"scheme": "heap"}},
            'layout.scheme: must be one of blocks, zigzag, wheel, custom; got "heap".',
        ),
        (
            style,
            {"viz": {"sensitivity": "x"}},
            'viz.sensitivity: must be one of global, semilocal, local, superlocal; got "x".',
        ),
        (style, {"viz": {"hue gap": "x"}}, 'viz.hue gap: must be a number, got "x".'),
    ],
)
def test_a_word_that_mm_does_not_have_is_told_with_its_place(read: Any, groups: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        read(**groups)
    assert str(caught.value) == f"mm parameters, {message}"


def test_a_coordinate_that_is_no_number_is_told_with_its_place() -> None:
    for cam, place in (({"x": "a"}, "cam.x"), ({"x": 1, "target": {"z": "a"}}, "cam.target.z")):
        with pytest.raises(SceneError) as caught:
            read_camera(tree(cam=cam))
        assert str(caught.value) == f'mm parameters, {place}: must be a number, got "a".'
