"""Scene documents: YAML or JSON to a checked model and back; every message names file, key and what is needed."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from mmviz.errors import ExpressionError, SceneError
from mmviz.scene.expression import Expression
from mmviz.scene.grammar import parse, write
from mmviz.scene.options import (
    AnimationOptions,
    CameraOptions,
    CaptionOptions,
    ExportOptions,
    LayoutOptions,
    StyleOptions,
)
from mmviz.scene.sources import ActivationSource, ModelSource, Strict, TensorSource, WeightSource
from mmviz.scene.tree import LeafNode, Node, build, walk

MAX_BYTES = 16 << 20
"""Largest scene file that is read."""
MAX_ERRORS = 3
"""Most problems of one file that are listed."""


def _as_text(expression: Any) -> Any:
    return write(expression) if isinstance(expression, Expression) else expression


def _readable(text: str) -> str:
    try:
        build(parse(text))
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


class Document(Strict):
    """A scene: what is multiplied, where the numbers come from, and how it is shown."""

    version: Annotated[Literal[1], Field(description="Of this format.")] = 1
    title: Annotated[str, Field(description="Shown above the picture.")] = ""
    expr: Annotated[
        str,
        BeforeValidator(_as_text),
        AfterValidator(_readable),
        Field(description="The expression, for example: out = relu(x @ wIn) @ wOut"),
    ]
    model: Annotated[
        ModelSource | None, Field(description="The model that weights and activations are taken from.")
    ] = None
    tensors: Annotated[
        dict[str, TensorSource], Field(description="Where the numbers of each matrix of expr come from.")
    ] = {}
    layout: LayoutOptions = LayoutOptions()
    animation: AnimationOptions = AnimationOptions()
    style: StyleOptions = StyleOptions()
    camera: CameraOptions = CameraOptions()
    captions: tuple[CaptionOptions, ...] = ()
    export: ExportOptions = ExportOptions()

    def expression(self) -> Expression:
        """`expr` as a tree."""
        return parse(self.expr)

    def tree(self) -> Node:
        """`expr` as the tree that is laid out and evaluated."""
        return build(self.expression())


def check_names(document: Document, where: str) -> Node:
    """Hold a document's names against its expression.

    Returns:
        The tree.

    Raises:
        SceneError: a matrix has no source, a source has no matrix, a model or prompt is missing, or an
            option names a matrix that is not there.
    """
    root = document.tree()
    leaves = {node.tensor for node in walk(root) if isinstance(node, LeafNode)}
    if missing := sorted(leaves - set(document.tensors)):
        raise SceneError(
            f"{where}, tensors: {', '.join(missing)} of expr has no source; add it, "
            f"for example {missing[0]}: {{init: gaussian, shape: [32, 32]}}."
        )
    if unused := sorted(set(document.tensors) - leaves):
        raise SceneError(
            f"{where}, tensors.{unused[0]}: expr has no matrix of that name; it has {', '.join(sorted(leaves))}."
        )
    known = {node.path for node in walk(root)} | {node.name for node in walk(root)}
    references = [(f"animation.matrices.{key}", key) for key in document.animation.matrices]
    references += [(f"captions.{n}.start", caption.start) for n, caption in enumerate(document.captions)]
    if document.camera.inset is not None:
        references.append(("camera.inset", document.camera.inset))
    for place, key in references:
        if key not in known:
            names = ", ".join(node.name for node in walk(root))
            raise SceneError(f"{where}, {place}: no matrix is named '{key}'; the matrices are {names}.")
    _check_model(document, where)
    return root


def _check_model(document: Document, where: str) -> None:
    for name, source in document.tensors.items():
        if not isinstance(source, WeightSource | ActivationSource):
            continue
        if document.model is None:
            raise SceneError(
                f"{where}, tensors.{name}: comes from a model, but the scene has no key 'model'."
            )
        given = [document.model.prompt, document.model.tokens]
        if isinstance(source, ActivationSource) and sum(x is not None for x in given) != 1:
            raise SceneError(
                f"{where}, model: an activation needs either a prompt or tokens, "
                f"got {'both' if given[0] is not None else 'neither'}."
            )


def load(path: Path) -> Document:
    """Read a scene file; .json is read as JSON, everything else as YAML.

    Raises:
        SceneError: the file cannot be read, is no YAML or JSON, or breaks a rule of the format.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SceneError(f"{path}: larger than {MAX_BYTES >> 20} MiB; a scene file holds no big arrays.")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SceneError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise SceneError(f"{path}: is a folder; a scene file is needed.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SceneError(f"{path}: cannot be read as text ({error}).") from None
    return from_mapping(_read(text, path), str(path))


def from_mapping(content: Any, where: str) -> Document:
    """Check the content of a scene document, as read from YAML or JSON.

    Raises:
        SceneError: it breaks a rule of the format; the message starts with `where`.
    """
    if not isinstance(content, dict):
        raise SceneError(
            f"{where}: a scene is a mapping with the keys {_keys(Document)}; found {_found(content)}."
        )
    try:
        document = Document.model_validate(content)
    except ValidationError as error:
        raise SceneError(_explain(error, where)) from None
    check_names(document, where)
    return document


def save(document: Document, path: Path) -> None:
    """Write a scene file; what equals the default is left out. Reading it again gives an equal document.

    Raises:
        SceneError: the file cannot be written.
    """
    content = {"version": document.version} | document.model_dump(mode="json", exclude_defaults=True)
    if path.suffix == ".json":
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SceneError(f"{path}: cannot be written ({error.strerror}).") from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scene documents, for editors."""
    return Document.model_json_schema() | {"title": "mmviz scene"}


def _read(text: str, path: Path) -> Any:
    try:
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except json.JSONDecodeError as error:
        raise SceneError(
            f"{path}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}."
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SceneError(f"{path}{place}: not YAML: {error.problem}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise SceneError(f"{path}: not YAML: {error}.") from None


_RULES = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "string_too_short": "must not be empty",
    "finite_number": "must be a finite number",
}


def _explain(error: ValidationError, where: str) -> str:
    problems = error.errors(include_url=False)
    lines = [_line(dict(problem), where) for problem in problems[:MAX_ERRORS]]
    if len(problems) > MAX_ERRORS:
        lines.append(f"... and {len(problems) - MAX_ERRORS} more.")
    return "\n".join(lines)


def _line(problem: dict[str, Any], where: str) -> str:
    kind, location = problem["type"], [str(part) for part in problem["loc"]]
    if len(location) > 2 and location[0] == "tensors":
        del location[2]  # the source's kind, which pydantic names after the tensor
    if kind == "extra_forbidden":
        *place, key = location
        target = ", ".join([where, *([".".join(place)] if place else [])])
        return f"{target}: unknown key '{key}'; known keys: {_keys(_model_at(problem['loc'][:-1]))}."
    target = ", ".join([where, ".".join(location)])
    if kind == "missing":
        return f"{target}: is missing."
    if kind == "value_error":
        return f"{target}: {problem['ctx']['error']}"
    rule = _RULES.get(kind)
    message = (
        rule.format(**problem.get("ctx", {})) if rule else problem["msg"][:1].lower() + problem["msg"][1:]
    )
    return f"{target}: {message}, got {_found(problem['input'])}."


def _model_at(location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that stands at a place in the document."""
    from mmviz.scene import sources

    kinds: dict[str, type[BaseModel]] = {
        "init": sources.Initializer,
        "formula": sources.FormulaSource,
        "values": sources.ValuesSource,
        "file": sources.FileSource,
        "weight": sources.WeightSource,
        "activation": sources.ActivationSource,
    }
    if not location:
        return Document
    if location[0] == "tensors":
        return kinds[str(location[-1])]
    if location[0] == "captions":
        return CaptionOptions
    if location[0] == "model":
        return ModelSource
    annotation = Document.model_fields[str(location[0])].annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else Document


def _keys(model: type[BaseModel]) -> str:
    return ", ".join(sorted(model.model_fields))


def _found(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
