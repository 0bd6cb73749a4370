"""What a rule that says when products start is given and gives, and what such rules have in common; no rule itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mmviz.picture.time.algorithms import Cut
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.functions import keeps_apart
from mmviz.scene.language.tree import (
    CutNode,
    JoinNode,
    Node,
    ReducedNode,
    TakenNode,
    Tree,
    Worn,
    arguments,
    shown_again,
)

Steps = Mapping[str, int]
"""How many steps each animated product takes, by path."""
Waits = Mapping[str, tuple[str, ...]]
"""What else must be finished before a product starts: paths by its own path."""
Partners = tuple[Algorithm | None, Algorithm | None]
"""The algorithms of a left and a right argument that deliver just what one step needs; None: there is none."""


@dataclass(frozen=True, slots=True)
class Sweeps:
    """What is known of the products of a tree before it is known when they start; by path."""

    root: Tree
    algorithms: Mapping[str, Algorithm]  # of every node
    steps: Steps
    cuts: Mapping[str, Cut]
    waits: Waits  # what they wait for besides their arguments
    running: Collection[str] = ()  # sums that show what they have so far: nothing shares its steps through them


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a plain matrix comes, token by token."""

    order: Algorithm  # vmprod: row by row; mvprod: column by column
    begins: int  # step of its first row or column
    block: tuple[int, int]  # rows and columns of a block; all blocks come at once

    @property
    def ready(self) -> int:
        """The step from which all of it is there."""
        return self.begins + self.block[self.order == "mvprod"]


@dataclass(frozen=True, slots=True)
class Starts:
    """When each product starts, and what follows from how that was found; by path."""

    first: Mapping[str, int]  # first step of every product that takes steps, and of every sum within a group
    leaders: Mapping[str, str] = field(default_factory=dict)  # path of the outermost product of the group it is in
    idle: tuple[tuple[int, int], ...] = ()  # from which step on, how many of mm's bumps were left out before it
    limited: Mapping[str, int] = field(default_factory=dict)  # axis that a step takes up to its own index
    arriving: Mapping[str, Arrival] = field(default_factory=dict)  # of plain matrices that come with the tokens


class StartRule(Protocol):
    """A rule by which products wait for each other."""

    def __call__(self, sweeps: Sweeps) -> Starts:
        """When the products start."""
        ...


def latest(node: Node, ready: Mapping[str, int]) -> int:
    """When all that a node is made of is there, if that is known by path of everything before it in the walk."""
    target = shown_again(node)
    if target is not None:
        return ready[target]
    return max((ready[argument.path] for argument in arguments(node)), default=0)


def comes_piecewise(functions: Sequence[Worn], algorithm: Algorithm) -> bool:
    """True where what a step computes (a row, column or element) is final under these before the next step."""
    if algorithm == "whole":
        return True
    if algorithm not in ("vmprod", "mvprod"):
        return all(keeps_apart(worn.function) for worn in functions)
    along_rows = algorithm == "vmprod"
    return all(keeps_apart(worn.function) or along_rows != worn.turned for worn in functions)


def across(node: JoinNode) -> Algorithm:
    """The order in which whole parts of a join come one after the other: by columns, or by rows."""
    return "mvprod" if node.axis else "vmprod"


def in_step(node: Node, order: Algorithm | None) -> bool:
    """Whether what a node is made of can come to it in this order: row by row to what is joined along columns."""
    match node:
        case JoinNode():
            return order in ("whole", "vmprod" if node.axis else "mvprod")
        case ReducedNode():
            return order in ("whole", "vmprod" if node.axis else "mvprod")
        case CutNode(rows=rows, columns=columns):
            whole = {"whole": True, "vmprod": rows.whole, "mvprod": columns.whole}
            return order is not None and whole.get(order, False)
        case TakenNode():
            return False
        case _:
            return order is not None


def partners(algorithm: Algorithm) -> Partners:
    """The algorithms of a left and a right argument that deliver just what one step needs."""
    match algorithm:
        case "vmprod":
            return "vmprod", None
        case "mvprod":
            return None, "mvprod"
        case "vvprod":
            return "mvprod", "vmprod"
        case "whole":
            return "whole", "whole"
        case _:
            return None, None
