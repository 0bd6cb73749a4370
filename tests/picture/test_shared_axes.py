"""A row or column that is lit is lit wherever it is: as einsum's letters say, and as numbers change."""

import re
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.marks.shared_axes import Lit, SharedAxes, line
from mmviz.picture.space.sweep import Sweep
from mmviz.scene.language.tree import find, plain, root_of, walk

SIZES = {"t": 5, "s": 4, "d": 3, "e": 6, "f": 2}
"""How long the axis of each letter is."""


def scene_of(
    expr: str, shapes: Mapping[str, tuple[int, int]], given: Mapping[str, NDArray[np.float64]] | None = None
) -> Scene:
    """A scene of random numbers, the same every time, with some that are given."""
    rng = np.random.default_rng(0)
    return Scene(expr, {name: rng.normal(size=shape) for name, shape in shapes.items()} | dict(given or {}))


def shared(scene: Scene) -> SharedAxes:
    return SharedAxes.of(scene.root, scene.shapes.axes, scene.values())


def path(scene: Scene, name: str) -> str:
    node = find(scene.root, name)
    assert node is not None, name
    return node.path


def cells(lit: Lit, scene: Scene) -> dict[str, NDArray[np.bool_]]:
    """By path (rows, columns): True where a cell is lit."""
    found = {}
    for place, shape in scene.shapes.of.items():
        found[place] = np.zeros(shape, bool)
        for sweep in lit.get(place, ()):
            found[place] |= sweep.mask(shape)
    return found


@pytest.mark.parametrize(
    ("expr", "letters"),
    [
        # Letters of the leaves, as they are shown; those of each result follow as in einsum.
        ("P = A @ B", {"A": "td", "B": "de", "P": "te"}),
        ("P = (M = A @ B) @ C", {"A": "td", "B": "de", "C": "ef", "M": "te", "P": "tf"}),
        ("P = A @ (M = B @ C)", {"A": "td", "B": "de", "C": "ef", "M": "df", "P": "tf"}),
        ("P = (M = softmax(A @ B.T)) @ C", {"A": "td", "B.T": "ds", "C": "se", "M": "ts", "P": "te"}),
        ("P = X + (M = relu(A @ B))", {"X": "te", "A": "td", "B": "de", "M": "te", "P": "te"}),
        ("P = ((M = A @ B) @ C).T", {"C.T": "fe", "M.T": "et", "B.T": "ed", "A.T": "dt", "P": "ft"}),
        ("P = (X * Y) @ C - Z", {"X": "td", "Y": "td", "C": "de", "Z": "te", "P": "te"}),
    ],
)
def test_a_cell_is_lit_along_the_letters_of_einsum(expr: str, letters: dict[str, str]) -> None:
    own = {name.removesuffix(".T"): (text[::-1] if name.endswith(".T") else text) for name, text in letters.items()}
    leaves = {name: text for name, text in own.items() if f"{name} =" not in expr}
    scene = scene_of(expr, {name: (SIZES[text[0]], SIZES[text[1]]) for name, text in leaves.items()})
    axes = shared(scene)
    sides = {name: (text[0], text[1]) for name, text in letters.items()}
    for name, (row, column) in sides.items():
        lit = axes.lit_around(path(scene, name), 1, 0)
        for other, (across, down) in sides.items():
            expected: list[Sweep] = []
            for axis, letter in enumerate((across, down)):
                expected += [line(axis, 1)] * (letter == row) + [line(axis, 0)] * (letter == column)
            assert lit.get(path(scene, other), ()) == tuple(expected), (name, other)


BEFORE_MIXING = {
    "attention": ("softmax((Q = X @ A) @ (K = X @ B).T) @ (V = X @ C)", ("Q", "K.T", "V", "X")),
    "residual": ("Y = X + relu((N = layernorm(X)) @ A) @ D", ("N", "Y", "X")),
    "reference": ("Y = (H = gelu(X @ A)) * (G = H @ E) + H", ("H", "G", "Y", "X")),
}
WEIGHTS = {"A": (3, 6), "B": (3, 6), "C": (3, 6), "D": (6, 3), "E": (6, 6)}


@pytest.mark.parametrize("name", BEFORE_MIXING)
@pytest.mark.parametrize("token", [0, 3])
def test_a_token_is_lit_where_numbers_change_with_its_row_of_the_input(name: str, token: int) -> None:
    expr, unmixed = BEFORE_MIXING[name]
    own = {tensor: shape for tensor, shape in WEIGHTS.items() if re.search(rf"\b{tensor}\b", expr)}
    numbers = np.random.default_rng(1).normal(size=(5, 3))
    moved = numbers + np.outer(np.eye(5)[token], [1.0, -2.0, 0.5])  # a norm must not undo it
    before, after = (scene_of(expr, own, {"X": given}) for given in (numbers, moved))
    axis = next((node.path, int(node.transposed)) for node in plain(before.root) if node.tensor == "X")
    lines: Lit = {}
    for path, side in shared(before).sharing(axis):
        lines[path] = (*lines.get(path, ()), line(side, token))
    lit = cells(lines, before)
    for node in walk(before.root):
        if node.name in unmixed:
            changed = before.values()[node.path] != after.values()[node.path]
            assert np.array_equal(changed, lit[node.path]), node.name
    pattern = next((node for node in walk(before.root) if node.name.startswith("softmax")), None)
    if pattern is not None:  # a softmax mixes its rows: those of the token, and the numbers of its column before it
        expected = np.zeros((5, 5), bool)
        expected[token] = expected[:, token] = True
        assert np.array_equal(lit[pattern.path], expected)


def test_a_token_is_lit_in_every_matrix_whose_axis_counts_tokens() -> None:
    scene = Scene.load("attention_head")
    axes, count = scene.shapes.axes, len(scene.composition.tokens)
    lit = cells(shared(scene).lit_at("tokens", count, 41), scene)
    for place, names in axes.items():
        expected = np.zeros(scene.shapes.of[place], bool)
        if names[0] == "tokens":
            expected[41] = True
        if names[1] == "tokens":
            expected[:, 41] = True
        assert np.array_equal(lit[place], expected), place
    assert sum(found.any() for found in lit.values()) == 9  # all but the four weights
    assert shared(scene).lit_at("tokens", count + 1, 41) == {}
    assert shared(scene).lit_at("tokens", count, count) == {}


def test_a_query_and_a_key_of_one_input_are_told_apart() -> None:
    expr = "(attn = softmax((Q = X @ A) @ (K = X @ B).T)) @ (V = X @ C)"
    scene = scene_of(expr, {"X": (5, 3), "A": (3, 6), "B": (3, 6), "C": (3, 6)})
    axes = shared(scene)
    lit = axes.lit_around(path(scene, "attn"), 4, 2)
    assert lit[path(scene, "attn")] == (line(0, 4), line(1, 2))
    assert lit[path(scene, "Q")] == (line(0, 4),)
    assert lit[path(scene, "K.T")] == (line(1, 2),)
    assert lit[path(scene, "V")] == (line(0, 2),)
    assert lit[root_of(scene.root).path] == (line(0, 4),)
    of_query = axes.lit_around(path(scene, "Q"), 4, 1)
    assert of_query[path(scene, "attn")] == (line(0, 4),)
    assert of_query[path(scene, "K.T")] == (line(0, 1),)
    assert path(scene, "V") not in of_query
    inputs = [node.path for node in plain(scene.root) if node.tensor == "X"]
    of_input = axes.lit_around(inputs[0], 4, 1)
    assert of_input[path(scene, "attn")] == (line(0, 4), line(1, 4))
    assert of_input[path(scene, "V")] == (line(0, 4),)


def test_a_cell_of_a_pattern_is_lit_in_the_patterns_of_the_other_heads() -> None:
    head = "(a{0} = softmax((X @ A{0}) @ (X @ B{0}).T)) @ X"
    expr = f"{head.format(0)} + {head.format(1)}"
    scene = scene_of(expr, {"X": (5, 3), **{f"{side}{n}": (3, 2) for side in "AB" for n in range(2)}})
    lit = shared(scene).lit_around(path(scene, "a0"), 3, 1)
    assert lit[path(scene, "a0")] == lit[path(scene, "a1")] == (line(0, 3), line(1, 1))


def test_what_is_no_attention_pattern_is_lit_in_none_but_by_the_operations() -> None:
    expr = "(a = softmax(X @ X.T)) @ X + (S = relu((X @ B) @ (X @ C).T)) @ X"
    scene = scene_of(expr, {"X": (5, 3), "B": (3, 2), "C": (3, 2)})
    lit = shared(scene).lit_around(path(scene, "S"), 3, 1)
    assert lit[path(scene, "S")] == (line(0, 3), line(1, 1))
    assert lit[path(scene, "a")] == (line(0, 3),)


def test_a_matrix_that_is_multiplied_by_itself_is_lit_as_the_product_takes_it() -> None:
    scene = scene_of("P = A @ A", {"A": (4, 4)})
    lit = shared(scene).lit_around("left", 1, 2)
    assert lit == {"left": (line(0, 1), line(1, 2)), "right": (line(0, 2),), "": (line(0, 1),)}


def test_a_reference_is_lit_as_the_matrix_that_it_shows_again() -> None:
    scene = scene_of("P = (H = A @ B) @ (C @ H.T)", {"A": (4, 3), "B": (3, 2), "C": (2, 2)})
    again = next(node.path for node in walk(scene.root) if node.name == "H.T")
    lit = shared(scene).lit_around(path(scene, "H"), 3, 1)
    assert lit[again] == (line(0, 1), line(1, 3))
    assert lit[""] == (line(0, 3), line(1, 3))


def test_no_matrix_has_more_lit_than_a_row_and_a_column() -> None:
    scene = Scene.load("transformer_layer")
    axes = shared(scene)
    for name in ("x", "attn4", "Q1", "V2", "gate", "out"):
        for sweeps in axes.lit_around(path(scene, name), 3, 2).values():
            assert 1 <= len(sweeps) <= 2
            assert len({sweep.row_turn for sweep in sweeps}) == len(sweeps)


def test_sides_that_are_one_axis_are_told() -> None:
    scene = scene_of("P = A @ B + C @ A.T", {"A": (4, 3), "B": (3, 4), "C": (4, 3)})
    axes = shared(scene)
    assert set(axes.along(("", 0))) == {("", 0), ("left", 0), ("right", 0), ("left.left", 0), ("right.left", 0)}
    assert ("right.right", 1) not in axes.along(("left.left", 0))
    assert {("right.right", 1), ("", 1), ("", 0)} <= set(axes.sharing(("left.left", 0)))
