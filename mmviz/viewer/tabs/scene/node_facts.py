"""What there is to say of a matrix: its kind, its source, its numbers; plain words and numbers, no widget."""

from mmviz.scene.document import Document
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.keys.origin import in_short, in_words
from mmviz.scene.keys.ranks import cut_told
from mmviz.scene.keys.sources import ActivationSource, TensorSource, WeightSource
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
    Tree,
    find,
    tensor_of,
)
from mmviz.viewer.wording import sized


def kind(node: Node, root: Tree, document: Document) -> str:
    """What a matrix is, in a few words, and the functions that it wears: "layer 1, head 2, W_Q", "product, softmax"."""
    match node:
        case LeafNode(target=str(path)):
            word = f"{_name(root, path)} again" + (", transposed" if node.transposed else "")
        case LeafNode(tensor=tensor):
            word = in_short(document.tensors[tensor])
        case ProductNode():
            word = "product"
        case ElementwiseNode():
            word = {"+": "sum", "-": "difference", "*": "elementwise product", "/": "quotient"}[node.sign]
        case JoinNode(parts=parts, along=along):
            word = f"{len(parts)} parts {'side by side' if along == 'columns' else 'one below the other'}"
        case CutNode(whole=whole):
            word = f"some of {whole.name}"
        case ReducedNode(function=function, axis=axis):
            word = f"{function} of every {'row' if axis else 'column'}"
        case TakenNode(table=table):
            word = f"{'columns' if node.turned else 'rows'} taken of {table.name}"
    return ", ".join([word, *(worn.function for worn in node.worn)])


def tensor_source(node: Node, document: Document) -> TensorSource | None:
    """Where the numbers of a plain matrix come from; None for what is computed or shown again."""
    tensor = tensor_of(node)
    return None if tensor is None else document.tensors.get(tensor)


def activation_of(node: Node, document: Document) -> ActivationSource | None:
    """The activation of the model that a computed matrix is held against; None where the scene says nothing of it."""
    checks = document.checks
    for key in (node.path, node.name, node.name.removesuffix(".T")):
        if key in checks:
            return checks[key]
    return None


def origin(node: Node, root: Tree, document: Document, sizes: ModelSizes | None = None) -> str:
    """Where the numbers of a matrix come from, in words.

    Args:
        node: The matrix.
        root: The tree that it is in.
        document: Says the sources.
        sizes: Of the scene's model, where they are known.
    """
    model = "the model" if document.model is None else document.model.path
    model = model if sizes is None else sizes.name
    match node:
        case LeafNode(target=str(path)):
            again = f"shows {_name(root, path)} again" + (", transposed" if node.transposed else "")
            target = find(root, path)
            words = again if target is None else f"{again}\n{origin(target, root, document, sizes)}"
        case LeafNode(tensor=tensor):
            words = in_words(document.tensors[tensor], model, tensor, sizes) + cut_told(document.rank, tensor)
            words += f" ({tensor}, transposed here)" if node.transposed else ""
        case _:
            words = f"computed: {node.formula}"
    activation = activation_of(node, document)
    told = "" if activation is None else f"\ncompared with {in_words(activation, model)}"
    return words if told in words else words + told


def hook(node: Node, document: Document) -> str:
    """The name of the weight or activation that a matrix is or is held against; "" where it is none."""
    match tensor_source(node, document) or activation_of(node, document):
        case WeightSource(weight=name) | ActivationSource(activation=name):
            return name
        case _:
            return ""


def _name(root: Tree, path: str) -> str:
    target = find(root, path)
    return path if target is None else target.name


def shape_in_words(shape: tuple[int, int], axes: tuple[str, str]) -> str:
    """Such as `64 x 576 (tokens x d_model)`."""
    text = sized(shape)
    return f"{text}   ({axes[0] or 'rows'} × {axes[1] or 'columns'})" if any(axes) else text
