"""How far the matrices that a scene draws are from what transformers computes; draws nothing itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mmviz.errors import SceneError, SourceError
from mmviz.scene.document import Document
from mmviz.scene.keys.sources import ActivationSource
from mmviz.scene.language.expression import Expression, Named, children
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import LeafNode, Node, Tree, find

if TYPE_CHECKING:
    from mmviz.values.reference.recording import Reference
    from mmviz.values.tensors.evaluate import Values
    from mmviz.values.tensors.sources import Sources


@dataclass(frozen=True, slots=True)
class Check:
    """One matrix as it is drawn, held against an activation of transformers."""

    matrix: str  # its key in `checks`
    activation: str
    head: int | None
    largest: float  # |drawn - theirs| of the element that is furthest off; inf where one of the two is NaN or masked
    relative: float  # as a share of the largest |theirs|; of 1 where `absolute`
    absolute: bool
    tolerance: float  # most that `relative` may be
    nans: int  # elements that are NaN on both sides

    @property
    def exceeds(self) -> bool:
        """Whether the difference is larger than it may be."""
        return not self.relative <= self.tolerance


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was found when a scene's matrices were held against transformers."""

    difference: float  # the largest |drawn - theirs| of all elements of all matrices
    dtype: str  # what both sides compute activations with
    device: str
    reference: str  # "transformers 5.23.0"
    matrices: tuple[Check, ...]
    worst: str  # the matrix whose relative difference is the largest
    note: str = ""  # what is to be told of how the model's adapter was applied
    dequantized: str = ""  # "dequantized from Q4_K" where weights were, on both sides
    handed_over: str = ""  # why both sides have them as we decode them; "" where transformers did it itself

    @property
    def holds(self) -> bool:
        """Whether every matrix is as near as it must be."""
        return not any(check.exceeds for check in self.matrices)

    @property
    def badge(self) -> str:
        """The line for the picture's corner."""
        sign, library = "✓" if self.holds else "✗", self.reference.partition(" ")[0]
        where = "" if self.holds else f" in {self.worst}"
        weights = " · decoding not compared" if self.handed_over else ""
        return f"{sign} max |Δ| {self.difference:.2g} from {library}{where}{weights} · {self.dtype} · {self.device}"


def certify(
    document: Document, root: Tree, values: Callable[[], "Values"], sources: "Sources", where: str
) -> Certificate:
    """Run transformers on a scene's prompt and hold every matrix of `checks` against it, as it is drawn.

    Args:
        document: The scene; its checks fit its matrices (see `check_shapes`).
        root: Its tree.
        values: Computes its numbers, once they are needed.
        sources: Where they come from: the model and the prompt.
        where: What the scene is called in messages.

    Raises:
        SceneError: the scene has no checks.
        SourceError: transformers is not there, or cannot load or run the model.
    """
    from mmviz.values.reference.recording import Reference

    if not document.checks:
        raise SceneError(
            f"{where}: has no key 'checks', which says what to hold its matrices against; add it, for example "
            "checks: {attn: {activation: blocks.1.attn.hook_pattern, head: 2}}."
        )
    reference = Reference(sources.model)
    checks = tuple(_held_against(reference, document, root, values, sources))
    return Certificate(
        difference=max(check.largest for check in checks),
        dtype=str(sources.model.dtype).removeprefix("torch."),
        device=str(sources.model.device),
        reference=reference.name,
        matrices=checks,
        worst=max(checks, key=lambda check: check.relative).matrix,
        note=reference.note,
        dequantized=sources.dequantized,
        handed_over=reference.handed_over,
    )


def _held_against(
    reference: "Reference", document: Document, root: Tree, values: Callable[[], "Values"], sources: "Sources"
) -> Iterator[Check]:
    from mmviz.values.reference.comparison import drawn_difference, drawn_tolerance, is_absolute

    found = reference.activations(sources.token_ids, {source.activation for source in document.checks.values()})
    drawn = values()
    for key, source in document.checks.items():
        node, turned = _drawn(document, root, key)
        theirs = sources.model.of_head(source.activation, found[source.activation], source.head)
        theirs = theirs.mT if turned else theirs  # (rows, columns), as drawn
        off = drawn_difference(drawn.of[node.path], drawn.masked.get(node.path), theirs, source.activation)
        yield Check(
            matrix=key,
            activation=source.activation,
            head=source.head,
            largest=off.largest,
            relative=off.relative,
            absolute=is_absolute(source.activation),
            tolerance=drawn_tolerance(),
            nans=off.nans,
        )


def check_shapes(document: Document, root: Tree, shapes: Mapping[str, Shape], sources: "Sources", where: str) -> None:
    """Refuse checks that cannot be made; reads no weights.

    Raises:
        SourceError: there is no such activation, layer or head, or a head is missing.
        SceneError: an activation has another shape than the matrix that it is to equal.
    """
    for key, source in document.checks.items():
        node, turned = _drawn(document, root, key)
        place = f"{where}, checks.{key}"
        theirs = _shape(source, sources, place)
        ours = shapes[node.path][::-1] if turned else shapes[node.path]
        if ours != theirs:
            raise SceneError(
                f"{place}: the matrix is {ours[0]}x{ours[1]}, {source.activation} is {theirs[0]}x{theirs[1]}; "
                "an activation of the same shape is needed."
            )


def _shape(source: ActivationSource, sources: "Sources", place: str) -> Shape:
    try:
        return sources.model.matrix_shape(len(sources.token_ids), source.activation, source.head)
    except SourceError as error:
        raise SourceError(f"{place}: {error}") from error


def _drawn(document: Document, root: Tree, key: str) -> tuple[Node, bool]:
    """The node that a key of `checks` means, and whether it is drawn as the transpose of what bears its name."""
    node = find(root, key) or find(root, f"{key}.T")
    assert node is not None  # noqa: S101  (check_names has made sure)
    bare = node.name.removesuffix(".T")
    if bare == node.name:
        return node, False
    match node:
        case LeafNode():
            return node, node.tensor != node.name
        case _:
            last = node.worn[-1:]
            return node, bare in _assigned(document.expression()) or any(worn.drawn_transposed for worn in last)


def _assigned(expression: Expression) -> set[str]:
    """The names that are assigned in an expression. Q @ K.T is no transpose; K.T is one where K is assigned."""
    own = {expression.name} if isinstance(expression, Named) else set()
    return own.union(*(_assigned(part) for part in children(expression)))
