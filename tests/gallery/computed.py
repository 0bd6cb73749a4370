"""What a scene computes, whatever its matrices are called: products, sizes, what moves, and what is cut."""

from typing import Any

from mmviz.scene.document import Document
from mmviz.scene.keys.options import Counts
from mmviz.scene.language.tree import Node, ProductNode, find, plain, root_of
from mmviz.scene.text.yaml_text import read_yaml

STILL = "none"


def computation(document: Document) -> dict[str, Any]:
    """As plain values: products as brackets, sizes of the leaves, the algorithm, what stands still, the cuts."""
    root, animation = root_of(document.tree()), document.animation
    still = sorted(_path(root, name) for name, own in animation.matrices.items() if own == STILL)
    return {
        "products": products(root),
        "functions": functions(root),
        "shapes": [_shape(document, leaf.tensor, transposed=leaf.transposed) for leaf in plain(root)],
        "algorithm": animation.algorithm,
        "still": still,
        "cuts": cuts(document, root),
    }


def products(node: Node) -> str:
    """((m@m)@m): what is multiplied with what."""
    if isinstance(node, ProductNode):
        return f"({products(node.left)}@{products(node.right)})"
    return "m"


def functions(node: Node) -> list[str]:
    """What the matrices wear from the root down, without rotations, which the article's model has not."""
    own = [worn.function for worn in node.worn if worn.function != "rope"]
    below = functions(node.left) + functions(node.right) if isinstance(node, ProductNode) else []
    return own + below


def cuts(document: Document, root: Node) -> dict[str, int]:
    """Into how many blocks each axis of a product is cut, by its path and letter."""
    found: dict[str, int] = {}
    for key, cut in document.partition.items():
        if isinstance(cut, Counts):
            found |= {f"{_path(root, key)}.{axis}": count for axis, count in cut.model_dump(exclude_none=True).items()}
        else:
            found[f".{key}"] = cut
    return found


def _path(root: Node, name: str) -> str:
    node = find(root, name) or find(root, f"{name}.T")
    assert node is not None
    return node.path


def _shape(document: Document, name: str, *, transposed: bool) -> list[int] | None:
    shape = getattr(document.tensors[name], "shape", None)
    if shape is None or None in shape:
        return None
    return [*(reversed(shape) if transposed else shape)]


def figures(text: str) -> dict[str, dict[str, Any]]:
    """What the figures of the article compute, by the name of the scene that shows it."""
    read: dict[str, dict[str, Any]] = read_yaml(text, "figures.json")
    return read
