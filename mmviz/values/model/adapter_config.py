"""What a LoRA adapter's adapter_config.json says, checked; no weights, no torch.

Whatever is not W + scale * B A, or would be read otherwise by peft, is refused by the name of its key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mmviz.errors import SourceError
from mmviz.values.files.json_file import read_json
from mmviz.values.model.adapter_targets import Targets
from mmviz.values.model.module_pattern import ModulePattern, PatternError, ends_like

CONFIG = "adapter_config.json"
Value = TypeVar("Value")

KINDS: Mapping[str, str] = {
    "use_dora": "DoRA, which also scales the rows of the sum",
    "use_qalora": "QALoRA, which pools what goes in",
    "use_bdlora": "block-diagonal factors",
    "lora_bias": "a bias of lora_B",
    "modules_to_save": "whole modules that replace those of the base",
    "layer_replication": "layers that are repeated",
    "alora_invocation_tokens": "an adapter that works from certain tokens on (aLoRA)",
    "trainable_token_indices": "rows of the embedding that were trained",
    "arrow_config": "a mixture of adapters (Arrow)",
    "kasa_config": "KaSA, which changes the base",
    "monteclora_config": "MonteCLoRA, which mixes samples",
}
"""What peft can put into an adapter besides W + scale * B A, by its key."""
PLAIN_STARTS = (None, True, False, "gaussian", "eva", "orthogonal", "mica")
"""The ways to begin training that leave the base as it is; others change it when the adapter is loaded."""
KNOWN = frozenset(
    {
        *("alora_invocation_tokens", "alpha_pattern", "arrow_config", "auto_mapping", "base_model_name_or_path"),
        *("bias", "corda_config", "ensure_weight_tying", "eva_config", "exclude_modules", "fan_in_fan_out"),
        *("inference_mode", "init_lora_weights", "kasa_config", "layer_replication", "layers_pattern"),
        *("layers_to_transform", "loftq_config", "lora_alpha", "lora_bias", "lora_dropout", "lora_ga_config"),
        *("megatron_config", "megatron_core", "modules_to_save", "monteclora_config", "peft_type", "peft_version"),
        *("qalora_group_size", "r", "rank_pattern", "revision", "runtime_config", "target_modules"),
        *("target_parameters", "task_type", "trainable_token_indices", "use_bdlora", "use_dora", "use_qalora"),
        *("use_rslora", "velora_config"),
    }
)
"""The keys of LoraConfig in peft 0.21.2. Another key may be a kind of adapter that is newer than all of them."""


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """Ranks and scales of the modules that an adapter changes."""

    where: str  # its path, for messages
    rank: int
    alpha: float
    ranks: tuple[tuple[ModulePattern, int], ...]  # of single modules, in the order of the file
    alphas: tuple[tuple[ModulePattern, float], ...]
    by_root: bool  # scale = alpha / sqrt(rank) instead of alpha / rank
    targets: Targets  # which modules it changes

    def rank_of(self, module: str) -> int:
        """How many columns lora_B has, and how many rows lora_A: the first pattern that fits decides.

        See findings/peft-rank-pattern.sh.
        """
        return _first(self.ranks, module, f"{self.where}, rank_pattern", self.rank)

    def scale_of(self, module: str) -> float:
        """What B A is multiplied by.

        Source: Hu et al. 2021, section 4.1; by the root of the rank: Kalajdzievski 2023.
        """
        alpha = _first(self.alphas, module, f"{self.where}, alpha_pattern", self.alpha)
        rank = self.rank_of(module)
        return alpha / rank**0.5 if self.by_root else alpha / rank

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
            ranks=_pattern(config, "rank_pattern", where, _whole),
            alphas=_pattern(config, "alpha_pattern", where, _number),
            by_root=_truth(config, "use_rslora", where),
            targets=Targets.read(config, where),
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
    if config.get("target_parameters") and (config.get("rank_pattern") or config.get("alpha_pattern")):
        raise SourceError(f"{where}, target_parameters: not supported beside rank_pattern or alpha_pattern.")
    start = config.get("init_lora_weights", True)
    if start not in PLAIN_STARTS:
        raise SourceError(
            f"{where}, init_lora_weights: {start!r} changes the base when the adapter is loaded, which is not "
            "supported; write a plain LoRA with peft's save_pretrained(..., path_initial_model_for_weight_conversion)."
        )
    for key, value in config.items():
        if key not in KNOWN and value:
            raise SourceError(
                f"{where}, {key}: is no key of LoRA that is known here, and may change more than W + scale * B A; "
                "an adapter without it is needed."
            )


def _pattern(
    config: Mapping[str, Any], key: str, where: str, read: Callable[[Any, str], Value]
) -> tuple[tuple[ModulePattern, Value], ...]:
    pattern = config.get(key) or {}
    if not isinstance(pattern, dict):
        raise SourceError(f"{where}, {key}: is {pattern!r}; an object is needed.")
    try:
        return tuple((ends_like(name), read(value, f"{where}, {key}.{name}")) for name, value in pattern.items())
    except PatternError as error:
        raise SourceError(f"{where}, {key}: {error}") from error


def _first(patterns: tuple[tuple[ModulePattern, Value], ...], module: str, place: str, missing: Value) -> Value:
    try:
        return next((value for pattern, value in patterns if pattern.matches(module)), missing)
    except PatternError as error:
        raise SourceError(f"{place}: {error}") from error


def _truth(config: Mapping[str, Any], key: str, where: str) -> bool:
    value = config.get(key) or False
    if not isinstance(value, bool):
        raise SourceError(f"{where}, {key}: is {value!r}; true or false is needed.")
    return value


def _whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 1 << 24:
        raise SourceError(f"{place}: is {value!r}; a whole number from 1 up is needed.")
    return value


def _number(value: Any, place: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= 1e30:
        raise SourceError(f"{place}: is {value!r}; a number is needed.")
    return float(value)
