"""When each product starts under `none`, `sync` and `async`, by the rules of mm; no numbers, no space.

There all products are bumped together, and a product takes its step in a bump if no argument is still running, or,
unless fuse is none, if its arguments deliver just what it needs: under async from the moment they do, under sync only
where they have not got ahead. As a product that has once started never waits again, all follows from one number for
each, its first bump, and that from those of its arguments. In mm the end of an argument takes a bump of its own; bumps
in which nothing at all moves are left out here.

Source: bhosmer/mm, measured.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mmviz.picture.time.starts import Starts, Steps, Sweeps, comes_piecewise, in_step, partners
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
    arguments,
    walk,
)

Shared = Literal["none", "sync", "async"]
"""Which products share their bumps."""


@dataclass(frozen=True, slots=True)
class _Supply:
    """How a matrix comes to its consumer, in bumps of mm."""

    seen: int = 0  # first bump in which it is known to be finished
    order: Algorithm | None = None  # in which order it comes before that
    flows: int = 0  # first bump in which it comes so


def by_bumps(sweeps: Sweeps, fuse: Shared) -> Starts:
    """The first step of every product by mm's rule, the idle bumps left out."""
    supplies: dict[str, _Supply] = {}
    bumps: dict[str, int] = {}
    for node in walk(sweeps.root):
        match node:
            case LeafNode(target=target):
                supplies[node.path] = _Supply(0 if target is None else supplies[target].seen)
            case ProductNode() | TakenNode() if node.path in sweeps.steps:
                algorithm = sweeps.algorithms[node.path]
                earliest = max((supplies[path].seen for path in sweeps.waits.get(node.path, ())), default=0)
                left, right = arguments(node)
                pair = supplies[left.path], supplies[right.path]
                bumps[node.path] = bump = _first_bump(pair, partners(algorithm), fuse, earliest)
                order = algorithm if comes_piecewise(node.worn, algorithm) else None
                supplies[node.path] = _Supply(bump + sweeps.steps[node.path] + 1, order, bump)
            case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() if node.path not in sweeps.running:
                supplies[node.path] = _joined([supplies[term.path] for term in arguments(node)], node, fuse)
            case _:
                supplies[node.path] = _Supply(max(supplies[argument.path].seen for argument in arguments(node)))
    return _without_idle(bumps, sweeps.steps)


def _first_bump(
    supplies: tuple[_Supply, _Supply],
    orders: tuple[Algorithm | None, Algorithm | None],
    fuse: Shared,
    earliest: int,
) -> int:
    """The bump in which a product takes its first step, by how its arguments come and how it could take them."""
    flows = [
        supply.flows if fuse != "none" and order is not None and supply.order == order else None
        for supply, order in zip(supplies, orders, strict=True)
    ]
    if fuse == "async":
        return max(earliest, *(s.seen if flow is None else flow for s, flow in zip(supplies, flows, strict=True)))
    candidates = {earliest, *(supply.seen for supply in supplies), *(flow for flow in flows if flow is not None)}
    return next(
        bump
        for bump in sorted(candidates)
        if bump >= earliest
        and all(bump == flow or bump >= supply.seen for supply, flow in zip(supplies, flows, strict=True))
    )


def _joined(terms: Sequence[_Supply], node: Node, fuse: Shared) -> _Supply:
    """How a sum or join comes: piece by piece where those of its terms that still come do so in one order."""
    seen = max(term.seen for term in terms)
    coming = [term for term in terms if term.seen > 0]
    found = {term.order for term in coming}
    order = found.pop() if len(found) == 1 else None
    if order is None or not in_step(node, order) or not comes_piecewise(node.worn, order):
        return _Supply(seen)
    flows = {term.flows for term in coming}
    if fuse == "sync" and len(flows) > 1:
        return _Supply(seen)
    return _Supply(seen, order, max(flows))


def _without_idle(bumps: Mapping[str, int], steps: Steps) -> Starts:
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
    left_out = tuple((first - before, before) for first, before in zip(firsts, idle[1:], strict=True))
    return Starts(starts, idle=left_out)
