"""What GGUF files of Gemma say, and what llama.cpp knows of them by heart, in Hugging Face's words."""

from collections.abc import Mapping
from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.files.gguf_gemma import LARGEST
from mmviz.values.files.gguf_model import read_config
from tests.values.gguf_headers import LLAMA, PATH, header


def of_gemma(kind: str, metadata: Mapping[str, Any], layers: int = 3) -> dict[str, Any]:
    """The configuration of a Gemma of heads of 2, with other metadata."""
    sizes = {f"{kind}.{key.partition('.')[2]}": value for key, value in LLAMA.items() if key.startswith("llama.")}
    said = {**sizes, f"{kind}.block_count": layers, **{f"{kind}.{key}": value for key, value in metadata.items()}}
    there = [f"blk.{layer}.attn_q.weight" for layer in range(layers)]
    return read_config(header({"general.architecture": kind, **said}, *there), PATH, lambda _: [])


@pytest.mark.parametrize(
    ("kind", "layers", "metadata", "full"),
    [
        ("gemma2", 5, {}, {1, 3}),
        ("gemma3", 14, {"attention.sliding_window": 4}, {5, 11}),
        ("gemma3", 3, {}, {0, 1, 2}),  # no window, no layer that looks back one only
        ("gemma3", 3, {"attention.sliding_window": 0}, {0, 1, 2}),
        ("gemma3", 5, {"attention.sliding_window": 4, "attention.sliding_window_pattern": 3}, {2}),
        ("gemma3", 2, {"attention.sliding_window": 4, "attention.sliding_window_pattern": 1}, {0, 1}),
        ("gemma2", 3, {"attention.sliding_window_pattern": [False, False, True]}, {0, 1}),
    ],
)
def test_which_layers_see_all(kind: str, layers: int, metadata: dict[str, Any], full: set[int]) -> None:
    types = of_gemma(kind, metadata, layers)["layer_types"]
    assert len(types) == layers
    assert {layer for layer, word in enumerate(types) if word == "full_attention"} == full


@pytest.mark.parametrize(
    ("kind", "layers", "metadata", "scalar"),
    [
        ("gemma2", 3, {}, 2),  # d_model / heads and the size of a head are the same
        ("gemma2", 26, {"attention.key_length": 256}, 256),
        ("gemma2", 46, {"embedding_length": 4608, "attention.head_count": 32, "attention.key_length": 128}, 144),
        ("gemma3", 26, {"attention.key_length": 256}, 256),
        ("gemma3", 62, {"embedding_length": 5376, "attention.head_count": 32, "attention.key_length": 128}, 168),
    ],
)
def test_whose_root_divides_the_scores(kind: str, layers: int, metadata: dict[str, Any], scalar: int) -> None:
    assert of_gemma(kind, metadata, layers)["query_pre_attn_scalar"] == scalar
    assert (layers == LARGEST[kind]) == (scalar in (144, 168))


@pytest.mark.parametrize(
    ("kind", "metadata", "message"),
    [
        (
            "gemma2",
            {"attention.key_length": 128},
            "gemma2.attention.key_length: is 128; by what scores are divided is not in the file, and is known of heads "
            "of 256 and of models of 46 layers only; the model's safetensors are needed.",
        ),
        (
            "gemma3",
            {"attention.sliding_window": 4, "attention.sliding_window_pattern": [True]},
            "gemma3.attention.sliding_window_pattern: is [True]; 3 times true or false is needed.",
        ),
        ("gemma3", {"attention.sliding_window": "x"}, "gemma3.attention.sliding_window: is x; a whole number from 1 up "
         "is needed."),
        (
            "gemma2",
            {"rope.freq_base_swa": 500.0},
            "gemma2.rope.freq_base_swa: is 500; the same as rope.freq_base, 10000, is needed.",
        ),
        ("gemma2", {"final_logit_softcapping": -1.0}, "gemma2.final_logit_softcapping: is -1.0; a number above 0 is "
         "needed."),
        *(
            (
                kind,
                {key: 4.0},
                f"{kind}.{key}: is 4.0; by its name it would change what is computed, and it is not known here; a file "
                "without it is needed.",
            )
            for kind, key in (
                ("gemma", "attention.sliding_window"),
                ("gemma", "final_logit_softcapping"),
                ("gemma2", "attention.scale"),
                ("gemma3", "attn_logit_softcapping"),
                ("gemma3", "rope.local.freq_base"),
            )
        ),
    ],
)  # fmt: skip
def test_what_a_gemma_says_that_is_not_followed_is_refused(kind: str, metadata: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError) as caught:
        of_gemma(kind, metadata)
    assert str(caught.value) == f"m.gguf, {message}"


def test_layers_that_slide_have_rotary_positions_of_their_own() -> None:
    scaled = {"rope.freq_base": 1e6, "rope.scaling.type": "linear", "rope.scaling.factor": 8.0}
    full = {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0}
    for more, base in (({}, 10000.0), ({"rope.freq_base_swa": 500.0}, 500.0)):
        said = of_gemma("gemma3", {"attention.sliding_window": 4, **scaled, **more})
        sliding = {"rope_type": "default", "rope_theta": base}
        assert said["rope_parameters"] == {"full_attention": full, "sliding_attention": sliding}
    assert of_gemma("gemma2", scaled)["rope_parameters"] == full
