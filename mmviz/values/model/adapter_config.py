"""What a LoRA adapter's adapter_config.json says, checked; no weights, no torch."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.files.json_file import read_json

CONFIG = "adapter_config.json"
MODULE = re.compile(r"\^?[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
"""A module, or how its name ends; ^ says that it is the whole name."""

KINDS: Mapping[str, str] = {
    "use_dora": "DoRA, which also scales the rows of the sum",
    "use_qalora": "QALoRA, which pools what goes in",
    "use_bdlora": "block-diagonal factors",
    "lora_bias": "a bias of lora_B",
    "modules_to_save": "whole modules that replace those of the base",
    "layer_replication": "layers that are repeated",
    "alora_invocation_tokens": "an adapter that works from certain tokens on (aLoRA)",
    "trainable_token_indices": "rows of the embedding that were trained",
    "target_parameters": "parameters that belong to no linear layer",
    "arrow_config": "a mixture of adapters (Arrow)",
    "kasa_config": "KaSA, which changes the base",
    "monteclora_config": "MonteCLoRA, which mixes samples",
}
"""What peft can put into an adapter besides W + scale * B A, by its key."""
PLAIN_STARTS = (True, False, "gaussian", "eva", "orthogonal")
"""The ways to begin training that leave the base as it is; others change it when the adapter is loaded."""


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """Ranks and scales of the modules that an adapter changes.

    Attributes of single modules are found by their name or by how it ends, after a point.
    """

    where: str  # its path, for messages
    rank: int
    alpha: float
    ranks: Mapping[str, int]  # of single modules
    alphas: Mapping[str, float]
    by_root: bool  # scale = alpha / sqrt(rank) instead of alpha / rank
    targets: tuple[str, ...] | None  # the modules that it may change; None: those that it has matrices for

    def rank_of(self, module: str) -> int:
        """How many columns lora_B has, and how many rows lora_A."""
        return next((rank for name, rank in self.ranks.items() if _means(name, module)), self.rank)

    def scale_of(self, module: str) -> float:
        """What B A is multiplied by.

        Source: Hu et al. 2021, section 4.1; by the root of the rank: Kalajdzievski 2023.
        """
        alpha = next((alpha for name, alpha in self.alphas.items() if _means(name, module)), self.alpha)
        rank = self.rank_of(module)
        return alpha / rank**0.5 if self.by_root else alpha / rank

    def targets_module(self, module: str) -> bool:
        """Whether a module is one of those that the adapter says it changes."""
        return self.targets is None or any(_means(name, module) for name in self.targets)

    @classmethod
    def read(cls, folder: Path) -> "AdapterConfig":
        """Read the configuration of an adapter.

        Raises:
            SourceError: it is missing or broken, or asks for what is not W + scale * B A.
        """
        config, where = read_json(folder / CONFIG), str(folder / CONFIG)
        _check_kind(config, where)
        return cls(
            where=where,
            rank=_whole(config.get("r"), f"{where}, r"),
            alpha=_number(config.get("lora_alpha"), f"{where}, lora_alpha"),
            ranks={name: _whole(rank, place) for name, rank, place in _pattern(config, "rank_pattern", where)},
            alphas={name: _number(alpha, place) for name, alpha, place in _pattern(config, "alpha_pattern", where)},
            by_root=bool(config.get("use_rslora")),
            targets=_targets(config.get("target_modules"), where),
        )


def _check_kind(config: Mapping[str, Any], where: str) -> None:
    kind = config.get("peft_type")
    if kind != "LORA":
        raise SourceError(f"{where}, peft_type: {kind!r} is not supported; 'LORA' is needed.")
    if config.get("bias") not in (None, "none"):
        raise SourceError(f"{where}, bias: {config['bias']!r}, biases that were trained, is not supported; 'none' is.")
    for key, meaning in KINDS.items():
        if config.get(key):
            raise SourceError(f"{where}, {key}: {meaning}: not supported; W + scale * B A alone is.")
    start = config.get("init_lora_weights", True)
    if start not in PLAIN_STARTS:
        raise SourceError(
            f"{where}, init_lora_weights: {start!r} changes the base when the adapter is loaded, which is not "
            "supported; write a plain LoRA with peft's save_pretrained(..., path_initial_model_for_weight_conversion)."
        )


def _pattern(config: Mapping[str, Any], key: str, where: str) -> Iterable[tuple[str, Any, str]]:
    pattern = config.get(key) or {}
    if not isinstance(pattern, dict):
        raise SourceError(f"{where}, {key}: is {pattern!r}; an object is needed.")
    for name, value in pattern.items():
        if not MODULE.fullmatch(name):
            raise SourceError(f"{where}, {key}: {name!r} is not the name of a module; one such as q_proj is needed.")
        yield name, value, f"{where}, {key}.{name}"


def _targets(targets: Any, where: str) -> tuple[str, ...] | None:
    if targets is None or isinstance(targets, str):
        return None  # a regular expression or all-linear: which ones it meant, the names of the matrices say
    if not isinstance(targets, list) or not all(isinstance(name, str) for name in targets):
        raise SourceError(f"{where}, target_modules: is {targets!r}; a list of names is needed.")
    return tuple(targets)


def _means(name: str, module: str) -> bool:
    if name.startswith("^"):
        return module == name[1:]
    return module == name or module.endswith(f".{name}")


def _whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 1 << 24:
        raise SourceError(f"{place}: is {value!r}; a whole number from 1 up is needed.")
    return value


def _number(value: Any, place: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= 1e30:
        raise SourceError(f"{place}: is {value!r}; a number is needed.")
    return float(value)
