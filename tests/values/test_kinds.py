"""Every kind of model names the parameters of transformers' own class, in their shapes, and no other."""

import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from transformers import CONFIG_MAPPING

from mmviz.values.families import kinds
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import joined, linear
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config, stacks_of
from mmviz.values.families.registry import KINDS, MODULES, names_of
from mmviz.values.reference.taps import taps_of
from tests.values.tiny_transformers import tiny
from tests.values.variants import auto_class, silently


def test_every_module_of_the_room_is_in_the_registry() -> None:
    there = {f"{kinds.__name__}.{module.name}" for module in pkgutil.iter_modules(kinds.__path__)}
    assert {module.__name__ for module in MODULES} == there
    assert [kind for module in MODULES for kind in module.KINDS] == list(KINDS.values())


def stacks(said: dict[str, Any]) -> Iterator[ModelConfig]:
    """All of a model, or its encoder and its decoder."""
    two = stacks_of(said, "config.json")
    yield from (read_model_config(said, "config.json", stack) for stack in two or ("",))


def meta(kind: str, said: dict[str, Any]) -> Any:
    """A model of transformers without numbers."""
    config = CONFIG_MAPPING[kind].from_dict(said)
    return silently(auto_class(config).from_config, config)


def named(model: Any) -> list[tuple[str, torch.Tensor]]:
    """What a model of transformers keeps in files, one parameter that is tied under each of its names."""
    return list(model.state_dict(keep_vars=True).items())


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_has_the_parameters_of_the_class_of_transformers(kind: str) -> None:
    said = tiny(kind)
    with torch.device("meta"):
        theirs = meta(kind, said)
    found: dict[str, tuple[int, ...]] = {}
    for config in stacks(said):
        sizes, axes_of = config.sizes(), parameters(config, names_of(config).stacked)
        found |= {name: tuple(sizes[axis] for axis in axes) for name, axes in axes_of.items()}
    unembedding = KINDS[kind].names.unembedding  # as files call it; transformers may have another name for it
    if unembedding not in dict(named(theirs)):
        found = {name.replace(unembedding, "lm_head.weight"): shape for name, shape in found.items()}
    by_parameter: dict[int, list[str]] = {}  # one that is tied has several names, of which one is enough
    for name, weight in named(theirs):
        by_parameter.setdefault(id(weight), []).append(name)
    shapes = {name: tuple(weight.shape) for name, weight in named(theirs)}
    names = [next((name for name in names if name in found), names[0]) for names in by_parameter.values()]
    assert found == {name: shapes[name] for name in names}


@pytest.mark.parametrize("kind", KINDS)
def test_transformers_has_every_module_that_is_listened_to(kind: str) -> None:
    said = tiny(kind)
    with torch.device("meta"):
        theirs = meta(kind, said)
    for config in stacks(said):
        taps = taps_of(config, names_of(config))
        for module in (*taps.before.values(), *taps.after.values()):
            assert theirs.get_submodule(module)
        layers = theirs.get_submodule(taps.layers)
        layer = layers[0]
        attention = layer.get_submodule(taps.attention)
        assert bool(taps.across) == config.crosses
        for part in (taps.projection, taps.joined):
            assert attention.get_submodule(part)
        for number, each in enumerate(layers):
            for module, _ in taps.of_layer(sparse=number in config.sparse).values():
                assert each.get_submodule(module)


def test_a_linear_map_is_cut_into_heads_where_queries_or_keys_go_in_or_come_out() -> None:
    assert linear("mlp.{}_in", "up", "d_model", "d_mlp", "mlp_bias")["mlp.W_in"].cut == ""
    into = linear("attn.{}_K", "k", "d_model", "kv_width", "qkv_bias")
    assert (into["attn.W_K"].cut, into["attn.b_K"].cut, into["attn.b_K"].when) == ("kv_width", "kv_width", "qkv_bias")
    out = linear("attn.{}_O", "o", "q_width", "d_model", "o_bias")
    assert (out["attn.W_O"].cut, out["attn.b_O"].cut) == ("q_width", "")
    assert set(joined("qkv")) == {"attn.W_Q", "attn.W_K", "attn.W_V"}
