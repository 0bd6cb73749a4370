"""When each product starts where a step takes one token through all of them; no numbers, no space.

A token is a row, and a column where a matrix is drawn turned. What a step needs of an argument is then its newest row
or column alone, but for attention: a row of the scores needs all keys, and a row of the mixed values all values. Under
a causal mask these are only the keys and values up to the row's own token, and they come with it. So a decoder goes:
what it has of earlier tokens, its cache, it does not compute again.

A product starts with the first step in which its arguments come so, or else when they are finished.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mmviz.picture.time.algorithms import I, J, K, Triple
from mmviz.picture.time.orders import TURNED, Again, order_again, order_of_terms
from mmviz.picture.time.starts import Arrival, Partners, Starts, Sweeps, comes_piecewise, latest, partners
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.functions import CAUSAL, FUNCTIONS
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
    Worn,
    arguments,
    products,
    shown_again,
    twins,
    walk,
)

BY_TOKEN = ("vmprod", "mvprod")
"""Algorithms a step of which computes a whole row, or column."""


@dataclass(slots=True)
class _Tokens:
    """How matrices come, found so far; by path."""

    sweeps: Sweeps
    again: Again  # the twins in the tree
    limited: Mapping[str, int]  # what `limits` says
    nodes: dict[str, Node] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    ready: dict[str, int] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    orders: dict[str, Algorithm | None] = field(default_factory=dict)

    def partners(self, path: str) -> Partners:
        """The algorithms of a left and a right argument that deliver just what one step of a product needs."""
        return partners_of(self.sweeps.algorithms[path], self.limited.get(path))


def by_token(sweeps: Sweeps) -> Starts:
    """The first step of every product under fuse: decode."""
    counts = {path: cut.counts for path, cut in sweeps.cuts.items()}
    found = _Tokens(sweeps, twins(sweeps.root), limits(sweeps.root, sweeps.algorithms, counts))
    for node in walk(sweeps.root):
        found.nodes[node.path] = node
        found.orders[node.path] = None
        if node.path not in sweeps.steps:
            found.ready[node.path] = found.begins[node.path] = latest(node, found.ready)
        match node:
            case ProductNode() | TakenNode() if node.path in sweeps.steps:
                _product(node, found)
            case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() if node.path not in sweeps.running:
                _sum(node, found)
            case LeafNode(target=str(target)):
                found.orders[node.path] = order_again(node, found.nodes, found.orders, found.again)
                if found.orders[node.path] is not None:
                    found.begins[node.path] = found.begins[target]
            case _:
                pass
    return Starts(found.starts, limited=found.limited, arriving=_arriving(found))


def limits(root: Tree, algorithms: Mapping[str, Algorithm], counts: Mapping[str, Triple]) -> dict[str, int]:
    """The products that go under a causal mask, and the axis of which a step needs no more than its own index.

    Args:
        root: The tree.
        algorithms: Of every node, by path.
        counts: How many blocks each product has along i, k and j.
    """
    nodes = {node.path: node for node in walk(root)}
    found = {node.path: limit(node, nodes, algorithms[node.path], counts[node.path]) for node in products(root)}
    return {path: axis for path, axis in found.items() if axis is not None}


def limit(node: ProductNode, nodes: Mapping[str, Node], algorithm: Algorithm, counts: Triple) -> int | None:
    """The axis of which a step of a product needs no more than its own index; None: all of each.

    Args:
        node: The product.
        nodes: The whole tree, by path.
        algorithm: By which it goes.
        counts: How many blocks it has along i, k and j: blocks side by side are not one token after another.
    """
    if algorithm not in BY_TOKEN:
        return None
    by_rows = algorithm == "vmprod"
    turn, across, other = (I, J, node.left) if by_rows else (J, I, node.right)
    if _masks_first(node.worn, turned=not by_rows):
        axis = across
    elif _causal(other, nodes, turned=not by_rows):
        axis = K
    else:
        return None
    return axis if counts[turn] == counts[axis] == 1 else None


def partners_of(algorithm: Algorithm, axis: int | None) -> Partners:
    """The algorithms of a left and a right argument that deliver just what one step needs.

    Args:
        algorithm: Of a product.
        axis: What `limit` says of it.
    """
    left, right = partners(algorithm)
    if axis is None:
        return left, right
    if algorithm == "vmprod":
        return left, "mvprod" if axis == J else "vmprod"
    return "vmprod" if axis == I else "mvprod", right


def _product(node: ProductNode | TakenNode, found: _Tokens) -> None:
    needs = [found.ready[path] for path in found.sweeps.waits.get(node.path, ())]
    for side, order in zip(arguments(node), found.partners(node.path), strict=True):
        flows = order is not None and found.orders[side.path] == order
        needs.append(found.begins[side.path] if flows else found.ready[side.path])
    found.starts[node.path] = found.begins[node.path] = start = max(needs)
    found.ready[node.path] = start + found.sweeps.steps[node.path]
    algorithm = found.sweeps.algorithms[node.path]
    if algorithm in BY_TOKEN and comes_piecewise(node.worn, algorithm):
        found.orders[node.path] = algorithm


def _sum(node: Node, found: _Tokens) -> None:
    terms = [term.path for term in arguments(node)]
    found.orders[node.path] = order_of_terms(node, terms, found.orders)
    if found.orders[node.path] is not None:
        begins = (found.ready[path] if found.orders[path] is None else found.begins[path] for path in terms)
        found.begins[node.path] = max(begins)


def _arriving(found: _Tokens) -> dict[str, Arrival]:
    """The plain matrices that are taken token by token in all their places, and that nothing needs at once."""
    coming: dict[str, list[Arrival]] = {}
    at_once: set[str] = set()
    tokens = _with_tokens(found)
    for node in found.nodes.values():
        for side, order in _sides(node, found):
            leaf, way = _plain(side, found.nodes, order)
            if leaf is None:
                continue
            if way is None or node.path not in tokens:
                at_once.add(leaf.path)
                continue
            block = _block(side.path, node, found)
            arrival = Arrival(way, found.begins[node.path], block if way == order else (block[1], block[0]))
            coming.setdefault(leaf.path, []).append(arrival)
    return {
        path: min(arrivals, key=lambda arrival: arrival.begins)
        for path, arrivals in coming.items()
        if path not in at_once and len({(arrival.order, arrival.block) for arrival in arrivals}) == 1
    }


def _sides(node: Node, found: _Tokens) -> list[tuple[Node, Algorithm | None]]:
    """The arguments or terms of a node, and in which order it takes each; None: all at once."""
    if node.path in found.starts:
        return list(zip(arguments(node), found.partners(node.path), strict=True))
    order = found.orders[node.path]  # None of a product that takes no steps
    return [(argument, order) for argument in arguments(node)]


def _flowing(node: Node, found: _Tokens) -> list[str]:
    """The paths of the arguments or terms that come just as a node takes them."""
    sides = _sides(node, found)
    return [side.path for side, order in sides if order is not None and found.orders[side.path] == order]


def _block(path: str, node: Node, found: _Tokens) -> tuple[int, int]:
    """Rows and columns of a block of an argument or term of a node."""
    match node:
        case ProductNode() | TakenNode():
            i, k, j = found.sweeps.cuts[node.path].block
            return (i, j) if path == node.path else (i, k) if path == arguments(node)[0].path else (k, j)
        case LeafNode(target=target):
            assert target is not None  # noqa: S101  (a sum comes in an order only with a product)
            rows, columns = _block(target, found.nodes[target], found)
            return (columns, rows) if node.transposed else (rows, columns)
        case ElementwiseNode():
            term = node.right if found.orders[node.left.path] is None else node.left
            return _block(term.path, term, found)
        case JoinNode(parts=parts):  # along the order in which it comes, all parts have the same blocks
            part = next(part for part in parts if found.orders[part.path] is not None)
            return _block(part.path, part, found)
        case CutNode(whole=whole) | ReducedNode(whole=whole):
            return _block(whole.path, whole, found)


def _with_tokens(found: _Tokens) -> set[str]:
    """What comes token by token to a causal product, these themselves, and what goes on so from there."""
    tokens: set[str] = set()
    waiting = _after_causal(found)
    while waiting:
        path = waiting.pop()
        if path in tokens:
            continue
        tokens.add(path)
        node = found.nodes[path]
        target = shown_again(node)
        waiting += _flowing(node, found) if target is None else [target]
    return tokens


def _after_causal(found: _Tokens) -> list[str]:
    """The causal products, and what takes their rows, or columns, as they come."""
    after: dict[str, None] = {}
    for path, node in found.nodes.items():
        again = shown_again(node) in after and found.orders[path] is not None
        taken = again or not after.keys().isdisjoint(_flowing(node, found))
        if taken or (path in found.limited and path in found.starts):
            after[path] = None
    return list(after)


def _plain(node: Node, nodes: Mapping[str, Node], order: Algorithm | None) -> tuple[LeafNode | None, Algorithm | None]:
    """The plain matrix that an argument is, or shows again, and in which order it is taken; None: all at once.

    What an argument wears must not look at other rows than those that come.
    """
    way = order if order is not None and order in BY_TOKEN and comes_piecewise(node.worn, order) else None
    match node:
        case LeafNode(target=str(target)):
            return _plain(nodes[target], nodes, TURNED[way] if way is not None and node.transposed else way)
        case LeafNode():
            return node, way
        case _:
            return None, None


def masks(worn: Worn, *, turned: bool) -> bool:
    """True for a function that leaves nothing right of the diagonal, or below it where it is turned."""
    return worn.function in CAUSAL and worn.turned == turned


def _masks_first(functions: tuple[Worn, ...], *, turned: bool) -> bool:
    """True where what is right of the diagonal is masked before anything looks at a whole row."""
    first = next((worn for worn in functions if FUNCTIONS[worn.function].along != "elements"), None)
    return first is not None and masks(first, turned=turned)


def _causal(node: Node, nodes: Mapping[str, Node], *, turned: bool) -> bool:
    """True where a matrix, or what it shows again, is 0 right of the diagonal; turned: below it."""
    if any(masks(worn, turned=turned) for worn in node.worn):
        return True
    match node:
        case LeafNode(target=str(target)):
            functions = nodes[target].worn[: node.depth]
            return any(masks(worn, turned=turned != node.transposed) for worn in functions)
        case _:
            return False
