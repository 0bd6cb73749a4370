"""Sums that show what they have so far, and the terms on their way to them; nothing of what the terms are made of.

A term counts after those before it, when it is finished, and before that with those of its cells that are final. One
that is finished all at once flies to the sum in its last step: to the outermost one that it is simply added to.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.easing import eased
from mmviz.picture.space.placement import Placement, Vector, between
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.picture.time.planes import Matrix, Plane
from mmviz.picture.time.schedule import Schedule
from mmviz.scene.keys.options import Easing
from mmviz.scene.language.tree import ElementwiseNode, Node, Tree, elementwise


class Totals:
    """The running sums of a tree at any time.

    Args:
        root: The tree.
        schedule: When its products are computed.
        placements: Where its matrices stand, by path.
        values: What they show in the end, by path.
        finish: What a sum shows for what it has so far: the functions that it wears, applied.
        easing: How terms fly.
    """

    def __init__(
        self,
        root: Tree,
        schedule: Schedule,
        placements: Mapping[str, Placement],
        values: Mapping[str, Matrix],
        finish: Callable[[str, NDArray[np.float64]], Matrix],
        easing: Easing,
    ) -> None:
        self._schedule = schedule
        self._placements = placements
        self._values = values
        self._finish = finish
        self._easing = easing
        self._sums = {node.path: node for node in elementwise(root) if node.path in schedule.totals}
        self._negative: dict[str, Matrix] = {}
        self._flights = tuple(self._all_flights())

    def unfinished(self, path: str, t: float) -> bool:
        """True for a sum to which terms are still to come."""
        return path in self._sums and t < self._schedule.ready[path]

    def shown(self, path: str, step: int, there: Mapping[str, Sweep]) -> Sweep:
        """The cells of a sum to which something has come, by what is there of the final cells of all matrices."""
        first = self._sums[path].left
        while self.unfinished(first.path, step) and not first.worn:
            first = self._sums[first.path].left
        return self._come(first, step, there)

    def value(self, path: str, step: int, there: Mapping[str, Sweep]) -> Matrix:
        """(rows, columns): what a sum shows in a step."""
        total = self._total(self._sums[path], step, there)
        return self._finish(path, np.array(np.broadcast_to(total, self._values[path].shape)))

    def planes(self, t: float) -> list[Plane]:
        """The terms on their way at time t, in steps."""
        found = []
        for number, (term, target, sign) in enumerate(self._flights):
            last = self._schedule.ready[term.path] - 1
            if last <= t < last + 1:
                place = between(self._placements[term.path], self._placements[target], eased(t - last, self._easing))
                found.append(Plane(target, place, self._signed(term.path, sign), number, "term"))
        return found

    def _signed(self, path: str, sign: int) -> Matrix:
        if sign == 1:
            return self._values[path]
        if path not in self._negative:
            self._negative[path] = -self._values[path]
        return self._negative[path]

    def _total(self, node: ElementwiseNode, step: int, there: Mapping[str, Sweep]) -> Vector:
        """(rows, columns): the terms that have come, added up, before any function."""
        left = self._part(node.left, step, there)
        if step < self._schedule.ready[node.left.path]:
            return left
        right = self._part(node.right, step, there)
        return left - right if node.sign == "-" else left + right

    def _part(self, term: Node, step: int, there: Mapping[str, Sweep]) -> Vector:
        """(rows, columns): what has come of a term."""
        final = self._values[term.path]
        if step >= self._schedule.ready[term.path]:
            return final.astype(np.float64)
        if self._is_sum(term) and not term.worn:
            return self._total(self._sums[term.path], step, there)
        shape = (final.shape[0], final.shape[1])
        return np.where(self._come(term, step, there).mask(shape), final.astype(np.float64), 0.0)

    def _come(self, term: Node, step: int, there: Mapping[str, Sweep]) -> Sweep:
        """The cells of a term that have come: what is computed all at once comes when its step is over."""
        if step >= self._schedule.ready[term.path]:
            return EVERYWHERE
        return NOWHERE if self._schedule.orders[term.path] in (None, "whole") else there[term.path]

    def _is_sum(self, node: Node) -> bool:
        return node.path in self._sums

    def _all_flights(self) -> Iterator[tuple[Node, str, int]]:
        """Every term that flies, the path of the sum where it goes, and its sign there."""
        inner = {side.path for node in self._sums.values() for side in (node.left, node.right) if not side.worn}
        for node in self._sums.values():
            if node.path not in inner:
                yield from self._terms(node, node.path, 1)

    def _terms(self, node: ElementwiseNode, target: str, sign: int) -> Iterator[tuple[Node, str, int]]:
        for term, own in ((node.left, sign), (node.right, -sign if node.sign == "-" else sign)):
            if self._is_sum(term) and not term.worn:
                yield from self._terms(self._sums[term.path], target, own)
            elif self._schedule.ready[term.path] > 0 and self._schedule.orders[term.path] in (None, "whole"):
                yield term, target, own
