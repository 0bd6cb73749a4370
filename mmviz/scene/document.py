"""Scene documents: YAML or JSON to a checked model and back; every message names file, key and what is needed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from mmviz.errors import ExpressionError, SceneError
from mmviz.scene.keys.about import AboutOptions
from mmviz.scene.keys.fields import Strict, Title
from mmviz.scene.keys.made_by import MadeBy
from mmviz.scene.keys.mentions import Mention, Names, mentions
from mmviz.scene.keys.numpy_numbers import of_python
from mmviz.scene.keys.options import (
    AnimationOptions,
    CameraOptions,
    CaptionOptions,
    Cut,
    ExportOptions,
    LayoutOptions,
    StyleOptions,
)
from mmviz.scene.keys.partition import check_partition
from mmviz.scene.keys.problems import explain, found, keys, listed, printable
from mmviz.scene.keys.ranks import Rank, check_rank_names
from mmviz.scene.keys.roots import ROOTS, Roots, as_text, titles_of
from mmviz.scene.keys.scale_groups import check_scales
from mmviz.scene.keys.sources import ActivationSource, ModelSource, TensorSource, ValuesSource, WeightSource
from mmviz.scene.keys.view import ViewOptions
from mmviz.scene.language.described import described
from mmviz.scene.language.expression import Expression
from mmviz.scene.language.parsed import expression_of, tree_of
from mmviz.scene.language.plain_words import write_name
from mmviz.scene.language.tree import BesideNode, Node, Tree, find, products, results, tensors, walk
from mmviz.scene.language.written import text_of
from mmviz.scene.parts import Changes
from mmviz.scene.text import scene_file

WHOLE = frozenset(("expr", "roots"))
"""Keys that say what is multiplied; a scene has one of them."""


def _as_text(expression: Any, info: ValidationInfo) -> Any:
    if "roots" in info.data and info.data["roots"] is None and isinstance(expression, _Missing):
        raise PydanticCustomError("missing", "is missing")
    if not isinstance(expression, Expression | list | tuple):
        return expression
    for number, statement in enumerate(() if isinstance(expression, Expression) else expression, start=1):
        if not isinstance(statement, str | Expression):
            raise ValueError(f"statement {number}: must be text such as Q = x @ wQ, got {found(statement)}.")
    try:
        return text_of(expression)
    except ExpressionError as error:
        raise ValueError(str(error)) from None


def _readable(text: str, info: ValidationInfo) -> str:
    if info.data.get("roots", "") is not None and not text:
        return text
    if info.data.get("roots") is not None:
        raise ValueError("stands beside roots, which say as much; give one of them.")
    try:
        tree_of(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


class _Missing(str):
    """An expression that nobody gave: none is needed beside `roots`."""

    __slots__ = ()


def _undivided(activation: ActivationSource) -> ActivationSource:
    if activation.svd is not None:
        raise ValueError("a matrix is held against a whole activation; leave svd out.")
    return activation


class Document(Strict):
    """A scene: what is multiplied, where the numbers come from, and how it is shown."""

    version: Annotated[Literal[1], Field(description="Of this format.")] = 1
    title: Annotated[Title, Field(description="Shown above the picture.")] = ""
    about: AboutOptions = AboutOptions()
    roots: Annotated[Roots | None, Field(description=ROOTS)] = None
    expr: Annotated[
        str,
        BeforeValidator(_as_text),
        AfterValidator(_readable),
        Field(
            description="The expression, for example: out = relu(x @ wIn) @ wOut; or several statements, one a line or "
            "as a list, each with a name for those below: hidden = relu(x @ wIn), out = hidden @ wOut"
        ),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"items": {"type": "string"}, "minItems": 1, "type": "array"}]}),
    ] = Field(default_factory=_Missing, validate_default=True)
    model: Annotated[
        ModelSource | None, Field(description="The model that weights and activations are taken from.")
    ] = None
    made_by: Annotated[
        MadeBy | None,
        Field(description="What `mmviz head` or `mmviz layer` made the scene of; others are built again as it was."),
    ] = None
    tensors: Annotated[
        dict[Annotated[str, Names("input")], TensorSource],
        Field(description="Where the numbers of each matrix of expr come from."),
    ] = Field(default_factory=dict)
    rank: Annotated[
        dict[Annotated[str, Names("input")], Rank],
        Field(
            description="Inputs of expr that are cut down, by name: each to its best approximation of that rank, "
            "before anything is computed with it."
        ),
    ] = Field(default_factory=dict)
    checks: Annotated[
        dict[Annotated[str, Names("drawn")], Annotated[ActivationSource, AfterValidator(_undivided)]],
        Field(
            description="Which matrices, by name or path, equal which activations; `mmviz verify` and style.badge hold "
            "what is drawn against what transformers computes."
        ),
    ] = Field(default_factory=dict)
    partition: Annotated[
        dict[Annotated[str, Names("axis")], Cut],
        Field(
            description="Into how many blocks an axis is cut: i, k or j of the root, or the axis of a name; "
            "or a product by name or path with counts for its own i, k and j."
        ),
    ] = Field(default_factory=dict)
    layout: LayoutOptions = LayoutOptions()
    animation: AnimationOptions = AnimationOptions()
    style: StyleOptions = StyleOptions()
    camera: CameraOptions = CameraOptions()
    captions: Annotated[
        tuple[CaptionOptions, ...], Field(description="Lines of text, each from its matrix's first step on.")
    ] = ()
    export: ExportOptions = ExportOptions()
    view: ViewOptions = ViewOptions()

    def text(self) -> str:
        """What is multiplied, as one expression: that of `expr`, or those of `roots` with | between them."""
        return self.expr if self.roots is None else as_text(self.roots)

    @property
    def beside_for(self) -> tuple[float, float, float]:
        """Toward the eye that several roots stand side by side for: the scene's own; the usual one of a root alone."""
        eye = self.camera
        if not isinstance(self.tree(), BesideNode):
            return CameraOptions().direction
        if eye.position is None:
            return eye.direction
        x, y, z = (there - here for there, here in zip(eye.position, eye.target, strict=True))
        return x, y, z

    def titles(self) -> tuple[str, ...]:
        """What stands over each of several roots; "" where nothing does, and nothing at all over a root alone."""
        return () if self.roots is None else titles_of(self.roots)

    def expression(self) -> Expression:
        """What is multiplied, as it was written."""
        return expression_of(self.text())

    def tree(self) -> Tree:
        """What is multiplied, as the tree that is laid out and evaluated."""
        return tree_of(self.text())


def check_names(document: Document, where: str) -> Tree:
    """Hold a document's names against its expression.

    Returns:
        The tree.

    Raises:
        SceneError: a matrix has no source, a source has no matrix, a model or prompt is missing, or an
            option names a matrix that is not there.
    """
    root = document.tree()
    _check_tensors(document, tensors(root), where, "expr" if document.roots is None else "roots")
    check_rank_names(document.rank, tensors(root), where)
    _check_references(document, list(walk(root)), where)
    check_partition(root, document.partition, where)
    check_scales(root, document.style, where)
    _check_model(document, where)
    return root


def _check_tensors(document: Document, leaves: set[str], where: str, key: str) -> None:
    if missing := sorted(leaves - set(document.tensors)):
        verb, pronoun = ("has", "it") if len(missing) == 1 else ("have", "them")
        raise SceneError(
            f"{where}, tensors: {listed(missing)} of {key} {verb} no source; add {pronoun}, "
            f"for example {write_name(missing[0])}: {{init: gaussian, shape: [32, 32]}}."
        )
    if unused := sorted(set(document.tensors) - leaves):
        has, pronoun = ("has", "it has") if key == "expr" else ("have", "they have")
        place = f"{where}, tensors.{printable(unused[0])}"
        raise SceneError(f"{place}: {key} {has} no input of that name; {pronoun} {listed(sorted(leaves))}.")


def _check_references(document: Document, nodes: Sequence[Node], where: str) -> None:
    root = document.tree()
    for mention in mentions(document):
        key, place = mention.name, f"{where}, {_written(mention)}"
        match mention.kind:
            case "matrix":
                _check_one_of(key, nodes, "matrix", place)
            case "result":
                _check_one_of(key, list(results(root)), "product", place)
            case "product":
                _check_one_of(key, list(products(root)), "product", place)
            case "drawn":  # a matrix that is drawn as X.T may be called X
                _check_one_of(f"{key}.T" if _is_one_of(f"{key}.T", nodes) else key, nodes, "matrix", place)
            case "worn":
                _check_before(key, root, place)
            case "maybe" | "input" | "axis":
                pass  # where it is gone nothing is lost; see _check_tensors, check_rank_names and check_partition


def _written(mention: Mention) -> str:
    return ".".join(printable(str(part)) for part in mention.place)


def _check_one_of(key: str, nodes: Sequence[Node], kind: Literal["product", "matrix"], place: str) -> None:
    if not _is_one_of(key, nodes):
        known = listed(dict.fromkeys(node.name for node in nodes)) or "none"
        several = {"product": "products", "matrix": "matrices"}[kind]
        raise SceneError(f"{place}: no {kind} is named '{printable(key)}'; the {several} are {known}.")


def _check_before(key: str, root: Tree, place: str) -> None:
    """Refuse a sheet behind a matrix that is not there, or that wears no function."""
    known = listed(dict.fromkeys(node.name for node in walk(root) if node.worn)) or "none"
    node = find(root, key)
    if node is None:
        raise SceneError(f"{place}: no matrix is named '{printable(key)}'; those that wear a function are {known}.")
    if not node.worn:
        raise SceneError(
            f"{place}: {printable(node.name)} wears no function, so there is nothing before it; those that wear one "
            f"are {known}."
        )


def _is_one_of(key: str, nodes: Sequence[Node]) -> bool:
    return any(key in (node.path, node.name) for node in nodes)


def _check_model(document: Document, where: str) -> None:
    model = document.model
    if model is not None and model.prompt is not None and model.tokens is not None:
        raise SceneError(f"{where}, model: has both a prompt and tokens; give one of them.")
    if model is not None and model.target is not None and model.target_tokens is not None:
        raise SceneError(f"{where}, model: has both a target and target_tokens; give one of them.")
    if model is not None and model.stack != "decoder" and (model.target or model.target_tokens) is not None:
        key = "target" if model.target is not None else "target_tokens"
        raise SceneError(f"{where}, model: has {key}, which a decoder reads; stack: decoder is needed beside it.")
    if model is not None and model.prompt is None and model.target is None and model.special_tokens:
        raise SceneError(f"{where}, model: has special_tokens but no prompt, around which they would be put.")
    if document.style.badge and not document.checks:
        raise SceneError(
            f"{where}, style.badge: says how far matrices are from transformers, but the scene has no key 'checks', "
            "which says what to hold them against; add it, for example "
            "checks: {attn: {activation: blocks.1.attn.hook_pattern, head: 2}}."
        )
    of_model = [("tensors", name, source, "comes from") for name, source in document.tensors.items()]
    of_model += [("checks", name, source, "is held against") for name, source in document.checks.items()]
    for key, name, source, relation in of_model:
        if not isinstance(source, WeightSource | ActivationSource):
            continue
        place = f"{key}.{printable(name)}"
        if model is None:
            raise SceneError(
                f"{where}, {place}: {relation} a model, but the scene has no key 'model'; "
                "add it, for example model: {path: smollm2-135m-2layers}."
            )
        if isinstance(source, ActivationSource) and model.prompt is None and model.tokens is None:
            raise SceneError(
                f"{where}, model: {place} is an activation, which needs a prompt (or tokens), and there is none."
            )


def load(path: Path) -> Document:
    """Read a scene file; .json is read as JSON, everything else as YAML.

    Raises:
        SceneError: the file cannot be read, is no YAML or JSON, or breaks a rule of the format.
    """
    return from_mapping(scene_file.read(path), str(path))


def from_mapping(content: Any, where: str) -> Document:
    """Check the content of a scene document, as read from YAML or JSON.

    Raises:
        SceneError: it breaks a rule of the format; the message starts with `where`.
    """
    if not isinstance(content, dict):
        raise SceneError(f"{where}: a scene is a mapping with the keys {keys(Document)}; found {found(content)}.")
    try:
        document = Document.model_validate(of_python(content))
    except ValidationError as error:
        raise SceneError(explain(error, where, Document)) from None
    check_names(document, where)
    return document


def with_parts(document: Document, parts: Mapping[str, Any], where: str) -> Document:
    """The document with other parts, as a scene file would say them; what stays is not checked again by itself.

    Args:
        document: What there was.
        parts: Key -> its new content; None stands for the default, of keys that have one.
        where: What the scene is called in messages.

    Raises:
        SceneError: they break a rule of the format; the message starts with `where`.
    """
    try:
        optional = {key for key, field in Document.model_fields.items() if not field.is_required()}
        if parts.get("roots", document.roots) is None:
            optional.discard("expr")
        given = {key: of_python(part) for key, part in parts.items() if part is not None or key not in optional}
        kept = () if given.keys() & WHOLE else WHOLE - parts.keys()
        before = {key: part for key in kept if (part := getattr(document, key))}
        checked = Document.model_validate({**before, **given})
    except ValidationError as error:
        raise SceneError(explain(error, where, Document)) from None
    said = {*parts, *WHOLE} if parts.keys() & WHOLE else parts.keys()
    changed = document.model_copy(update={key: getattr(checked, key) for key in said})
    check_names(changed, where)
    return changed


def parts_of(document: Document) -> Changes:
    """All parts of a document, as a scene is changed by them."""
    return cast("Changes", {key: getattr(document, key) for key in Document.model_fields})


def save(document: Document, path: Path) -> None:
    """Write a scene file; what equals the default is left out. Reading it again gives an equal document.

    Raises:
        SceneError: the file cannot be written.
    """
    scene_file.write(to_mapping(document), path)


def check_size(document: Document, path: Path, size: int = 0) -> None:
    """Refuse a scene file that is too large to be read again, or has so many numbers that it must be.

    Args:
        document: What is written.
        path: The file, for the message.
        size: Of what was written, in bytes, where that is known.

    Raises:
        SceneError: it is too large; the message names the largest matrix whose numbers stand in it.
    """
    counts = {
        name: (len(source.values), len(source.values[0]))
        for name, source in document.tensors.items()
        if isinstance(source, ValuesSource)
    }
    least = 2 * sum(rows * columns for rows, columns in counts.values())  # a digit, and what parts it from the next
    if max(size, least) <= scene_file.MAX_BYTES:
        return
    most = f"larger than the {scene_file.MAX_BYTES >> 20} MiB that a scene file may have"
    if not counts:
        raise SceneError(f"{path}: is {most}.")
    name = max(counts, key=lambda name: counts[name][0] * counts[name][1])
    rows, columns = counts[name]
    raise SceneError(
        f"{path}: tensors.{printable(name)} has {rows}x{columns} numbers, which makes the file {most}; write them to a "
        f'file beside it, such as numpy.save("{name}.npy", {name}), and name it in the scene: '
        f'tensors={{"{name}": {{"file": "{name}.npy"}}}}.'
    )


def to_mapping(document: Document) -> dict[str, Any]:
    """The content of a scene document, as it is written; what equals the default is left out."""
    return {"version": document.version} | document.model_dump(mode="json", exclude_defaults=True)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scene documents, for editors."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    needed = {"oneOf": [{"required": [key]} for key in sorted(WHOLE)]}
    schema = Document.model_json_schema()
    functions = described()
    schema["properties"]["expr"]["description"] += f". It may call {', '.join(one.name for one in functions)}"
    lines = ["Functions that expr may call:", *(f"{one.call}: {one.meaning}" for one in functions)]
    return dialect | {"$comment": "\n".join(lines)} | schema | needed | {"title": "mmviz scene"}
