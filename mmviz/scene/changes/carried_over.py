"""What a person changed in a scene that was built, carried over to another one that was built in the same way."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from mmviz.errors import SceneError
from mmviz.scene.document import WHOLE, Document, from_mapping, to_mapping
from mmviz.scene.keys.mentions import Follow, Mention, followed
from mmviz.scene.keys.options import Counts
from mmviz.scene.keys.problems import explain
from mmviz.scene.language.tree import Tree, computed, find, products, tensors

NOTHING = object()
"""Stands where a document has no such key."""


def carried_over(mine: Document, built: Document, another: Document, said: Mapping[str, Any]) -> Document:
    """The other scene, with all that is otherwise in a scene than it was built.

    Args:
        mine: The scene.
        built: As it was when it was built.
        another: Built in the same way, of something else.
        said: The content of `mine`, with its words and sources said of the other: it goes over where it was changed.

    Raises:
        SceneError: what was changed does not fit the other scene.
    """
    before, after = to_mapping(built), to_mapping(another)
    content = _merged(to_mapping(mine), before, after, said)
    content = {key: part for key, part in content.items() if key not in WHOLE}
    content |= {key: after[key] for key in WHOLE if key in after}
    root = another.tree()
    known = tensors(root)
    content["tensors"] = {name: source for name, source in content["tensors"].items() if name in known}
    try:
        document = followed(Document.model_validate(content), _where_there(root))
    except ValidationError as error:
        raise SceneError(explain(error, "scene", Document)) from None
    return from_mapping(to_mapping(document), "scene")


def _merged(mine: Any, before: Any, after: Any, said: Any) -> Any:
    """What is as it was built becomes what is built now, and the rest stays."""
    if mine == before:
        return after
    if all(isinstance(one, Mapping) for one in (mine, before, after, said)):
        found = {
            key: _merged(*(one.get(key, NOTHING) for one in (mine, before, after, said)))
            for key in dict.fromkeys((*after, *mine))
        }
        return {key: part for key, part in found.items() if part is not NOTHING}
    same_length = all(isinstance(one, list) for one in (mine, before, after, said))
    if same_length and len(mine) == len(before) == len(after) == len(said):
        return [_merged(*entries) for entries in zip(mine, before, after, said, strict=True)]
    return said


def _where_there(root: Tree) -> Follow:
    """Leaves out what is said of matrices that a tree does not have, or that they cannot be."""
    known, multiplied = tensors(root), {node.path for node in products(root)}

    def follow(mention: Mention) -> str | None:
        name = mention.name
        node = find(root, name) or (find(root, f"{name}.T") if mention.kind == "drawn" else None)
        match mention.kind:
            case "input":
                there = name in known
            case "axis" if not isinstance(mention.said, Counts):
                there = True
            case "result" | "axis":
                there = node is not None and computed(node)
            case "product":
                there = node is not None and node.path in multiplied
            case "worn":
                there = node is not None and bool(node.worn)
            case "matrix" | "drawn" | "maybe":
                there = node is not None
        return name if there else None

    return follow
