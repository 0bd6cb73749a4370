"""When each product is computed: a start and a number of steps for each, found once; no numbers, no space.

Products that can go row by row together (fuse: chain) form one group with one sweep: a vector-matrix product with its
left argument, a matrix-vector product with its right one, and an outer-product sweep with a left argument that comes
column by column and a right one that comes row by row. An argument that wears a function of whole rows (softmax) can
come row by row but not column by column: it is finished first. A group starts as soon as everything it needs from
outside is finished, so that groups which do not need each other run side by side and no step is idle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mmviz.scene.functions import FUNCTIONS
from mmviz.scene.options import Algorithm, AnimationOptions
from mmviz.scene.shapes import Shape
from mmviz.scene.tree import LeafNode, Node, ProductNode, walk


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
        if not isinstance(node, ProductNode) or algorithms[node.path] == "none":
            ready[node.path] = 0 if isinstance(node, LeafNode) else _latest(node, ready)
            continue
        if leaders[node.path] != node.path:
            continue
        members = [n for n in walk(node) if leaders.get(n.path) == node.path and isinstance(n, ProductNode)]
        inside = {member.path for member in members}
        needs = [a.path for m in members for a in (m.left, m.right) if a.path not in inside]
        start = max((ready[path] for path in needs), default=0)
        for member in members:
            run = Run(algorithms[member.path], start, _steps(member, algorithms[member.path], shapes))
            runs[member.path], starts[member.path], ready[member.path] = run, start, run.end
    begins = {node.path: starts.get(node.path, ready[node.path]) for node in walk(root)}
    return Schedule(runs, ready, begins, max([1, *(run.end for run in runs.values())]))


def _latest(node: Node, ready: Mapping[str, int]) -> int:
    return 0 if isinstance(node, LeafNode) else max(ready[node.left.path], ready[node.right.path])


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
    """For every product the path of the outermost product of its group."""
    leaders: dict[str, str] = {}

    def descend(node: Node, leader: str | None) -> None:
        if isinstance(node, LeafNode):
            return
        if not isinstance(node, ProductNode):
            descend(node.left, None)
            descend(node.right, None)
            return
        leaders[node.path] = own = leader if leader is not None else node.path
        for argument, partner in zip((node.left, node.right), _partners(algorithms[node.path]), strict=True):
            together = fused and algorithms[argument.path] == partner and _comes_piecewise(argument, partner)
            descend(argument, own if together else None)

    descend(root, None)
    return leaders


def _comes_piecewise(node: Node, algorithm: Algorithm | None) -> bool:
    """True where a row (vmprod) or column (mvprod) of a product is final before the next ones are computed."""
    along_rows = algorithm == "vmprod"
    return all(
        FUNCTIONS[worn.function].along == "elements" or worn.function == "tril" or along_rows != worn.turned
        for worn in node.worn
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
