"""Attention block by block: what a step computes and what is known after it; no space, no time, nothing of a tree.

A block of the queries goes against one block of the keys after the other, and then the next block of the queries does.
For every row of the queries two numbers are kept: the largest score so far, m, and the sum of exp(score - m) so far, l.
Where a block brings a larger m, all that the row has summed up is too large by exp(m after - m before), and is rescaled
by the inverse of that. When a row has seen all keys, its sums divided by l are those of the softmax.

What a row has after some blocks depends on these blocks alone, not on the way there, so any step is computed at once.

Source: Dao et al., FlashAttention (2022), and Dao, FlashAttention-2 (2023), for the order of the blocks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.space.placement import Vector
from mmviz.picture.space.sweep import Sweep

Phase = Literal["scores", "add", "divide"]
EACH: tuple[Phase, Phase] = ("scores", "add")
"""What happens with every block."""
Matrix = NDArray[np.float32]
MOST_TILES = 1 << 16
"""Most blocks of queries times blocks of keys."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one step does with the rows of one block of the queries."""

    query: int  # number of the block of queries
    key: int  # number of the block of keys; of the last one, where the rows are divided
    phase: Phase


@dataclass(frozen=True, slots=True)
class Tiles:
    """How the pattern (queries, keys) is cut, and the steps through its blocks."""

    shape: tuple[int, int]  # queries, keys
    size: tuple[int, int]  # of a block
    causal: bool = False  # blocks of which all elements are masked are left out

    def turns(self) -> tuple[Turn, ...]:
        """All steps, in order."""
        found: list[Turn] = []
        for query in range(-(-self.shape[0] // self.size[0])):
            blocks = range(self._needed(query))
            found += [Turn(query, key, phase) for key in blocks for phase in EACH]
            found.append(Turn(query, blocks[-1], "divide"))
        return tuple(found)

    def rows(self, query: int) -> slice:
        """The rows of a block of the queries."""
        return slice(query * self.size[0], min((query + 1) * self.size[0], self.shape[0]))

    def keys(self, key: int) -> slice:
        """The columns of the pattern that a block of the keys has."""
        return slice(key * self.size[1], min((key + 1) * self.size[1], self.shape[1]))

    def cells(self, turn: Turn) -> Sweep:
        """The elements of the pattern that are there in a step: those of all blocks up to this one."""
        across = -(-self.shape[1] // self.size[1])
        last = {"scores": turn.key - 1, "add": turn.key, "divide": across - 1}[turn.phase]
        first = turn.query * across
        return Sweep(across, 1, 0, first + last, row_size=self.size[0], column_size=self.size[1])

    def tile(self, turn: Turn) -> Sweep:
        """The elements of the pattern that a step takes: one block, or where it divides all of these rows."""
        across = -(-self.shape[1] // self.size[1])
        first = turn.query * across
        ends = (first, first + across - 1) if turn.phase == "divide" else (first + turn.key,) * 2
        return Sweep(across, 1, *ends, row_size=self.size[0], column_size=self.size[1])

    def told(self, turn: Turn) -> str:
        """What a step does, in words."""
        rows, keys = self.rows(turn.query), self.keys(turn.key)
        whose = f"queries {rows.start + 1} to {rows.stop}"
        match turn.phase:
            case "scores" if turn.key == 0:
                return f"{whose}, keys {keys.start + 1} to {keys.stop}: scores and their row maxima m"
            case "scores":
                return f"{whose}, keys {keys.start + 1} to {keys.stop}: larger row maxima rescale what is summed so far"
            case "add":
                return f"{whose}, keys {keys.start + 1} to {keys.stop}: exp(score - m) weighs the values, l adds it up"
            case _:
                return f"{whose}: divided by l, the weights are those of the softmax"

    def _needed(self, query: int) -> int:
        """How many blocks of keys have an element that a block of queries may look at."""
        keys = min(self.shape[1], self.rows(query).stop) if self.causal else self.shape[1]
        return -(-keys // self.size[1])


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What is known after a step."""

    weights: Matrix  # (queries, keys): exp(score - m), and where a row is done the pattern
    sums: Matrix  # (queries, columns): the weights times the values
    maxima: Matrix  # (queries, 1): m
    totals: Matrix  # (queries, 1): l
    factors: Matrix  # (queries, 1): what the sums were multiplied by in this step
    block: Matrix  # (rows, keys of the block) scores, or (rows, columns) what the block adds to the sums; (0, 0): none
    forbidden: NDArray[np.bool_] | None  # of the block of scores: (rows, keys of the block), where a mask forbids


class Blockwise:
    """One attention, at any of its steps.

    Args:
        tiles: How it is cut.
        logits: Gives (queries, keys): what the softmax is taken of, -inf where it is masked.
        values: (keys, columns).
        pattern: (queries, keys): the softmax.
        result: (queries, columns): the pattern times the values.
    """

    def __init__(
        self, tiles: Tiles, logits: Callable[[], Vector], values: Matrix, pattern: Matrix, result: Matrix
    ) -> None:
        self.tiles = tiles
        self._ask = logits
        self._values = values.astype(np.float64)
        self._pattern = pattern
        self.result = result

    @cached_property
    def logits(self) -> Vector:
        """(queries, keys), -inf where it is masked."""
        return self._ask()

    @cached_property
    def ends(self) -> tuple[Matrix, Matrix]:
        """(queries, 1) each: m and l after all keys."""
        with strange_numbers():
            largest = _maxima(self.logits)
            return _column(largest), _column(_weights(self.logits, largest).sum(axis=1))

    def at(self, turn: Turn) -> Stage:
        """What is known after a step."""
        with strange_numbers():
            return self._at(turn)

    def _at(self, turn: Turn) -> Stage:
        rows, keys = self.tiles.rows(turn.query), self.tiles.keys(turn.key)
        scores = self.logits[rows]  # (rows, keys)
        seen, added = keys.stop, keys.start if turn.phase == "scores" else keys.stop
        largest = _maxima(scores[:, :seen])  # (rows,)
        weights = _weights(scores[:, :added], largest)  # (rows, added keys)
        sums = weights @ self._values[:added]  # (rows, columns)
        totals = weights.sum(axis=1)  # (rows,)
        factors, block, forbidden = np.ones(len(scores)), np.zeros((0, 0)), None
        if turn.phase == "scores":
            factors = _weights(_maxima(scores[:, :added])[:, None], largest)[:, 0]
            forbidden = np.isneginf(scores[:, keys])
            block = np.where(forbidden, 0.0, scores[:, keys])
        elif turn.phase == "add":
            block = weights[:, keys] @ self._values[keys]
        else:
            factors = 1 / totals
        done = turn.phase == "divide"
        return Stage(
            self._with(self._pattern, rows, self._pattern[rows] if done else _padded(weights, scores.shape[1])),
            self._with(self.result, rows, self.result[rows] if done else sums),
            self._with(self.ends[0], rows, largest[:, None]),
            self._with(self.ends[1], rows, totals[:, None]),
            self._with(np.zeros_like(self.ends[0]), rows, factors[:, None]),
            block.astype(np.float32),
            forbidden,
        )

    def _with(self, before: Matrix, rows: slice, now: Vector | Matrix) -> Matrix:
        """What rows before these have in the end, and these now; the rows after them are not there yet."""
        shown = np.zeros_like(before)
        shown[: rows.start] = before[: rows.start]
        shown[rows] = now
        return shown


def strange_numbers() -> np.errstate:
    """Within it, what is infinite, no number or too large for float32 is computed with and shown as it is."""
    return np.errstate(over="ignore", divide="ignore", invalid="ignore")


def _maxima(scores: Vector) -> Vector:
    """(rows,): the largest score of each row; -inf where there is none."""
    largest: Vector = scores.max(axis=1, initial=-np.inf)
    return largest


def _weights(scores: Vector, largest: Vector) -> Vector:
    """exp(score - m), row by row; 0 where nothing is allowed."""
    weights = np.exp(scores - largest[:, None])
    weights[np.isneginf(scores)] = 0.0
    return weights


def _padded(weights: Vector, columns: int) -> Vector:
    return np.pad(weights, ((0, 0), (0, columns - weights.shape[1])))


def _column(numbers: Vector) -> Matrix:
    return numbers[:, None].astype(np.float32)
