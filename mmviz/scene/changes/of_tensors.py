"""Scenes of tensors that lie in files: of one alone, and of the products of two that fit; reads no file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmviz.scene import document as documents
from mmviz.scene.document import Document
from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.scene.language.expression import Expression, Name, Product, Transpose
from mmviz.scene.language.plain_words import MAX_NAME
from mmviz.scene.language.shapes import Shape

AT_ONCE = 1 << 22
"""Elements that are shown without asking; with what is made of them for the picture they take some 160 MB."""
MOST = 1 << 26
"""Elements that are shown as a whole, at most."""
PART_SIDE = 1 << 10
"""Rows and columns of a matrix that is too large to be shown as a whole."""
ENDINGS = (".weight",)
"""Of names, which say nothing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A matrix of a tensor, as an expression uses it."""

    tensor: ListedTensor
    index: tuple[int, ...] = ()  # which matrix of a stack
    transposed: bool = False

    @property
    def shape(self) -> Shape:
        """Rows and columns as they are used."""
        sides = self.tensor.sides
        assert sides is not None  # noqa: S101  (who takes it has asked for `why_no_matrix`)
        return sides[::-1] if self.transposed else sides


@dataclass(frozen=True, slots=True)
class Offer:
    """A scene that can be made of tensors."""

    text: str  # such as A @ B.T
    shape: Shape  # of what comes out
    factors: tuple[Taken, ...]  # one, or two that are multiplied
    cut: tuple[Shape, ...] = ()  # rows and columns that are taken of each, as stored; () for all

    @property
    def elements(self) -> int:
        """Of all matrices that are shown."""
        sizes = self.cut or tuple(factor.tensor.sides or (0, 0) for factor in self.factors)
        shown = self.shape if len(self.factors) > 1 else (0, 0)
        return sum(rows * columns for rows, columns in (*sizes, shown))


def alone(tensor: ListedTensor, index: tuple[int, ...] = ()) -> list[Offer]:
    """Ways to show one matrix: whole, and in part where it is large; none where it is no matrix, or far too large.

    Args:
        tensor: What is shown.
        index: Which matrix of a stack.
    """
    if tensor.sides is None:
        return []
    taken = Taken(tensor, index)
    rows, columns = taken.shape
    whole = Offer("whole", (rows, columns), (taken,))
    if whole.elements <= AT_ONCE:
        return [whole]
    part = _sides_within(rows, columns)
    cut = Offer("the beginning", part, (taken,), (part,))
    return [cut, whole] if whole.elements <= MOST else [cut]


def products(first: ListedTensor, second: ListedTensor, indices: Sequence[tuple[int, ...]] = ((), ())) -> list[Offer]:
    """Every product of two matrices, transposed or not, whose inner sizes are the same.

    Args:
        first: One of them.
        second: The other one.
        indices: Which matrix of each, where it is a stack.
    """
    if first.sides is None or second.sides is None:
        return []
    names = _names((first, second))
    offers = []
    for one, other in ((0, 1), (1, 0)):
        tensors = (first, second)
        for left_turned in (False, True):
            for right_turned in (False, True):
                left = Taken(tensors[one], tuple(indices[one]), left_turned)
                right = Taken(tensors[other], tuple(indices[other]), right_turned)
                if left.shape[1] == right.shape[0]:
                    offers.append(_product(left, right, names[one], names[other]))
    return offers


def why_no_product(first: ListedTensor, second: ListedTensor) -> str:
    """Why two tensors have no product, in words; "" where they have one."""
    for tensor in (first, second):
        if reason := tensor.why_no_matrix():
            return reason
    if products(first, second):
        return ""
    told = [f"{tensor.called} is {_size(tensor.sides or (0, 0))}" for tensor in (first, second)]
    return f"{told[0]} and {told[1]}: a product needs a side of the same length in both."


def document_of(offer: Offer) -> tuple[Document, Path]:
    """The scene of an offer, and the folder that its relative paths start from."""
    tensors = [factor.tensor for factor in offer.factors]
    folder = tensors[0].file.absolute().parent
    names = _names(tensors)
    sources: dict[str, Any] = {}
    for number, (name, factor) in enumerate(zip(names, offer.factors, strict=True)):
        file = factor.tensor.file.absolute()
        source: dict[str, Any] = {"file": file.name if file.parent == folder else file.as_posix()}
        if factor.tensor.name:
            source["key"] = factor.tensor.name
        if factor.index:
            source["index"] = list(factor.index)
        if offer.cut:
            source["shape"] = list(offer.cut[number])
        sources[name] = source
    parts: list[Expression] = [
        Transpose(Name(name)) if factor.transposed else Name(name)
        for name, factor in zip(names, offer.factors, strict=True)
    ]
    expr = parts[0] if len(parts) == 1 else Product(parts[0], parts[1])
    title = " @ ".join(_told(factor) for factor in offer.factors)
    if offer.cut:
        title += f", the first {_size(offer.shape)}"
    content = {"expr": expr, "tensors": sources, "title": title}
    return documents.from_mapping(content, str(tensors[0].file)), folder


def _product(left: Taken, right: Taken, left_name: str, right_name: str) -> Offer:
    text = f"{_called(left_name, left)} @ {_called(right_name, right)}"
    rows, inner, columns = left.shape[0], left.shape[1], right.shape[1]
    whole = Offer(text, (rows, columns), (left, right))
    if whole.elements <= AT_ONCE:
        return whole
    most = max(1, min(PART_SIDE, AT_ONCE // (2 * inner)))  # the inner side stays whole, so that the numbers are true
    rows, columns = min(rows, most), min(columns, most)
    sizes = ((rows, inner), (inner, columns))
    cut = tuple(size[::-1] if factor.transposed else size for size, factor in zip(sizes, (left, right), strict=True))
    return Offer(text, (rows, columns), (left, right), cut)


def _sides_within(rows: int, columns: int) -> Shape:
    """As much of a matrix as fits a square of PART_SIDE, or more of one side where the other is short."""
    most = PART_SIDE * PART_SIDE
    if rows <= PART_SIDE:
        return rows, min(columns, most // rows)
    if columns <= PART_SIDE:
        return min(rows, most // columns), columns
    return PART_SIDE, PART_SIDE


def _names(tensors: Sequence[ListedTensor]) -> list[str]:
    """What an expression calls tensors: the end of each name, as far as it takes to tell them apart."""
    for parts in (1, 2, 3, None):
        names = [_short(tensor.called, parts) for tensor in tensors]
        if len(set(names)) == len(names):
            return names
    return [f"{_short(tensor.called, 2)[: MAX_NAME - 2]}_{number}" for number, tensor in enumerate(tensors, 1)]


def _short(name: str, parts: int | None) -> str:
    for ending in ENDINGS:
        name = name.removesuffix(ending) or name
    words = name.split(".")
    if parts is not None:
        words = words[-parts:]
    plain = "".join(letter if letter.isprintable() and letter != "'" else "_" for letter in ".".join(words))
    return plain.strip()[:MAX_NAME] or "A"


def _called(name: str, taken: Taken) -> str:
    return f"{name}.T" if taken.transposed else name


def _told(taken: Taken) -> str:
    index = f"[{', '.join(map(str, taken.index))}]" if taken.index else ""
    return f"{taken.tensor.called}{index}{' transposed' if taken.transposed else ''}"


def _size(shape: Shape) -> str:
    return " × ".join(f"{side:,}" for side in shape)
