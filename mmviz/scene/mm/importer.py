"""The parameters of mm (bhosmer/mm) to a scene document of ours; nothing in them is executed or fetched.

mm names a product by default after its arguments; such a product has no name of its own here either. Matrices of one
name are one matrix where they are equal in mm, and get a number where they differ.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from mmviz.errors import SceneError
from mmviz.scene.document import Document, from_mapping
from mmviz.scene.keys.partition import LETTERS
from mmviz.scene.keys.problems import found, listed
from mmviz.scene.keys.sources import InitializerName
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Call, Expression, Name, Named, Product, write
from mmviz.scene.language.fitting import Side, Weight, fit
from mmviz.scene.language.plain_words import MAX_NAME
from mmviz.scene.language.tree import walk
from mmviz.scene.mm.settings import losses, read_animation, read_camera, read_layout, read_partition, read_style
from mmviz.scene.mm.sources import Source, needs_seed, read_source, unread_formula
from mmviz.scene.mm.tree import MmMatrix, MmNode, MmProduct, place, read_choice, read_tree

WHERE = "mm parameters"

Function = tuple[str, tuple[float, ...]]
"""A function of ours and its parameters."""


def _eighth(_: int) -> tuple[Function, ...]:
    return ("scale", (0.125,)), ("tril", ()), ("softmax", ())


def _always(*names: str) -> Callable[[int], tuple[Function, ...]]:
    return lambda _: tuple((name, ()) for name in names)


def _by_size(size: int) -> tuple[Function, ...]:
    return (("scale", (1 / size,)),)


EPILOGS: dict[str, Callable[[int], tuple[Function, ...]]] = {
    "none": _always(),
    "relu": _always("relu"),
    "gelu": _always("gelu"),
    "sigmoid": _always("sigmoid"),
    "silu": _always("silu"),
    "tanh": _always("tanh"),
    "layernorm": _always("layernorm"),
    "softmax": _always("softmax"),
    "softmax(x/sqrt(k))": _always("scale", "softmax"),
    "softmax(tril(x/sqrt(k)))": _always("sdpa"),
    "softmax(tril(x/8))": _eighth,
    "x/k": _by_size,
    "x/sqrt(k)": _always("scale"),
    "x**2": _always("square"),
}
"""mm's epilogs as functions of ours, innermost first, for a product of this inner size k."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A document, and what in it is not as in mm, a line each."""

    document: Document
    notes: tuple[str, ...]


def document_from_mm(
    params: Mapping[str, Any], *, csv_folder: Path | None = None, missing: str | None = None
) -> Document:
    """The scene of mm's parameters.

    Args:
        params: As in a link: name, epilog, left, right, anim, block, layout, deco, viz, cam; all may be left out.
        csv_folder: Where copies of CSV addresses lie.
        missing: The initializer that stands in for an address without a copy; None: the address is kept.

    Raises:
        SceneError: a value is not what it must be.
        ExpressionError: there is only an expression, and it cannot be read.
    """
    return import_mm(params, csv_folder=csv_folder, missing=missing).document


def import_mm(params: Mapping[str, Any], *, csv_folder: Path | None = None, missing: str | None = None) -> Imported:
    """As `document_from_mm`, with notes on what is not as in mm."""
    if not isinstance(params, Mapping):
        raise SceneError(f"{WHERE}: must be a mapping, got {found(params)}.")
    if missing is not None and missing not in get_args(InitializerName):
        raise SceneError(f"missing: must be one of {listed(get_args(InitializerName))}; got {found(missing)}.")
    if csv_folder is not None and not csv_folder.is_dir():
        raise SceneError(f"{csv_folder}: there is no such folder; one with copies of the CSV files is needed.")
    root = read_tree(params)
    names = _Names(csv_folder, missing)
    names.add(root)
    sizes = fit(build(_expression(root, names, lambda _: ())), names.sides)
    expression = _expression(root, names, lambda node: _worn(node, sizes[names.of[_last_matrix(node.left).path]][1]))
    key = _keys(expression, names)
    content = {
        "expr": write(expression),
        "tensors": _tensors(names, sizes),
        "partition": read_partition(root, key),
        "layout": read_layout(root, key),
        "animation": read_animation(root, key),
        "style": read_style(root),
        "camera": read_camera(root),
    }
    return Imported(from_mapping(content, WHERE), (*losses(root), *_unread(names)))


class _Names:
    """What matrices and products are called here, and where each tensor comes from."""

    def __init__(self, csv_folder: Path | None, missing: str | None) -> None:
        self.csv_folder = csv_folder
        self.missing = missing
        self.of: dict[str, str] = {}  # path of a matrix -> its tensor; path of a product -> the name given to it
        self.sources: dict[str, Source] = {}  # tensor -> source
        self.sides: dict[str, tuple[Side, Side]] = {}  # tensor -> rows and columns
        self.zeros: list[str] = []  # tensors whose expression is no arithmetic
        self._known: dict[tuple[str, str], str] = {}  # name in mm, all that makes a matrix -> tensor
        self._taken: set[str] = set()

    def add(self, node: MmNode) -> None:
        """Name everything from a node down, arguments before what is made of them."""
        if isinstance(node, MmMatrix):
            self.of[node.path] = self._tensor(node)
            return
        self.add(node.left)
        self.add(node.right)
        if node.name is not None:
            self.of[node.path] = self._free(node.name)

    def _tensor(self, matrix: MmMatrix) -> str:
        source = read_source(matrix, self.csv_folder, self.missing)
        same = (matrix.name, repr((source, matrix.rows, matrix.columns)))
        if same not in self._known:
            tensor = self._known[same] = self._free(matrix.name)
            self.sources[tensor] = source
            self.zeros += [tensor] if unread_formula(matrix) else []
            self.sides[tensor] = (_side(matrix.rows), _side(matrix.columns))
        return self._known[same]

    def _free(self, name: str) -> str:
        """A name that our grammar can quote and that nothing else has."""
        readable = "".join(letter if letter.isprintable() else " " for letter in name.replace("'", "’"))
        plain = free = readable[:MAX_NAME].strip() or "matrix"
        number = 2
        while free in self._taken:
            ending = f"_{number}"
            free, number = plain[: MAX_NAME - len(ending)] + ending, number + 1
        self._taken.add(free)
        return free


def _side(size: int | None) -> Side:
    return Side(size, Weight.NEW if size is None else Weight.FIXED)


def _expression(node: MmNode, names: _Names, worn: Callable[[MmProduct], tuple[Function, ...]]) -> Expression:
    if isinstance(node, MmMatrix):
        return Name(names.of[node.path])
    result: Expression = Product(_expression(node.left, names, worn), _expression(node.right, names, worn))
    for function, parameters in worn(node):
        result = Call(function, result, parameters)
    return Named(names.of[node.path], result) if node.path in names.of else result


def _worn(node: MmProduct, inner: int) -> tuple[Function, ...]:
    functions: Callable[[int], tuple[Function, ...]] = read_choice(node.epilog, EPILOGS, place(node.path, "epilog"))
    return functions(inner)


def _last_matrix(node: MmNode) -> MmMatrix:
    """The matrix whose columns are those of a node."""
    while isinstance(node, MmProduct):
        node = node.right
    return node


def _keys(expression: Expression, names: _Names) -> Callable[[str], str]:
    """What settings call the product at a path: its own name where nothing else is called so."""
    nodes = list(walk(build(expression)))
    paths = {node.path for node in nodes}
    labels = [node.name for node in nodes]

    def key(path: str) -> str:
        name = names.of.get(path)
        clear = name is not None and name not in paths and name not in LETTERS and labels.count(name) == 1
        return name if name is not None and clear else path

    return key


def _unread(names: _Names) -> Iterator[str]:
    kept = [tensor for tensor, source in names.sources.items() if "url" in source]
    if kept:
        yield (
            f"the numbers of {listed(kept)} lie at addresses, which are not fetched; "
            "name a folder with copies (--csv) or a pattern (--missing gaussian), or edit their sources"
        )
    if names.zeros:
        yield f"what {listed(names.zeros)} would be computed from is no arithmetic; as in mm they are zeros"


def _tensors(names: _Names, sizes: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """The sources with their shapes; each that draws random numbers has a seed of its own."""
    tensors: dict[str, Any] = {}
    seed = 0
    for tensor, source in names.sources.items():
        tensors[tensor] = {**source, "shape": list(sizes[tensor])}
        if needs_seed(source):
            seed += 1
            tensors[tensor]["seed"] = seed
    return tensors
