"""A number for every element of every matrix of a tree, from those of its tensors; reads no files, draws nothing."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import islice
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmviz.scene.language.functions import FUNCTIONS, HIDING, PATTERNS
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
    Tree,
    arguments,
    computed,
    plain,
    reduces,
    references,
    takes_over,
    walk,
)
from mmviz.values.arithmetic.cancellation import CANCELLED, CHUNK
from mmviz.values.arithmetic.functions import Masked, logits, numbers_of, wear
from mmviz.values.arithmetic.selecting import ids_of, reduced
from mmviz.values.arithmetic.threads import steady
from mmviz.values.tensors.element_window import WHOLE, Around, Pane, Window, needed, product
from mmviz.values.tensors.ingredients import Ingredients, frequencies_of

Matrix = NDArray[np.float32]
Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Values:
    """The numbers of a tree, as float32 arrays in main memory."""

    of: Mapping[str, Matrix]  # path -> (rows, columns), after the functions that the matrix wears
    masked: Mapping[str, NDArray[np.bool_]]  # path -> (rows, columns), True where a mask forbids the element
    finish: Callable[[str, NDArray[np.float64]], Matrix]  # what a product shows for (partial) sums
    logits: Callable[[str, NDArray[np.float64]], NDArray[np.float64]]  # what a product's softmax is taken of, for sums
    around: Callable[[str, int, int], Around]  # path, row, column -> how its functions make that element
    ingredients: Callable[[str], Ingredients]  # path -> what its functions are computed from, besides its numbers
    cancelled: Mapping[str, int] = field(default_factory=dict)  # path -> how many sums are 0 but for rounding
    before: "Values | None" = None  # some of these matrices, before the last function that they wear


def evaluate(root: Tree, tensors: Mapping[str, Tensor], device: torch.device, before: Collection[str] = ()) -> Values:
    """Compute every matrix of a tree.

    Sums run in float64 where the device has it and are rounded to float32 once, at the end of each matrix.

    Args:
        root: The tree.
        tensors: (rows, columns) of every tensor named in it.
        device: Where to compute.
        before: Paths of matrices that are also wanted before the last function that they wear.

    Raises:
        ShapeError: a function cannot take its matrix, as `check_shape` says.
    """
    evaluation = _Evaluation(root, tensors, device)
    nodes = evaluation.nodes
    evaluation.used_again |= {(path, len(nodes[path].worn) - 1) for path in before}
    with torch.inference_mode():
        for node in nodes.values():
            evaluation.add(node, tensors)
    earlier = evaluation.values({path: len(nodes[path].worn) - 1 for path in before})
    return replace(evaluation.values({path: len(node.worn) for path, node in nodes.items()}), before=earlier)


class _Evaluation:
    """The matrices of a tree, each after those that it is made of."""

    def __init__(self, root: Tree, tensors: Mapping[str, Tensor], device: torch.device) -> None:
        self.nodes = nodes = {node.path: node for node in walk(root)}
        self.device = device
        self.dtype = torch.float32 if device.type == "mps" else torch.float64
        self.vectors = {v: tensors[v].cpu().double()[0] for n in nodes.values() for w in n.worn for v in w.vectors}
        self.stages: dict[tuple[str, int], Masked] = {}  # path, how many of its functions -> in main memory, float32
        self.copies: dict[str, Tensor] = {}  # of tensors that stand somewhere without a function
        self.forbidden: dict[str, Tensor | None] = {}  # path -> mask before any function, in main memory
        self.open: dict[tuple[str, int], bool] = {}  # as stages: whether a mask is there that no softmax has taken up
        self.rounded: set[tuple[str, int]] = set()  # of the stages those that float32 could not hold exactly
        self.noise: dict[str, Tensor] = {}  # path -> (rows, columns), what an element is no larger than that is 0
        self.inner: dict[str, int | None] = {}  # path -> k, of products and of references to them
        self.used_again = {(target, leaf.depth) for leaf, target in references(root)}
        # A tensor may lie in a file that is closed by the time someone asks what it was before its functions.
        self.used_again |= {(leaf.path, 0) for leaf in plain(root)}

    def add(self, node: Node, tensors: Mapping[str, Tensor]) -> None:
        """Compute the matrix of a node: its last stage, and those that are used again."""
        self.inner[node.path] = self._inner(node)
        bare, forbidden = self._bare(node, tensors)
        self.forbidden[node.path] = None if forbidden is None else forbidden.cpu()
        self.open |= {(node.path, depth): is_open for depth, is_open in enumerate(self._opened(node))}
        for depth, (x, mask) in enumerate(self.dressed(node, bare, forbidden)):
            if depth == len(node.worn) or (node.path, depth) in self.used_again:
                self._keep(node, depth, x, None if mask is None else mask.cpu())

    def _keep(self, node: Node, depth: int, x: Tensor, mask: Tensor | None) -> None:
        kept = x.to("cpu", torch.float32)
        self.stages[node.path, depth] = kept, mask
        if self._made_of_rounded(node) or not (self._is_given(node, depth) or _is_exact(x, kept)):
            self.rounded.add((node.path, depth))

    def values(self, depths: Mapping[str, int]) -> Values:
        """The numbers at these paths, after so many of the functions that the matrix wears."""
        stages = {path: self.stages[path, depth] for path, depth in depths.items()}

        def finish(path: str, sums: NDArray[np.float64]) -> Matrix:
            with torch.inference_mode():
                x, mask = self._settled(path, torch.from_numpy(sums)), self.forbidden[path]
                x = x if mask is None else x.masked_fill(mask, 0.0)
                dressed = self.dressed(self.nodes[path], x, mask)
                result, _ = next(islice(dressed, depths[path], None))
                return result.to(torch.float32).numpy()

        return Values(
            of={path: _fixed(result.numpy()) for path, (result, _) in stages.items()},
            masked={path: _fixed(mask.numpy()) for path, (_, mask) in stages.items() if mask is not None},
            finish=finish,
            logits=self.logits,
            around=self.around,
            ingredients=self.ingredients,
            cancelled={path: int(self.noise[path].count_nonzero()) for path in depths if path in self.noise},
        )

    def logits(self, path: str, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """(rows, columns): what the last function at `path`, a softmax, is taken of; -inf where it is masked."""
        node = self.nodes[path]
        with torch.inference_mode():
            *_, before = islice(self.dressed(node, torch.from_numpy(sums), None), len(node.worn))
            result: NDArray[np.float64] = logits(node.worn[-1], *before, self.inner[path]).double().numpy()
            return result

    def around(self, path: str, i: int, j: int) -> Around:
        """How the functions at `path` make element (i, j): in float64, from the matrices as they are shown."""
        node = self.nodes[path]
        rows, columns = self.stages[path, len(node.worn)][0].shape
        window = needed(node.worn, i, j, (rows, columns))
        with torch.inference_mode():
            panes = [Pane.of(*masked) for masked in self.dressed(node, *self._part(node, window), window)]
            vectors = {name: self.vectors[name].numpy() for worn in node.worn for name in worn.vectors}
        return Around((window[0].start, window[1].start), tuple(panes), vectors, self.inner[path])

    def ingredients(self, path: str) -> Ingredients:
        """What the functions at `path` are computed from besides the numbers that matrices show."""
        node, inner = self.nodes[path], self.inner[path]
        vectors = {name: self.vectors[name] for worn in node.worn for name in worn.vectors}
        shape = self.stages[path, len(node.worn)][0].shape
        noise, bare, mask = self.noise.get(path), None, self.forbidden[path]
        if node.worn and (not computed(node) or takes_over(node) or reduces(node)):
            bare, mask = self._part(node, WHOLE)
        return Ingredients(
            parameters=tuple(numbers_of(worn, inner) for worn in node.worn),
            vectors={name: vector.numpy() for name, vector in vectors.items()},
            frequencies=frequencies_of(node.worn, vectors, inner, (shape[0], shape[1])),
            inner=inner,
            noise=None if noise is None else noise.cpu().double().numpy(),
            bare=None if bare is None else bare.float().numpy(),
            forbidden=None if mask is None else mask.numpy(),
        )

    def dressed(self, node: Node, x: Tensor, mask: Tensor | None, window: Window = WHOLE) -> Iterator[Masked]:
        """A matrix, or what a window shows of it, before the functions of its node and after each, innermost first."""
        yield x, mask
        for worn in node.worn:
            side = 0 if worn.drawn_transposed != worn.vectors_along_columns else 1
            along = slice(None) if FUNCTIONS[worn.function].single else window[side]
            vectors = tuple(self.vectors[name][along].to(x.device, x.dtype) for name in worn.vectors)
            x, mask = wear(worn, x, mask, self.inner[node.path], vectors, (window[0].start, window[1].start))
            yield x, mask

    def _bare(self, node: Node, tensors: Mapping[str, Tensor]) -> Masked:
        """A matrix before the functions that it wears; (rows, columns)."""
        sides = (self._shown(side).to(self.device, self.dtype) for side in arguments(node))
        match node:
            case LeafNode():
                return self._leaf(node, tensors)
            case ProductNode():
                left, right = sides
                with steady(2 * left.shape[0] * right.numel()):
                    return self._sum(node, "@", left, right, left @ right), None  # (i, k) @ (k, j) -> (i, j)
            case ElementwiseNode(sign=sign):
                left, right = sides
                found, mask = _combined(node, left, right, self._forbidden(node))
                return self._sum(node, sign, left, right, found), mask
            case JoinNode(axis=axis):
                return torch.cat(tuple(sides), dim=axis), self._forbidden_parts(node)
            case CutNode() | TakenNode():
                return self._selected(node)
            case ReducedNode():
                found, mask = self._reduced(node)
                return self._settled(node.path, found), mask

    def _sum(self, node: Node, sign: str, left: Tensor, right: Tensor, found: Tensor) -> Tensor:
        """The same, but exactly 0 where it is 0 but for rounding: else noise would be drawn as bright as numbers."""
        rounded = [(side.path, len(side.worn)) in self.rounded for side in arguments(node)]
        bounds = CANCELLED[sign](left, right, found, rounded)
        if bounds is not None:
            self.noise[node.path] = bounds
        return self._settled(node.path, found)

    def _settled(self, path: str, x: Tensor, window: Window = WHOLE) -> Tensor:
        """What a window shows of a matrix, with 0 for what is no larger than rounding makes it."""
        bounds = self.noise.get(path)
        return x if bounds is None else x.masked_fill(x.abs() <= bounds[window].to(x.device, x.dtype), 0.0)

    def _made_of_rounded(self, node: Node) -> bool:
        match node:
            case LeafNode(target=target, depth=depth):
                return target is not None and (target, depth) in self.rounded
            case _:
                return any((side.path, len(side.worn)) in self.rounded for side in arguments(node))

    def _is_given(self, node: Node, depth: int) -> bool:
        return depth == 0 and (not computed(node) or takes_over(node))

    def _opened(self, node: Node) -> Iterator[bool]:
        """Whether a mask forbids elements that no softmax has left out yet: before the functions and after each."""
        match node:
            case LeafNode(target=target, depth=depth):
                is_open = target is not None and self.open[target, depth]
            case ProductNode():
                is_open = False  # what is masked counts as 0 in it
            case ElementwiseNode() | JoinNode() | ReducedNode():
                is_open = self.forbidden[node.path] is not None
            case CutNode(whole=source) | TakenNode(table=source):
                is_open = self.open[source.path, len(source.worn)]
        yield is_open
        for worn in node.worn:
            is_open = worn.function not in PATTERNS and (is_open or worn.function in HIDING)
            yield is_open

    def _forbidden(self, node: ElementwiseNode) -> Tensor | None:
        """(rows, columns): True where a term is masked, as -inf plus a number is -inf; a softmax's 0 is a number."""
        ends = [(term.path, len(term.worn)) for term in arguments(node)]
        masks = [mask for end in ends if self.open[end] and (mask := self.stages[end][1]) is not None]
        if not masks:
            return None
        nothing = (torch.zeros_like(self.stages[end][0], dtype=torch.bool) for end in ends)  # for the shape alone
        return reduce(torch.logical_or, (*masks, *nothing)).to(self.device)

    def _selected(self, node: CutNode | TakenNode) -> Masked:
        """Elements of a matrix at other places; of a slice no copy, unless it wears a function."""
        match node:
            case CutNode(whole=source):
                x, mask = self.stages[source.path, len(source.worn)]
                rows, columns = (
                    slice(*span.within(size)) for span, size in zip((node.rows, node.columns), x.shape, strict=True)
                )
                x, mask = x[rows, columns], None if mask is None else mask[rows, columns]
            case TakenNode(table=source):
                x, mask = self.stages[source.path, len(source.worn)]
                numbers = ids_of(node, self._shown(node.ids), x.shape[1 if node.turned else 0])
                across = 1 if node.turned else 0
                x, mask = x.index_select(across, numbers), None if mask is None else mask.index_select(across, numbers)
        if node.worn:
            x, mask = x.to(self.device, self.dtype), None if mask is None else mask.to(self.device)
        return x, mask

    def _reduced(self, node: ReducedNode) -> Masked:
        """One number for each row or column, of the elements that no mask forbids."""
        end = node.whole.path, len(node.whole.worn)
        x, mask = self.stages[end]
        x = x.to(self.device, self.dtype)
        mask = mask.to(self.device) if mask is not None and self.open[end] else None
        found = reduced(node.function, x, mask, node.axis)
        if node.function in ("sum", "mean"):
            ones = torch.ones_like(x[:1] if node.axis else x[:, :1])
            left, right = (x, ones.mT) if node.axis else (ones.mT, x)
            count = x.shape[node.axis] if node.function == "mean" else 1
            bounds = CANCELLED["@"](left, right, found * count, [end in self.rounded, False])
            if bounds is not None:
                self.noise[node.path] = bounds / count
        nothing = None if mask is None else mask.all(dim=node.axis, keepdim=True)
        return found, nothing if nothing is not None and nothing.any() else None

    def _forbidden_parts(self, node: JoinNode) -> Tensor | None:
        """(rows, columns): True where a part is masked by what no softmax has taken up."""
        ends = [(part.path, len(part.worn)) for part in node.parts]
        masks = [self.stages[end][1] if self.open[end] else None for end in ends]
        if all(mask is None for mask in masks):
            return None
        nothing = (torch.zeros(self.stages[end][0].shape, dtype=torch.bool) for end in ends)
        whole = [free if mask is None else mask for mask, free in zip(masks, nothing, strict=True)]
        return torch.cat(whole, dim=node.axis).to(self.device)

    def _shown(self, node: Node) -> Tensor:
        """What was computed before for a node; (rows, columns)."""
        return self.stages[node.path, len(node.worn)][0]

    def _part(self, node: Node, window: Window) -> Masked:
        """What a window shows of a matrix before the functions that it wears, in float64 on the CPU."""
        match node:
            case LeafNode():
                x, mask = self.stages[(node.path, 0) if node.target is None else (node.target, node.depth)]
                if node.target is not None and node.transposed:
                    x, mask = x.mT, None if mask is None else mask.mT
                return x[window].double(), None if mask is None else mask[window]
            case ProductNode():
                left, right = map(self._shown, arguments(node))
                return self._settled(node.path, product(left[window[0]], right[:, window[1]]), window), None
            case ElementwiseNode():
                shape = self.stages[node.path, len(node.worn)][0].shape
                left, right = (self._shown(term).expand(shape)[window].double() for term in arguments(node))
                mask = self.forbidden[node.path]
                found, mask = _combined(node, left, right, None if mask is None else mask[window])
                return self._settled(node.path, found, window), mask
            case JoinNode():
                whole = torch.cat([self._shown(part) for part in node.parts], dim=node.axis)
                mask = self.forbidden[node.path]
                return whole[window].double(), None if mask is None else mask[window]
            case _:
                x, mask = self._bare(node, {})
                return x[window].cpu().double(), None if mask is None else mask.cpu()[window]

    def _leaf(self, node: LeafNode, tensors: Mapping[str, Tensor]) -> Masked:
        """A tensor, or what was computed before; (rows, columns)."""
        mask: Tensor | None = None
        if node.target is None:
            # What wears nothing is shown as it is: one copy wherever it stands, spared the way there and back.
            if not node.worn and node.tensor not in self.copies:
                self.copies[node.tensor] = tensors[node.tensor].clone()
            x = tensors[node.tensor] if node.worn else self.copies[node.tensor]
        else:
            x, mask = self.stages[node.target, node.depth]
        if node.worn:
            x, mask = x.to(self.device, self.dtype), None if mask is None else mask.to(self.device)
        return (x.mT, None if mask is None else mask.mT) if node.transposed else (x, mask)

    def _inner(self, node: Node) -> int | None:
        match node:
            case LeafNode(target=target):
                return None if target is None else self.inner[target]
            case ProductNode(left=left):
                return self._shown(left).shape[1]
            case _:
                return None


COMBINED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": torch.div,
}
"""How the two terms of an elementwise node are combined."""


def _combined(node: ElementwiseNode, left: Tensor, right: Tensor, mask: Tensor | None) -> Masked:
    combined = COMBINED[node.sign](left, right)
    return combined if mask is None else combined.masked_fill(mask, 0.0), mask


def _is_exact(x: Tensor, kept: Tensor) -> bool:
    """Whether float32 holds what was computed, as it does small whole numbers; most often the first rows tell."""
    step = max(1, CHUNK // max(x.shape[1], 1))
    parts = (slice(first, first + step) for first in range(0, len(x), step))
    return x.dtype == torch.float64 and all(torch.equal(kept[part].double(), x[part].cpu()) for part in parts)


def _fixed(array: NDArray[Kind]) -> NDArray[Kind]:
    """The same array, which nobody can write to from now on: pictures are made of it."""
    array.setflags(write=False)
    return array
