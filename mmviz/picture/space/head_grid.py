"""Heads or experts of a layer as a grid: which sums are sums of such, and where in a grid each stands; no numbers."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from mmviz.picture.space.placement import Vector
from mmviz.scene.language.functions import CHOOSING, PATTERNS
from mmviz.scene.language.tree import (
    ElementwiseNode,
    Node,
    ProductNode,
    Tree,
    arguments,
    computed,
    elementwise,
    references,
    walk,
)

FEWEST = 3
"""Heads that a sum adds, at least, for a grid."""
WIDE = 1.6
"""About how many times as wide as it is high a grid is."""
EMPTY = 2.0
"""What a grid of empty places alone would count against one that is e times too wide or too high."""


@dataclass(frozen=True, slots=True)
class Heads:
    """A sum of heads or experts: what it adds, and the sums on the way there, which have no name and are not drawn."""

    terms: tuple[Node, ...]
    between: tuple[str, ...]  # paths
    named: tuple[str, ...]  # paths of what is named in each term: its pattern, or what an expert adds
    experts: bool = False


def sums_of_heads(root: Tree) -> dict[str, Heads]:
    """All sums whose terms are heads or experts, by path: FEWEST or more.

    A head has an attention pattern of its own. What an expert gives, or reads, is multiplied by its share of what a
    router has chosen; one behind them may be of all tokens.
    """
    found: dict[str, Heads] = {}
    choices = _choices(root)
    inside: set[str] = set()
    for node in sorted(elementwise(root), key=lambda node: node.path.count(".") + bool(node.path)):
        if node.path in inside or node.sign != "+":
            continue
        nodes = list(_added(node))
        terms = tuple(term for term in nodes if not _goes_on(term))
        if len(terms) < FEWEST:
            continue
        experts = _are_experts(terms, choices)
        if experts:
            named = tuple(term.path for term in terms)
        elif all(map(_is_head, terms)):
            named = tuple(one.path for term in terms for one in below(term) if _is_pattern(one))
        else:
            continue
        between = tuple(term.path for term in nodes if _goes_on(term))
        inside.update(between)
        found[node.path] = Heads(terms, between, named, experts)
    return found


def note_on_grid(heads: str, grids: Mapping[str, Heads]) -> tuple[str, ...]:
    """That nothing stands in a grid although a scene says so, in a line; or nothing.

    Args:
        heads: What its style says of heads.
        grids: What stands in grids, by the path of the sum.
    """
    if heads != "grid" or grids:
        return ()
    return (f"style.heads: no grid, the expression adds up no heads or experts, of which {FEWEST} are needed.",)


def _added(node: ElementwiseNode) -> Iterator[Node]:
    """The terms of a sum in their order, those of sums in it, and these."""
    for term in (node.left, node.right):
        yield term
        match term:
            case ElementwiseNode() if _goes_on(term):
                yield from _added(term)
            case _:
                pass


def _goes_on(node: Node) -> bool:
    """Whether a term is a sum itself, without a name or a function."""
    match node:
        case ElementwiseNode(sign="+"):
            return not node.worn and node.name == node.formula
        case _:
            return False


def below(node: Node) -> Iterator[Node]:
    """A matrix and what it is made of in its own place, in no order."""
    yield node
    for argument in arguments(node):
        yield from below(argument)


def _is_pattern(node: Node) -> bool:
    """Whether a matrix wears a softmax last."""
    return bool(node.worn) and node.worn[-1].function in PATTERNS


def _is_head(node: Node) -> bool:
    return any(map(_is_pattern, below(node)))


def _choices(root: Tree) -> frozenset[str]:
    """The paths of what a router has chosen, and of what shows that again."""
    chosen = {node.path for node in walk(root) if any(worn.function == CHOOSING for worn in node.worn)}
    return frozenset(chosen | {node.path for node, target in references(root) if target in chosen})


def _are_experts(terms: Sequence[Node], choices: Container[str]) -> bool:
    """Whether terms are experts, but for the last, which may be computed otherwise."""
    *others, last = terms
    if not all(_is_expert(term, choices) for term in others):
        return False
    return _is_expert(last, choices) or (len(others) >= FEWEST and computed(last))


def _is_expert(term: Node, choices: Container[str]) -> bool:
    """Whether a term is, or is made of, something times the column of a choice: what an expert gives, or reads."""
    return any(_is_weighted(node, choices) for node in below(term))


def _is_weighted(node: Node, choices: Container[str]) -> bool:
    match node:
        case ElementwiseNode(left=ProductNode(left=weights), sign="*"):
            return weights.path in choices
        case _:
            return False


def columns_of(count: int, width: float, height: float) -> int:
    """How many columns a grid of so many heads has, each of this width and height."""

    def cost(columns: int) -> float:
        rows = ceil(count / columns)
        return abs(log(columns * width / (rows * height) / WIDE)) + EMPTY * (rows * columns - count) / count

    return min(range(1, count + 1), key=cost)


def places(boxes: Sequence[Vector], anchors: Sequence[Vector], space: float) -> tuple[list[Vector], Vector]:
    """Where the anchors of the heads of a grid are, row by row, each at the same place of its cell.

    Args:
        boxes: (2, 3) each: lowest and highest corner of each head, in cells.
        anchors: (3,) each: the same point of each head, such as the first element of its result.
        space: Between two heads, as a share of the lower side of a head's place.

    Returns:
        (3,) each, the whole grid from (0, 0, 0) on; (2,): how wide and high that is.
    """
    around = np.array([box - anchor for box, anchor in zip(boxes, anchors, strict=True)])  # (heads, 2, 3)
    lowest, highest = around[:, 0].min(axis=0), around[:, 1].max(axis=0)
    sides = (highest - lowest)[:2]
    apart = space * sides.min()
    width, height = sides + apart
    columns = columns_of(len(boxes), width, height)
    numbers = range(len(boxes))
    found = [np.array([number % columns * width, number // columns * height, 0.0]) - lowest for number in numbers]
    return found, np.array([columns * width - apart, ceil(len(boxes) / columns) * height - apart])
