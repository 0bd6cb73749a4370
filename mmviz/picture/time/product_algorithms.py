"""By which algorithm each product of a tree goes; no numbers, no space, no time."""

from collections.abc import Collection, Mapping

from mmviz.errors import SceneError
from mmviz.picture.time.algorithms import Cut
from mmviz.picture.time.blockwise import MOST_TILES, Tiles
from mmviz.picture.time.decoding import limit, masks, partners_of
from mmviz.picture.time.fusing import within
from mmviz.picture.time.starts import Waits
from mmviz.scene.keys.options import Algorithm, AnimationOptions, OwnAlgorithm
from mmviz.scene.language.functions import SINKING
from mmviz.scene.language.tree import (
    Node,
    ProductNode,
    TakenNode,
    Tree,
    arguments,
    pattern_of,
    references,
    roots,
    shown_again,
    walk,
)


def algorithms_of(
    root: Tree, options: AnimationOptions, scores: Mapping[str, str], cuts: Mapping[str, Cut]
) -> dict[str, Algorithm]:
    """Each product's own algorithm, or else that of the product it is an argument of.

    Under decode an argument that could come token by token inherits the algorithm that makes it do so. The scores of a
    blockwise product go with it, and what they are made of inherits as if it went like its own consumer.

    Args:
        root: The tree.
        options: What the scene says.
        scores: What `scores_of` says.
        cuts: How the products are cut, by path.
    """
    nodes = {node.path: node for node in walk(root)}
    found: dict[str, Algorithm] = {}

    def taken(node: Node, chosen: Algorithm) -> tuple[Algorithm | None, ...]:
        match node:
            case ProductNode() if options.fuse == "decode":
                return partners_of(chosen, limit(node, nodes, chosen, cuts[node.path].counts))
            case _:
                return (None,) * len(arguments(node))

    def descend(node: Node, inherited: Algorithm) -> None:
        own = own_algorithm(node, options)
        chosen = inherited if own == "inherit" else own
        found[node.path] = by_line(node, chosen)
        handed = inherited if node.path in scores else chosen
        for argument, wanted in zip(arguments(node), taken(node, chosen), strict=True):
            descend(argument, wanted or handed)

    for node in roots(root):
        descend(node, options.algorithm)
    return found | dict.fromkeys(scores.values(), "none")


def by_line(node: Node, algorithm: Algorithm) -> Algorithm:
    """The algorithm by which a node goes; rows of a table are taken one by one, or all at once."""
    match node:
        case TakenNode() if algorithm not in ("none", "whole"):
            return "mvprod" if node.turned else "vmprod"
        case _:
            return algorithm


def own_algorithm(node: Node, options: AnimationOptions) -> OwnAlgorithm:
    """What a scene says of a product itself."""
    return options.matrices.get(node.path, options.matrices.get(node.name, "inherit"))


def scores_of(root: Tree, options: AnimationOptions) -> dict[str, str]:
    """The blockwise products: path -> path of the matrix whose softmax is their left argument.

    Raises:
        SceneError: a product has no such argument, or uses it in what else it is made of.
    """
    found: dict[str, str] = {}
    for node in walk(root):
        if own_algorithm(node, options) != "blockwise":
            continue
        place = f"animation.matrices.{node.name}: blockwise"
        pattern = pattern_of(node)
        if pattern is not None and pattern.worn[-1].function == SINKING:
            raise SceneError(f"{place} is not for attention weights with a sink, as those of {pattern.name} are.")
        if pattern is None:
            raise SceneError(
                f"{place} is for the product of attention weights and values, softmax(Q @ K.T) @ V or "
                f"sdpa(Q @ K.T) @ V; {node.name} is none."
            )
        if any(target == pattern.path and within(use.path, node.path) for use, target in references(root)):
            raise SceneError(f"{place} computes {pattern.name} and {node.name} together; {node.name} uses it twice.")
        found[node.path] = pattern.path
    return found


def tiles_of(path: str, scores: str, root: Tree, cuts: Mapping[str, Cut]) -> Tiles:
    """How a blockwise product is cut.

    Args:
        path: Of the product.
        scores: Path of its scores.
        root: The tree.
        cuts: How the products are cut, by path.

    Raises:
        SceneError: its columns are cut, or there are too many blocks.
    """
    cut = cuts[path]
    queries, keys, columns = cut.counts
    if columns > 1:
        raise SceneError(
            f"animation: {path or 'the root'} goes blockwise, over blocks of queries (i) and of keys (k), and its "
            f"partition cuts the columns (j) into {columns} as well; leave j whole."
        )
    if queries * keys > MOST_TILES:
        raise SceneError(
            f"animation: {path or 'the root'} is cut into {queries:,} x {keys:,} blocks; at most {MOST_TILES:,} can go "
            "blockwise. Cut it into fewer."
        )
    worn = next(node.worn for node in walk(root) if node.path == scores)
    causal = any(masks(function, turned=False) for function in worn)
    return Tiles((cut.shape[0], cut.shape[1]), (cut.block[0], cut.block[1]), causal)


def after_scores(root: Tree, scores: Mapping[str, str], steps: Collection[str]) -> Waits:
    """By path of a product the blockwise products that it waits for, as it uses their scores again.

    Args:
        root: The tree.
        scores: What `scores_of` says.
        steps: The products that take steps: through the others, waiting is handed on.
    """
    made_with = {pattern: product for product, pattern in scores.items()}
    waits: dict[str, tuple[str, ...]] = {}
    uses: dict[str, set[str]] = {}  # path of what takes no steps -> blockwise products whose scores it uses
    for node in walk(root):
        below = {product for argument in arguments(node) for product in uses.get(argument.path, set())}
        target = shown_again(node)
        if target is not None:
            uses[node.path] = {made_with[target]} if target in made_with else uses.get(target, set())
        elif node.path in steps:
            waits[node.path] = tuple(sorted(below))
        else:
            uses[node.path] = below
    return waits
