"""What is added to attention scores, such as ALiBi: which sums are such, and where in space the addend stands.

Scores fill the front of a cube whose inside is seen through. A matrix behind that cube, as the second term of a sum
stands elsewhere, could not be told from them. It stands in the corner that the cubes of queries and keys leave free, as
far back as these, so that it hides nothing of them; and all that is so far behind the sum that one sees all three.
"""

from typing import NamedTuple

import numpy as np

from mmviz.picture.space.facing import Facing
from mmviz.picture.space.placement import Vector
from mmviz.scene.language.functions import PATTERNS
from mmviz.scene.language.tree import ElementwiseNode, LeafNode, Node, ProductNode

BEHIND = 0.8
"""How far scores are behind their sum with a bias, as a share of the side of a square as large as they are."""


class BiasedScores(NamedTuple):
    """The two terms of a sum whose softmax is an attention pattern."""

    scores: ProductNode
    bias: LeafNode


def biased_scores(node: Node) -> BiasedScores | None:
    """The scores and the plain matrix that is added to them, if a matrix is the softmax of such a sum."""
    match node:
        case ElementwiseNode(left=ProductNode() as scores, right=LeafNode() as bias, sign="+"):
            pass
        case ElementwiseNode(left=LeafNode() as bias, right=ProductNode() as scores, sign="+"):
            pass
        case _:
            return None
    return BiasedScores(scores, bias) if node.worn and node.worn[-1].function in PATTERNS else None


def right_behind(node: ElementwiseNode) -> Node:
    """The term that stands right behind a sum: the first one, or the scores."""
    found = biased_scores(node)
    return node.left if found is None else found.scores


def corner(facing: Facing, reach: tuple[float, float, float], space: float) -> Vector:
    """(3,): from scores to what is added to them, in the frame of the scores, whose depth runs along +z.

    Args:
        facing: Of the scores: queries and keys stand on these sides of them.
        reach: Down and across the scores, from the first element to the last one, and how deep is all behind them.
        space: Between the outermost elements of both, down and across.
    """
    down, across, deep = reach[0] + space, reach[1] + space, reach[2]
    return np.array([across if facing.left_at_right else -across, down if facing.right_at_bottom else -down, deep])
