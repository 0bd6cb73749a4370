"""Makes up expressions, formulas and scenes that follow the rules, so that what comes after reading is tried, too."""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from mmviz.scene.document import json_schema
from mmviz.scene.language.formula import CONSTANTS
from mmviz.scene.language.formula import FUNCTIONS as FORMULA_FUNCTIONS
from mmviz.scene.language.functions import FUNCTIONS, ROTARY

SQUARE = ("A", "B", "C", "'a b'")
"""Matrices of 4x4; `VECTOR` is a row of 4."""
VECTOR = "vec"
NAMES = ("A", "A", "B", "C", "a b", "out", "out", "Y1", "left", "right", "left.right", "i", "j", "k")
"""That scenes may mention: names, paths and axes."""
OPERATORS = ("+", "-", "*", "/", "%", "**", "<", "<=", "==", "!=", "&&", "||", "&", "|", "<<", ">>", ">>>", "and")
DEEPEST = 3
NOT_MADE_UP = ("version", "expr", "tensors", "model", "made_by", "checks")
"""Keys of scenes that are written in other ways here, or need a model."""


def expression(chance: random.Random, depth: int = 0) -> str:
    """An expression whose matrices all fit together."""
    if depth == 0 and chance.random() < 0.5:
        return f"out = {_term(chance, 0)}"
    return _term(chance, depth)


def _term(chance: random.Random, depth: int) -> str:
    kind = chance.randrange(7) if depth < DEEPEST else 0
    if kind == 0:
        return chance.choice(SQUARE) + chance.choice(("", "", ".T"))
    if kind == 1:
        return f"(Y{depth} = {_term(chance, depth + 1)})" if chance.random() < 0.3 else f"({_term(chance, depth + 1)})"
    if kind < 5:
        left, right = _factor(chance, depth + 1), _factor(chance, depth + 1)
        return f"{left} {chance.choice(('@', '@', '@', '+', '-', '*'))} {right}"
    return _call(chance, depth)


def _factor(chance: random.Random, depth: int) -> str:
    return f"({_term(chance, depth)})" if chance.random() < 0.7 else chance.choice(SQUARE)


def _call(chance: random.Random, depth: int) -> str:
    name = chance.choice(sorted(FUNCTIONS))
    spec = FUNCTIONS[name]
    argument = f"{_factor(chance, depth + 1)} @ {_factor(chance, depth + 1)}"
    if not spec.of_product and chance.random() < 0.5:
        argument = _term(chance, depth + 1)
    vectors = [VECTOR] * chance.randint(spec.needed, len(spec.vectors)) if name not in ROTARY else []
    must = sum(parameter.default is None for parameter in spec.parameters)
    numbers = [chance.choice(("1", "2", "0.5", "3")) for _ in range(chance.randint(must, len(spec.parameters)))]
    return f"{name}({', '.join([argument, *vectors, *numbers])})"


def formula(chance: random.Random, depth: int = 0) -> str:
    """A formula over i, j, h and w."""
    kind = chance.randrange(6) if depth < DEEPEST else 0
    if kind == 0:
        return chance.choice(("i", "j", "h", "w", "0", "1", "2.5", "1e308", *CONSTANTS))
    if kind == 1:
        return f"{chance.choice(('-', '+', '!', '~'))}({formula(chance, depth + 1)})"
    if kind < 4:
        left, right = formula(chance, depth + 1), formula(chance, depth + 1)
        return f"({left}) {chance.choice(OPERATORS)} ({right})"
    if kind == 4:
        yes, no, when = (formula(chance, depth + 1) for _ in range(3))
        return f"({when}) ? ({yes}) : ({no})" if chance.random() < 0.5 else f"({yes}) if ({when}) else ({no})"
    name = chance.choice(sorted(FORMULA_FUNCTIONS))
    fewest, most = FORMULA_FUNCTIONS[name]
    count = chance.randint(fewest, most or 3)
    return f"{name}({', '.join(formula(chance, depth + 1) for _ in range(count))})"


def scene(chance: random.Random) -> dict[str, Any]:
    """A scene that the schema allows, with matrices that fit; its words may be those of no matrix."""
    schema = _schema()
    made: dict[str, Any] = {"expr": expression(chance), "tensors": {}}
    for name in ("A", "B", "C", "a b", VECTOR):
        if name in made["expr"] and chance.random() < 0.95:
            made["tensors"][name] = _source(chance, [1, 4] if name == VECTOR else [4, 4])
    for key, part in schema["properties"].items():
        if key not in NOT_MADE_UP and chance.random() < 0.3:
            made[key] = following(part, chance, schema["$defs"])
    return made


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _source(chance: random.Random, shape: list[int]) -> dict[str, Any]:
    sources: Sequence[dict[str, Any]] = (
        {"init": "gaussian", "shape": shape, "seed": chance.randint(0, 9)},
        {"init": "rows", "shape": shape},
        {"init": "eye", "shape": chance.choice((shape, shape, [None, None]))},
        {"formula": formula(chance), "shape": shape},
        {"values": [[chance.choice((0, 1, -2.5, 1e-40)) for _ in range(shape[1])] for _ in range(shape[0])]},
    )
    return chance.choice(sources)


def following(part: Mapping[str, Any], chance: random.Random, others: Mapping[str, Any]) -> Any:
    """A value that a part of a JSON Schema allows."""
    if "$ref" in part:
        return following(others[part["$ref"].rpartition("/")[2]], chance, others)
    for choice in ("anyOf", "oneOf"):
        if choice in part:
            return following(chance.choice(part[choice]), chance, others)
    if "const" in part or "enum" in part:
        return chance.choice(part.get("enum", [part.get("const")]))
    return _of_type(str(part.get("type")), part, chance, others)


def _of_type(kind: str, part: Mapping[str, Any], chance: random.Random, others: Mapping[str, Any]) -> Any:
    if kind == "object":
        return _object(part, chance, others)
    if kind == "array":
        fewest, most = part.get("minItems", 0), part.get("maxItems", 3)
        count = chance.randint(fewest, max(fewest, min(most, 3)))
        fixed: Sequence[Mapping[str, Any]] = part.get("prefixItems", ())
        items = [*fixed, *[part.get("items", {})] * max(0, count - len(fixed))]
        return [following(item, chance, others) for item in items]
    if kind in ("integer", "number"):
        return _number(part, chance, whole=kind == "integer")
    return {"boolean": chance.random() < 0.5, "null": None}.get(kind, chance.choice(NAMES))


def _object(part: Mapping[str, Any], chance: random.Random, others: Mapping[str, Any]) -> dict[str, Any]:
    must = part.get("required", ())
    made = {
        key: following(value, chance, others)
        for key, value in part.get("properties", {}).items()
        if key in must or chance.random() < 0.25
    }
    if isinstance(part.get("additionalProperties"), Mapping):
        names = dict.fromkeys(chance.choices(NAMES, k=chance.choice((0, 0, 1, 2))))
        made |= {name: following(part["additionalProperties"], chance, others) for name in names}
    return made


def _number(part: Mapping[str, Any], chance: random.Random, *, whole: bool) -> float:
    low = part.get("minimum", part.get("exclusiveMinimum", -5))
    high = part.get("maximum", part.get("exclusiveMaximum", low + 10))
    drawn = chance.choice((low, high, min(high, low + 1), min(high, low + 3), chance.uniform(low, min(high, low + 8))))
    return int(drawn) if whole else drawn
