"""A blockwise attention in space and time: what its matrices show in a step, and what flies and stands beside them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.easing import eased
from mmviz.picture.space.item_key import Brief, ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector, between
from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.algorithms import I, J
from mmviz.picture.time.blockwise import Blockwise, Stage, Tiles, Turn, strange_numbers
from mmviz.picture.time.planes import Matrix, Plane
from mmviz.scene.keys.options import Easing
from mmviz.scene.language.tree import ProductNode, pattern_of

Logits = Callable[[str, NDArray[np.float64]], NDArray[np.float64]]
"""logits(path, sums): what the softmax of the product at `path` is taken of, -inf where it is masked."""
MAXIMUM, TOTAL, FACTOR = 0.375, 0.75, 0.5
"""How far the row maxima, their sums and the factors stand from the last column, as a share of the gap."""
NEAREST = 1.0
"""Least distance of two columns, in cells."""


class Tiling:
    """One blockwise product at any step of its run.

    Args:
        node: The product; its left argument is a product under softmax.
        tiles: How it is cut.
        layout: Where everything stands.
        values: What all matrices show in the end, by path.
        logits: What the softmax is taken of.
        easing: How what flies goes.
    """

    def __init__(
        self,
        node: ProductNode,
        tiles: Tiles,
        layout: Layout,
        values: Mapping[str, Matrix],
        logits: Logits,
        easing: Easing,
    ) -> None:
        scores = pattern_of(node)
        assert scores is not None  # noqa: S101  (what else there is was refused)
        self.path, self.scores = node.path, scores.path
        self.tiles, self.turns = tiles, tiles.turns()
        self._queries, self._keys, self._mixed = scores.left.path, scores.right.path, node.right.path
        self._layout, self._easing = layout, easing
        left, right = values[self._queries], values[self._keys]

        def ask() -> Vector:
            with strange_numbers():
                return logits(scores.path, left.astype(np.float64) @ right.astype(np.float64))

        self.attention = Blockwise(tiles, ask, values[self._mixed], values[self.scores], values[self.path])
        self._latest: tuple[int, Stage] | None = None

    @property
    def arguments(self) -> tuple[str, str, str]:
        """The paths of the queries, of the keys, turned, and of the values."""
        return self._queries, self._keys, self._mixed

    def stage(self, step: int) -> Stage:
        """What is known after a step of the run; the latest is kept."""
        latest = self._latest
        if latest is None or latest[0] != step:
            latest = self._latest = step, self.attention.at(self.turns[step])
        return latest[1]

    def values(self, path: str, step: int) -> Matrix:
        """What the scores, or the product itself, show in a step."""
        stage = self.stage(step)
        return stage.weights if path == self.scores else stage.sums

    def shown(self, path: str, step: int) -> Sweep:
        """The cells of the scores, or of the product itself, that are there."""
        turn = self.turns[step]
        if path == self.scores:
            return self.tiles.cells(turn)
        return self._rows(0, turn.query - (turn.phase == "scores" and turn.key == 0))

    def lit(self, step: int) -> dict[str, Sweep]:
        """The cells that take part in a step, by path."""
        turn = self.turns[step]
        key = Sweep(row_turn=1, first=turn.key, last=turn.key, row_size=self.tiles.size[1])
        now = self._rows(turn.query, turn.query)
        match turn.phase:
            case "scores":
                across = Sweep(column_turn=1, first=turn.key, last=turn.key, column_size=self.tiles.size[1])
                return {self._queries: now, self._keys: across}
            case "add":
                return {self.scores: self.tiles.tile(turn), self._mixed: key, self.path: now}
            case _:
                return {self.scores: self.tiles.tile(turn), self.path: now}

    def planes(self, t: float) -> list[Plane]:
        """What flies and stands beside the matrices at time t of the run, in steps."""
        step = int(t)
        turn, stage = self.turns[step], self.stage(step)
        begun = self._rows(0, turn.query)
        summed = self.shown(self.path, step)
        found = [
            Plane(self.scores, self.beside("maximum"), stage.maxima, kind="maximum", shown=begun),
            Plane(self.scores, self.beside("total"), stage.totals, kind="total", shown=summed),
        ]
        if turn.phase == "divide" or (turn.phase == "scores" and turn.key > 0):
            now = self._rows(turn.query, turn.query)
            found.append(Plane(self.path, self.beside("factor"), stage.factors, kind="factor", shown=now))
        return found + ([] if turn.phase == "divide" else [self._flying(turn, stage, eased(t - step, self._easing))])

    def samples(self) -> dict[ItemKey, Matrix]:
        """Numbers by which what flies and stands beside the matrices is scaled, by the planes' looks."""
        maxima, totals = self.attention.ends
        with strange_numbers():
            logits = self.attention.logits.astype(np.float32)
        return {
            ItemKey("scores", self.scores): logits[np.isfinite(logits)],
            ItemKey("maximum", self.scores): maxima,
            ItemKey("total", self.scores): totals,
            ItemKey("gain", self.path): self.attention.result,
            ItemKey("factor", self.path): np.ones((1, 1), np.float32),
        }

    def beside(self, kind: Brief) -> Placement:
        """Where the numbers of the rows stand: beyond the last column."""
        place = self._layout[self.path if kind == "factor" else self.scores]
        share, least = {"maximum": (MAXIMUM, 1), "total": (TOTAL, 2), "factor": (FACTOR, 1)}[kind]
        distance = place.reach[1] + max(share * place.gap, least * NEAREST)
        _, across = place.ways
        origin = place.origin + distance * across
        return Placement((place.shape[0], 1), origin, place.down, across, place.row_block, 0, place.gap)

    def corners(self) -> list[Vector]:
        """(4, 3) each, in cells: the corners of the numbers that stand beside the scores."""
        return [self.beside(kind).corners(0.5) for kind in ("maximum", "total")]

    def _flying(self, turn: Turn, stage: Stage, share: float) -> Plane:
        """The scores of a block on their way through their cube, or what it adds to the result through that one's."""
        rows, keys = self.tiles.rows(turn.query), self.tiles.keys(turn.key)
        shape = (stage.block.shape[0], stage.block.shape[1])
        first = rows.start, keys.start
        if turn.phase == "scores":
            cube = self._layout.cubes[self.scores]
            far = 0 if cube.result_last else cube.shape[1] - 1
            start = cube.slice((rows.start, far, keys.start), shape, (I, J))
            end = self._layout[self.scores].spot(*first)
            place = between(start, Placement(shape, end, start.down, start.across), share)
            return Plane(self.scores, place, stage.block, kind="scores", masked=stage.forbidden, first=first)
        cube = self._layout.cubes[self.path]
        start = cube.slice((rows.start, (keys.start + keys.stop - 1) / 2, 0), shape, (I, J))
        end = self._layout[self.path].spot(rows.start, 0)
        place = between(start, Placement(shape, end, start.down, start.across), share)
        return Plane(self.path, place, stage.block, kind="gain", first=(rows.start, 0))

    def _rows(self, first: int, last: int) -> Sweep:
        """The rows of these blocks of queries."""
        return Sweep(row_turn=1, first=first, last=last, row_size=self.tiles.size[0])
