"""Which matrices have one scale, and which scales are said, by their paths in the tree; computes no number."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mmviz.errors import SceneError
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.keys.problems import printable
from mmviz.scene.language.tree import Node, find, plain, twins, walk


@dataclass(frozen=True, slots=True)
class ScaleGroup:
    """Matrices that have one scale."""

    names: tuple[str, ...]  # as the scene says them
    paths: tuple[str, ...]  # of all places where they stand
    said: float | None = None  # the |x| that is drawn at full size; None: the largest of their own


def scale_groups(root: Node, style: StyleOptions) -> tuple[ScaleGroup, ...]:
    """The matrices of which a style says something, each in one group.

    Raises:
        SceneError: a matrix is in two groups, or two scales are said of one group.
    """
    places = _Places(root)
    said: dict[str, tuple[str, float]] = {}
    for name, path in places.of(tuple(style.scale)):
        before, scale = said.get(path, (name, style.scale[name]))
        if scale != style.scale[name]:
            raise SceneError(_two_scales(before, name, "are one matrix", scale, style.scale[name]))
        said[path] = name, scale
    groups: list[ScaleGroup] = []
    taken: set[str] = set()
    for names in style.scales.groups():
        members = dict(places.of(names))
        for name, path in members.items():
            if path in taken:
                raise SceneError(
                    f"style.scales.shared: {printable(name)} stands in two lists; a matrix has one scale, so that "
                    "they have to be one list."
                )
        taken |= set(members.values())
        paths = [again for path in dict.fromkeys(members.values()) for again in places.again[path]]
        groups.append(ScaleGroup(names, tuple(paths), _said_of(members.values(), said)))
    alone = [
        ScaleGroup((name,), places.again[path], scale) for path, (name, scale) in said.items() if path not in taken
    ]
    return (*groups, *alone)


def check_scales(root: Node, style: StyleOptions, where: str) -> None:
    """Refuse scales that contradict each other.

    Raises:
        SceneError: as `scale_groups`.
    """
    try:
        scale_groups(root, style)
    except SceneError as error:
        raise SceneError(f"{where}, {error}") from None


def unheard(style: StyleOptions) -> tuple[str, ...]:
    """What a style says of scales although it has the colours of mm, in a line; or nothing."""
    keys = {"scale": style.scale, "scales": style.scales.shared, "curve": style.curve != "sqrt"}
    said = [f"style.{key}" for key, value in keys.items() if value]
    if style.mm is None or not said:
        return ()
    verb = "means" if len(said) == 1 else "mean"
    return (f"{' and '.join(said)}: {verb} nothing under style.mm, whose colours have ranges of their own",)


class _Places:
    """Where the matrices of a tree stand: some are there more than once."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._first: dict[str, str] = {}  # path -> that of the matrix itself, or of the first that shows the same
        leaves: dict[tuple[object, ...], str] = {}
        for node in walk(root):
            self._first[node.path] = node.path
        for leaf in plain(root):
            turned = bool(leaf.worn) and leaf.transposed
            self._first[leaf.path] = leaves.setdefault((leaf.tensor, leaf.worn, turned), leaf.path)
        self._first |= {path: self._first[target] for path, (target, _) in twins(root).items()}
        self.again: dict[str, tuple[str, ...]] = {}  # path of the first -> paths of all
        for path, first in self._first.items():
            self.again[first] = (*self.again.get(first, ()), path)

    def of(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Each name with the path of the first of its places; a matrix that is drawn as X.T may be called X."""
        for name in names:
            node = find(self._root, name) or find(self._root, f"{name}.T")
            if node is not None:
                yield name, self._first[node.path]


def _said_of(paths: Iterable[str], said: Mapping[str, tuple[str, float]]) -> float | None:
    """The one scale that is said of the members of a group."""
    found = [said[path] for path in paths if path in said]
    for name, scale in found[1:]:
        if scale != found[0][1]:
            raise SceneError(_two_scales(found[0][0], name, "share a scale", found[0][1], scale))
    return found[0][1] if found else None


def _two_scales(one: str, other: str, why: str, scale: float, another: float) -> str:
    return (
        f"style.scale: {printable(one)} and {printable(other)} {why}, and are given {scale:g} and {another:g}; one "
        "number is needed."
    )
