"""What `mmviz inspect` says about a scene or a model: plain data, and the same as text."""

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

from mmviz.pipeline import Scene
from mmviz.scene.shapes import Shape
from mmviz.scene.tree import LeafNode, Node, ProductNode, walk


def scene_report(scene: Scene) -> dict[str, Any]:
    """Tree, shapes and counts of a scene, from headers alone."""
    shapes = scene.shapes.of
    nodes = list(walk(scene.root))
    matrices = [
        {
            "path": node.path,
            "name": node.name,
            "kind": _kind(node),
            "shape": list(shapes[node.path]),
            "functions": [worn.function for worn in node.worn],
            "multiply_adds": _multiply_adds(node, shapes),
        }
        for node in reversed(nodes)
    ]
    elements = sum(prod(shapes[node.path]) for node in nodes)
    return {
        "scene": scene.where,
        "title": scene.document.title,
        "expression": scene.document.expr,
        "matrices": matrices,
        "elements": elements,
        "bytes": 4 * elements,
        "multiply_adds": sum(matrix["multiply_adds"] for matrix in matrices),
        "tokens": len(scene.sources.token_ids),
    }


def scene_text(report: dict[str, Any]) -> str:
    """A scene's report for people: its tree, root first."""
    lines = [report["title"], report["expression"], ""] if report["title"] else [report["expression"], ""]
    for matrix in report["matrices"]:
        depth = matrix["path"].count(".") + 1 if matrix["path"] else 0
        rows, columns = matrix["shape"]
        worn = f"  {' · '.join(matrix['functions'])}" if matrix["functions"] else ""
        name = "  " * depth + matrix["name"]
        lines.append(f"{name:<40} {rows:>6} x {columns:<6} {matrix['path'] or '(root)'}{worn}")
    lines.append("")
    lines.append(
        f"{len(report['matrices'])} matrices, {report['elements']:,} elements, {report['bytes']:,} bytes, "
        f"{report['multiply_adds']:,} multiply-adds"
    )
    return "\n".join(lines)


def model_report(path: Path) -> dict[str, Any]:
    """Sizes of a model and how many bytes of its weights were read to know them: none."""
    from mmviz.values.checkpoint import Checkpoint
    from mmviz.values.config import LlamaConfig

    checkpoint = Checkpoint.open(path)
    config = LlamaConfig.from_json(checkpoint.config, str(checkpoint.folder / "config.json"))
    return {
        "model": str(path),
        "layers": config.layers,
        **config.sizes(),
        "rope_theta": config.rope_theta,
        "tied": config.tied,
        "parameters": sum(prod(checkpoint.shape(name)) for name in checkpoint.names),
        "weight_bytes_read": checkpoint.bytes_read,
    }


def model_text(report: dict[str, Any]) -> str:
    """A model's report for people."""
    return "\n".join(
        f"{key.replace('_', ' '):<18} {value:,}"
        if isinstance(value, int) and not isinstance(value, bool)
        else f"{key.replace('_', ' '):<18} {value}"
        for key, value in report.items()
    )


def _kind(node: Node) -> str:
    match node:
        case LeafNode():
            return "matrix"
        case ProductNode():
            return "product"
        case _:
            return "sum"


def _multiply_adds(node: Node, shapes: Mapping[str, Shape]) -> int:
    if not isinstance(node, ProductNode):
        return 0
    return prod(shapes[node.path]) * shapes[node.left.path][1]
