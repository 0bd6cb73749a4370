"""The parameters of mm (bhosmer/mm) as a tree of checked nodes with mm's defaults; knows nothing of our scenes.

mm takes whatever it is given; here every value that is read is checked, and what is not read is left alone: keys of
mm's own window (folder, diag, compress), leftovers on products (h, w, init), and null, which counts as absent.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mmviz.errors import SceneError
from mmviz.scene.keys.problems import found, listed, printable
from mmviz.scene.language.expression import MAX_DEPTH
from mmviz.scene.mm.grammar import MmChain, MmExpression, MmName, default_name, parse_mm

SIDE = 32
"""Rows and columns of a matrix that says nothing else, in elements."""

Group = Mapping[str, Any]
"""One of mm's groups of parameters: anim, block, layout, deco, viz, cam."""


@dataclass(frozen=True, slots=True)
class MmMatrix:
    """A plain matrix."""

    path: str
    name: str
    rows: int | None  # None: mm does not say
    columns: int | None
    init: str
    url: str = ""
    expr: str = ""
    min: float = -1.0
    max: float = 1.0
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class MmProduct:
    """left @ right, with the groups that this product has of its own."""

    path: str
    name: str | None  # None: it has none but its default
    left: "MmNode"
    right: "MmNode"
    epilog: str = "none"
    groups: Mapping[str, Group] = field(default_factory=dict)

    def setting(self, group: str, key: str) -> Any:
        """What this product itself says; None where it says nothing."""
        return self.groups.get(group, {}).get(key)

    def number(self, group: str, key: str) -> float | None:
        """A setting that must be a number.

        Raises:
            SceneError: it is none.
        """
        value = self.setting(group, key)
        return None if value is None else read_number(value, place(self.path, group, key))

    def choice(self, group: str, key: str, known: Mapping[str, Any]) -> Any:
        """The meaning of a setting that is one of a few words; None where it says nothing.

        Raises:
            SceneError: it is another word.
        """
        value = self.setting(group, key)
        return None if value is None else read_choice(value, known, place(self.path, group, key))


MmNode = MmMatrix | MmProduct

FACING_LETTERS = (
    ("polarity", {"N": "negative", "P": "positive"}),
    ("left placement", {"L": "left", "R": "right"}),
    ("right placement", {"T": "top", "B": "bottom"}),
    ("result placement", {"F": "front", "B": "back"}),
)
"""How a facing is written in short, as NLTF."""
_FACING_CODE = re.compile("[NP][LR][TB][FB]")
GROUPS = ("anim", "block", "layout", "deco", "viz", "cam")


def read_tree(params: Mapping[str, Any]) -> MmProduct:
    """The tree of mm's parameters; from `expr` where there is no left and no right.

    Raises:
        SceneError: a value is not what it must be.
        ExpressionError: `expr` is needed, and cannot be read.
    """
    if params.get("left") is None and params.get("right") is None:
        text = params.get("expr")
        tree = parse_mm("L @ R" if text is None else read_text(text, "expr"))
        return _assembled(tree, params)
    return _product(params, "")


def products(node: MmNode) -> Iterator[MmProduct]:
    """All products from the root down, left before right."""
    if isinstance(node, MmProduct):
        yield node
        yield from products(node.left)
        yield from products(node.right)


def place(path: str, *keys: str) -> str:
    """Where a parameter stands, for messages."""
    return ".".join(part for part in (path, *keys) if part)


def read_number(value: Any, where: str) -> float:
    """A finite number, also one in quotes.

    Raises:
        SceneError: it is none.
    """
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise SceneError(f"mm parameters, {where}: must be a number, got {found(value)}.")
    return number


def read_text(value: Any, where: str) -> str:
    """A text.

    Raises:
        SceneError: it is none.
    """
    if not isinstance(value, str):
        raise SceneError(f"mm parameters, {where}: must be text, got {found(value)}.")
    return value


def read_choice(value: Any, known: Mapping[str, Any], where: str) -> Any:
    """The meaning of one of a few words.

    Raises:
        SceneError: it is another word.
    """
    if not isinstance(value, str) or value not in known:
        raise SceneError(f"mm parameters, {where}: must be one of {listed(known)}; got {found(value)}.")
    return known[value]


def _product(params: Mapping[str, Any], path: str) -> MmProduct:
    if path.count(".") >= MAX_DEPTH:
        raise SceneError(f"mm parameters: products are nested more than {MAX_DEPTH} deep.")
    left, right = (_node(params, path, side) for side in ("left", "right"))
    name, given = params.get("name"), default_name(_shown_name(left), _shown_name(right))
    own = None if name is None else read_text(name, place(path, "name")).strip()
    epilog = params.get("epilog")
    return MmProduct(
        path,
        None if own in ("", given) else own,
        left,
        right,
        "none" if epilog is None else read_text(epilog, place(path, "epilog")),
        _groups(params, path),
    )


def _node(parent: Mapping[str, Any], path: str, side: str) -> MmNode:
    where = place(path, side)
    params = parent.get(side)
    if params is None and path == "":
        params = {}  # mm adds what a link leaves out
    if not isinstance(params, Mapping):
        problem = "is missing" if params is None else f"must be a mapping, got {found(params)}"
        raise SceneError(f"mm parameters, {where}: {problem}.")
    both = params.get("left") is not None and params.get("right") is not None
    if params.get("matmul") or (params.get("matmul") is None and both):
        return _product(params, where)
    return _matrix(params, where)


def _matrix(params: Mapping[str, Any], path: str) -> MmMatrix:
    left = path.endswith("left")

    def number(key: str, default: float) -> float:
        value = params.get(key)
        return default if value is None else read_number(value, place(path, key))

    def text(key: str, default: str) -> str:
        value = params.get(key)
        return default if value is None else read_text(value, place(path, key))

    return MmMatrix(
        path,
        text("name", "").strip() or _default_matrix_name(path),
        _side(params.get("h"), place(path, "h")),
        _side(params.get("w"), place(path, "w")),
        text("init", default_init(left=left)),
        text("url", ""),
        text("expr", ""),
        number("min", -1.0),
        number("max", 1.0),
        number("dropout", 0.0),
    )


def default_init(*, left: bool) -> str:
    """The initializer of a matrix that says nothing else."""
    return "row major" if left else "col major"


def _default_matrix_name(path: str) -> str:
    """L, R, LR and so on, as mm's window calls new matrices."""
    return "".join("L" if side == "left" else "R" for side in path.split("."))


def _side(value: Any, where: str) -> int | None:
    if value is None:
        return None
    number = read_number(value, where)
    if number < 1 or not number.is_integer():
        raise SceneError(f"mm parameters, {where}: must be a whole number of 1 or more, got {found(value)}.")
    return int(number)


def _groups(params: Mapping[str, Any], path: str) -> dict[str, Group]:
    groups: dict[str, Group] = {}
    for name in GROUPS:
        group = params.get(name)
        if group is None:
            continue
        if name == "layout" and isinstance(group, str) and _FACING_CODE.fullmatch(group):
            group = {key: words[letter] for letter, (key, words) in zip(group, FACING_LETTERS, strict=True)}
        if not isinstance(group, Mapping):
            where = place(path, name)
            raise SceneError(f"mm parameters, {printable(where)}: must be a mapping, got {found(group)}.")
        groups[name] = group
    return groups


def _shown_name(node: MmNode) -> str:
    """What mm calls a node."""
    if isinstance(node, MmMatrix) or node.name is not None:
        return node.name or ""
    return default_name(_shown_name(node.left), _shown_name(node.right))


def _assembled(tree: MmChain, params: Mapping[str, Any]) -> MmProduct:
    """The tree of an expression, its matrices new; a name that occurs twice is one matrix."""
    inits: dict[str, str] = {}

    def node(part: MmExpression, path: str) -> MmNode:
        if isinstance(part, MmName):
            init = inits.setdefault(part.name, default_init(left=path.endswith("left")))
            return MmMatrix(path, part.name, None, None, init)
        left, right = (node(side, place(path, key)) for side, key in ((part.left, "left"), (part.right, "right")))
        name = None if part.name == default_name(_shown_name(left), _shown_name(right)) else part.name
        return MmProduct(path, name, left, right)

    root = node(tree, "")
    assert isinstance(root, MmProduct)  # noqa: S101  (parse_mm gives nothing else)
    epilog = params.get("epilog")
    own = "none" if epilog is None else read_text(epilog, "epilog")
    return MmProduct("", root.name, root.left, root.right, own, _groups(params, ""))
