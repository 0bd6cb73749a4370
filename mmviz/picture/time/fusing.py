"""Which products share a sweep and when each starts, under `chain`; no numbers, no space, nothing of what is shown.

Products that can go row by row together may share one sweep: a vector-matrix product with its left argument, a
matrix-vector product with its right one, and an outer-product sweep with a left argument that comes column by column
and a right one that comes row by row. An argument that wears a function of whole rows (softmax) can come row by row but
not column by column: it is finished first. What is computed whole takes one step with all that it is made of.

Such products form one group, also through sums, so that x + f(x) is one sweep, and a group starts as soon as everything
it needs from outside is finished. A matrix that is used again elsewhere joins no group as an argument, so that whatever
needs it once more never waits for a group that waits for it; only what comes all at once does, where its group ends
before it is used again.

mm's rules are in `mm_starts`, those of decoding in `decoding`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeGuard

from mmviz.picture.time.starts import Starts, Sweeps, Waits, comes_piecewise, in_step, latest, partners
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
    references,
    roots,
    stepped,
    walk,
)


def in_chains(sweeps: Sweeps) -> Starts:
    """The first step of every product, and of every sum within a group, under fuse: chain."""
    root, steps = sweeps.root, sweeps.steps
    leaders = _leaders(root, sweeps.algorithms, sweeps.running)
    still = {node.path for node in stepped(root) if node.path not in steps}
    starts: dict[str, int] = {}
    ready: dict[str, int] = {}
    # A group is complete when its leader (its outermost product) comes up in the walk.
    for node in walk(root):
        if node.path in still or node.path not in leaders:
            ready[node.path] = latest(node, ready)
            continue
        if leaders[node.path] != node.path:
            continue
        members = [member for member in walk(node) if leaders.get(member.path) == node.path]
        inside = {member.path for member in members}
        needs = [a.path for member in members for a in arguments(member) if a.path not in inside]
        needs += [path for member in members for path in sweeps.waits.get(member.path, ())]
        start = max((ready[path] for path in needs), default=0)
        for member in members:
            starts[member.path] = start
            ready[member.path] = start + steps[member.path] if member.path in steps else latest(member, ready)
    return Starts(starts, leaders)


def term_after_term(root: Tree) -> Waits:
    """By path of a product what is finished first where the terms of sums and parts of joins come one by one."""
    waits: dict[str, tuple[str, ...]] = {}
    made = {node.path for node in stepped(root)}
    before: set[str] = set()  # a term that is used again before its sum comes up in the walk waits for nothing
    for node in walk(root):
        if node.path in made:
            waits[node.path] = tuple(path for path in _terms_before(root, node.path) if path in before)
        before.add(node.path)
    return waits


def _terms_before(root: Tree, path: str) -> Iterator[str]:
    """The paths of the terms or parts that stand before the one in which a matrix is."""
    for node in above(root, path):
        if adds(node):
            terms = [term.path for term in arguments(node)]
            yield from terms[: next(n for n, term in enumerate(terms) if within(path, term))]


def root_after_root(tree: Tree) -> Waits:
    """By path of a product what is finished first where several roots come one after the other."""
    waits: dict[str, tuple[str, ...]] = {}
    before: tuple[str, ...] = ()
    for root in roots(tree):
        waits |= {node.path: before for node in stepped(root)}
        before = (root.path,)
    return waits


def joined(waits: Waits, others: Waits) -> Waits:
    """Both together."""
    return {path: (*waits.get(path, ()), *others.get(path, ())) for path in {*waits, *others}}


def above(root: Tree, path: str) -> Iterator[Node]:
    """What a matrix is an argument or term of, and what that is part of, from the root down."""
    node = next((node for node in roots(root) if within(path, node.path)), None)
    while node is not None and node.path != path:
        yield node
        node = next((argument for argument in arguments(node) if within(path, argument.path)), None)


def adds(node: Node) -> TypeGuard[ElementwiseNode | JoinNode]:
    """True for sums, differences and joins: what can be made term by term."""
    match node:
        case ElementwiseNode(sign=sign):
            return sign in ("+", "-")
        case JoinNode():
            return True
        case _:
            return False


def _leaders(root: Tree, algorithms: Mapping[str, Algorithm], running: Collection[str]) -> dict[str, str]:
    """For every product, and every sum that a group goes through, the path of the outermost product of its group."""
    leaders: dict[str, str] = {}
    used_within = _used_within(root)

    def visit(node: Node, leader: str, order: Algorithm | None) -> bool:
        """True where a node joins the group of `leader`, which takes it in this order."""
        alone = used_within(node.path, leader) if order == "whole" else used_within(node.path, "")
        joins = not alone and order is not None and comes_piecewise(node.worn, order)
        match node:
            case LeafNode():
                return False
            case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode():
                joins = joins and node.path not in running and in_step(node, order)
                joined = [visit(term, leader, order if joins else None) for term in arguments(node)]
                if any(joined):
                    leaders[node.path] = leader
                return any(joined)
            case ProductNode() | TakenNode():
                joins = joins and algorithms[node.path] == order
                leaders[node.path] = own = leader if joins else node.path
                for argument, partner in zip(arguments(node), partners(algorithms[node.path]), strict=True):
                    visit(argument, own, partner)
                return joins

    for node in roots(root):
        visit(node, node.path, None)
    return leaders


def _used_within(root: Tree) -> Callable[[str, str], bool]:
    """Whether the matrix at a path is used again in the part of the tree that begins at another path."""
    uses: dict[str, list[str]] = {}
    for node, target in references(root):
        uses.setdefault(target, []).append(node.path)
    return lambda path, part: any(within(use, part) for use in uses.get(path, ()))


def within(path: str, part: str) -> bool:
    """True where a path belongs to the part of the tree that begins at another one."""
    return part in ("", path) or path.startswith(f"{part}.")
