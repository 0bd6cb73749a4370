"""Which matrices a scene's window leaves out: paths of a tree to what its scene file says, and back."""

from collections.abc import Iterable, Mapping, Sequence

from mmviz.scene.document import Document
from mmviz.scene.keys.view import ViewOptions
from mmviz.scene.language.tree import Node, Tree, walk


def hidden_in(root: Tree, names: Sequence[str]) -> frozenset[str]:
    """The paths of what is left out; names and paths that the tree does not have are passed over."""
    if not names:
        return frozenset()
    called = _called(list(walk(root)))
    return frozenset(called[name] for name in names if name in called)


def hiding(document: Document, root: Tree, paths: Iterable[str]) -> ViewOptions:
    """The view of a document that leaves out the matrices at just these paths.

    They are called by their names where these say enough, and stand in the order of the tree.
    """
    out, nodes = frozenset(paths), list(walk(root))
    called = _called(nodes)
    names = (node.name if called[node.name] == node.path else node.path for node in nodes if node.path in out)
    return document.view.model_copy(update={"hidden": tuple(names)})


def below(root: Tree, path: str) -> frozenset[str]:
    """A path and those of all that the matrix there is made of."""
    within = f"{path}." if path else ""
    return frozenset(n.path for n in walk(root) if n.path == path or n.path.startswith(within))


def _called(nodes: Sequence[Node]) -> Mapping[str, str]:
    """The path of every matrix by what it can be called: its path, or else the first that has a name, as in `find`."""
    called: dict[str, str] = {}
    for node in nodes:
        called.setdefault(node.name, node.path)
    return called | {node.path: node.path for node in nodes}
