"""Into how many blocks each axis of each matrix is cut; a cut is one for all matrices that share the axis.

A product (i, k) @ (k, j) -> (i, j) hands its i and j on to its arguments, and every product has a k of its own. So a
count that is set at an inner product travels up the tree as far as the axis goes, and down again from there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mmviz.errors import SceneError
from mmviz.scene.shapes import Shape
from mmviz.scene.tree import LeafNode, Node, ProductNode, find, walk

Cuts = Mapping[str, int | Mapping[str, int]]
"""As in a scene file: i, k, j of the root, an axis name, or a product's name or path with its own i, k, j."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """One axis of `length` elements in blocks of `size`; the last block may be short."""

    length: int
    size: int

    @property
    def count(self) -> int:
        """How many blocks hold any elements."""
        return -(-self.length // self.size)


def cut(length: int, asked: int) -> Blocks:
    """Cut an axis into `asked` blocks of one size; fewer come out when they would hold nothing.

    Source: bhosmer/mm, measured: 10 elements in 8 blocks are 5 blocks of 2.
    """
    return Blocks(length, -(-length // min(asked, length)))


def partition(
    root: Node, shapes: Mapping[str, Shape], axes: Mapping[str, tuple[str, str]], cuts: Cuts, where: str = "scene"
) -> dict[str, tuple[Blocks, Blocks]]:
    """The blocks of every matrix.

    Args:
        root: The tree.
        shapes: Rows and columns of the matrix at each path.
        axes: Names of the rows and columns at each path, "" where they have none.
        cuts: Counts by axis.
        where: What the scene is called in messages.

    Returns:
        path -> blocks of the rows, blocks of the columns.

    Raises:
        SceneError: a key names no axis and no product, or one axis is given two counts.
    """
    shared = dict(_shared_axes(root))
    counts: dict[str, int] = {}
    for key, value in cuts.items():
        for axis, count in _chosen(key, value, root, shared, axes, where):
            if counts.setdefault(axis, count) != count:
                raise SceneError(
                    f"{where}, partition.{key}: its axis is cut into {counts[axis]} blocks already, got {count}."
                )
    return {
        path: _pair(cut(size, counts.get(axis, 1)) for size, axis in zip(shapes[path], shared[path], strict=True))
        for path in shared
    }


def _pair(items: Iterator[Blocks]) -> tuple[Blocks, Blocks]:
    """A pair, so that its type says so."""
    first, second = items
    return first, second


def _shared_axes(root: Node) -> Iterator[tuple[str, tuple[str, str]]]:
    """path -> the axes of rows and columns, each under one key wherever it goes."""
    stack: list[tuple[Node, str, str]] = [(root, "i", "j")]
    while stack:
        node, rows, columns = stack.pop()
        yield node.path, (rows, columns)
        if isinstance(node, ProductNode):
            inner = f"k of {node.path}"
            stack += [(node.left, rows, inner), (node.right, inner, columns)]
        elif not isinstance(node, LeafNode):
            stack += [(node.left, rows, columns), (node.right, rows, columns)]


def _chosen(
    key: str,
    value: int | Mapping[str, int],
    root: Node,
    shared: Mapping[str, tuple[str, str]],
    names: Mapping[str, tuple[str, str]],
    where: str,
) -> Iterator[tuple[str, int]]:
    """The axes that one entry of a partition speaks of, each with its count."""
    if isinstance(value, int):
        if key in ("i", "k", "j"):
            yield from _of_product(key, "", root, {key: value}, shared, where)
            return
        found = {shared[path][side] for path, pair in names.items() for side in (0, 1) if pair[side] == key}
        if not found:
            known = sorted({name for pair in names.values() for name in pair if name})
            raise SceneError(
                f"{where}, partition.{key}: no axis has this name; known are i, k, j"
                f"{''.join(f', {name}' for name in known)}, and products by name or path with their own i, k, j."
            )
        yield from ((axis, value) for axis in sorted(found))
        return
    yield from _of_product(key, key, root, value, shared, where)


def _of_product(
    key: str,
    product: str,
    root: Node,
    counts: Mapping[str, int],
    shared: Mapping[str, tuple[str, str]],
    where: str,
) -> Iterator[tuple[str, int]]:
    node = find(root, product)
    if node is None:
        known = ", ".join(n.name for n in walk(root) if isinstance(n, ProductNode))
        raise SceneError(f"{where}, partition.{key}: no product is named '{product}'; the products are {known}.")
    for letter, count in counts.items():
        if letter == "k":
            if not isinstance(node, ProductNode):
                raise SceneError(f"{where}, partition.{key}: {node.name} is no product, so it has no k.")
            yield shared[node.left.path][1], count
        else:
            yield shared[node.path]["ij".index(letter)], count
