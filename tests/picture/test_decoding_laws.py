"""fuse: decode over any trees with masks, softmaxes and references: nothing is shown before what it is made of."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.time.algorithms import SUMMING, WAYS
from mmviz.picture.time.timeline import Frame, Timeline
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.building import build
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import ElementwiseNode, JoinNode, LeafNode, Node, ProductNode, Worn, twins, walk
from tests.arrays import assert_equal
from tests.examples import examples
from tests.picture.test_timeline import ALGORITHMS, assert_same, in_flight, indices_at

N = 3
many = examples(20)
Mask = NDArray[np.bool_]
FUNCTION = ["tril", "tril", "softmax", "relu", "rmsnorm", "sdpa", "tanh"]
ABOVE = np.triu(np.ones((N, N), bool), 1)


@dataclass(frozen=True)
class Square:
    """A scene all of whose matrices have N rows and N columns, so that any expression fits."""

    expr: str
    animation: dict[str, Any] = field(default_factory=dict)

    def make(self, **changes: Any) -> Scene:
        tensors = {f"m{n}": {"init": "gaussian", "shape": (N, N), "seed": n} for n in range(4)}
        used = {name: source for name, source in tensors.items() if name in self.expr}
        return Scene(self.expr, used, animation={**self.animation, **changes})


@st.composite
def squares(draw: st.DrawFn) -> Square:
    """Mostly attention: masks and softmaxes on products, transposes, parts that are used again."""
    known: list[str] = []
    algorithms: tuple[Algorithm, ...] = (*ALGORITHMS, "none", "whole", "vmprod", "vmprod", "vmprod")

    def grow(depth: int) -> str:
        if known and draw(st.integers(0, 3)) == 0:
            return draw(st.sampled_from(known)) + draw(st.sampled_from(["", ".T"]))
        if depth == 0:
            return f"m{draw(st.integers(0, 3))}"
        sign = draw(st.sampled_from("@@@@+-*"))
        text = f"({grow(depth - 1)} {sign} {grow(depth - 1)})"
        for name in draw(st.lists(st.sampled_from(FUNCTION), max_size=2)):
            text = f"{'tril' if name == 'sdpa' and sign != '@' else name}({text})"
        text = f"({text})" + draw(st.sampled_from(["", "", ".T"]))
        if draw(st.booleans()):
            known.append(f"n{len(known)}")
            return f"({known[-1]} = {text})"
        return text

    expr = grow(draw(st.integers(2, 3)))
    assume("@" in expr)
    products = [node.path for node in walk(build(parse(expr))) if isinstance(node, ProductNode)]
    own = draw(st.dictionaries(st.sampled_from(products), st.sampled_from(algorithms), max_size=2))
    sums = draw(st.sampled_from(["together", "together", "running"]))
    first = draw(st.sampled_from(algorithms))
    return Square(expr, {"fuse": "decode", "algorithm": first, "matrices": own, "sums": sums})


def needed(cells: Mask, functions: tuple[Worn, ...]) -> Mask:
    """The elements before these functions, innermost first, that cells after them are made of; masked ones are 0."""
    masks = [np.zeros((N, N), bool)]
    for worn in functions:
        above = ABOVE.T if worn.turned else ABOVE
        masks.append(masks[-1] | above if worn.function in ("tril", "sdpa") else masks[-1])
    for worn, masked in zip(functions[::-1], masks[:0:-1], strict=True):
        cells = cells & ~masked
        if FUNCTIONS[worn.function].along == "rows" or worn.function == "sdpa":
            cells = cells.any(axis=0 if worn.turned else 1, keepdims=True) & ~masked
    return cells


@dataclass(frozen=True)
class Seen:
    """What has been shown up to a step."""

    made: Scene
    timeline: Timeline
    step: int
    frame: Frame
    flown: dict[str, Mask]  # by path of a product, (i, k, j)

    def changing(self, path: str) -> bool:
        """True where running sums are shown."""
        path = twins(self.made.root).get(path, (path, False))[0]
        schedule = self.timeline.schedule
        run = schedule.runs.get(path)
        if run is not None and run.algorithm in SUMMING and run.start <= self.step < run.end:
            return True
        return path in schedule.totals and self.step < schedule.ready[path]

    def final(self, path: str) -> Mask:
        """The cells that are there and will not change."""
        return ~ABOVE & ABOVE if self.changing(path) else self.frame[path].visible

    def check(self, node: Node, cells: Mask, functions: tuple[Worn, ...], nodes: dict[str, Node]) -> None:
        """All that these cells of a matrix are made of was shown before, or is in this step."""
        cells = needed(cells, functions)
        if isinstance(node, LeafNode):
            if node.target is not None:
                target = nodes[node.target]
                self.check(target, cells.T if node.transposed else cells, target.worn[: node.depth], nodes)
            return
        if isinstance(node, JoinNode):
            parts = [self.final(part.path) for part in node.parts]
            assert np.concatenate(parts, axis=node.axis)[cells].all()
            return
        assert isinstance(node, ProductNode | ElementwiseNode)
        left, right = self.final(node.left.path), self.final(node.right.path)
        if isinstance(node, ElementwiseNode):
            assert (left & right)[cells].all()
            return
        active = cells[:, None, :] & self.allowed(node.left)[:, :, None] & self.allowed(node.right)[None]
        assert (left[:, :, None] & right[None])[active].all()
        run = self.timeline.schedule.runs.get(node.path)
        assert run is None or run.algorithm not in WAYS or self.flown[node.path][active].all()

    def allowed(self, node: Node) -> Mask:
        return ~self.made.evaluated.masked.get(node.path, np.zeros((N, N), bool))


@given(squares())
@many
def test_a_cell_is_there_only_when_all_that_it_is_made_of_is(square: Square) -> None:
    made = square.make()
    timeline, nodes = made.timeline(), {node.path: node for node in walk(made.root)}
    flown = {path: np.zeros((N, N, N), bool) for path in timeline.products}
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        seen = Seen(made, timeline, step, frame, flown)
        for plane in in_flight(frame):
            i, k, j = indices_at(timeline.cubes[plane.owner], plane.placement.element(*np.indices(plane.shape)))
            place = i[plane.visible], k[plane.visible], j[plane.visible]
            assert not flown[plane.owner][place].any()
            flown[plane.owner][place] = True
            product = timeline.products[plane.owner]
            assert (seen.final(product.left.path)[place[0], place[1]]).all()
            assert (seen.final(product.right.path)[place[1], place[2]]).all()
        for path, node in nodes.items():
            if path not in twins(made.root) and not seen.changing(path):
                # A product shows what it has, though another element of a row may still change its softmax.
                own = isinstance(node, ProductNode)
                seen.check(node, frame[path].visible & seen.allowed(node), () if own else node.worn, nodes)


@given(squares())
@many
def test_what_is_there_stays_and_has_its_last_value(square: Square) -> None:
    made = square.make()
    timeline, end = made.timeline(), made.values()
    frames = [timeline.frame(step) for step in range(timeline.steps + 1)]
    for step, (before, after) in enumerate(pairwise(frames)):
        seen = Seen(made, timeline, step, before, {})
        for path, state in before.items():
            assert after[path].visible[state.visible].all()
            assert state.visible[state.highlighted].all()
            if not seen.changing(path):
                assert_equal(state.values[state.visible], end[path][state.visible])
    assert all(state.visible.all() for state in frames[-1].values())


@given(squares())
@many
def test_all_products_take_their_steps_and_no_step_is_idle(square: Square) -> None:
    made = square.make()
    timeline = made.timeline()
    runs = timeline.schedule.runs
    busy = {step for run in runs.values() for step in range(run.start, run.end)}
    assert busy == set(range(timeline.steps)) or not busy
    assert {path for path, run in runs.items() if run.end > timeline.steps} == set()
    chain = square.make(fuse="chain").timeline()
    assert set(chain.schedule.runs) == set(runs)
    assert_same(timeline.frame(timeline.steps), chain.frame(chain.steps))


@given(squares())
@many
def test_a_frame_does_not_depend_on_which_were_asked_before(square: Square) -> None:
    timeline, again = square.make().timeline(), square.make().timeline()
    times = [step / 2 for step in range(2 * timeline.steps + 1)][-12:]
    forward = [timeline.frame(t) for t in times]
    for t, frame in reversed(list(zip(times, forward, strict=True))):
        assert_same(again.frame(t), frame)


def test_what_comes_by_rows_in_one_place_and_by_columns_in_another_is_there_from_the_start() -> None:
    expr = "sdpa((t = m0) @ (u = m1).T) @ m2 + sdpa(t.T @ u.T) @ m2"
    timeline = Square(expr, {"fuse": "decode"}).make().timeline()
    whole = {
        node.tensor: bool(timeline.frame(0)[node.path].visible.all())
        for node in walk(timeline.root)
        if isinstance(node, LeafNode) and node.target is None
    }
    assert whole == {"m0": True, "m1": False, "m2": False}
