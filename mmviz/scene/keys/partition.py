"""Into how many blocks each axis of each matrix is cut; a cut is one for all matrices that share the axis.

A product (i, k) @ (k, j) -> (i, j) hands its i and j on to its arguments, and every product has a k of its own. So a
count that is set at an inner product travels up the tree as far as the axis goes, and down again from there. A matrix
that is used again has the same axes in all its places.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mmviz.errors import SceneError
from mmviz.scene.keys.options import Counts
from mmviz.scene.keys.problems import listed, printable
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    Result,
    TakenNode,
    Tree,
    joins,
    references,
    results,
    roots,
    takings,
)
from mmviz.scene.language.tree import (
    cuts as cuts_in,
)

Cuts = Mapping[str, int | Counts]
"""As in a scene file: i, k, j of the root or roots, an axis name, or a product's name or path with its own i, k, j."""
LETTERS = ("i", "k", "j")


def letters(node: Node) -> tuple[str, ...]:
    """The axes of a matrix itself that can be cut, by their letters; those of a plain one are cut with its consumer."""
    match node:
        case LeafNode():
            return ()
        case ProductNode():
            return LETTERS
        case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() | TakenNode():
            return "i", "j"


def axis_lengths(node: Node, shapes: Mapping[str, Shape]) -> dict[str, int]:
    """How many elements each of these axes has."""
    rows, columns = shapes[node.path]
    match node:
        case LeafNode():
            return {}
        case ProductNode():
            return {"i": rows, "k": shapes[node.left.path][1], "j": columns}
        case ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() | TakenNode():
            return {"i": rows, "j": columns}


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
    root: Tree, shapes: Mapping[str, Shape], axes: Mapping[str, tuple[str, str]], cuts: Cuts, where: str = "scene"
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
    shared = shared_axes(root)
    asked = counts_by_axis(root, shared, axes, cuts, f"{where}, partition")
    _check_uncut(root, shared, asked, f"{where}, partition")
    blocks = {}
    for path, (rows, columns) in shared.items():
        height, width = shapes[path]
        blocks[path] = cut(height, int(asked.get(rows, 1))), cut(width, int(asked.get(columns, 1)))
    return blocks


def check_partition(root: Tree, cuts: Cuts, where: str) -> None:
    """Refuse what is wrong whatever the axes are called.

    Raises:
        SceneError: a key names no product, or one axis is given two counts.
    """
    of_products = {key: value for key, value in cuts.items() if key in LETTERS or isinstance(value, Counts)}
    shared = shared_axes(root)
    asked = counts_by_axis(root, shared, {}, of_products, f"{where}, partition")
    _check_uncut(root, shared, asked, f"{where}, partition")


class Kept(NamedTuple):
    """Axes along which a matrix stands at a place of another one: they are laid out alike, without blocks."""

    name: str  # of the matrix
    word: str  # "rows" or "columns"
    why: str  # such as: its parts are joined
    axes: tuple[str, ...]  # of the matrix, and of those that it is made of


def kept_whole(root: Tree, shared: Mapping[str, tuple[str, str]]) -> Iterator[Kept]:
    """The axes of a tree along which parts are joined or cut out, or rows are taken.

    Args:
        root: The tree.
        shared: Of `shared_axes`.
    """
    for node in joins(root):
        axes = tuple(shared[one.path][node.axis] for one in (node, *node.parts))
        yield Kept(node.name, node.along, "its parts are joined", axes)
    for cut_out in cuts_in(root):
        for axis, span in enumerate((cut_out.rows, cut_out.columns)):
            if not span.whole:
                axes = shared[cut_out.path][axis], shared[cut_out.whole.path][axis]
                yield Kept(cut_out.name, ("rows", "columns")[axis], "it is cut out", axes)
    for taken in takings(root):
        axes = shared[taken.path][int(taken.turned)], *shared[taken.ids.path]
        yield Kept(taken.name, "columns" if taken.turned else "rows", "these are taken", axes)


def _check_uncut(root: Tree, shared: Mapping[str, tuple[str, str]], asked: Mapping[str, float], place: str) -> None:
    """Refuse blocks along which matrices stand at places of others: they would stand beside these."""
    for kept in kept_whole(root, shared):
        if any(asked.get(axis, 1) > 1 for axis in kept.axes):
            raise SceneError(
                f"{place}: cuts the {kept.word} of {printable(kept.name)}, along which {kept.why}; these have to stay "
                "whole."
            )


def shared_axes(root: Tree) -> dict[str, tuple[str, str]]:
    """By path the axes of rows and columns, each under one key wherever it goes."""
    axes = dict(_handed_down(root))
    joined: dict[str, str] = {}  # axis -> another one that is the same

    def whole(axis: str) -> str:
        while axis in joined:
            axis = joined[axis]
        return axis

    for node, target in references(root):
        theirs = axes[target][::-1] if node.transposed else axes[target]
        for own, other in zip(axes[node.path], theirs, strict=True):
            if whole(own) != whole(other):
                joined[whole(own)] = whole(other)
    return {path: (whole(rows), whole(columns)) for path, (rows, columns) in axes.items()}


def _handed_down(root: Tree) -> Iterator[tuple[str, tuple[str, str]]]:
    """By path the axes of rows and columns as the products hand them on to their arguments."""
    several = len(roots(root)) > 1  # each has an i and a j of its own
    stack: list[tuple[Node, str, str]] = [
        (node, *((f"i of {node.path}", f"j of {node.path}") if several else ("i", "j"))) for node in roots(root)
    ]
    while stack:
        node, rows, columns = stack.pop()
        yield node.path, (rows, columns)
        match node:
            case LeafNode():
                pass
            case ProductNode():
                inner = f"k of {node.path}"
                stack += [(node.left, rows, inner), (node.right, inner, columns)]
            case ElementwiseNode():
                stack += [(node.left, rows, columns), (node.right, rows, columns)]
            case JoinNode(parts=parts):
                for part in parts:
                    own = f"{node.along} of {part.path}"
                    stack.append((part, rows, own) if node.axis else (part, own, columns))
            case CutNode(whole=whole, rows=span, columns=other):
                first = rows if span.whole else f"rows of {whole.path}"
                stack.append((whole, first, columns if other.whole else f"columns of {whole.path}"))
            case ReducedNode(whole=whole, axis=axis):
                own = f"{'columns' if axis else 'rows'} of {whole.path}"
                stack.append((whole, rows, own) if axis else (whole, own, columns))
            case TakenNode(ids=ids, table=table, turned=turned):
                stack.append((ids, f"rows of {ids.path}", f"columns of {ids.path}"))
                named = f"k of {node.path}"
                stack.append((table, rows, named) if turned else (table, named, columns))


def counts_by_axis(
    root: Tree,
    shared: Mapping[str, tuple[str, str]],
    names: Mapping[str, tuple[str, str]],
    cuts: Mapping[str, float | Counts],
    where: str,
    verb: Literal["cuts", "folds"] = "cuts",
) -> dict[str, float]:
    """By axis, as `shared_axes` calls it, the count that is asked for it.

    Args:
        root: The tree.
        shared: Of `shared_axes`.
        names: Of the rows and columns at each path, "" where they have none.
        cuts: Counts as a scene file says them.
        where: The scene, and its key that says them: "scene, partition".
        verb: What that key does to an axis.

    Raises:
        SceneError: a key names no axis and no product, or one axis is given two counts.
    """
    asked: dict[str, float] = {}
    said: dict[str, str] = {}
    what = where.rpartition(", ")[2]
    for key, value in cuts.items():
        place = f"{where}.{printable(key) or repr('')}"
        hint = "" if verb == "folds" else "; a product takes counts of its own: {k: 4}"
        for axis, letter, count in _chosen(key, value, root, shared, names, place, hint):
            said.setdefault(axis, key + letter)
            if asked.setdefault(axis, count) != count:
                raise SceneError(
                    f"{place}{letter}: must be {asked[axis]:g}, got {count:g}; "
                    f"{what}.{printable(said[axis])} {verb} the same axis."
                )
    return asked


def _chosen(
    key: str,
    value: float | Counts,
    root: Tree,
    shared: Mapping[str, tuple[str, str]],
    names: Mapping[str, tuple[str, str]],
    place: str,
    hint: str,
) -> Iterator[tuple[str, str, float]]:
    """The axes that one entry of a partition speaks of, each with its letter in the entry and its count."""
    if isinstance(value, Counts):
        for node in _products(root, key, place):
            for letter in LETTERS:
                count = getattr(value, letter)
                if count is not None:
                    yield _axis(node, letter, shared, place), f".{letter}", count
    elif key in LETTERS:
        having = [node for node in roots(root) if key != "k" or key in letters(node)] or roots(root)[:1]
        yield from ((_axis(node, key, shared, place), "", value) for node in having)
    else:
        named = [(name, axis) for path in names for name, axis in zip(names[path], shared[path], strict=True) if name]
        found = {axis for name, axis in named if name == key}
        if not found:
            known = listed([*LETTERS, *sorted({name for name, _ in named})])
            raise SceneError(f"{place}: no axis has this name; the axes are {known}{hint}.")
        yield from ((axis, "", value) for axis in sorted(found))


def _products(root: Tree, key: str, place: str) -> list[Result]:
    """The products and sums with a path, or else with a name."""
    known = list(results(root))
    found = [node for node in known if node.path == key] or [node for node in known if node.name == key]
    if not found:
        names = listed(dict.fromkeys(node.name for node in known)) or "none"
        raise SceneError(f"{place}: no product is named '{printable(key)}'; the products are {names}.")
    return found


def _axis(node: Node, letter: str, shared: Mapping[str, tuple[str, str]], place: str) -> str:
    """The axis of a matrix that a letter stands for."""
    if letter != "k":
        return shared[node.path]["ij".index(letter)]
    match node:
        case ProductNode(left=left):
            return shared[left.path][1]
        case LeafNode() | ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() | TakenNode():
            raise SceneError(f"{place}: {printable(node.name)} is no product, so it has no k.")
