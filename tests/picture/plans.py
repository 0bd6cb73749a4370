"""Expressions over small matrices as the rules of time are given them, without any space; no tests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mmviz.picture.time.algorithms import Triple
from mmviz.picture.time.algorithms import steps as count_steps
from mmviz.picture.time.starts import Sweeps, Waits
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import Node, products, root_of, walk


@dataclass(frozen=True)
class CutProduct:
    """A product of this size, cut into so many blocks along i, k and j."""

    shape: Triple = (3, 3, 3)
    counts: Triple = (1, 1, 1)

    @property
    def block(self) -> Triple:
        i, k, j = (-(-size // count) for size, count in zip(self.shape, self.counts, strict=True))
        return i, k, j


WHOLE = CutProduct()


def tree(text: str) -> Node:
    return root_of(build(parse(text)))


def cuts_of(root: Node, own: Mapping[str, CutProduct] | None = None) -> dict[str, CutProduct]:
    """How every product is cut: into one block of 3 x 3 x 3 unless it is said otherwise."""
    return {node.path: (own or {}).get(node.path, WHOLE) for node in products(root)}


def sweeps(
    text: str,
    algorithm: Algorithm = "vmprod",
    own: Mapping[str, Algorithm] | None = None,
    *,
    waits: Waits | None = None,
    running: Collection[str] = (),
    shapes: Mapping[str, Triple] | None = None,
) -> Sweeps:
    """What is known of the products of an expression over matrices of 3 x 3.

    Args:
        text: The expression.
        algorithm: Of all its products.
        own: But of those at these paths.
        waits: What products wait for besides their arguments.
        running: Sums that show what they have so far.
        shapes: Rows, inner size and columns of products that are of another size.
    """
    root = tree(text)
    algorithms = {node.path: (own or {}).get(node.path, algorithm) for node in walk(root)}
    cuts = cuts_of(root, {path: CutProduct(shape) for path, shape in (shapes or {}).items()})
    steps = {p: count_steps(algorithms[p], cut.block) for p, cut in cuts.items() if algorithms[p] != "none"}
    return Sweeps(root, algorithms, steps, cuts, waits or {}, running)
