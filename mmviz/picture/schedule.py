"""When each product is computed: a start and a number of steps for each, found once; no numbers, no space.

Which products wait for which, and which share a sweep, says `fusing`. A sum, difference or elementwise product takes no
steps of its own: its cells appear with those of its terms where these come in one order, or else all at once.

Where a matrix is shown again its cells come as it gets them, or, under functions of that place, as they become final.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from mmviz.picture.algorithms import SUMMING, Triple
from mmviz.picture.algorithms import steps as count_steps
from mmviz.picture.fusing import comes_piecewise, in_chains, latest, waiting
from mmviz.scene.options import Algorithm, AnimationOptions
from mmviz.scene.tree import ElementwiseNode, LeafNode, Node, twins, walk


@dataclass(frozen=True, slots=True)
class Run:
    """One product's part of the animation."""

    algorithm: Algorithm
    start: int  # step at which it begins
    steps: int  # how many it takes

    @property
    def end(self) -> int:
        """The first step at which it is finished."""
        return self.start + self.steps


@dataclass(frozen=True, slots=True)
class Schedule:
    """The runs of all animated products, and the step from which each matrix is complete."""

    runs: Mapping[str, Run]  # path of a product -> its run
    ready: Mapping[str, int]  # path of a matrix -> step from which all of it is there
    begins: Mapping[str, int]  # path of a matrix -> step at which its computation begins
    orders: Mapping[str, Algorithm | None]  # path of a matrix -> in which order its cells come; None: all at once
    steps: int
    idle: tuple[tuple[int, int], ...] = ()  # from which step on, how many of mm's bumps were left out before it
    _changes: tuple[int, ...] = field(init=False, repr=False)  # steps at which a run starts or ends
    _between: tuple[tuple[str, ...], ...] = field(init=False, repr=False)  # what runs from each of them on

    def __post_init__(self) -> None:
        """Note what runs between any two changes, so that it is found without going through all runs."""
        changes = sorted({step for run in self.runs.values() for step in (run.start, run.end)})
        number = {step: place for place, step in enumerate(changes)}
        between: list[list[str]] = [[] for _ in changes]
        for path, run in self.runs.items():
            for place in range(number[run.start], number[run.end]):
                between[place].append(path)
        object.__setattr__(self, "_changes", tuple(changes))
        object.__setattr__(self, "_between", tuple(map(tuple, between)))

    def bump(self, step: int) -> int:
        """The bump after which mm (bhosmer/mm) shows what is shown here at a step, under fuse none, sync or async.

        mm's state after `initAnimation` is bump 0, and each further bump advances it by a step. For a single product
        step b is bump b. In a tree mm spends a bump on the end of every argument; where nothing else moves in it, that
        bump is idle, and it is left out here. So our steps are mm's bumps in which at least one product takes a step,
        in order. mm's bump after the last of these starts the next cycle; here t = steps shows everything instead.
        """
        place = bisect_right(self.idle, step, key=lambda stretch: stretch[0])
        return step + (self.idle[place - 1][1] if place else 0)

    def running(self, t: float) -> tuple[str, ...]:
        """The paths of the products that are being computed at time t."""
        place = bisect_right(self._changes, t) - 1
        return self._between[place] if place >= 0 else ()


def schedule(root: Node, blocks: Mapping[str, Triple], options: AnimationOptions) -> Schedule:
    """Order the computation of a tree.

    Args:
        root: The tree.
        blocks: Elements of a block along i, k and j, by path of a product.
        options: Algorithms and fusing.
    """
    algorithms = _algorithms(root, options)
    steps = {path: count_steps(algorithms[path], block) for path, block in blocks.items() if algorithms[path] != "none"}
    leaders: Mapping[str, str] = {}
    idle: tuple[tuple[int, int], ...] = ()
    if options.fuse == "chain":
        starts, leaders = in_chains(root, algorithms, steps)
    else:
        starts, idle = waiting(root, algorithms, steps, options.fuse)
    runs = {path: Run(algorithms[path], starts[path], count) for path, count in steps.items()}
    ready: dict[str, int] = {}
    for node in walk(root):
        ready[node.path] = runs[node.path].end if node.path in runs else latest(node, ready)
    again = twins(root)
    orders = _orders(root, leaders, runs, again)
    begins = _begins(root, starts, ready, orders, again)
    return Schedule(runs, ready, begins, orders, max([1, *(run.end for run in runs.values())]), idle)


def _algorithms(root: Node, options: AnimationOptions) -> dict[str, Algorithm]:
    """Each product's own algorithm, or else that of the product it is an argument of."""
    found: dict[str, Algorithm] = {}

    def descend(node: Node, inherited: Algorithm) -> None:
        own = options.matrices.get(node.path, options.matrices.get(node.name, "inherit"))
        found[node.path] = chosen = inherited if own == "inherit" else own
        if not isinstance(node, LeafNode):
            descend(node.left, chosen)
            descend(node.right, chosen)

    descend(root, options.algorithm)
    return found


def _orders(
    root: Node, leaders: Mapping[str, str], runs: Mapping[str, Run], again: Mapping[str, tuple[str, bool]]
) -> dict[str, Algorithm | None]:
    """In which order the final cells of each matrix come; None: all at once, or in none of the known orders."""
    orders: dict[str, Algorithm | None] = {}
    nodes: dict[str, Node] = {}
    for node in walk(root):
        nodes[node.path] = node
        orders[node.path] = None
        if isinstance(node, LeafNode):
            orders[node.path] = _order_again(node, nodes, orders, again)
        elif isinstance(node, ElementwiseNode):
            # In a group, terms that do not belong to it are there before it starts.
            group = leaders.get(node.path)
            terms = [t for t in (node.left, node.right) if group is None or leaders.get(t.path) == group]
            found = {orders[term.path] for term in terms} - {None}
            order = found.pop() if len(found) == 1 else None
            orders[node.path] = order if order is not None and comes_piecewise(node.worn, order) else None
        elif node.path in runs and runs[node.path].algorithm not in SUMMING:
            orders[node.path] = runs[node.path].algorithm
    return orders


def _order_again(
    leaf: LeafNode,
    nodes: Mapping[str, Node],
    orders: Mapping[str, Algorithm | None],
    again: Mapping[str, tuple[str, bool]],
) -> Algorithm | None:
    """In which order the cells of a plain matrix or of a reference come."""
    if leaf.target is None:
        return None
    # What shows a twin again shows all of what that is the twin of.
    path, turned = again.get(leaf.target, (leaf.target, False))
    target = nodes[path]
    functions = target.worn if path != leaf.target else target.worn[: leaf.depth]
    order = orders[path]
    if leaf.path not in again and order is not None and not comes_piecewise(functions, order):
        return None
    if order is not None and turned != leaf.transposed:
        order = _TURNED.get(order)
    return order if order is not None and comes_piecewise(leaf.worn, order) else None


def _begins(
    root: Node,
    starts: Mapping[str, int],
    ready: Mapping[str, int],
    orders: Mapping[str, Algorithm | None],
    again: Mapping[str, tuple[str, bool]],
) -> dict[str, int]:
    """The step at which the computation of each matrix begins, or its first cells appear."""
    begins: dict[str, int] = {}
    for node in walk(root):
        begins[node.path] = starts.get(node.path, ready[node.path])
        if isinstance(node, LeafNode) and node.target is not None:
            with_target = node.path in again or orders[node.path] is not None
            begins[node.path] = begins[node.target] if with_target else ready[node.path]
        if isinstance(node, ElementwiseNode) and node.path not in starts and orders[node.path] is not None:
            terms = (node.left.path, node.right.path)
            begins[node.path] = max(ready[path] if orders[path] is None else begins[path] for path in terms)
    return begins


_TURNED: Mapping[Algorithm, Algorithm] = {
    "vmprod": "mvprod",
    "mvprod": "vmprod",
    "dotprod": "dotprod-columns",
    "dotprod-columns": "dotprod",
}
"""How what comes in an order comes in the transpose."""
