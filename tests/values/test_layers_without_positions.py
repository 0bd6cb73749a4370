"""Layers that rotate neither queries nor keys, as every fourth one of SmolLM 3: which they are, and what is told."""

from pathlib import Path
from typing import Any

import pytest

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.reports.model_report import model_report
from mmviz.reports.model_text import model_text
from mmviz.values.families.config import model_sizes
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.values.tiny_transformers import tiny
from tests.values.variants import save_variant


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("smollm3"), "smollm3")


@pytest.mark.parametrize(
    ("said", "without"),
    [
        ({}, {3, 7}),
        ({"no_rope_layer_interval": 3}, {2, 5}),
        ({"no_rope_layer_interval": 1}, set(range(8))),
        ({"no_rope_layers": [0, 1, 1, 1, 1, 1, 0, 1, 0], "no_rope_layer_interval": 2}, {0, 6}),
    ],
)
def test_the_list_says_which_layers_have_no_positions_or_else_the_interval(said: dict[str, Any], without: Any) -> None:
    config = read_model_config({**tiny("smollm3"), "no_rope_layer_interval": 4, "num_hidden_layers": 8, **said}, "c")
    assert config.unrotated == without
    assert {layer for layer in range(8) if config.rope_of(layer) is None} == without


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ({"no_rope_layers": [1]}, "no_rope_layers: is [1]; 0 or 1 for each of 2 layers is needed."),
        ({"no_rope_layers": [1, 2]}, "no_rope_layers: is [1, 2]; 0 or 1 for each of 2 layers is needed."),
        ({"no_rope_layers": {}}, "no_rope_layers: is {}; 0 or 1 for each of 2 layers is needed."),
        ({"no_rope_layer_interval": 0}, "no_rope_layer_interval: is 0; a whole number from 1 up is needed."),
        (
            {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": 4},
            "layer_types: has sliding_attention, but there is no window; use_sliding_window is needed.",
        ),
    ],
)
def test_what_does_not_say_it_is_refused(said: dict[str, Any], end: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config(tiny("smollm3", **said), "config.json")
    assert str(caught.value) == f"config.json, {end}"


def test_a_scene_of_a_layer_does_not_fit_another_that_has_no_positions() -> None:
    some, all_ = (read_model_config(tiny("smollm3", no_rope_layers=said), "c") for said in ([1, 0], [0, 0]))
    assert (some.layers_alike, all_.layers_alike) == (False, True)
    assert model_sizes(some, "m").arithmetic != model_sizes(all_, "m").arithmetic


def test_a_layer_without_positions_has_no_stretch(folder: Path) -> None:
    model = Model(Checkpoint.open(folder), "cpu")
    with pytest.raises(SourceError) as caught:
        model.activation((1, 2), "blocks.1.rotary.stretch")
    assert str(caught.value) == f"{folder}, blocks.1.rotary.stretch: this layer has no rotary positions."
    with pytest.raises(SourceError) as caught:
        model.weight("rotary.stretch")
    assert str(caught.value) == (
        f"{folder}, rotary.stretch: depends on the layer; an activation such as blocks.0.rotary.stretch is needed."
    )


def test_its_circuits_leave_nothing_out(folder: Path) -> None:
    reading = Reading(str(folder), tokens=(1, 2, 3), device="cpu")
    titles = [head_scene(reading, layer, 0, "circuits").document.title for layer in (0, 1)]
    assert titles[0].endswith("head 0 by its circuits, without rotary positions")
    assert titles[1].endswith("head 0 by its circuits")


def test_inspect_says_which_layers_have_none(folder: Path) -> None:
    lines = [line.split(maxsplit=2) for line in model_text(model_report(str(folder))).splitlines()]
    assert ["no", "positions", "1 of 3 layers  nothing is rotated in layer 1"] in lines
