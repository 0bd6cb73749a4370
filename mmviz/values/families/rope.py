"""How the rotary positions of a model are scaled, as its config.json says it; computes no angles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mmviz.values.families.key_reader import Keys, is_positive, short
from mmviz.values.families.keys import SCALING


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary positions: pair p of d_head / 2 turns by 1 / (theta^(2p / d_head) * stretch) radians a token."""

    theta: float
    kind: Literal["default", "linear", "llama3", "factors"] = "default"
    factor: float = 1.0  # by which wavelengths grow: all of them (linear), or the long ones (llama3)
    low: float = 1.0  # llama3: wavelengths above length / low grow by all of factor
    high: float = 4.0  # llama3: wavelengths below length / high stay
    length: float = 8192.0  # llama3: tokens of the original context
    factors: tuple[float, ...] = ()  # factors: of each pair


def read_rope(keys: Keys, d_head: int) -> Rope:
    """Read the keys of transformers 4 and 5.

    Args:
        keys: Of config.json.
        d_head: Even.

    Raises:
        SourceError: they ask for what is not supported.

    Source: Hugging Face transformers 5, convert_rope_params_to_dict. See findings/transformers-rope-keys.sh.
    """
    scaling = keys.part("rope_scaling", SCALING)
    if not scaling.config:
        scaling = keys.part("rope_parameters", SCALING)
    theta = scaling.positive("rope_theta", missing=keys.positive("rope_theta"))
    kind = _kind(scaling)
    if kind not in ROPES:
        raise scaling.problem(
            "rope_type", f"rotary scaling {kind!r} is not supported; one of {', '.join(ROPES)} is needed."
        )
    _check(scaling)
    rope = ROPES[kind](scaling, theta, keys)
    if rope.factors and len(rope.factors) != d_head // 2:
        raise scaling.problem("factors", f"are {len(rope.factors)} numbers; {d_head // 2} are needed.")
    return rope


def read_ropes(keys: Keys, d_head: int) -> tuple[Rope, Rope]:
    """Rotary positions of the layers that see all, and of those that look back a window only, as Gemma 3 says them.

    Raises:
        SourceError: as `read_rope`; or the second are scaled.

    Source: Hugging Face transformers 5, Gemma3TextConfig.convert_rope_params_to_dict.
    """
    both = keys.part("rope_parameters", SCALING).config
    for name, said in both.items():
        if name not in ("full_attention", "sliding_attention"):
            raise keys.problem(
                "rope_parameters", f"says {name!r}: {short(said)}; one scaling for each type of layer is needed."
            )
    old = keys.part("rope_scaling", SCALING).config
    full = {**_part_of(keys, both, "full_attention"), **old}
    slides = _part_of(keys, both, "sliding_attention")
    found = []
    for said, base in ((full, "rope_theta"), (slides, "rope_local_base_freq")):
        theta = said.get("rope_theta", keys.positive(base))
        inner = keys.with_(rope_parameters={**said, "rope_theta": theta}, rope_scaling=None)
        found.append(read_rope(inner, d_head))
    return found[0], found[1]


def _part_of(keys: Keys, both: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    said = both.get(name) or {}
    if not isinstance(said, Mapping):
        raise keys.problem("rope_parameters", f"{name} is {short(said)}; an object or null is needed.")
    return said


def _kind(scaling: Keys) -> str:
    return str(scaling.config.get("rope_type") or scaling.config.get("type") or "default")


def _check(scaling: Keys) -> None:
    for key, value in scaling.config.items():
        if isinstance(value, Mapping):
            raise scaling.problem(key, f"is {short(value)}; one scaling for all layers is needed.")
    scaling.check("rotary scaling")


def _llama3(scaling: Keys, theta: float, keys: Keys) -> Rope:
    low, high = scaling.positive("low_freq_factor"), scaling.positive("high_freq_factor")
    if high <= low:
        raise scaling.problem("high_freq_factor", f"is {high:g}; more than low_freq_factor, {low:g}, is needed.")
    context = float(keys.whole("max_position_embeddings"))
    inner = scaling.positive("original_max_position_embeddings", missing=context)
    length = keys.positive("original_max_position_embeddings", missing=inner)
    return Rope(theta, "llama3", scaling.positive("factor"), low, high, length)


def _by_factors(scaling: Keys, theta: float, _: Keys) -> Rope:
    factors = scaling.config.get("factors")
    if not isinstance(factors, list | tuple) or not all(map(is_positive, factors)):
        raise scaling.problem("factors", "a list of numbers above 0 is needed.")
    return Rope(theta, "factors", factors=tuple(map(float, factors)))


ROPES: Mapping[str, Callable[[Keys, float, Keys], Rope]] = {
    "default": lambda _, theta, __: Rope(theta),
    "linear": lambda scaling, theta, _: Rope(theta, "linear", scaling.positive("factor")),
    "llama3": _llama3,
    "factors": _by_factors,
}
"""How the keys of a scaling are read: those, its theta, and the keys around them."""
