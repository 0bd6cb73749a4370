"""How a sum, difference or elementwise product is read: = before its first term, and its sign before the second one.

The sheets of a sum stand one behind the other. Each has its plain name; the signs stand in the gaps between them. What
is added to attention scores stands beside them, and has its sign at its own side.
"""

from collections.abc import Container, Iterator
from dataclasses import replace

from mmviz.picture.marks.labels import NAME
from mmviz.picture.marks.name_places import Nameplate, sign
from mmviz.picture.space.beside_scores import BiasedScores, biased_scores
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.scene.language.tree import ElementwiseNode, Tree, elementwise

SIGNS = {"+": "+", "-": "−", "*": "∗", "/": "∕"}


def signs(root: Tree, layout: Layout, left_out: Container[str] = ()) -> Iterator[Nameplate]:
    """The signs of sums, each in the space before its term; but of no sum whose path is left out."""
    in_grids = {*layout.grids, *layout.merged}
    for node in elementwise(root):
        if node.path in left_out or node.path in in_grids:
            continue
        if (biased := biased_scores(node)) is not None:
            yield from _of_scores(node, biased, layout)
            continue
        front, left, right = (layout[one.path] for one in (node, node.left, node.right))
        away = left.origin - front.origin  # the terms may be smaller than the sum
        yield sign(ItemKey("term", node.left.path), "=", NAME, left, front)
        yield sign(
            ItemKey("term", node.right.path), SIGNS[node.sign], NAME, right, replace(right, origin=right.origin - away)
        )


def _of_scores(node: ElementwiseNode, terms: BiasedScores, layout: Layout) -> Iterator[Nameplate]:
    """= in the space before the scores, + at the side of what is added to them."""
    front, scores, bias = (layout[one.path] for one in (node, *terms))
    equals = sign(ItemKey("term", terms.scores.path), "=", NAME, scores, front)
    plus = sign(ItemKey("term", terms.bias.path), SIGNS[node.sign], NAME, bias, bias)
    yield from (equals, replace(plus, gap=equals.gap))
