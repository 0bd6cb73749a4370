"""Which products share a sweep and when each starts; no numbers, no space, and nothing of what is shown.

Products that can go row by row together may share one sweep: a vector-matrix product with its left argument, a
matrix-vector product with its right one, and an outer-product sweep with a left argument that comes column by column
and a right one that comes row by row. An argument that wears a function of whole rows (softmax) can come row by row but
not column by column: it is finished first.

`chain` is our own way. Such products form one group, also through sums, so that x + f(x) is one sweep, and a group
starts as soon as everything it needs from outside is finished. A matrix that is used again elsewhere joins no group as
an argument, so that whatever needs it once more never waits for a group that waits for it.

`none`, `sync` and `async` are those of mm. There all products are bumped together, and a product takes its step in a
bump if no argument is still running, or, unless fuse is none, if its arguments deliver just what it needs: under async
from the moment they do, under sync only where they have not got ahead. As a product that has once started never waits
again, all follows from one number for each, its first bump, and that from those of its arguments. In mm the end of an
argument takes a bump of its own; bumps in which nothing at all moves are left out here.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mmviz.scene.functions import FUNCTIONS
from mmviz.scene.options import Algorithm
from mmviz.scene.tree import ElementwiseNode, LeafNode, Node, ProductNode, Worn, walk

Steps = Mapping[str, int]
"""How many steps each animated product takes, by path."""


def in_chains(
    root: Node, algorithms: Mapping[str, Algorithm], steps: Steps
) -> tuple[dict[str, int], Mapping[str, str]]:
    """The first step of every product, and of every sum within a group, under fuse: chain.

    Returns:
        path -> first step; and path -> path of the outermost product of the group it belongs to.
    """
    leaders = _leaders(root, algorithms)
    starts: dict[str, int] = {}
    ready: dict[str, int] = {}
    # A group is complete when its leader (its outermost product) comes up in the walk.
    for node in walk(root):
        still = isinstance(node, ProductNode) and node.path not in steps
        if still or node.path not in leaders:
            ready[node.path] = latest(node, ready)
            continue
        if leaders[node.path] != node.path:
            continue
        members = [n for n in walk(node) if leaders.get(n.path) == node.path and not isinstance(n, LeafNode)]
        inside = {member.path for member in members}
        needs = [a.path for m in members for a in (m.left, m.right) if a.path not in inside]
        start = max((ready[path] for path in needs), default=0)
        for member in members:
            starts[member.path] = start
            ready[member.path] = start + steps[member.path] if member.path in steps else latest(member, ready)
    return starts, leaders


def latest(node: Node, ready: Mapping[str, int]) -> int:
    """When all that a node is made of is there, if that is known by path of everything before it in the walk."""
    if isinstance(node, LeafNode):
        return 0 if node.target is None else ready[node.target]
    return max(ready[node.left.path], ready[node.right.path])


def _leaders(root: Node, algorithms: Mapping[str, Algorithm]) -> dict[str, str]:
    """For every product, and every sum that a group goes through, the path of the outermost product of its group."""
    leaders: dict[str, str] = {}
    used_again = {node.target for node in walk(root) if isinstance(node, LeafNode)}

    def visit(node: Node, leader: str, order: Algorithm | None) -> bool:
        """True where a node joins the group of `leader`, which takes it in this order."""
        if isinstance(node, LeafNode):
            return False
        alone = node.path in used_again
        joins = not alone and order is not None and comes_piecewise(node.worn, order)
        if isinstance(node, ElementwiseNode):
            joined = [visit(term, leader, order if joins else None) for term in (node.left, node.right)]
            if any(joined):
                leaders[node.path] = leader
            return any(joined)
        joins = joins and algorithms[node.path] == order
        leaders[node.path] = own = leader if joins else node.path
        for argument, partner in zip((node.left, node.right), partners(algorithms[node.path]), strict=True):
            visit(argument, own, partner)
        return joins

    visit(root, "", None)
    return leaders


@dataclass(frozen=True, slots=True)
class _Supply:
    """How a matrix comes to its consumer, in bumps of mm."""

    seen: int = 0  # first bump in which it is known to be finished
    order: Algorithm | None = None  # in which order it comes before that
    flows: int = 0  # first bump in which it comes so


def waiting(
    root: Node,
    algorithms: Mapping[str, Algorithm],
    steps: Steps,
    fuse: Literal["none", "sync", "async"],
) -> tuple[dict[str, int], tuple[tuple[int, int], ...]]:
    """The first step of every product by mm's rule.

    Returns:
        path -> first step, the idle bumps left out; and from which step on how many were left out before it.
    """
    supplies: dict[str, _Supply] = {}
    bumps: dict[str, int] = {}
    for node in walk(root):
        if isinstance(node, LeafNode):
            supplies[node.path] = _Supply(0 if node.target is None else supplies[node.target].seen)
            continue
        left, right = supplies[node.left.path], supplies[node.right.path]
        if node.path in steps:
            algorithm = algorithms[node.path]
            bump = _first_bump((left, right), partners(algorithm), fuse)
            bumps[node.path] = bump
            order = algorithm if comes_piecewise(node.worn, algorithm) else None
            supplies[node.path] = _Supply(bump + steps[node.path] + 1, order, bump)
        elif isinstance(node, ElementwiseNode):
            supplies[node.path] = _joined(left, right, node.worn, fuse)
        else:
            supplies[node.path] = _Supply(max(left.seen, right.seen))
    return _without_idle(bumps, steps)


def _first_bump(
    supplies: tuple[_Supply, _Supply],
    orders: tuple[Algorithm | None, Algorithm | None],
    fuse: Literal["none", "sync", "async"],
) -> int:
    """The bump in which a product takes its first step, by how its arguments come and how it could take them."""
    flows = [
        supply.flows if fuse != "none" and order is not None and supply.order == order else None
        for supply, order in zip(supplies, orders, strict=True)
    ]
    if fuse == "async":
        return max(s.seen if flow is None else flow for s, flow in zip(supplies, flows, strict=True))
    candidates = sorted({0, *(supply.seen for supply in supplies), *(flow for flow in flows if flow is not None)})
    return next(
        bump
        for bump in candidates
        if all(bump == flow or bump >= supply.seen for supply, flow in zip(supplies, flows, strict=True))
    )


def _joined(a: _Supply, b: _Supply, worn: Sequence[Worn], fuse: Literal["none", "sync", "async"]) -> _Supply:
    """How a sum of two terms comes: piece by piece where those of its terms that still come do so in one order."""
    seen = max(a.seen, b.seen)
    coming = [term for term in (a, b) if term.seen > 0]
    found = {term.order for term in coming}
    order = found.pop() if len(found) == 1 else None
    if order is None or not comes_piecewise(worn, order):
        return _Supply(seen)
    flows = {term.flows for term in coming}
    if fuse == "sync" and len(flows) > 1:
        return _Supply(seen)
    return _Supply(seen, order, max(flows))


def _without_idle(bumps: Mapping[str, int], steps: Steps) -> tuple[dict[str, int], tuple[tuple[int, int], ...]]:
    """The first bumps counted without those in which no product takes a step, and how many these are."""
    busy: list[tuple[int, int]] = []  # first and last bump of stretches without idle ones, in order
    for first, last in sorted((bump, bump + steps[path] - 1) for path, bump in bumps.items()):
        if busy and first <= busy[-1][1] + 1:
            busy[-1] = busy[-1][0], max(busy[-1][1], last)
        else:
            busy.append((first, last))
    idle, end = [0], -1  # bumps left out before each stretch, and the last bump of the one before
    for first, last in busy:
        idle.append(idle[-1] + first - end - 1)
        end = last
    firsts = [first for first, _ in busy]
    starts = {path: bump - idle[bisect_right(firsts, bump)] for path, bump in bumps.items()}
    return starts, tuple((first - left_out, left_out) for first, left_out in zip(firsts, idle[1:], strict=True))


def comes_piecewise(functions: Sequence[Worn], algorithm: Algorithm) -> bool:
    """True where what a step computes (a row, column or element) is final under these before the next step."""
    if algorithm not in ("vmprod", "mvprod"):
        return all(FUNCTIONS[worn.function].along == "elements" or worn.function == "tril" for worn in functions)
    along_rows = algorithm == "vmprod"
    return all(
        FUNCTIONS[worn.function].along == "elements" or worn.function == "tril" or along_rows != worn.turned
        for worn in functions
    )


def partners(algorithm: Algorithm) -> tuple[Algorithm | None, Algorithm | None]:
    """The algorithms of a left and a right argument that deliver just what one step needs."""
    match algorithm:
        case "vmprod":
            return "vmprod", None
        case "mvprod":
            return None, "mvprod"
        case "vvprod":
            return "mvprod", "vmprod"
        case _:
            return None, None
