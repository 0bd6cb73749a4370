"""Explained elements: every number of an explanation is held against numpy on whole matrices."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import erf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.cell.explanation import Again, Cell, Products, Source, explain, lit
from mmviz.picture.counted_stages import COUNTED
from mmviz.picture.stages import Stage
from mmviz.scene.language.building import build
from mmviz.scene.language.dropped import dropped
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import root_of, tensors

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]
CLOSE = 1e-5
"""Of float32, as a share of the largest number in the row."""
SIDE = 6
UPPER = np.triu(np.ones((SIDE, SIDE), bool), 1)
WEIGHT = np.array([0.5, 1.0, 2.0, 0.25, 1.5, 3.0])
BIAS = np.array([-1.0, 0.0, 0.5, 1.0, -0.25, 2.0])
SINK = 0.75


MASKS = {
    "tril": "tril(M)",
    "triu": "triu(M)",
    "window": "window(M, 2)",
    "local": "local(M, 1)",
    "chunk": "chunk(M, 4)",
    "prefix": "prefix(M, 2)",
    "pad": "pad(M, 5, 1)",
}
"""How each function that masks is called."""
FORBIDDEN = {
    "sdpa": UPPER,
    "tril": UPPER,
    "triu": UPPER.T,
    "window": ~np.tri(SIDE, dtype=bool) | np.tri(SIDE, k=-2, dtype=bool),
    "local": ~np.tri(SIDE, k=1, dtype=bool) | np.tri(SIDE, k=-2, dtype=bool),
    "chunk": UPPER | ~np.kron(np.eye(2, dtype=bool), np.ones((4, 4), bool))[:SIDE, :SIDE],
    "prefix": UPPER & (np.arange(SIDE) >= 2),
    "pad": np.broadcast_to([j < 1 or j >= 5 for j in range(SIDE)], (SIDE, SIDE)),
}


def masked_by(function: str, x: Matrix) -> Matrix:
    return np.where(FORBIDDEN[function], 0.0, x)


def softmax(x: Matrix) -> Matrix:
    powers = np.exp(x - x.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def beyond_two(x: Matrix) -> Mask:
    """True but for the two largest elements of each row; of equal ones the first count."""
    found = np.ones(x.shape, bool)
    np.put_along_axis(found, np.argsort(-x, 1, kind="stable")[:, :2], False, 1)
    return found


def gelu_tanh(x: Matrix) -> Matrix:
    cubic = x + 0.044715 * x**3  # a line of its own: mypy takes a second to see through the whole
    return np.asarray(0.5 * x * (1 + np.tanh(sqrt(2 / np.pi) * cubic)))


def rotated(x: Matrix) -> Matrix:
    """Pairs (j, j + 2) as complex numbers, turned by an angle that is stretched by the weight, and half as long.

    The rest stays as it is.
    """
    pairs = x[:, :2] + 1j * x[:, 2:4]
    angles = np.arange(SIDE)[:, None] / (50.0 ** (np.arange(2) / 2) * WEIGHT[:2])
    turned = 0.5 * pairs * np.exp(1j * angles)
    return np.concatenate((turned.real, turned.imag, x[:, 4:]), 1)


def rotated_neighbours(x: Matrix) -> Matrix:
    """The same of pairs (2j, 2j + 1)."""
    angles = np.arange(SIDE)[:, None] / (50.0 ** (np.arange(2) / 2) * WEIGHT[:4:2])
    turned = (x[:, :4:2] + 1j * x[:, 1:4:2]) * np.exp(1j * angles)
    return np.concatenate((np.stack((turned.real, turned.imag), 2).reshape(len(x), 4), x[:, 4:]), 1)


def quiet_log(x: Matrix) -> Matrix:
    with np.errstate(all="ignore"):
        return np.asarray(np.log(x))


def dropped_at(p: float, seed: int) -> Mask:
    """Which elements dropout drops, by the last step of MurmurHash3 in plain numbers."""

    def scattered(word: int) -> int:
        word = (word ^ word >> 16) * 0x85EBCA6B % 2**32
        word = (word ^ word >> 13) * 0xC2B2AE35 % 2**32
        return word ^ word >> 16

    start = scattered(seed ^ scattered(0x9E3779B9))
    words = [[scattered((5 * scattered(start ^ i) + j) % 2**32) for j in range(SIDE)] for i in range(SIDE)]
    return np.array(words) < p * 2**32


PAIRS: dict[str, tuple[str, Callable[[Matrix], Matrix]]] = {
    "relu": ("relu(M)", lambda x: np.maximum(x, 0)),
    "relu2": ("relu2(M)", lambda x: np.maximum(x, 0) ** 2),
    "leaky_relu": ("leaky_relu(M, 0.25)", lambda x: np.where(x < 0, 0.25 * x, x)),
    "gelu": ("gelu(M)", lambda x: x * np.vectorize(lambda v: 0.5 * (1 + erf(v / sqrt(2))))(x)),
    "gelu_tanh": ("gelu_tanh(M)", gelu_tanh),
    "silu": ("silu(M)", lambda x: x / (1 + np.exp(-x))),
    "sigmoid": ("sigmoid(M)", lambda x: 1 / (1 + np.exp(-x))),
    "tanh": ("tanh(M)", np.tanh),
    "swish": ("swish(M, 1.7)", lambda x: x / (1 + np.exp(-1.7 * x))),
    "minimum": ("minimum(M, 0.5)", lambda x: np.minimum(x, 0.5)),
    "softcap": ("softcap(M, 2)", lambda x: 2 * np.tanh(x / 2)),
    "clip": ("clip(M, -0.5, 0.75)", lambda x: np.clip(x, -0.5, 0.75)),
    "square": ("square(M)", np.square),
    "power": ("power(M, 3)", lambda x: x**3),
    "add": ("add(M, 1.5)", lambda x: x + 1.5),
    "scale": ("scale(M)", lambda x: x / sqrt(5)),
    "bias": ("bias(M, w)", lambda x: x + WEIGHT),
    "layernorm": (
        "layernorm(M, w, b, 0.01)",
        lambda x: (x - x.mean(1)[:, None]) / np.sqrt(x.var(1) + 0.01)[:, None] * WEIGHT + BIAS,
    ),
    "rmsnorm": ("rmsnorm(M, w, 0.1)", lambda x: x / np.sqrt((x * x).mean(1) + 0.1)[:, None] * WEIGHT),
    "rope": ("rope(M, w, 50, 4, 0.5)", rotated),
    "rope_pairs": ("rope_pairs(M, w, 50, 4)", rotated_neighbours),
    "position_scale": (
        "position_scale(M, 0.5, 2, 1)",
        lambda x: x * (1 + 0.5 * np.log(1 + np.arange(1, SIDE + 1) // 2))[:, None],
    ),
    **{name: (call, partial(masked_by, name)) for name, call in MASKS.items()},
    "xielu": (
        "xielu(M, s, s, s, s)",
        lambda x: (
            SINK * x
            + np.where(
                x > 0,
                np.log1p(np.exp(SINK)) * x * x,
                (SINK + np.log1p(np.exp(SINK))) * (np.expm1(np.minimum(x, SINK)) - x),
            )
        ),
    ),
    "float16": ("float16(M)", lambda x: x.astype(np.float16).astype(np.float64)),
    "bfloat16": ("bfloat16(M)", lambda x: np.ldexp(np.rint(np.ldexp(np.frexp(x)[0], 8)), np.frexp(x)[1] - 8)),
    "exp": ("exp(M)", np.exp),
    "log": ("log(M)", quiet_log),
    "abs": ("abs(M)", np.abs),
    "maximum": ("maximum(M, 0.5)", lambda x: np.maximum(x, 0.5)),
    "cumsum": ("cumsum(M)", lambda x: np.cumsum(x, 1)),
    "onehot": ("onehot(M)", lambda x: np.eye(SIDE)[x.argmax(1)]),
    "batchnorm": (
        "batchnorm(M, w, b, 0.01)",
        lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 0.01) * WEIGHT + BIAS,
    ),
    "dropout": ("dropout(M, 0.25, 3)", lambda x: np.where(dropped_at(0.25, 3), 0, x / 0.75)),
    "share": ("share(M)", lambda x: x / x.sum(1, keepdims=True)),
    "topk": ("topk(M, 2)", lambda x: np.where(beyond_two(x), 0, x)),
    "softmax_sink": ("softmax_sink(M, s)", lambda x: softmax(np.c_[x, np.full(len(x), SINK)])[:, :-1]),
    "softmax": ("softmax(M, 0.7)", lambda x: softmax(x / 0.7)),
    "sdpa": ("sdpa(M)", lambda x: softmax(np.where(UPPER, -np.inf, x / sqrt(5)))),
}
"""How each function is called, and what it makes of a matrix without a mask."""


def number(stage: Stage, name: str) -> float:
    """The first number whose name begins so."""
    return next(quantity.value for quantity in stage.quantities if quantity.name.startswith(name))


def dressed_scene(expr: str) -> Scene:
    sources = {
        "A": {"init": "gaussian", "shape": [SIDE, 5], "seed": 3, "min": -2, "max": 2},
        "B": {"init": "gaussian", "shape": [5, SIDE], "seed": 4, "min": -2, "max": 2},
        "w": {"values": [WEIGHT.tolist()]},
        "b": {"values": [BIAS.tolist()]},
        "s": {"values": [[SINK]]},
    }
    return Scene(expr, {name: sources[name] for name in tensors(root_of(build(parse(expr))))})


def bare(scene: Scene, side: str = "") -> Matrix:
    """A @ B, or its transpose where that is how it is drawn."""
    values = scene.values()
    return values[f"{side}left"].astype(np.float64) @ values[f"{side}right"]


def test_every_function_has_an_outside_reference() -> None:
    assert set(PAIRS) == set(FUNCTIONS) > set(COUNTED)


def test_dropout_drops_what_the_rule_in_plain_numbers_says() -> None:
    found = dropped(np.arange(SIDE)[:, None], np.arange(SIDE), 0.25, 3)
    np.testing.assert_array_equal(found, dropped_at(0.25, 3))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
@pytest.mark.parametrize("turned", [False, True])
def test_every_function_leads_from_each_number_to_the_right_one(function: str, turned: bool) -> None:
    call, reference = PAIRS[function]
    scene = dressed_scene(f"x = {call.replace('M', 'A @ B')}{'.T' if turned else ''}")
    start = bare(scene)
    end = reference(start.T).T if turned else reference(start)
    for i, j in np.ndindex(SIDE, SIDE):
        found = explain(scene.composition, "", i, j)
        (stage,) = found.stages
        assert stage.function == function
        assert stage.before == pytest.approx(start[i, j], rel=1e-12)
        assert stage.after == pytest.approx(end[i, j], abs=1e-6, nan_ok=True)
        assert stage.formula


@pytest.mark.parametrize("turned", [False, True])
def test_norms_tell_the_moments_of_the_row_and_their_weight_and_bias(turned: bool) -> None:
    scene = dressed_scene(f"x = layernorm(A @ B, w, b, 0.01){'.T' if turned else ''}")
    start = bare(scene)
    for i, j in np.ndindex(SIDE, SIDE):
        stage = explain(scene.composition, "", i, j).stages[0]
        row, place = (start[:, j], i) if turned else (start[i], j)
        assert number(stage, "mean") == pytest.approx(row.mean())
        assert number(stage, "variance") == pytest.approx(row.var())
        assert stage["weight"] == WEIGHT[place]
        assert stage["bias"] == BIAS[place]
        normal = stage["(x - mean) / sqrt(variance + eps)"]
        assert normal * stage["weight"] + stage["bias"] == pytest.approx(stage.after, abs=1e-6)


def test_a_root_mean_square_is_told_with_its_weight() -> None:
    scene = dressed_scene("x = rmsnorm(A @ B, w, 0.1)")
    start = bare(scene)
    for i, j in np.ndindex(SIDE, SIDE):
        stage = explain(scene.composition, "", i, j).stages[0]
        assert number(stage, "mean square") == pytest.approx((start[i] ** 2).mean())
        assert stage["x / sqrt(mean square + eps)"] * WEIGHT[j] == pytest.approx(stage.after)


def test_what_is_chosen_with_an_offset_is_told_with_it() -> None:
    scene = dressed_scene("x = topk(scale(A @ B, 0.05), w, 2)")
    start = 0.05 * bare(scene)
    hidden = beyond_two(start + WEIGHT)
    assert (hidden != beyond_two(start)).any()
    for i, j in np.ndindex(SIDE, SIDE):
        stage = explain(scene.composition, "", i, j).stages[1]
        assert stage.masked == hidden[i, j]
        larger = int((start[i] + WEIGHT > start[i, j] + WEIGHT[j]).sum())
        if not stage.masked:
            said = f"one of the 2 largest of its row, with what is added to each; {larger} are larger"
            assert stage.formula == f"not masked: {said}"


functions = st.sampled_from(sorted(set(FUNCTIONS) - {"power", "square", "share", "exp", "log", "cumsum", "onehot"}))


@given(st.lists(st.tuples(functions, st.booleans()), min_size=1, max_size=4))
def test_any_functions_one_over_the_other_turned_or_not_are_told_step_by_step(chain: list[tuple[str, bool]]) -> None:
    expr = "A @ B"
    for function, transposed in chain:
        expr = PAIRS[function][0].replace("M", expr) + (".T" if transposed else "")
    scene = dressed_scene(expr)
    node = root_of(scene.root)
    x, mask = bare(scene), np.zeros((SIDE, SIDE), bool)
    steps = [(x, mask)]
    for worn in node.worn:
        x, mask = (
            worn_by_numpy(worn.function, x.T, mask.T)
            if worn.drawn_transposed
            else worn_by_numpy(worn.function, x, mask)
        )
        x, mask = (x.T, mask.T) if worn.drawn_transposed else (x, mask)
        steps.append((x, mask))
    for i, j in ((0, 0), (1, 4), (5, 2), (3, 3), (2, 5)):
        stages = explain(scene.composition, "", i, j).stages
        for stage, (before, _), (after, masked) in zip(stages, steps[:-1], steps[1:], strict=True):
            size = np.abs(after).max() + 1
            assert stage.before == pytest.approx(before[i, j], abs=1e-5 * (np.abs(before).max() + 1))
            assert stage.after == pytest.approx(after[i, j], abs=1e-5 * size)
            assert stage.masked == masked[i, j]


def worn_by_numpy(function: str, x: Matrix, mask: Mask) -> tuple[Matrix, Mask]:
    """A function of a matrix with a mask: what is forbidden takes no part in a softmax, and is 0."""
    mask = mask | FORBIDDEN[function] if function in FORBIDDEN else mask
    if function == "softmax_sink":
        x = softmax(np.c_[np.where(mask, -np.inf, x), np.full(len(x), SINK)])[:, :-1]
    elif function == "topk":
        mask = mask | beyond_two(np.where(mask, -np.inf, x))
    elif function in ("softmax", "sdpa"):
        scaled = np.where(mask, -np.inf, x / (0.7 if function == "softmax" else sqrt(5)))
        powers = np.exp(scaled - np.max(scaled, 1, initial=-1e9, keepdims=True))
        x = powers / np.maximum(powers.sum(1, keepdims=True), 1e-300)
    else:
        x = PAIRS[function][1](x)
    return np.where(mask, 0.0, x), mask


def test_a_reference_before_a_function_is_told_as_such() -> None:
    scene = dressed_scene("softmax(s = A @ B) * s")
    found = explain(scene.composition, "right", 2, 3)
    assert isinstance(found.origin, Again)
    assert found.origin.before == "softmax"
    assert found.origin.target.cell == Cell("left", 2, 3)
    assert found.value == pytest.approx(bare(scene, "left.")[2, 3], rel=1e-6)


def test_a_plain_matrix_that_wears_a_function_tells_its_own_number() -> None:
    scene = dressed_scene("relu(A).T @ B.T")
    found = explain(replace(scene.composition, origins={"A": "the moon"}), "left", 1, 2)
    assert isinstance(found.origin, Source)
    assert (found.origin.tensor, found.origin.words, found.origin.i, found.origin.j) == ("A", "the moon", 2, 1)
    assert found.value == max(found.origin.total, 0)


def test_products_with_nan_come_first_and_leave_no_shares() -> None:
    sources = {"A": {"values": [[1.0, float("nan"), 3.0]]}, "B": {"values": [[2.0], [1.0], [4.0]]}}
    found = explain(Scene("A @ B", sources).composition, "", 0, 0).origin
    assert isinstance(found, Products)
    assert list(found.k) == [1, 2, 0]
    assert np.isnan(found.total)
    assert list(found.share) == [0, 0, 0]


def test_products_are_called_by_their_token_or_by_their_axis() -> None:
    composition = Scene.load("attention_head").composition
    mixed = explain(composition, "left", 10, 3).origin  # z = attn @ V
    scores = explain(composition, "left.left", 10, 3).origin  # attn = Q @ K.T
    assert isinstance(mixed, Products)
    assert isinstance(scores, Products)
    assert mixed.labels[9] == "9 “ in”"
    assert scores.labels[12] == "d_head 12"
    plain = explain(dressed_scene("A @ B").composition, "", 0, 0).origin
    assert isinstance(plain, Products)
    assert plain.labels[4] == "k = 4"


def test_what_is_lit_is_the_row_the_column_and_the_cell() -> None:
    composition = dressed_scene("C = A @ B").composition
    sweeps = lit(explain(composition, "", 2, 4), composition)
    masks = {path: sweeps[path][0].mask(composition.values[path].shape) for path in sweeps}
    assert sorted(masks) == ["", "left", "right"]
    assert np.argwhere(masks[""]).tolist() == [[2, 4]]
    assert np.argwhere(masks["left"]).tolist() == [[2, k] for k in range(5)]
    assert np.argwhere(masks["right"]).tolist() == [[k, 4] for k in range(5)]


@pytest.mark.parametrize("cell", [("", 6, 0), ("", 0, -1), ("left.left", 0, 0)])
def test_an_element_that_is_not_there_is_refused(cell: tuple[str, int, int]) -> None:
    with pytest.raises(IndexError, match="no element"):
        explain(dressed_scene("A @ B").composition, *cell)
