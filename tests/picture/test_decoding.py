"""Token by token: what a step of fuse: decode shows, and that nothing of it depends on later tokens."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.time.timeline import Timeline
from mmviz.scene.language.tree import LeafNode, ProductNode, walk
from tests.arrays import assert_equal
from tests.picture.test_timeline import assert_same, in_flight, indices_at, laws

Mask = NDArray[np.bool_]
SHAPES: dict[str, tuple[int | None, int]] = {  # None: tokens, of which there are at most 7
    **dict.fromkeys(["x", "y"], (None, 10)),
    **dict.fromkeys(["wQ", "wK", "wR", "wS"], (10, 8)),
    **dict.fromkeys(["wV", "wU"], (10, 9)),
    **dict.fromkeys(["wO", "wP"], (9, 10)),
    **dict.fromkeys(["Q", "K"], (None, 8)),
    "V": (None, 9),
    "wI": (10, 12),
    "wD": (12, 10),
    "g": (1, 10),
}
ATTENTION = "softmax(tril(scale((q = rope(n @ wQ)) @ (k = n @ wK).T))) @ (v = n @ wV) @ wO"
FORMS = [
    "softmax(tril(scale((q = x @ wQ) @ (k = x @ wK).T))) @ (v = x @ wV) @ wO",
    "sdpa(x @ wQ @ (x @ wK).T) @ (x @ wV) @ wO",
    "sdpa(rope(x @ wQ) @ rope(x @ wK).T) @ (x @ wV) @ wO",
    "x + sdpa(x @ wQ @ (x @ wK).T) @ (x @ wV) @ wO",
    "sdpa(x @ wQ @ (x @ wK).T) @ (x @ wV) @ wO - x",
    f"x + {ATTENTION}".replace("n @ wQ", "(n = rmsnorm(x, g)) @ wQ"),
    f"(y0 = x) + {ATTENTION}".replace("n @ wQ", "(n = rmsnorm(y0, g)) @ wQ"),
    "sdpa(x @ wQ @ (k = x @ wK).T) @ (v = x @ wV) @ wO + sdpa(x @ wR @ k.T) @ v @ wP",
    "(m = x + sdpa(x @ wQ @ (x @ wK).T) @ (x @ wV) @ wO) + relu(rmsnorm(m, g) @ wI) @ wD",
    "sdpa((m = y + sdpa(x @ wQ @ (x @ wK).T) @ (x @ wV) @ wO) @ wR @ (m @ wS).T) @ m",
    "(silu(x @ wI) * (y @ wI)) @ wD + sdpa(Q @ K.T) @ V @ wO",
    "relu(tril(Q @ K.T)) @ V",
    "sdpa(Q @ K.T) @ V + softmax(tril(K @ Q.T)) @ V",
]
MANY = st.integers(1, 7)


def scene(expr: str, tokens: int, changed: int | None = None, **parts: Any) -> Scene:
    """Random numbers; those of the tokens from `changed` on are others."""
    names = sorted(set(re.findall(r"\w+", expr)) & set(SHAPES))
    return Scene(expr, {name: {"values": numbers(name, tokens, changed)} for name in names}, **parts)


def numbers(name: str, tokens: int, changed: int | None) -> list[list[float]]:
    rows, columns = SHAPES[name]
    chance = np.random.default_rng([ord(letter) for letter in name])
    first = chance.normal(size=(rows or tokens, columns)).astype(np.float32)
    if changed is not None and rows is None:
        first[changed:] += 1 + chance.random(size=first[changed:].shape).astype(np.float32)
    found: list[list[float]] = first.astype(float).tolist()
    return found


@dataclass(frozen=True)
class Decoded:
    """A causal scene in which one row, or one column, of everything is a token."""

    expr: str
    tokens: int
    turned: bool = False

    def make(self, changed: int | None = None, fuse: str = "decode", **parts: Any) -> Scene:
        expr = f"({self.expr}).T" if self.turned else self.expr
        animation = {"fuse": fuse, "algorithm": "mvprod" if self.turned else "vmprod"}
        return scene(expr, self.tokens, changed, animation=animation, **parts)

    def up_to(self, token: int, shape: tuple[int, int]) -> Mask:
        """Cells of a matrix that belong to no token after this one; an axis as long as there are tokens is theirs."""
        there = np.ones(shape, bool)
        for axis, length in enumerate(shape):
            if length == self.tokens:
                there &= np.expand_dims(np.arange(length) <= token, 1 - axis)
        return there


decoded = st.builds(Decoded, st.sampled_from(FORMS), MANY, st.booleans())


def masked(made: Scene, path: str) -> Mask:
    shape = made.values()[path].shape
    return made.evaluated.masked.get(path, np.zeros(shape, bool))


@given(decoded)
@laws
def test_a_step_has_all_of_its_token_and_of_those_before_and_nothing_of_later_ones(head: Decoded) -> None:
    made = head.make()
    timeline, end = made.timeline(), made.values()
    assert timeline.steps == head.tokens
    for token in range(timeline.steps):
        for path, state in timeline.frame(token).items():
            allowed = ~masked(made, path)
            assert_equal(state.visible & allowed, head.up_to(token, state.shape) & allowed)
            assert_equal(state.values[state.visible], end[path][state.visible])


@given(decoded, st.data())
@laws
def test_what_is_shown_does_not_depend_on_later_tokens(head: Decoded, chosen: st.DataObject) -> None:
    token = chosen.draw(st.integers(0, head.tokens - 1))
    frames = [head.make(changed).timeline().frame(token) for changed in (None, token + 1)]
    assert_rows_alike(frames[0], frames[1])
    for mine, other in zip(frames[0].planes, frames[1].planes, strict=True):
        assert (mine.owner, mine.kind, mine.shape) == (other.owner, other.kind, other.shape)
        assert_equal(mine.visible, other.visible)
        assert_equal(mine.values[mine.visible], other.values[other.visible])


def assert_rows_alike(a: Any, b: Any) -> None:
    for path in a:
        assert_equal(a[path].visible, b[path].visible)
        assert_equal(a[path].highlighted, b[path].highlighted)
        assert_equal(a[path].values[a[path].visible], b[path].values[b[path].visible])


@given(decoded)
@laws
def test_of_what_a_product_takes_by_tokens_the_newest_row_alone_is_lit(head: Decoded) -> None:
    """The cache, which are the keys and values of earlier tokens, is not; nor are weights."""
    timeline = head.make().timeline()
    products = timeline.products.values()
    taken = {side.path for node in products for side in (node.left, node.right)}
    for token in range(head.tokens):
        frame = timeline.frame(token)
        for path in taken:
            lit, shape = frame[path].highlighted, frame[path].shape
            if head.tokens in shape:
                newest = head.up_to(token, shape) & ~head.up_to(token - 1, shape)
                square = shape == (head.tokens, head.tokens)
                row = np.expand_dims(np.arange(head.tokens) == token, 0 if head.turned else 1)
                assert_equal(lit, np.broadcast_to(row, shape) if square else newest)
            else:
                assert not lit.any()


@pytest.mark.slow
@given(decoded)
@laws
def test_every_product_that_no_mask_forbids_flies_once_and_no_product_with_a_later_token_is_there(
    head: Decoded,
) -> None:
    made = head.make()
    timeline = made.timeline()
    flown = {path: np.zeros(cube.shape, int) for path, cube in timeline.cubes.items()}
    for token in range(timeline.steps):
        for plane in in_flight(timeline.frame(token)):
            left, right = timeline.inputs(plane.owner)
            i, k, j = indices_at(timeline.cubes[plane.owner], plane.element(*np.indices(plane.shape)))
            shown = plane.visible
            assert_equal(plane.values, left[i, k] * right[k, j])
            np.add.at(flown[plane.owner], (i[shown], k[shown], j[shown]), 1)
            for indices, length in zip((i, k, j), timeline.cubes[plane.owner].shape, strict=True):
                assert length != head.tokens or (indices[shown] <= token).all()
    for path, count in flown.items():
        node = timeline.products[path]
        needed = ~masked(made, node.left.path)[:, :, None] & ~masked(made, node.right.path)[None]
        needed &= ~masked(made, path)[:, None, :]
        assert_equal(count[needed], 1)
        assert (count[~needed] <= 1).all()


@given(decoded)
@laws
def test_it_ends_in_the_same_picture_as_a_chain(head: Decoded) -> None:
    ends = [head.make(fuse=fuse).timeline() for fuse in ("decode", "chain")]
    assert_same(*(timeline.frame(timeline.steps) for timeline in ends))


def test_a_step_of_the_attention_head_that_comes_with_mmviz_is_a_token() -> None:
    document = Scene.load("attention_head").document
    animation = document.animation.model_copy(update={"fuse": "decode", "matrices": {}})
    head = Scene.of(document.model_copy(update={"animation": animation}), Scene.load("attention_head").folder)
    assert head.timeline().steps == len(head.composition.tokens) == 64
    assert {path for path, state in head.timeline().frame(0).items() if state.visible.all()} == {
        node.path for node in walk(head.root) if node.name.removesuffix(".T") in ("wQ", "wK", "wV", "wO")
    }


HEAD = "(z = (a = softmax(tril(scale((q = x @ wQ) @ (k = x @ wK).T)))) @ (v = x @ wV)) @ wO"


def named(timeline: Timeline, name: str) -> ProductNode:
    return next(node for node in timeline.products.values() if node.name == name)


def decode(expr: str, tokens: int = 5, **parts: Any) -> Timeline:
    return scene(expr, tokens, animation={"fuse": "decode", **parts.pop("animation", {})}, **parts).timeline()


def finished_first(timeline: Timeline, product: str, argument: str) -> bool:
    before, after = (timeline.schedule.runs[named(timeline, name).path] for name in (argument, product))
    return before.end <= after.start


@pytest.mark.parametrize(
    "expr",
    [
        HEAD.replace("tril", ""),
        HEAD.replace("softmax(tril(scale(", "tril(softmax(scale("),
        "z = (a = softmax(tril((k = x @ wK) @ (q = x @ wQ).T).T)) @ (v = x @ wV)",  # what is left of the diagonal
    ],
)
def test_under_no_causal_mask_the_keys_are_finished_first(expr: str) -> None:
    timeline = decode(expr)
    assert finished_first(timeline, "a", "k.T")
    assert finished_first(timeline, "z", "v")
    start = timeline.schedule.runs[named(timeline, "a").path].start
    assert timeline.frame(start)[named(timeline, "k.T").path].visible.all()


def test_a_mask_around_an_assignment_does_not_count_where_the_matrix_is_used_again() -> None:
    timeline = decode("tril(a = Q @ K.T) @ (u = x @ wV) + (p = a @ (v = y @ wU))")
    assert finished_first(timeline, "p", "v")


def test_a_mask_after_the_softmax_lets_values_come_by_tokens_but_not_keys() -> None:
    timeline = decode("tril(softmax(Q @ K.T)) @ (v = x @ wV)")
    assert timeline.steps == 5
    for token in range(5):
        frame = timeline.frame(token)
        assert frame["left.right"].visible.all()
        assert frame["right"].visible.all(axis=1).tolist() == [n <= token for n in range(5)]
        (scores,) = (plane for plane in frame.planes if plane.owner == "left")
        assert scores.visible.all()


@pytest.mark.parametrize("cut", [{"z": {"i": 2}}, {"z": {"k": 2}}, {"a": {"j": 2}}, {"a": {"i": 5}}])
def test_where_blocks_of_tokens_are_computed_side_by_side_keys_and_values_are_finished_first(cut: Any) -> None:
    timeline = decode(HEAD, partition=cut)
    assert finished_first(timeline, "a", "k.T")
    assert finished_first(timeline, "z", "v")


@pytest.mark.parametrize("cut", [{"a": {"k": 2}}, {"z": {"j": 3}}, {"": {"k": 2, "j": 4}}, {"q": {"k": 3}}])
def test_blocks_of_another_axis_do_not_keep_tokens_from_coming_one_by_one(cut: Any) -> None:
    head = Decoded(HEAD, 5)
    made = head.make(partition=cut)
    timeline = made.timeline()
    assert timeline.steps == 5
    for token in range(5):
        for path, state in timeline.frame(token).items():
            allowed = ~masked(made, path)
            assert_equal(state.visible & allowed, head.up_to(token, state.shape) & allowed)


@pytest.mark.parametrize("turned", [False, True])
def test_what_weights_alone_make_is_complete_before_the_first_token(turned: bool) -> None:
    expr = "sdpa(x @ (b = wQ @ wK.T) @ x.T) @ (x @ (c = wV @ wO))"
    timeline = decode(f"({expr}).T" if turned else expr, animation={"algorithm": "mvprod" if turned else "vmprod"})
    weights = [node.path for node in timeline.products.values() if node.name.removesuffix(".T") in ("b", "c")]
    first = max(timeline.schedule.runs[path].end for path in weights)
    assert all(timeline.frame(0)[node.path].visible.all() for node in walk(timeline.root) if node.name[0] == "w")
    assert timeline.steps == first + 5
    assert {run.start for path, run in timeline.schedule.runs.items() if path not in weights} == {first}
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        tokens = [frame[node.path].visible for node in walk(timeline.root) if node.name.removesuffix(".T") == "x"]
        for visible in tokens:
            by_token = visible.all(axis=0 if visible.shape[1] == 5 else 1)
            assert int(by_token.sum()) == max(0, step + 1 - first)
            assert int(visible.sum()) == 10 * max(0, step + 1 - first)


def tokens_there(timeline: Timeline, tensor: str) -> list[int]:
    """How many tokens of a plain matrix are there at every step."""
    leaf = next(node for node in walk(timeline.root) if isinstance(node, LeafNode) and node.tensor == tensor)
    across = 0 if leaf.transposed else 1
    return [int(timeline.frame(step)[leaf.path].visible.all(axis=across).sum()) for step in range(timeline.steps)]


def test_a_plain_matrix_comes_with_the_first_product_that_takes_it_by_tokens() -> None:
    timeline = decode("sdpa((q = (t = x) @ (w = wV @ wO) @ wQ) @ (k = t @ wK).T) @ V")
    assert timeline.schedule.runs[named(timeline, "q").path].start == 10
    assert tokens_there(timeline, "x") == [min(5, step + 1) for step in range(timeline.steps)]


@pytest.mark.parametrize(
    ("expr", "cut", "tensors"),
    [
        ("sdpa(softmax(Q.T).T @ K.T) @ V", {}, "Q"),  # a function that needs all tokens
        ("sdpa((a = Q) @ (b = K).T) @ (c = V) + (a @ b.T) @ c", {}, "KV"),  # the second term takes K and V at once
        (HEAD.replace("q = x", "q = (t = x)").replace("x @ wK", "t @ wK"), {"q": {"i": 2}}, "x"),  # blocks, and none
    ],
)
def test_what_is_taken_otherwise_in_one_of_its_places_is_there_from_the_start(
    expr: str, cut: Any, tensors: str
) -> None:
    timeline = decode(expr, partition=cut)
    for tensor in tensors:
        assert set(tokens_there(timeline, tensor)) == {5}


@pytest.mark.parametrize(
    ("expr", "own", "tensor"),
    [
        ("(k = x @ wK).T @ (sdpa(Q @ k.T) @ V)", {"k.T": "mvprod"}, "x"),  # what a causal product takes of k again
        ("((m = sdpa(Q @ K.T) @ V) @ wO) @ ((p = relu(m) @ wO) * y).T", {"p.T": "mvprod"}, "y"),  # what takes m again
        ("sdpa(K @ (p = wK.T @ x.T)) @ V + sdpa((Q + p.T) @ K.T) @ V", {"p": "mvprod"}, "Q"),  # 12 rows, 8 columns
    ],
)
def test_tokens_come_one_by_one_also_through_a_matrix_that_is_used_again(expr: str, own: Any, tensor: str) -> None:
    timeline = decode(expr, tokens=12, animation={"matrices": own})
    there = tokens_there(timeline, tensor)
    assert there[:12] == list(range(1, 13))
    assert set(there[12:]) <= {12}
