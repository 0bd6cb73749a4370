"""The trees of an expression's text, each read once and kept: a text means the same wherever it stands."""

from functools import lru_cache

from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Expression
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import Tree

KEPT = 64
"""Texts whose trees are kept, the latest; trees never change."""


@lru_cache(maxsize=KEPT)
def expression_of(text: str) -> Expression:
    """The expression as it is written.

    Raises:
        ExpressionError: the text cannot be read.
    """
    return parse(text)


@lru_cache(maxsize=KEPT)
def tree_of(text: str) -> Tree:
    """The tree that is laid out, evaluated and animated.

    Raises:
        ExpressionError: the text cannot be read, or says what cannot be; see `build`.
    """
    return build(expression_of(text))
