"""What a page has of every matrix: its numbers and mask, where it stands, how it looks, and what it wears."""

from collections.abc import Iterator
from typing import Any, TypedDict

from mmviz.page.looks_found import looks_of
from mmviz.page.storing import Storing, exact
from mmviz.picture.composition import Composition
from mmviz.picture.space.item_key import of_matrix
from mmviz.picture.space.joining import begins
from mmviz.picture.space.placement import Placement
from mmviz.picture.space.selecting import place_of
from mmviz.picture.stages import Ingredients
from mmviz.render.pyramid import check_room
from mmviz.scene.language.functions import FUNCTIONS, FunctionSpec
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
    Worn,
    walk,
)

Record = dict[str, Any]
"""A part of the document; its fields are those of an interface in front/src/document/time.ts."""


class Placed(TypedDict):
    """Where a matrix stands; see mmviz.picture.space.placement."""

    rows: int
    columns: int
    origin: list[float]
    down: list[float]
    across: list[float]
    rowBlock: int
    columnBlock: int
    gap: float


def placed(placement: Placement) -> Placed:
    """A placement as the page has it."""
    rows, columns = placement.shape
    return {
        "rows": rows,
        "columns": columns,
        "origin": placement.origin.tolist(),
        "down": placement.down.tolist(),
        "across": placement.across.tolist(),
        "rowBlock": placement.row_block,
        "columnBlock": placement.column_block,
        "gap": placement.gap,
    }


class Piece(TypedDict):
    """Some rows and columns of a matrix that are rows and columns of one of its arguments."""

    path: str  # of the argument
    row: int  # of the first of them
    column: int
    fromRow: int  # the same in the argument
    fromColumn: int
    rows: int
    columns: int


def matrices_section(composition: Composition, storing: Storing) -> list[Record]:
    """Every matrix, those that one is made of before it, the root last.

    Args:
        composition: The scene.
        storing: Where the numbers go.

    Raises:
        OutputError: a matrix has more elements than any browser draws.
    """
    looks = {look: number for number, look in enumerate(looks_of(composition))}

    def record(node: Node) -> Record:
        path = node.path
        look, scale = composition.looks[of_matrix(path)]
        rows, columns = composition.values[path].shape
        placement = composition.layout[path]
        check_room((rows, columns), (placement.row_block, placement.column_block), placement.late)
        return {
            **_of_tree(node, composition),
            **_worn(node, composition, storing),
            "rows": rows,
            "columns": columns,
            "placement": placed(placement),
            "numbers": storing.add(composition.values[path]),
            "masked": storing.add_if_any(composition.masked.get(path)),
            "look": looks[look],
            "scale": scale,
            "axes": list(composition.axes[path]),
            "told": composition.scales[path].told(composition.style),
            "behind": _behind(path, composition, storing, looks),
        }

    return [record(node) for node in walk(composition.root)]


def _of_tree(node: Node, composition: Composition) -> Record:  # noqa: PLR0911  (a case for each kind)
    """What the tree says of a matrix."""
    record: Record = {"path": node.path, "name": node.name, "left": "", "right": "", "sign": ""}
    record |= {"pieces": [], "reduction": None, "target": None, "depth": 0, "transposed": False, "tensor": ""}
    match node:
        case LeafNode(tensor=tensor, transposed=transposed, target=target, depth=depth):
            own = {"target": target, "depth": depth, "transposed": transposed, "tensor": tensor}
            return record | {"kind": "leaf"} | own
        case ProductNode(left=left, right=right):
            return record | {"kind": "product", "left": left.path, "right": right.path}
        case ElementwiseNode(left=left, right=right, sign=sign):
            return record | {"kind": "sum", "left": left.path, "right": right.path, "sign": sign}
        case JoinNode():
            return record | {"kind": "join", "pieces": list(_pieces(node, composition))}
        case CutNode(whole=whole):
            place = composition.layout[whole.path]
            row, column = (int(first) for first in place_of(node, place, 0.0))
            rows, columns = composition.layout[node.path].shape
            piece = Piece(path=whole.path, row=0, column=0, fromRow=row, fromColumn=column, rows=rows, columns=columns)
            return record | {"kind": "cut", "pieces": [piece]}
        case ReducedNode(whole=whole, function=function, axis=axis):
            return record | {"kind": "reduced", "left": whole.path, "reduction": [function, axis]}
        case TakenNode(ids=ids, table=table, turned=turned):
            return record | {"kind": "taken", "left": ids.path, "right": table.path, "transposed": turned}


def _pieces(node: JoinNode, composition: Composition) -> Iterator[Piece]:
    """The parts of a join."""
    shapes = [composition.layout[part.path].shape for part in node.parts]
    for part, (rows, columns), (row, column) in zip(node.parts, shapes, begins(node.axis, shapes), strict=True):
        yield Piece(path=part.path, row=row, column=column, fromRow=0, fromColumn=0, rows=rows, columns=columns)


def _worn(node: Node, composition: Composition, storing: Storing) -> Record:
    """The functions of a matrix, and what they are computed from."""
    if composition.ingredients is None:
        return {"worn": [], "inner": None, "bare": None, "bareMasked": None, "noise": None}
    found = composition.ingredients(node.path)
    return {
        "worn": [_function(worn, number, found, storing) for number, worn in enumerate(node.worn)],
        "inner": found.inner,
        "bare": storing.add_if_any(found.bare),
        "bareMasked": storing.add_if_any(found.forbidden),
        "noise": None if found.noise is None or not found.noise.any() else storing.arrays.add(found.noise, waits=True),
    }


def _function(worn: Worn, number: int, found: Ingredients, storing: Storing) -> Record:
    spec, frequencies = FUNCTIONS[worn.function], found.frequencies[number]
    by_size = worn.function == "sdpa" or _left_to_the_size(worn, spec)
    return {
        "function": worn.function,
        "numbers": list(found.parameters[number]),
        "turned": worn.turned,
        "axis": worn.axis,
        "vectors": [storing.add(exact(found.vectors[name])[None]) for name in worn.vectors],
        "frequencies": None if frequencies is None else storing.arrays.add(frequencies),
        "names": [] if by_size else [parameter.name for parameter in spec.parameters],
        "meaning": spec.meaning,
        "along": spec.along,
        "single": spec.single,
        "bySize": by_size,
    }


def _left_to_the_size(worn: Worn, spec: FunctionSpec) -> bool:
    return any(isinstance(parameter.default, str) for parameter in spec.parameters[len(worn.parameters) :])


def _behind(path: str, composition: Composition, storing: Storing, looks: dict[Any, int]) -> Record | None:
    """The sheet behind a matrix."""
    behind = composition.behind
    if path not in behind.placements:
        return None
    look, scale = behind.looks[path]
    return {
        "name": behind.names[path],
        "placement": placed(behind.placements[path]),
        "numbers": storing.add(composition.before.values[path]),
        "masked": storing.add_if_any(behind.masked.get(path)),
        "look": looks[look],
        "scale": scale,
    }
