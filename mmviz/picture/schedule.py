"""When each product is computed: a start and a number of steps for each, found once; no numbers, no space.

Products that can go row by row together (fuse: chain) form one group with one sweep: a vector-matrix product with its
left argument, a matrix-vector product with its right one, and an outer-product sweep with a left argument that comes
column by column and a right one that comes row by row. An argument that wears a function of whole rows (softmax) can
come row by row but not column by column: it is finished first. A group starts as soon as everything it needs from
outside is finished, so that groups which do not need each other run side by side and no step is idle.

A sum, difference or elementwise product takes no steps of its own: its cells appear with those of its terms where
these come in one order, or else all at once. A group goes on through it, so that x + f(x) is one sweep.

A matrix that is used again elsewhere joins no group as an argument: it is finished first, so that whatever needs it
once more never waits for a group that waits for it. Where it is shown again its cells come as it gets them, or, under
functions of that place, as they become final.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmviz.scene.functions import FUNCTIONS
from mmviz.scene.options import Algorithm, AnimationOptions
from mmviz.scene.shapes import Shape
from mmviz.scene.tree import ElementwiseNode, LeafNode, Node, ProductNode, Worn, twins, walk


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


def schedule(root: Node, shapes: Mapping[str, Shape], options: AnimationOptions) -> Schedule:
    """Order the computation of a tree.

    Args:
        root: The tree.
        shapes: Rows and columns of the matrix at each path.
        options: Algorithms and fusing.
    """
    algorithms = _algorithms(root, options)
    leaders = _leaders(root, algorithms, fused=options.fuse == "chain")
    starts: dict[str, int] = {}
    runs: dict[str, Run] = {}
    ready: dict[str, int] = {}
    # A group is complete when its leader (its outermost product) comes up in the walk.
    for node in walk(root):
        still = isinstance(node, ProductNode) and algorithms[node.path] == "none"
        if still or node.path not in leaders:
            ready[node.path] = _latest(node, ready)
            continue
        if leaders[node.path] != node.path:
            continue
        members = [n for n in walk(node) if leaders.get(n.path) == node.path and not isinstance(n, LeafNode)]
        inside = {member.path for member in members}
        needs = [a.path for m in members for a in (m.left, m.right) if a.path not in inside]
        start = max((ready[path] for path in needs), default=0)
        for member in members:
            starts[member.path] = start
            if isinstance(member, ElementwiseNode):
                ready[member.path] = _latest(member, ready)
                continue
            run = Run(algorithms[member.path], start, _steps(member, algorithms[member.path], shapes))
            runs[member.path], ready[member.path] = run, run.end
    again = twins(root)
    orders = _orders(root, leaders, runs, again)
    begins = _begins(root, starts, ready, orders, again)
    return Schedule(runs, ready, begins, orders, max([1, *(run.end for run in runs.values())]))


def _latest(node: Node, ready: Mapping[str, int]) -> int:
    if isinstance(node, LeafNode):
        return 0 if node.target is None else ready[node.target]
    return max(ready[node.left.path], ready[node.right.path])


def _algorithms(root: Node, options: AnimationOptions) -> dict[str, Algorithm]:
    """Each product's own algorithm, or else that of the product it is an argument of."""
    found: dict[str, Algorithm] = {}

    def descend(node: Node, inherited: Algorithm) -> None:
        chosen = options.matrices.get(node.path, options.matrices.get(node.name, inherited))
        found[node.path] = chosen
        if not isinstance(node, LeafNode):
            descend(node.left, chosen)
            descend(node.right, chosen)

    descend(root, options.algorithm)
    return found


def _leaders(root: Node, algorithms: Mapping[str, Algorithm], *, fused: bool) -> dict[str, str]:
    """For every product, and every sum that a group goes through, the path of the outermost product of its group."""
    leaders: dict[str, str] = {}
    used_again = {node.target for node in walk(root) if isinstance(node, LeafNode)}

    def visit(node: Node, leader: str, order: Algorithm | None) -> bool:
        """True where a node joins the group of `leader`, which takes it in this order."""
        if isinstance(node, LeafNode):
            return False
        alone = not fused or node.path in used_again
        joins = not alone and order is not None and _comes_piecewise(node.worn, order)
        if isinstance(node, ElementwiseNode):
            joined = [visit(term, leader, order if joins else None) for term in (node.left, node.right)]
            if any(joined):
                leaders[node.path] = leader
            return any(joined)
        joins = joins and algorithms[node.path] == order
        leaders[node.path] = own = leader if joins else node.path
        for argument, partner in zip((node.left, node.right), _partners(algorithms[node.path]), strict=True):
            visit(argument, own, partner)
        return joins

    visit(root, "", None)
    return leaders


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
            orders[node.path] = order if order is not None and _comes_piecewise(node.worn, order) else None
        elif node.path in runs and runs[node.path].algorithm != "vvprod":
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
    if leaf.path not in again and order is not None and not _comes_piecewise(functions, order):
        return None
    if order is not None and turned != leaf.transposed:
        order = _TURNED.get(order)
    return order if order is not None and _comes_piecewise(leaf.worn, order) else None


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


_TURNED: Mapping[Algorithm, Algorithm] = {"vmprod": "mvprod", "mvprod": "vmprod"}
"""How the rows and columns of a matrix come in its transpose; the elements of dotprod in none of the known orders."""


def _comes_piecewise(functions: Sequence[Worn], algorithm: Algorithm) -> bool:
    """True where what a step computes (a row, column or element) is final under these before the next step."""
    if algorithm == "dotprod":
        return all(FUNCTIONS[worn.function].along == "elements" or worn.function == "tril" for worn in functions)
    along_rows = algorithm == "vmprod"
    return all(
        FUNCTIONS[worn.function].along == "elements" or worn.function == "tril" or along_rows != worn.turned
        for worn in functions
    )


def _partners(algorithm: Algorithm) -> tuple[Algorithm | None, Algorithm | None]:
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


def _steps(node: ProductNode, algorithm: Algorithm, shapes: Mapping[str, Shape]) -> int:
    rows, columns = shapes[node.path]
    inner = shapes[node.left.path][1]
    counts = {"vmprod": rows, "mvprod": columns, "vvprod": inner, "dotprod": rows * columns}
    return counts[algorithm]
