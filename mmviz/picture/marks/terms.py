"""How a sum, difference or elementwise product is read: = before its first term, and its sign before the second one.

The sheets of a sum stand one behind the other. Each has its plain name; the signs stand in the gaps between them.
"""

from collections.abc import Container, Iterator
from dataclasses import replace

from mmviz.picture.marks.labels import NAME
from mmviz.picture.marks.name_places import Nameplate, sign
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.scene.language.tree import Node, elementwise

SIGNS = {"+": "+", "-": "−", "*": "∗"}


def signs(root: Node, layout: Layout, left_out: Container[str] = ()) -> Iterator[Nameplate]:
    """The signs of sums, each in the space before its term; but of no sum whose path is left out."""
    in_grids = {*layout.grids, *layout.merged}
    for node in elementwise(root):
        if node.path in left_out or node.path in in_grids:
            continue
        front, left, right = (layout[one.path] for one in (node, node.left, node.right))
        away = left.center() - front.center()
        yield sign(ItemKey("term", node.left.path), "=", NAME, left, front)
        yield sign(
            ItemKey("term", node.right.path), SIGNS[node.sign], NAME, right, replace(right, origin=right.origin - away)
        )
