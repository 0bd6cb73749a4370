"""What `mmviz inspect` says about a scene: plain data, and the same as text; models have modules of their own."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from mmviz.pipeline import Scene
from mmviz.scene.document import Document
from mmviz.scene.keys.ranks import cut_told
from mmviz.scene.keys.sources import (
    ActivationSource,
    FileSource,
    FormulaSource,
    Initializer,
    TensorSource,
    UrlSource,
    ValuesSource,
    WeightSource,
    part_told,
)
from mmviz.scene.language.expression import JOINING, TAKING
from mmviz.scene.language.plain_words import write_name, write_number
from mmviz.scene.language.shapes import Shape
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
    Worn,
    arguments,
    roots,
)

LONGEST_NAME = 48
"""Letters of a matrix's name, its place in the tree included, that the text shows."""


def scene_report(scene: Scene) -> dict[str, Any]:
    """Tree, shapes and counts of a scene, from headers alone. A matrix used twice counts where it stands: twice."""
    shapes, axes = scene.shapes.of, scene.shapes.axes
    nodes = {node.path: node for node in _from_roots(scene.root)}
    matrices = [
        {
            "path": node.path,
            "name": node.name,
            "kind": _kind(node),
            "shape": list(shapes[node.path]),
            "blocks": [side.count for side in scene.blocks[node.path]],
            "axes": list(axes[node.path]),
            "functions": [_call(worn) for worn in node.worn],
            "source": _source(node, nodes, scene.document),
            "multiply_adds": _multiply_adds(node, shapes),
        }
        for node in nodes.values()
    ]
    elements = sum(prod(shape) for shape in shapes.values())
    return {
        "scene": scene.where,
        "title": scene.document.title,
        "expression": scene.document.text(),
        "matrices": matrices,
        "elements": elements,
        "bytes": 4 * elements,
        "multiply_adds": sum(_multiply_adds(node, shapes) for node in nodes.values()),
        "tokens": len(scene.sources.token_ids),
    }


def scene_text(report: dict[str, Any]) -> str:
    """A scene's report for people: its tree, root first, left before right."""
    matrices = report["matrices"]
    names = [_short(name) for name in _branches([(m["path"], m["name"]) for m in matrices])]
    wide = max(len(name) for name in names)
    digits = max(6, *(len(_size(matrix, axis)) for matrix in matrices for axis in (0, 1)))
    wider = max(len(matrix["path"] or "(root)") for matrix in matrices)
    lines = [report["title"], report["expression"], ""] if report["title"] else [report["expression"], ""]
    for name, matrix in zip(names, matrices, strict=True):
        notes = "  ".join([*([matrix["source"]] if matrix["source"] else []), *matrix["functions"]])
        lines.append(
            f"{name:<{wide}}  {_size(matrix, 0):>{digits}} x {_size(matrix, 1):<{digits}} "
            f"{matrix['path'] or '(root)':<{wider}}  {notes}".rstrip()
        )
    counted = "1 matrix" if len(matrices) == 1 else f"{len(matrices)} matrices"
    counts = f"{report['elements']:,} elements, {report['bytes']:,} bytes, {report['multiply_adds']:,} multiply-adds"
    tokens = f", {report['tokens']:,} token{'s' if report['tokens'] != 1 else ''}" if report["tokens"] else ""
    return "\n".join([*lines, "", f"{counted}, {counts}{tokens}"])


def _size(matrix: dict[str, Any], axis: int) -> str:
    """A side of a matrix, and into how many blocks it is cut."""
    length, blocks = matrix["shape"][axis], matrix["blocks"][axis]
    return f"{length} / {blocks}" if blocks > 1 else str(length)


def _from_roots(tree: Tree) -> Iterator[Node]:
    """Every node, one root after the other."""
    for root in roots(tree):
        yield from _from_root(root)


def _from_root(node: Node) -> Iterator[Node]:
    """Every node, what is made before what it is made of, left before right."""
    yield node
    for argument in arguments(node):
        yield from _from_root(argument)


def _branches(matrices: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Each name behind the branches of the tree that lead to it; the left argument of a node comes first."""
    last = {path.rpartition(".")[0]: path for path, _ in matrices if path}.values()
    for path, name in matrices:
        sides = path.split(".") if path else []
        above = "".join("   " if ".".join(sides[: n + 1]) in last else "│  " for n in range(len(sides) - 1))
        yield above + (("└─ " if path in last else "├─ ") if sides else "") + name


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _kind(node: Node) -> str:  # noqa: PLR0911  (a case for each kind)
    match node:
        case LeafNode(target=target):
            return "matrix" if target is None else "reference"
        case ProductNode():
            return "product"
        case ElementwiseNode(sign=sign):
            return {"+": "sum", "-": "difference", "*": "elementwise product", "/": "quotient"}[sign]
        case JoinNode(along=along):
            return JOINING[along]
        case CutNode():
            return "slice"
        case ReducedNode(function=function, axis=axis):
            return f"{function} of {'rows' if axis else 'columns'}"
        case TakenNode():
            return TAKING


def _call(worn: Worn) -> str:
    rest = ", ".join([*map(write_name, worn.vectors), *map(write_number, worn.parameters)])
    return f"{worn.function}({rest})" if rest else worn.function


def _source(node: Node, nodes: Mapping[str, Node], document: Document) -> str | None:
    """Where a tensor's numbers come from, or which matrix a reference shows again; None of what is computed."""
    match node:
        case ProductNode() | ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() | TakenNode():
            return None
        case LeafNode(target=str(target), depth=depth):
            worn = nodes[target].worn
            before = f" before {worn[depth].function}" if depth < len(worn) else ""
            return f"{'transpose of' if node.transposed else 'same as'} {target}{before}"
        case LeafNode(tensor=tensor):
            source = document.tensors[tensor]
            return _origin(source) + part_told(source) + cut_told(document.rank, tensor)


def _origin(source: TensorSource) -> str:
    """Where a tensor's numbers come from, in a few words."""
    match source:
        case Initializer(init=init):
            return init
        case FormulaSource(formula=formula):
            return formula
        case ValuesSource():
            return "values"
        case FileSource(file=file, key=key):
            return f"{file}: {key}" if key else file
        case UrlSource(url=url):
            return f"not fetched: {url}"
        case WeightSource(weight=name, head=head) | ActivationSource(activation=name, head=head):
            return name if head is None else f"{name}, head {head}"


def _multiply_adds(node: Node, shapes: Mapping[str, Shape]) -> int:
    match node:
        case ProductNode(left=left):
            return prod(shapes[node.path]) * shapes[left.path][1]
        case _:
            return 0
