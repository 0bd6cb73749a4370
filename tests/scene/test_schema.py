"""The JSON Schema of scene documents: well formed, complete, and of one mind with the models."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mmviz.errors import SceneError
from mmviz.scene.document import Document, from_mapping, json_schema
from mmviz.scene.text import scene_file

SCHEMA = json_schema()
SCENES = sorted((Path(__file__).parents[2] / "scenes").glob("*.yaml"))


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that a document is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for argument in get_args(annotation):
        yield from models_in(argument)


MODELS = set(models_in(Document))
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
BASE = {"expr": "A", "tensors": {"A": {"init": "eye"}}}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """A small validator: the keywords that our schema uses, and an error for any other."""
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    words = set(schema) - {"title", "description", "default", "$schema", "$comment", "$defs"}
    return all(CHECKS[word](value, schema[word], schema) for word in words if applies(word, value))


def applies(word: str, value: Any) -> bool:
    """A word that is about objects, lists, texts or numbers says nothing about other values."""
    return all(isinstance(value, kind) for kind, words in ABOUT.items() if word in words)


def of_type(value: Any, kind: str, _: Any) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def has_known_keys(value: Any, other: Any, schema: dict[str, Any]) -> bool:
    unknown = [value[key] for key in value if key not in schema.get("properties", {})]
    return all(fits(item, other) for item in unknown) if isinstance(other, dict) else not unknown


ABOUT: dict[Any, tuple[str, ...]] = {
    dict: ("properties", "required", "additionalProperties"),
    list: ("items", "prefixItems", "minItems", "maxItems"),
    str: ("minLength", "maxLength"),
    (int, float): ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}
CHECKS: dict[str, Any] = {
    "type": of_type,
    "enum": lambda value, known, _: value in known,
    "const": lambda value, known, _: value == known,
    "anyOf": lambda value, choices, _: any(fits(value, choice) for choice in choices),
    "oneOf": lambda value, choices, _: sum(fits(value, choice) for choice in choices) == 1,
    "properties": lambda value, parts, _: all(fits(value[key], parts[key]) for key in parts if key in value),
    "required": lambda value, keys, _: all(key in value for key in keys),
    "additionalProperties": has_known_keys,
    "items": lambda value, item, _: all(fits(x, item) for x in value),
    "prefixItems": lambda value, items, _: all(fits(x, item) for x, item in zip(value, items, strict=False)),
    "minItems": lambda value, least, _: len(value) >= least,
    "maxItems": lambda value, most, _: len(value) <= most,
    "minLength": lambda value, least, _: len(value) >= least,
    "maxLength": lambda value, most, _: len(value) <= most,
    "minimum": lambda value, least, _: value >= least,
    "maximum": lambda value, most, _: value <= most,
    "exclusiveMinimum": lambda value, least, _: value > least,
    "exclusiveMaximum": lambda value, most, _: value < most,
}


def parts(schema: Any) -> list[dict[str, Any]]:
    """Every schema inside a schema, itself included."""
    if isinstance(schema, list):
        return [part for item in schema for part in parts(item)]
    if not isinstance(schema, dict):
        return []
    plain = {word: item for word, item in schema.items() if word not in ("default", "properties", "$defs")}
    named = [item for word in ("properties", "$defs") for item in schema.get(word, {}).values()]
    return [schema, *parts(list(plain.values())), *parts(named)]


def test_the_schema_names_its_dialect_and_itself() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] == "mmviz scene"


def test_every_word_of_the_schema_is_one_of_json_schema() -> None:
    known = set(CHECKS) | {"title", "description", "default", "$schema", "$comment", "$defs", "$ref"}
    assert {word for part in parts(SCHEMA) for word in part} <= known


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    references = {part["$ref"] for part in parts(SCHEMA) if "$ref" in part}
    assert references == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def test_the_schema_names_every_key_and_refuses_others() -> None:
    assert set(SCHEMA["properties"]) == set(Document.model_fields)
    assert set(SCHEMA["$defs"]) == {model.__name__ for model in MODELS - {Document}}
    for model in MODELS - {Document}:
        definition = SCHEMA["$defs"][model.__name__]
        assert set(definition["properties"]) == {field.alias or name for name, field in model.model_fields.items()}
        assert definition["additionalProperties"] is False


def test_every_key_says_what_it_means() -> None:
    def speaks(key: dict[str, Any]) -> bool:
        references = [SCHEMA["$defs"][part["$ref"].removeprefix("#/$defs/")] for part in parts(key) if "$ref" in part]
        return any("description" in part for part in [*parts(key), *references])

    places = {"": SCHEMA, **SCHEMA["$defs"]}
    silent = [(place, key) for place in places for key, part in places[place]["properties"].items() if not speaks(part)]
    assert silent == []


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_every_shipped_scene_fits_the_schema(path: Path) -> None:
    assert fits(scene_file.read(path), SCHEMA)


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"title": "x" * 200},
        {"title": "x" * 201},
        {"title": 5},
        {"version": 2},
        {"layuot": {}},
        {"layout": {"gap": 0}},
        {"layout": {"gap": -1}},
        {"layout": {"gap": True}},
        {"layout": {"gap": "4"}},
        {"layout": {"gap": "auto"}},
        {"layout": {"gap": None}},
        {"layout": {"left": "up"}},
        {"animation": {"matrices": {"A @ B": "diagonal"}}},
        {"animation": {"speed": 0}},
        {"style": {"quantile": 0}},
        {"style": {"quantile": 1}},
        {"style": {"scale": {"A": 0.5}, "scales": {"shared": [["A"], []]}}},
        {"style": {"scale": {"A": 0}}},
        {"style": {"bar": "side"}},
        {"style": {"bar": {"at": "below", "of": ["A"]}}},
        {"style": {"bar": "left"}},
        {"style": {"bar": {"of": "A"}}},
        {"style": {"scales": {"shared": [["A", 3]]}}},
        {"style": {"scales": {"shared": "A"}}},
        {"camera": {"direction": [1, 2]}},
        {"camera": {"direction": [1, 2, 3, 4]}},
        {"camera": {"inset": None}},
        {"captions": [{"start": "A"}]},
        {"captions": [{"start": "A", "text": ""}]},
        {"captions": [{"start": "A", "text": "a"}]},
        {"export": {"fps": 29.97}},
        {"export": {"fps": 24}},
        {"model": {"path": "m", "tokens": [1, 2]}},
        {"model": {"path": "m", "tokens": []}},
        {"model": {"path": "m", "tokens": [-1]}},
        {"model": {}},
        {"tensors": {"A": {"init": "rowz"}}},
        {"tensors": {"A": {"init": "eye", "formula": "i"}}},
        {"tensors": {"A": {"init": "eye", "shape": [3, None]}}},
        {"tensors": {"A": {"init": "eye", "shape": [0, 3]}}},
        {"tensors": {"A": {"values": [[1, 2], [3, 4]]}}},
        {"tensors": {"A": {"values": []}}},
        {"tensors": {"A": {"file": ""}}},
        {"tensors": {"A": {}}},
        {"tensors": {"A": 5}},
    ],
)  # fmt: skip
def test_the_schema_and_the_models_refuse_the_same(part: dict[str, Any]) -> None:
    content = BASE | part
    try:
        from_mapping(content, "scene")
    except SceneError:
        assert not fits(content, SCHEMA)
    else:
        assert fits(content, SCHEMA)


def test_the_defaults_in_the_schema_fit_it() -> None:
    for part in parts(SCHEMA):
        if "default" in part:
            assert fits(part["default"], {word: part[word] for word in part if word != "default"})


def test_the_schema_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA
    assert not any(isinstance(bound, float) and math.isinf(bound) for part in parts(SCHEMA) for bound in part.values())
