"""What a Ministral 3 says of its positions: read where transformers reads it, or refused."""

from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.rope import Rope
from tests.values.tiny_transformers import tiny

GROWING = {"rope_theta": 300.0, "llama_4_scaling_beta": 0.5}


def test_without_a_word_positions_are_scaled_and_queries_grow_as_in_the_first_models() -> None:
    config = read_model_config(tiny("ministral3"), "config.json")
    assert (config.query_growth, config.query_span) == (0.1, 16384)
    assert config.rope == Rope(1e6, "yarn", 16.0, low=1.0, high=32.0, length=16384.0, gain=1.0)


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ({"rope_theta": 300.0}, "rope_parameters, llama_4_scaling_beta: is missing; 0 or more is needed."),
        (
            {**GROWING, "llama_4_scaling_beta": -1},
            "rope_parameters, llama_4_scaling_beta: is -1; 0 or more is needed.",
        ),
        (GROWING, "rope_parameters, original_max_position_embeddings: is missing; a number above 0 is needed."),
    ],
)
def test_queries_that_grow_by_nothing_that_is_said_are_refused(said: dict[str, Any], end: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config(tiny("ministral3", rope_parameters=said), "config.json")
    assert str(caught.value) == f"config.json, {end}"


def test_a_llama_has_no_queries_that_grow() -> None:
    with pytest.raises(SourceError, match=r"llama_4_scaling_beta: is 0\.5; rotary scaling has no such key"):
        read_model_config(tiny("llama", rope_parameters=GROWING), "config.json")
