"""Which products share a sweep and when each starts, under `chain`; no numbers, no space, nothing of what is shown.

Products that can go row by row together may share one sweep: a vector-matrix product with its left argument, a
matrix-vector product with its right one, and an outer-product sweep with a left argument that comes column by column
and a right one that comes row by row. An argument that wears a function of whole rows (softmax) can come row by row but
not column by column: it is finished first. What is computed whole takes one step with all that it is made of.

Such products form one group, also through sums, so that x + f(x) is one sweep, and a group starts as soon as everything
it needs from outside is finished. A matrix that is used again elsewhere joins no group as an argument, so that whatever
needs it once more never waits for a group that waits for it; only what comes all at once does, where its group ends
before it is used again.

mm's rules are in `bumps`, those of decoding in `decoding`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeGuard

from mmviz.scene.functions import FUNCTIONS
from mmviz.scene.options import Algorithm
from mmviz.scene.tree import ElementwiseNode, LeafNode, Node, ProductNode, Worn, walk

Steps = Mapping[str, int]
"""How many steps each animated product takes, by path."""
Waits = Mapping[str, tuple[str, ...]]
"""What else must be finished before a product starts: paths by its own path."""


def in_chains(
    root: Node, algorithms: Mapping[str, Algorithm], steps: Steps, waits: Waits, running: Collection[str]
) -> tuple[dict[str, int], Mapping[str, str]]:
    """The first step of every product, and of every sum within a group, under fuse: chain.

    Args:
        root: The tree.
        algorithms: Of every node, by path.
        steps: Of the products.
        waits: What they wait for besides their arguments.
        running: Sums that show what they have so far: no group goes through them.

    Returns:
        path -> first step; and path -> path of the outermost product of the group it belongs to.
    """
    leaders = _leaders(root, algorithms, running)
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
        needs += [path for member in members for path in waits.get(member.path, ())]
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


def term_after_term(root: Node) -> Waits:
    """By path of a product what is finished first where the terms of sums and differences come one after the other."""
    waits: dict[str, tuple[str, ...]] = {}
    before: set[str] = set()  # a term that is used again before its sum comes up in the walk waits for nothing
    for node in walk(root):
        if isinstance(node, ProductNode):
            sums = (part for part in above(root, node.path) if adds(part) and within(node.path, part.right.path))
            waits[node.path] = tuple(part.left.path for part in sums if part.left.path in before)
        before.add(node.path)
    return waits


def joined(waits: Waits, others: Waits) -> Waits:
    """Both together."""
    return {path: (*waits.get(path, ()), *others.get(path, ())) for path in {*waits, *others}}


def above(root: Node, path: str) -> Iterator[ProductNode | ElementwiseNode]:
    """What a matrix is an argument or term of, and what that is part of, from the root down."""
    node = root
    for side in path.split(".") if path else ():
        if isinstance(node, LeafNode):
            return
        yield node
        node = node.left if side == "left" else node.right


def adds(node: Node) -> TypeGuard[ElementwiseNode]:
    """True for sums and differences."""
    return isinstance(node, ElementwiseNode) and node.sign != "*"


def _leaders(root: Node, algorithms: Mapping[str, Algorithm], running: Collection[str]) -> dict[str, str]:
    """For every product, and every sum that a group goes through, the path of the outermost product of its group."""
    leaders: dict[str, str] = {}
    used_within = _used_within(root)

    def visit(node: Node, leader: str, order: Algorithm | None) -> bool:
        """True where a node joins the group of `leader`, which takes it in this order."""
        if isinstance(node, LeafNode):
            return False
        alone = used_within(node.path, leader) if order == "whole" else used_within(node.path, "")
        joins = not alone and order is not None and comes_piecewise(node.worn, order)
        if isinstance(node, ElementwiseNode):
            joins = joins and node.path not in running
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


def _used_within(root: Node) -> Callable[[str, str], bool]:
    """Whether the matrix at a path is used again in the part of the tree that begins at another path."""
    uses: dict[str, list[str]] = {}
    for node in walk(root):
        if isinstance(node, LeafNode) and node.target is not None:
            uses.setdefault(node.target, []).append(node.path)
    return lambda path, part: any(within(use, part) for use in uses.get(path, ()))


def within(path: str, part: str) -> bool:
    """True where a path belongs to the part of the tree that begins at another one."""
    return part in ("", path) or path.startswith(f"{part}.")


def comes_piecewise(functions: Sequence[Worn], algorithm: Algorithm) -> bool:
    """True where what a step computes (a row, column or element) is final under these before the next step."""
    if algorithm == "whole":
        return True
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
        case "whole":
            return "whole", "whole"
        case _:
            return None, None
