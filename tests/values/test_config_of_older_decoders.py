"""What the configurations of GPT-Neo and its contemporaries come to, and what of them is refused, word by word."""

from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from tests.values.tiny_transformers import tiny


@pytest.mark.parametrize(
    ("said", "local"),
    [
        ({"attention_types": [[["global", "local"], 1]]}, {1}),
        ({"attention_types": [[["local"], 1], [["global"], 1]]}, {0}),
        ({"attention_types": [[["global"], 2]], "attention_layers": ["local", "local"]}, {0, 1}),
        ({"attention_types": None, "num_layers": 24}, set(range(1, 24, 2))),
    ],
)
def test_the_layers_of_a_gpt_neo_that_are_local_look_back_a_window(said: dict[str, Any], local: set[int]) -> None:
    config = read_model_config(tiny("gpt_neo", **said), "config.json")
    assert config.sliding == local
    assert config.window == 4


@pytest.mark.parametrize(
    ("kind", "said", "end"),
    [
        ("gpt_neo", {"attention_types": [[["global"], 3]]}, "attention_types: tells of 3 layers; 2 are needed."),
        ("gpt_neo", {"attention_layers": None}, "attention_layers: is null; 2 times global or local is needed."),
        (
            "gpt_neo",
            {"attention_types": [["global", 2]]},
            "attention_types: is [['global', 2]]; a list such as [[['global', 'local'], 12]] is needed.",
        ),
        ("gpt_neo", {"window_size": 0}, "window_size: is 0; a whole number from 1 up is needed."),
    ],
)
def test_what_cannot_be_computed_is_refused(kind: str, said: dict[str, Any], end: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config(tiny(kind, **said), "config.json")
    assert str(caught.value) == f"config.json, {end}"
