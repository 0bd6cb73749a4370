"""Rows of tables on their way to what is taken of these, one a step; nothing of when that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import floor

from mmviz.picture.easing import eased
from mmviz.picture.space.placement import Placement, between
from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.algorithms import Triple
from mmviz.picture.time.planes import Matrix, Plane
from mmviz.picture.time.schedule import Run
from mmviz.scene.keys.options import Easing
from mmviz.scene.language.tree import TakenNode, Tree, takings


@dataclass(frozen=True, slots=True)
class TakenCut:
    """How large what is taken is; it is not cut along its rows."""

    shape: Triple  # rows, 1, columns

    @property
    def block(self) -> Triple:
        """All of it."""
        return self.shape

    @property
    def counts(self) -> Triple:
        """One block."""
        return 1, 1, 1


class Takings:
    """What is taken of tables in a tree.

    Args:
        root: The tree.
        placements: Where its matrices stand, by path.
        values: What they show in the end, by path.
        easing: How rows fly.
    """

    def __init__(
        self, root: Tree, placements: Mapping[str, Placement], values: Mapping[str, Matrix], easing: Easing
    ) -> None:
        self._nodes = {node.path: node for node in takings(root)}
        self._placements, self._values, self._easing = placements, values, easing
        self.cuts = {path: TakenCut(_triple(values[path])) for path in self._nodes}

    @property
    def of(self) -> dict[str, tuple[str, str, bool]]:
        """The paths of ids and table by the path of what is taken, and whether it is turned."""
        return {path: (node.ids.path, node.table.path, node.turned) for path, node in self._nodes.items()}

    def lit(self, path: str, run: Run, step: int) -> Iterator[tuple[str, Sweep]]:
        """By path the cells that a step takes: an id, and the row that it names; nothing of what comes all at once."""
        node = self._nodes[path]
        if run.algorithm == "whole":
            return
        place = step - run.start
        column = self._values[node.ids.path].shape[1] == 1
        yield node.ids.path, _line(0 if column else 1, place)
        yield node.table.path, _line(1 if node.turned else 0, self._id(node, place))

    def planes(self, path: str, run: Run, t: float) -> list[Plane]:
        """The row on its way at time t, in steps."""
        if run.algorithm == "whole":
            return []
        node, place = self._nodes[path], floor(t) - run.start
        number = self._id(node, place)
        start = line_of(self._placements[node.table.path], number, turned=node.turned)
        end = line_of(self._placements[path], place, turned=node.turned)
        values = self._values[path]
        shown = values[:, place : place + 1] if node.turned else values[place : place + 1]
        flying = between(replace(end, origin=start.origin), end, eased(t - floor(t), self._easing))
        return [Plane(path, flying, shown, kind="term")]

    def _id(self, node: TakenNode, place: int) -> int:
        return int(self._values[node.ids.path].reshape(-1)[place])


def line_of(matrix: Placement, number: int, *, turned: bool) -> Placement:
    """Where one row of a matrix stands; turned: one column."""
    if turned:
        return replace(matrix, shape=(matrix.shape[0], 1), origin=matrix.spot(0, number), column_block=0)
    return replace(matrix, shape=(1, matrix.shape[1]), origin=matrix.spot(number, 0), row_block=0)


def _line(axis: int, number: int) -> Sweep:
    turns = (0, 1) if axis else (1, 0)
    return Sweep(*turns, first=number, last=number)


def _triple(values: Matrix) -> Triple:
    return values.shape[0], 1, values.shape[1]
