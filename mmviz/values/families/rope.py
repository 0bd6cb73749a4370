"""How the rotary positions of a model are scaled, as its config.json says it; computes no angles."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from mmviz.values.families.key_reader import Keys, is_positive, short
from mmviz.values.families.keys import PARTIAL_SCALING, SCALING

Kind = Literal["default", "linear", "llama3", "yarn", "dynamic", "longrope", "proportional", "factors"]


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary positions: pair p of size / 2 turns by 1 / (theta^(2p / size) * stretch) radians a token.

    Source: yarn is Peng et al. 2023, section 3; longrope Ding et al. 2024; llama3 the Llama 3.1 model card; dynamic and
        linear, as all of them, Hugging Face transformers 5.24, modeling_rope_utils.
    """

    theta: float
    kind: Kind = "default"
    factor: float = (
        1.0  # by which wavelengths grow: all of them (linear, proportional), or the long ones (llama3, yarn)
    )
    low: float = 1.0  # llama3, yarn: pairs that turn less often over the original context grow by all of factor
    high: float = 4.0  # llama3, yarn: pairs that turn more often stay
    length: float = 8192.0  # llama3, yarn, longrope: tokens of the original context; dynamic: up to which nothing grows
    truncated: bool = True  # yarn: the bounds between which it goes over are whole pairs
    gain: float = 1.0  # yarn, longrope: what is rotated is multiplied by it, so that scores grow by its square
    long_factors: tuple[float, ...] = ()  # longrope: of each pair, beyond the original context
    factors: tuple[float, ...] = ()  # factors, longrope: of each pair
    share: float = (
        1.0  # proportional: of the pairs of a head, the first, that turn; the wavelengths of others are infinite
    )
    size: int = 0  # how many numbers of a head turn, the first ones; 0: all
    neighbours: bool = False  # numbers 2p and 2p + 1 turn together, not p and p + size / 2

    def rotated(self, d_head: int) -> int:
        """How many numbers of a head turn."""
        return self.size or d_head

    def turning(self, rotated: int) -> int:
        """How many pairs turn, of so many numbers that may."""
        return int(self.share * rotated // 2)

    @property
    def by_length(self) -> bool:
        """Whether wavelengths depend on how many tokens there are."""
        return self.kind in ("dynamic", "longrope")

    def most_tokens(self, context: int) -> int:
        """The longest prompt of a model with a context of so many tokens: dynamic goes on to factor times as many."""
        return max(context, int(context * self.factor)) if self.kind == "dynamic" else context


def read_rope(keys: Keys, d_head: int, base: str = "rope_theta", share: str = "") -> Rope:
    """Read the keys of transformers 4 and 5.

    Args:
        keys: Of config.json.
        d_head: Even, where all of it turns.
        base: The key of theta beside the scaling.
        share: The key, beside the scaling, of how much of a head turns; "": all of it.

    Raises:
        SourceError: they ask for what is not supported.

    Source: Hugging Face transformers 5, convert_rope_params_to_dict. See findings/transformers-rope-keys.sh.
    """
    table = PARTIAL_SCALING if share else SCALING
    said = "rope_scaling" if keys.part("rope_scaling", table).config else "rope_parameters"
    scaling = keys.part(said, table)
    kind = _kind(scaling)
    if kind == "proportional" and not share:
        scaling = keys.part(said, PARTIAL_SCALING)
    theta = scaling.positive("rope_theta", missing=keys.positive(base))
    if kind not in ROPES:
        raise scaling.problem(
            "rope_type", f"rotary scaling {kind!r} is not supported; one of {', '.join(ROPES)} is needed."
        )
    if kind == "proportional" and share:
        raise scaling.problem("rope_type", "'proportional' is not supported where only a part of each head is rotated.")
    _check(scaling)
    rope = ROPES[kind](scaling, theta, keys)
    if share:
        rope = replace(rope, size=_size(scaling, keys, d_head, share))
    _check_counts(scaling, rope, rope.rotated(d_head))
    return rope


def _size(scaling: Keys, keys: Keys, d_head: int, share: str) -> int:
    """How many numbers of a head turn, the first ones; 0 where all do."""
    inside = "partial_rotary_factor" in scaling.config
    owner, key = (scaling, "partial_rotary_factor") if inside else (keys, share)
    part = owner.given(key)
    size = int(d_head * part) if is_positive(part) else 0
    if not 0 < size <= d_head or size % 2:
        raise owner.problem(
            key, f"is {part!r}, of heads of {d_head} numbers; a share that is an even number of them is needed."
        )
    return 0 if size == d_head else size


def _check_counts(scaling: Keys, rope: Rope, rotated: int) -> None:
    """There is a factor for each pair, and as many pairs as the kind needs."""
    names = ("short_factor", "long_factor") if rope.kind == "longrope" else ("factors", "")
    for key, factors in zip(names, (rope.factors, rope.long_factors), strict=True):
        if factors and len(factors) != rotated // 2:
            raise scaling.problem(key, f"are {len(factors)} numbers; {rotated // 2} are needed.")
    if not 0 < rope.turning(rotated) <= rotated // 2:
        raise scaling.problem(
            "partial_rotary_factor",
            f"is {rope.share!r}, of {rotated // 2} pairs of numbers; a share that is one of them or more is needed.",
        )
    if rope.kind == "dynamic" and rotated == 2:
        raise scaling.problem("rope_type", "is 'dynamic', where 2 numbers of a head turn; more of them are needed.")


def read_ropes(
    keys: Keys,
    d_head: int,
    bases: tuple[str, str | float] = ("rope_theta", "rope_local_base_freq"),
    *,
    scaling_of_both: bool = False,
) -> tuple[Rope, Rope]:
    """Rotary positions of the layers that see all, and of those with a window only, as Gemma 3 or ModernBERT say them.

    Args:
        keys: Of config.json.
        d_head: Numbers of a head.
        bases: The keys that say the bases of their wavelengths, where their scaling does not; or what the second is.
        scaling_of_both: What is said in rope_scaling holds for both; else for those that see all.

    Raises:
        SourceError: as `read_rope`.

    Source: Hugging Face transformers 5, convert_rope_params_to_dict of Gemma3TextConfig and ModernBertConfig.
    """
    both = keys.part("rope_parameters", SCALING).config
    for name, said in both.items():
        if name not in ("full_attention", "sliding_attention"):
            raise keys.problem(
                "rope_parameters", f"says {name!r}: {short(said)}; one scaling for each type of layer is needed."
            )
    old = keys.part("rope_scaling", SCALING).config
    full = {**_part_of(keys, both, "full_attention"), **old}
    slides = {**_part_of(keys, both, "sliding_attention"), **(old if scaling_of_both else {})}
    found = []
    for said, base in zip((full, slides), bases, strict=True):
        theta = said.get("rope_theta", keys.positive(base) if isinstance(base, str) else base)
        inner = keys.with_(
            rope_parameters={**said, "rope_theta": theta, "truncate": True},  # transformers passes over it here
            rope_scaling=None,
            original_max_position_embeddings=None,
        )
        found.append(read_rope(inner, d_head, bases[0]))
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
    if high < low:
        raise scaling.problem("high_freq_factor", f"is {high:g}; low_freq_factor, {low:g}, or more is needed.")
    return Rope(theta, "llama3", scaling.positive("factor"), low, high, _original(scaling, keys))


def _by_factors(scaling: Keys, theta: float, _: Keys) -> Rope:
    return Rope(theta, "factors", factors=_factors(scaling, "factors"))


def _dynamic(scaling: Keys, theta: float, keys: Keys) -> Rope:
    return Rope(theta, "dynamic", scaling.positive("factor"), length=keys.whole("max_position_embeddings"))


def _yarn(scaling: Keys, theta: float, keys: Keys) -> Rope:
    if theta <= 1:
        raise scaling.problem("rope_theta", f"is {theta:g}; for yarn more than 1 is needed.")
    length = _original(scaling, keys)
    factor = _factor(scaling, keys, length)
    mscale, all_dim = _or(scaling, "mscale", 0.0), _or(scaling, "mscale_all_dim", 0.0)
    gain = _mscale(factor, mscale) / _mscale(factor, all_dim) if mscale and all_dim else _mscale(factor, 1.0)
    return Rope(
        theta,
        "yarn",
        factor,
        low=_or(scaling, "beta_slow", 1.0),
        high=_or(scaling, "beta_fast", 32.0),
        length=length,
        truncated=scaling.flag("truncate", null=False),
        gain=scaling.positive("attention_factor", missing=gain),
    )


def _longrope(scaling: Keys, theta: float, keys: Keys) -> Rope:
    length = _original(scaling, keys)
    if length <= 1:
        raise scaling.problem("original_max_position_embeddings", f"is {length:g}; more than 1 is needed.")
    factor = scaling.positive("factor", missing=keys.whole("max_position_embeddings") / length)
    gain = 1.0 if factor <= 1 else math.sqrt(1 + math.log(factor) / math.log(length))
    return Rope(
        theta,
        "longrope",
        factor,
        length=length,
        gain=scaling.positive("attention_factor", missing=gain),
        factors=_factors(scaling, "short_factor"),
        long_factors=_factors(scaling, "long_factor"),
    )


def _proportional(scaling: Keys, theta: float, _: Keys) -> Rope:
    factor = scaling.positive("factor") if "factor" in scaling.config else 1.0
    share = scaling.positive("partial_rotary_factor") if "partial_rotary_factor" in scaling.config else 1.0
    return Rope(theta, "proportional", factor, share=share)


def _original(scaling: Keys, keys: Keys) -> float:
    """Tokens of the original context: what is said beside the scaling wins over what is said in it."""
    context = float(keys.whole("max_position_embeddings"))
    inner = scaling.positive("original_max_position_embeddings", missing=context)
    return keys.positive("original_max_position_embeddings", missing=inner)


def _factor(scaling: Keys, keys: Keys, length: float) -> float:
    """By how much the context has grown; null says that the lengths say it."""
    if "factor" not in scaling.config:
        raise scaling.problem("factor", "is missing; a number above 0, or null, is needed.")
    return scaling.positive("factor", missing=keys.whole("max_position_embeddings") / length)


def _or(scaling: Keys, key: str, otherwise: float) -> float:
    """A number above 0; another one where there is none, or 0."""
    return scaling.positive(key) if scaling.config.get(key) else otherwise


def _mscale(factor: float, weight: float) -> float:
    return 1.0 if factor <= 1 else 0.1 * weight * math.log(factor) + 1.0


def _factors(scaling: Keys, key: str) -> tuple[float, ...]:
    factors = scaling.config.get(key)
    if not isinstance(factors, list | tuple) or not factors or not all(map(is_positive, factors)):
        raise scaling.problem(key, "a list of numbers above 0 is needed.")
    return tuple(map(float, factors))


ROPES: Mapping[str, Callable[[Keys, float, Keys], Rope]] = {
    "default": lambda _, theta, __: Rope(theta),
    "linear": lambda scaling, theta, _: Rope(theta, "linear", scaling.positive("factor")),
    "llama3": _llama3,
    "yarn": _yarn,
    "dynamic": _dynamic,
    "longrope": _longrope,
    "proportional": _proportional,
    "factors": _by_factors,
}
"""How the keys of a scaling are read: those, its theta, and the keys around them."""
