"""When each product starts where a step takes one token through all of them; no numbers, no space.

A token is a row, and a column where a matrix is drawn turned. What a step needs of an argument is then its newest row
or column alone, but for attention: a row of the scores needs all keys, and a row of the mixed values all values. Under
a causal mask these are only the keys and values up to the row's own token, and they come with it. So a decoder goes:
what it has of earlier tokens, its cache, it does not compute again.

A product starts with the first step in which its arguments come so, or else when they are finished.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from mmviz.picture.time.algorithms import I, J, K, Triple
from mmviz.picture.time.fusing import Steps, Waits, comes_piecewise, latest, partners
from mmviz.picture.time.orders import TURNED, order_of_terms
from mmviz.scene.functions import FUNCTIONS
from mmviz.scene.options import Algorithm
from mmviz.scene.tree import ElementwiseNode, LeafNode, Node, ProductNode, Worn, walk

Partners = tuple[Algorithm | None, Algorithm | None]
BY_TOKEN = ("vmprod", "mvprod")
"""Algorithms a step of which computes a whole row, or column."""


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
class Decoding:
    """When products start, and how tokens come."""

    starts: dict[str, int]  # path of a product -> its first step
    arriving: dict[str, Arrival]  # path of a plain matrix that comes with the tokens


@dataclass(frozen=True, slots=True)
class Sweeps:
    """What is known of the products of a tree before it is known when they start; by path."""

    algorithms: Mapping[str, Algorithm]
    steps: Steps
    blocks: Mapping[str, Triple]
    waits: Waits  # what they wait for besides their arguments
    limited: Mapping[str, int]  # what `limits` says
    running: Collection[str] = ()  # sums that show what they have so far

    def partners(self, path: str) -> Partners:
        """The algorithms of a left and a right argument that deliver just what one step of a product needs."""
        return partners_of(self.algorithms[path], self.limited.get(path))


@dataclass(slots=True)
class _Tokens:
    """How matrices come, found so far; by path."""

    nodes: dict[str, Node] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    ready: dict[str, int] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    orders: dict[str, Algorithm | None] = field(default_factory=dict)


Reference = Callable[[LeafNode, Mapping[str, Node], Mapping[str, Algorithm | None]], Algorithm | None]
"""In which order the cells of a reference come, given the nodes before it and how they come."""


def by_token(root: Node, sweeps: Sweeps, reference: Reference) -> Decoding:
    """The first step of every product under fuse: decode.

    Args:
        root: The tree.
        sweeps: Its products.
        reference: In which order a reference comes.
    """
    found = _Tokens()
    for node in walk(root):
        found.nodes[node.path] = node
        found.orders[node.path] = None
        if node.path in sweeps.steps and isinstance(node, ProductNode):
            _product(node, found, sweeps)
            continue
        found.ready[node.path] = found.begins[node.path] = latest(node, found.ready)
        if isinstance(node, LeafNode) and node.target is not None:
            found.orders[node.path] = reference(node, found.nodes, found.orders)
            if found.orders[node.path] is not None:
                found.begins[node.path] = found.begins[node.target]
        elif isinstance(node, ElementwiseNode) and node.path not in sweeps.running:
            _sum(node, found)
    return Decoding(found.starts, _arriving(found, sweeps))


def limits(root: Node, algorithms: Mapping[str, Algorithm], counts: Mapping[str, Triple]) -> dict[str, int]:
    """The products that go under a causal mask, and the axis of which a step needs no more than its own index.

    Args:
        root: The tree.
        algorithms: Of every node, by path.
        counts: How many blocks each product has along i, k and j.
    """
    nodes = {node.path: node for node in walk(root)}
    products = [node for node in nodes.values() if isinstance(node, ProductNode)]
    found = {node.path: limit(node, nodes, algorithms[node.path], counts[node.path]) for node in products}
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


def _product(node: ProductNode, found: _Tokens, sweeps: Sweeps) -> None:
    needs = [found.ready[path] for path in sweeps.waits.get(node.path, ())]
    for side, order in zip((node.left, node.right), sweeps.partners(node.path), strict=True):
        flows = order is not None and found.orders[side.path] == order
        needs.append(found.begins[side.path] if flows else found.ready[side.path])
    found.starts[node.path] = found.begins[node.path] = start = max(needs)
    found.ready[node.path] = start + sweeps.steps[node.path]
    algorithm = sweeps.algorithms[node.path]
    if algorithm in BY_TOKEN and comes_piecewise(node.worn, algorithm):
        found.orders[node.path] = algorithm


def _sum(node: ElementwiseNode, found: _Tokens) -> None:
    terms = (node.left.path, node.right.path)
    found.orders[node.path] = order_of_terms(node, terms, found.orders)
    if found.orders[node.path] is not None:
        begins = (found.ready[path] if found.orders[path] is None else found.begins[path] for path in terms)
        found.begins[node.path] = max(begins)


def _arriving(found: _Tokens, sweeps: Sweeps) -> dict[str, Arrival]:
    """The plain matrices that are taken token by token in all their places, and that nothing needs at once."""
    coming: dict[str, list[Arrival]] = {}
    at_once: set[str] = set()
    tokens = _with_tokens(found, sweeps)
    for node in found.nodes.values():
        for side, order in _sides(node, found, sweeps):
            leaf, way = _plain(side, found.nodes, order)
            if leaf is None:
                continue
            if way is None or node.path not in tokens:
                at_once.add(leaf.path)
                continue
            block = _block(side.path, node, found, sweeps)
            arrival = Arrival(way, found.begins[node.path], block if way == order else (block[1], block[0]))
            coming.setdefault(leaf.path, []).append(arrival)
    return {
        path: min(arrivals, key=lambda arrival: arrival.begins)
        for path, arrivals in coming.items()
        if path not in at_once and len({(arrival.order, arrival.block) for arrival in arrivals}) == 1
    }


def _sides(node: Node, found: _Tokens, sweeps: Sweeps) -> list[tuple[Node, Algorithm | None]]:
    """The arguments or terms of a node, and in which order it takes each; None: all at once."""
    if isinstance(node, LeafNode):
        return []
    order = found.orders[node.path]  # None of a product that takes no steps
    orders = sweeps.partners(node.path) if node.path in found.starts else (order, order)
    return list(zip((node.left, node.right), orders, strict=True))


def _flowing(node: Node, found: _Tokens, sweeps: Sweeps) -> list[str]:
    """The paths of the arguments or terms that come just as a node takes them."""
    sides = _sides(node, found, sweeps)
    return [side.path for side, order in sides if order is not None and found.orders[side.path] == order]


def _block(path: str, node: Node, found: _Tokens, sweeps: Sweeps) -> tuple[int, int]:
    """Rows and columns of a block of an argument or term of a node."""
    if isinstance(node, ProductNode):
        i, k, j = sweeps.blocks[node.path]
        return (i, j) if path == node.path else (i, k) if path == node.left.path else (k, j)
    if isinstance(node, LeafNode):
        assert node.target is not None  # noqa: S101  (a sum comes in an order only with a product)
        rows, columns = _block(node.target, found.nodes[node.target], found, sweeps)
        return (columns, rows) if node.transposed else (rows, columns)
    term = node.right if found.orders[node.left.path] is None else node.left
    return _block(term.path, term, found, sweeps)


def _with_tokens(found: _Tokens, sweeps: Sweeps) -> set[str]:
    """What comes token by token to a causal product, these themselves, and what goes on so from there."""
    tokens: set[str] = set()
    waiting = _after_causal(found, sweeps)
    while waiting:
        path = waiting.pop()
        if path in tokens:
            continue
        tokens.add(path)
        node = found.nodes[path]
        if isinstance(node, LeafNode):
            waiting += [] if node.target is None else [node.target]
        else:
            waiting += _flowing(node, found, sweeps)
    return tokens


def _after_causal(found: _Tokens, sweeps: Sweeps) -> list[str]:
    """The causal products, and what takes their rows, or columns, as they come."""
    after: dict[str, None] = {}
    for path, node in found.nodes.items():
        if isinstance(node, LeafNode):
            taken = node.target in after and found.orders[path] is not None
        else:
            taken = not after.keys().isdisjoint(_flowing(node, found, sweeps))
        if taken or (path in sweeps.limited and path in found.starts):
            after[path] = None
    return list(after)


def _plain(node: Node, nodes: Mapping[str, Node], order: Algorithm | None) -> tuple[LeafNode | None, Algorithm | None]:
    """The plain matrix that an argument is, or shows again, and in which order it is taken; None: all at once.

    What an argument wears must not look at other rows than those that come.
    """
    if not isinstance(node, LeafNode):
        return None, None
    way = order if order is not None and order in BY_TOKEN and comes_piecewise(node.worn, order) else None
    if node.target is None:
        return node, way
    target = nodes[node.target]
    return _plain(target, nodes, TURNED[way] if way is not None and node.transposed else way)


def masks(worn: Worn, *, turned: bool) -> bool:
    """True for a function that leaves nothing right of the diagonal, or below it where it is turned."""
    return FUNCTIONS[worn.function].along == "triangle" and worn.turned == turned


def _masks_first(functions: tuple[Worn, ...], *, turned: bool) -> bool:
    """True where what is right of the diagonal is masked before anything looks at a whole row."""
    first = next((worn for worn in functions if FUNCTIONS[worn.function].along != "elements"), None)
    return first is not None and masks(first, turned=turned)


def _causal(node: Node, nodes: Mapping[str, Node], *, turned: bool) -> bool:
    """True where a matrix, or what it shows again, is 0 right of the diagonal; turned: below it."""
    if any(masks(worn, turned=turned) for worn in node.worn):
        return True
    if not isinstance(node, LeafNode) or node.target is None:
        return False
    functions = nodes[node.target].worn[: node.depth]
    return any(masks(worn, turned=turned != node.transposed) for worn in functions)
