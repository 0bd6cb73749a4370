"""The space between two faces, and between two blocks, where a scene says none: relative to what it multiplies."""

from collections.abc import Mapping
from math import exp, log, prod, sqrt

from mmviz.scene.keys.partition import Blocks
from mmviz.scene.language.tree import ProductNode, Tree, products, roots

SHARE = 0.03
"""The gap as a share of the sides of the larger matrices: seen at 768 cells, no gulf at 8."""
LEAST = 2.0
"""In cells: less, and the spheres of two faces touch."""
LEAST_OF_BLOCKS = 3.0
"""In cells, where something is cut: less, and blocks of a few cells cannot be told from each other."""


def relative_gap(
    root: Tree, sides: Mapping[str, tuple[float, float]], blocks: Mapping[str, tuple[Blocks, Blocks]]
) -> float:
    """Of a tree whose matrices are drawn with these sides and blocks, in cells; half a cell is the finest step.

    A product counts with the side of a square as large as its largest matrix, and all products of a scene alike: a
    single large one between many small ones does not drive these apart.
    """
    faces = [_side([sides[path] for path in _faces(product)]) for product in products(root)] or [
        _side([sides[node.path]]) for node in roots(root)
    ]
    typical = exp(sum(map(log, faces)) / len(faces))
    cut = any(axis.count > 1 for axes in blocks.values() for axis in axes)
    return max(LEAST_OF_BLOCKS if cut else LEAST, round(2 * SHARE * typical) / 2)


def _faces(product: ProductNode) -> tuple[str, str, str]:
    return product.path, product.left.path, product.right.path


def _side(faces: list[tuple[float, float]]) -> float:
    return sqrt(max(prod(face) for face in faces))
