"""Which known kinds of heads a pattern is like: one score each, from the pattern alone; no models, no Qt.

Rows of a pattern are tokens that look, columns those that they look at. A token counts where it may look at two
tokens or more: in a causal pattern that is every token but the first. What a score is the mean of are the tokens that
count and have such a token to look at; where none has, the score is NaN.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mmviz.scene.language.masks import MASKS, Masking

Kind = Literal["previous", "duplicate", "induction", "sink", "local", "uniform"]

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HeadKind:
    """A kind of heads that the literature knows."""

    called: str  # a head of it
    score: str  # what the score is, in words
    formula: str  # of a pattern A, whose row i is what token i attends to
    source: str
    of_its_own: bool = True  # of heads that look at the tokens they read, and not across
    least_first: bool = False  # the best heads have the least scores


KINDS: Final[Mapping[Kind, HeadKind]] = {
    "previous": HeadKind(
        "a previous-token head",
        "the attention that a token gives to the token before it",
        "mean over i of A[i, i-1]",
        "Elhage et al. 2021; Olsson et al. 2022; TransformerLens, detect_head('previous_token_head')",
    ),
    "duplicate": HeadKind(
        "a duplicate-token head",
        "the attention that a token gives to all earlier places of the same token",
        "mean over i that have one of the sum of A[i, j] over j < i with t[j] = t[i]; of an encoder over all j but i",
        "Wang et al. 2022; TransformerLens, detect_head('duplicate_token_head')",
    ),
    "induction": HeadKind(
        "an induction head",
        "the attention that a token gives to the tokens behind earlier places of the same token",
        "mean over i that have one of the sum of A[i, j+1] over j < i-1 with t[j] = t[i]",
        "Elhage et al. 2021; Olsson et al. 2022, prefix matching; TransformerLens, detect_head('induction_head')",
    ),
    "sink": HeadKind(
        "a first-token sink",
        "the attention that a token gives to the first token",
        "mean over i > 0 of A[i, 0]",
        "Xiao et al. 2023; Gu et al. 2024, who call it a sink from 0.3 on, and count i = 0, too",
        of_its_own=False,
    ),
    "local": HeadKind(
        "a local head",
        "how many tokens away a token looks; the nearest first",
        "sum of A[i, j] |i - j| over the sum of A[i, j], over all i that count and all j",
        "Vig and Belinkov 2019, mean attention distance",
        least_first=True,
    ),
    "uniform": HeadKind(
        "a head that looks everywhere alike",
        "how evenly a token looks: 1 where it gives the same to all that it may look at",
        "mean over i of the entropy of row i over the logarithm of how many tokens i may look at",
        "Clark et al. 2019, entropy of attention",
        of_its_own=False,
    ),
}
COMING_BACK: Final[tuple[Kind, ...]] = ("duplicate", "induction")
"""The kinds that only a prompt shows in which tokens come back."""


@dataclass(frozen=True, eq=False, slots=True)
class KindCells:
    """Which elements of the patterns of a layer, on one prompt, the kinds of heads are about."""

    allowed: Bools  # (tokens, keys), where a token may look
    counting: Bools  # (tokens,), those with a choice
    cells: Mapping[Kind, Bools]  # of the kinds that are about single elements
    kinds: tuple[Kind, ...]  # that such a layer can have

    @classmethod
    def of(cls, ids: Sequence[int], keys: int | None, masking: Masking | None) -> "KindCells":
        """Those of a prompt.

        Args:
            ids: The tokens that look.
            keys: How many tokens they look at, where these are others; None: at themselves.
            masking: What the layer forbids; None: nothing.
        """
        i, j = np.arange(len(ids))[:, None], np.arange(len(ids) if keys is None else keys)
        allowed = np.ones((len(i), len(j)), dtype=bool)
        causal = False
        if masking is not None:
            allowed &= ~MASKS[masking.function].forbids(i, j, masking.numbers)
            causal = MASKS[masking.function].causal
        counting: Bools = allowed.sum(1) > 1
        cells: dict[Kind, Bools] = {"sink": (j == 0) & (i >= (keys is None))}
        if keys is None:
            same = np.equal.outer(np.asarray(ids), np.asarray(ids)) & (i != j)
            cells["previous"], cells["duplicate"] = i - j == 1, same
            if causal:
                behind = np.zeros_like(same)
                behind[:, 1:] = same[:, :-1]
                cells["induction"] = behind & (j < i)
        cells = {kind: cell & allowed & counting[:, None] for kind, cell in cells.items()}
        able = (kind for kind, one in KINDS.items() if keys is None or not one.of_its_own)
        return cls(allowed, counting, cells, tuple(kind for kind in able if kind != "induction" or causal))

    @property
    def of_its_own(self) -> bool:
        """Whether tokens look at those that they are among."""
        return "previous" in self.cells

    def scores(self, pattern: NDArray[np.float32], kinds: Iterable[Kind] | None = None) -> dict[Kind, float]:
        """How much a head's pattern is like each kind; NaN where the prompt has nothing that could show it.

        Args:
            pattern: (tokens, keys); 0 where a token may not look.
            kinds: All that such a layer can have, by default.
        """
        return {kind: self._score(pattern, kind) for kind in (self.kinds if kinds is None else kinds)}

    def chance(self, kind: Kind) -> float:
        """The score of a head that gives the same to all that it may look at."""
        rows = np.maximum(self.allowed.sum(1, keepdims=True), 1)
        return self._score((self.allowed / rows).astype(np.float32), kind)

    def shows(self, kind: Kind) -> bool:
        """Whether the prompt has tokens that could show a kind."""
        return bool(self.cells[kind].any()) if kind in self.cells else bool(self.counting.any())

    def _score(self, pattern: NDArray[np.float32], kind: Kind) -> float:
        if not self.shows(kind):
            return float("nan")
        if kind in self.cells:
            cells = self.cells[kind]
            return float(pattern[cells].sum(dtype=np.float64) / cells.any(1).sum())
        rows = pattern[self.counting].astype(np.float64)  # (tokens that count, keys)
        totals = rows.sum(1, keepdims=True)
        if kind == "local":
            away = np.abs(np.flatnonzero(self.counting)[:, None] - np.arange(pattern.shape[1]))
            return float((rows * away).sum() / totals.sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = rows / totals
        logs = np.log(np.where(shares > 0, shares, 1.0))  # what is 0 adds nothing
        return float((-(shares * logs).sum(1) / np.log(self.allowed[self.counting].sum(1))).mean())


@dataclass(frozen=True, slots=True)
class ScoredHead:
    """A head and how much it is like each kind."""

    layer: int
    head: int
    scores: Mapping[Kind, float]


def best(heads: Iterable[ScoredHead], kind: Kind) -> list[ScoredHead]:
    """Heads by their score of a kind, the best first; without those that have none; equal ones by layer and head."""
    sign = 1.0 if KINDS[kind].least_first else -1.0
    scored = [one for one in heads if np.isfinite(one.scores.get(kind, np.nan))]
    return sorted(scored, key=lambda one: (sign * one.scores[kind], one.layer, one.head))
