"""Which matrices a scene's window leaves out: paths of a tree to what its scene file says, and back."""

from collections.abc import Iterable

from mmviz.scene.document import Document
from mmviz.scene.keys.view import ViewOptions
from mmviz.scene.language.tree import Node, find, walk


def hidden_in(root: Node, names: Iterable[str]) -> frozenset[str]:
    """The paths of what is left out; names and paths that the tree does not have are passed over."""
    nodes = (find(root, name) for name in names)
    return frozenset(node.path for node in nodes if node is not None)


def hiding(document: Document, root: Node, paths: Iterable[str]) -> ViewOptions:
    """The view of a document that leaves out the matrices at just these paths.

    They are called by their names where these say enough, and stand in the order of the tree.
    """
    out = frozenset(paths)
    named: dict[str, str] = {}  # name -> the path of the first node that has it, as `find` takes it
    nodes = list(walk(root))
    for node in nodes:
        named.setdefault(node.name, node.path)
    all_paths = {node.path for node in nodes}
    names = (
        node.name if named[node.name] == node.path and node.name not in all_paths else node.path
        for node in nodes
        if node.path in out
    )
    return document.view.model_copy(update={"hidden": tuple(names)})


def below(root: Node, path: str) -> frozenset[str]:
    """A path and those of all that the matrix there is made of."""
    within = f"{path}." if path else ""
    return frozenset(n.path for n in walk(root) if n.path == path or n.path.startswith(within))
