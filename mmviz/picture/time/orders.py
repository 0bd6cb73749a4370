"""In which order the cells of each matrix come, and from which step on; no numbers, no space.

The cells of a sum, difference or elementwise product come with those of its terms where these come in one order, or
else all at once; those of a join likewise with its parts, where an order goes through all of these alike. Where a
matrix is shown again its cells come as it gets them, or, under functions of that place, as they become final.
"""

from collections.abc import Collection, Mapping

from mmviz.picture.time.algorithms import SUMMING
from mmviz.picture.time.starts import comes_piecewise, in_step
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
    walk,
)

Again = Mapping[str, tuple[str, bool]]
"""path of a twin -> path of the matrix that it shows, and whether turned."""
UNFINISHED: frozenset[Algorithm] = SUMMING | {"blockwise"}
"""Algorithms whose cells change after they have appeared."""


def orders_of(
    root: Tree,
    swept: Mapping[str, Algorithm],
    leaders: Mapping[str, str],
    again: Again,
    running: Collection[str],
) -> dict[str, Algorithm | None]:
    """In which order the final cells of each matrix come; None: all at once, or in none of the known orders.

    Args:
        root: The tree.
        swept: The algorithms of the products, and of the plain matrices that come in an order, by path.
        leaders: path -> path of the outermost product of the group it belongs to.
        again: The twins in the tree.
        running: Sums that show what they have so far.
    """
    orders: dict[str, Algorithm | None] = {}
    nodes: dict[str, Node] = {}
    for node in walk(root):
        nodes[node.path] = node
        orders[node.path] = None
        match node:
            case LeafNode():
                orders[node.path] = swept.get(node.path) or order_again(node, nodes, orders, again)
            case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() if node.path not in running:
                # In a group, terms that do not belong to it are there before it starts.
                group = leaders.get(node.path)
                terms = [term.path for term in arguments(node) if group is None or leaders.get(term.path) == group]
                orders[node.path] = order_of_terms(node, terms, orders)
            case ProductNode() | TakenNode() if node.path in swept and swept[node.path] not in UNFINISHED:
                orders[node.path] = swept[node.path]
            case _:
                pass
    return orders


def order_of_terms(node: Node, terms: Collection[str], orders: Mapping[str, Algorithm | None]) -> Algorithm | None:
    """In which order the cells of a sum or join come, by its terms that are still coming: that of all, if it is one."""
    found = {orders[path] for path in terms} - {None}
    order = found.pop() if len(found) == 1 else None
    return order if order is not None and in_step(node, order) and comes_piecewise(node.worn, order) else None


def order_again(
    leaf: LeafNode, nodes: Mapping[str, Node], orders: Mapping[str, Algorithm | None], again: Again
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
        order = TURNED.get(order)
    return order if order is not None and comes_piecewise(leaf.worn, order) else None


def begins_of(
    root: Tree,
    starts: Mapping[str, int],
    ready: Mapping[str, int],
    orders: Mapping[str, Algorithm | None],
    again: Again,
) -> dict[str, int]:
    """The step at which the computation of each matrix begins, or its first cells appear."""
    begins: dict[str, int] = {}
    for node in walk(root):
        begins[node.path] = starts.get(node.path, ready[node.path])
        match node:
            case LeafNode(target=str(target)):
                with_target = node.path in again or orders[node.path] is not None
                begins[node.path] = begins[target] if with_target else ready[node.path]
            case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() if (
                node.path not in starts and orders[node.path] is not None
            ):
                terms = [term.path for term in arguments(node)]
                begins[node.path] = max(ready[path] if orders[path] is None else begins[path] for path in terms)
            case _:
                pass
    return begins


TURNED: Mapping[Algorithm, Algorithm] = {
    "whole": "whole",
    "vmprod": "mvprod",
    "mvprod": "vmprod",
    "dotprod": "dotprod-columns",
    "dotprod-columns": "dotprod",
}
"""How what comes in an order comes in the transpose."""
