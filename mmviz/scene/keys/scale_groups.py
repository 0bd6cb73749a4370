"""Which matrices have one scale, and which scales are said, by their paths in the tree; computes no number."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mmviz.errors import SceneError
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.keys.problems import printable
from mmviz.scene.language.tree import Node, Tree, arguments, find, kind_of, plain, roots, twins, walk


@dataclass(frozen=True, slots=True)
class ScaleGroup:
    """Matrices that have one scale."""

    names: tuple[str, ...]  # as the scene says them
    paths: tuple[str, ...]  # of all places where they stand
    said: float | None = None  # the |x| that is drawn at full size; None: the largest of their own
    alike: bool = False  # because they have the same part in several roots


def scale_groups(root: Tree, style: StyleOptions) -> tuple[ScaleGroup, ...]:
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
    said_already = taken | set(said)
    alike = _alike_in_roots(root, places, said_already) if style.scales.roots else ()
    return (*groups, *alone, *alike)


def _alike_in_roots(root: Tree, places: "_Places", left_out: Container[str]) -> Iterator[ScaleGroup]:
    """Matrices that have the same part in several roots: what all on the way to them is made of is of one kind."""
    joined: dict[str, str] = {}  # path -> that of another one that has the same scale

    def whole(path: str) -> str:
        while path in joined:
            path = joined[path]
        return path

    names: dict[str, str] = {}
    waiting = [roots(root)]
    while waiting:
        alike = waiting.pop()
        if len(alike) < 2:
            continue
        first, *others = (places.first[node.path] for node in alike)
        names |= {places.first[node.path]: node.name for node in alike}
        joined |= {whole(path): whole(first) for path in others if whole(path) != whole(first)}
        by_kind: dict[object, list[Node]] = {}
        for node in alike:
            by_kind.setdefault(kind_of(node), []).append(node)
        waiting += [parts for same in by_kind.values() for parts in zip(*map(arguments, same), strict=False)]
    found: dict[str, list[str]] = {}
    for path in names:
        if path not in left_out:
            found.setdefault(whole(path), []).append(path)
    for paths in found.values():
        if len(paths) > 1:
            again = tuple(place for path in paths for place in places.again[path])
            yield ScaleGroup(tuple(names[path] for path in paths), again, alike=True)


def check_scales(root: Tree, style: StyleOptions, where: str) -> None:
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

    def __init__(self, root: Tree) -> None:
        self._root = root
        self.first: dict[str, str] = {}  # path -> that of the matrix itself, or of the first that shows the same
        leaves: dict[tuple[object, ...], str] = {}
        for node in walk(root):
            self.first[node.path] = node.path
        for leaf in plain(root):
            turned = bool(leaf.worn) and leaf.transposed
            self.first[leaf.path] = leaves.setdefault((leaf.tensor, leaf.worn, turned), leaf.path)
        self.first |= {path: self.first[target] for path, (target, _) in twins(root).items()}
        self.again: dict[str, tuple[str, ...]] = {}  # path of the first -> paths of all
        for path, first in self.first.items():
            self.again[first] = (*self.again.get(first, ()), path)

    def of(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Each name with the path of the first of its places; a matrix that is drawn as X.T may be called X."""
        for name in names:
            node = find(self._root, name) or find(self._root, f"{name}.T")
            if node is not None:
                yield name, self.first[node.path]


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
