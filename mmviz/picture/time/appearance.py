"""Which cells of each matrix are there at a time, and which have just come; no numbers, no space."""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from itertools import takewhile
from math import floor

from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.picture.time.algorithms import Triple, computed
from mmviz.picture.time.schedule import Schedule
from mmviz.picture.time.starts import across, comes_piecewise
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
    Tree,
    arguments,
    stepped,
    twins,
    walk,
)


class Appearance:
    """The final cells of the matrices of a tree, step by step."""

    def __init__(
        self, root: Tree, blocks: Mapping[str, Triple], schedule: Schedule, shapes: Mapping[str, tuple[int, int]]
    ) -> None:
        self._nodes = tuple(walk(root))
        made = {node.path for node in stepped(root)}
        self._gathering = tuple(node for node in walk(root) if arguments(node) and node.path not in made)
        self._shapes = shapes
        self._twins = twins(root)
        self._blocks = blocks
        self._schedule = schedule

    def at(self, t: float) -> dict[str, Sweep]:
        """By path the cells that are there at time t and that will not change any more."""
        there: dict[str, Sweep] = {}
        for node in self._nodes:
            order = self._schedule.orders[node.path]
            if t >= self._schedule.ready[node.path]:
                there[node.path] = EVERYWHERE
            else:
                there[node.path] = self._coming(node, order, t, there)
        return there

    def _coming(self, node: Node, order: Algorithm | None, t: float, there: Mapping[str, Sweep]) -> Sweep:
        """The cells that are there of a matrix that is not complete."""
        begun = order is not None and t >= self._schedule.begins[node.path]
        match node:
            case LeafNode(target=str(target)):
                piecewise = order is not None or node.path in self._twins
                return turned(there[target], node.transposed) if piecewise else NOWHERE
            case LeafNode() if begun and node.path in self._schedule.arriving:
                arrival = self._schedule.arriving[node.path]
                rows, columns = arrival.block
                return computed(arrival.order, (rows, 1, columns), floor(t) - arrival.begins)
            case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() if begun:
                return reduce(common, (there[argument.path] for argument in arguments(node)))
            case ProductNode() | TakenNode() if order is not None and begun:
                run = self._schedule.runs[node.path]
                return computed(order, self._blocks[node.path], floor(t) - run.start)
            case JoinNode() if order is None:
                return self._prefix(node, t)
            case _:
                return NOWHERE

    def _prefix(self, node: JoinNode, t: float) -> Sweep:
        """The parts of a join that are complete, as far as all before them are."""
        if not comes_piecewise(node.worn, across(node)):
            return NOWHERE
        complete = takewhile(lambda part: t >= self._schedule.ready[part.path], node.parts)
        return first_lines(node.axis, sum(self._shapes[part.path][node.axis] for part in complete))

    def taken(self, t: float, there: Mapping[str, Sweep]) -> list[tuple[str, Sweep]]:
        """The cells of the terms of sums and of the parts of joins that make the newest cells of these, by path.

        Args:
            t: Time in steps.
            there: What `at` gives for it.
        """
        orders = self._schedule.orders
        coming = [node for node in self._gathering if there[node.path] not in (EVERYWHERE, NOWHERE)]
        moving = [node for node in coming if orders[node.path] is not None]
        before = self.at(floor(t) - 1) if moving else {}
        taken = []
        for node in moving:
            newest = _newest(there[node.path], before[node.path])
            taken += [] if newest is None else [(argument.path, newest) for argument in arguments(node)]
        return taken


def first_lines(axis: int, count: int) -> Sweep:
    """So many first rows (axis 0) or columns of a matrix."""
    turns = (0, 1) if axis else (1, 0)
    return Sweep(*turns, last=count - 1) if count else NOWHERE


def turned(sweep: Sweep, transposed: bool) -> Sweep:
    """The cells of a sweep as they stand in the transpose, or the same cells."""
    if not transposed:
        return sweep
    return replace(
        sweep,
        row_turn=sweep.column_turn,
        column_turn=sweep.row_turn,
        row_block=sweep.column_block,
        column_block=sweep.row_block,
        row_size=sweep.column_size,
        column_size=sweep.row_size,
    )


def common(a: Sweep, b: Sweep) -> Sweep:
    """The cells of two sweeps that go in one order, as far as both have come; NOWHERE where their orders differ."""
    if EVERYWHERE in (a, b):
        return b if a == EVERYWHERE else a
    same = (a.row_turn, a.column_turn) == (b.row_turn, b.column_turn)
    return min(a, b, key=lambda sweep: sweep.last) if same else NOWHERE


def _newest(now: Sweep, before: Sweep) -> Sweep | None:
    """The cells that came in the last step; None where nothing did."""
    first = 0 if before == NOWHERE else before.last + 1
    return replace(now, first=first) if first <= now.last else None
