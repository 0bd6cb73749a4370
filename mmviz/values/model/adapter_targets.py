"""Which modules a LoRA adapter changes, by the rule of peft; no weights.

Source: check_target_module_exists in peft 0.21.2, tuners/tuners_utils.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mmviz.errors import SourceError
from mmviz.values.families.layouts import UNEMBEDDING
from mmviz.values.families.registry import KINDS
from mmviz.values.model.module_pattern import ModulePattern, PatternError, whole_name

ALL: Final = "all-linear"  # but for the layer that makes logits
UNEMBEDDINGS: Final = {
    name.removesuffix(".weight") for name in (UNEMBEDDING, *(kind.names.unembedding for kind in KINDS.values()))
}
LIST_NAME: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
OTHER_PARAMETERS: Final = "parameters of no linear layer: not supported, but for the weight of a router of experts."
Chosen = tuple[str, ...] | ModulePattern
"""Names, or ends of names after a point; or a pattern of whole names."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The modules that a configuration chooses, and those that it takes out again."""

    chosen: Chosen | None  # None: all linear layers but the last
    excluded: Chosen
    parameters: tuple[str, ...]  # weights that are chosen whatever else is said, or ends of their names after a point
    layers: frozenset[int] | None  # None: all
    lists: tuple[str, ...]  # what lists of layers are called; none: whatever they are called

    def left_out_by(self, module: str) -> str | None:
        """The key that leaves a module out; None if the adapter changes it.

        Raises:
            PatternError: to find out takes too many steps.
        """
        if self.is_parameter(module):
            return None
        if _is_among(module, self.excluded):
            return "exclude_modules"
        is_chosen = module not in UNEMBEDDINGS if self.chosen is None else _is_among(module, self.chosen)
        if not is_chosen:
            return "target_modules"
        # a module that is named whole is changed whatever its layer is
        named = isinstance(self.chosen, tuple) and module in self.chosen
        if self.layers is not None and not named and self._layer(module) not in self.layers:
            return "layers_to_transform"
        return None

    def is_parameter(self, module: str) -> bool:
        """Whether a module's weight is named by target_parameters, as that of a router, which is no linear layer."""
        return _is_among(f"{module}.weight", self.parameters)

    def _layer(self, module: str) -> int | None:
        """The first number that stands after the name of a list; not the last, which may be that of an expert."""
        if not self.lists:
            parts = module.split(".")
            return next((int(part) for part in parts[2:-1] if part.isdecimal()), None)
        for name in self.lists:
            if (found := re.match(rf"(?:^|.*?\.){name}\.(\d+)\.", module)) is not None:
                return int(found[1])
        return None

    @classmethod
    def read(cls, config: Mapping[str, Any], where: str) -> "Targets":
        """What adapter_config.json says.

        Raises:
            SourceError: it says it in a way that peft does not read, or that is not supported.
        """
        targets, layers = config.get("target_modules"), config.get("layers_to_transform")
        lists = config.get("layers_pattern") or []
        if isinstance(targets, str) and (layers is not None or lists):
            raise SourceError(
                f"{where}, layers_to_transform: peft refuses it beside target_modules that are one text, {targets!r}; "
                "a list of names is needed."
            )
        if lists and layers is None:
            raise SourceError(f"{where}, layers_pattern: peft refuses it alone; layers_to_transform is needed.")
        parameters = _modules(config.get("target_parameters") or [], f"{where}, target_parameters")
        if isinstance(parameters, ModulePattern) or not all(name.endswith(".weight") for name in parameters):
            raise SourceError(f"{where}, target_parameters: {OTHER_PARAMETERS}")
        if targets is None and not parameters:
            raise SourceError(f"{where}, target_modules: is missing; a list of names is needed.")
        all_linear = isinstance(targets, str) and targets.lower() == ALL
        return cls(
            chosen=None if all_linear else _modules(targets or [], f"{where}, target_modules"),
            parameters=parameters,
            excluded=_modules(config.get("exclude_modules") or [], f"{where}, exclude_modules"),
            layers=_layers(layers, f"{where}, layers_to_transform"),
            lists=_lists(lists, f"{where}, layers_pattern"),
        )


def _is_among(module: str, chosen: Chosen) -> bool:
    if isinstance(chosen, ModulePattern):
        return chosen.matches(module)
    return any(module == name or module.endswith(f".{name}") for name in chosen)


def _modules(found: Any, place: str) -> Chosen:
    if isinstance(found, str):
        try:
            return whole_name(found)
        except PatternError as error:
            raise SourceError(f"{place}: {error}") from error
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise SourceError(f"{place}: is {found!r}; a list of names is needed.")
    return tuple(found)


def _layers(found: Any, place: str) -> frozenset[int] | None:
    """An empty list says nothing."""
    if found is None or found == []:
        return None
    numbers = found if isinstance(found, list) else [found]
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
        raise SourceError(f"{place}: is {found!r}; numbers of layers are needed.")
    return frozenset(numbers)


def _lists(found: Any, place: str) -> tuple[str, ...]:
    names = [found] if isinstance(found, str) else found
    if not isinstance(names, list) or not all(isinstance(name, str) and LIST_NAME.fullmatch(name) for name in names):
        raise SourceError(f"{place}: is {found!r}; the name of a list of layers, such as 'layers', is needed.")
    return tuple(names)
