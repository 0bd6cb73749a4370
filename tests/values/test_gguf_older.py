from pathlib import Path

import pytest

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_architectures import ARCHITECTURES
from mmviz.values.files.gguf_model import read_config
from mmviz.values.files.gguf_older import OLDER
from tests.values.gguf_headers import PATH, header
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.variants import load_reference, save_variant


def file_of(folder: Path, variant: str) -> Path:
    return write_gguf(folder / "tiny.gguf", load_reference(save_variant(folder, variant)))


def test_every_architecture_here_is_one_that_is_read() -> None:
    assert set(OLDER) <= set(ARCHITECTURES)


def test_an_mpt_says_how_large_its_queries_keys_and_values_may_be(tmp_path: Path) -> None:
    checkpoint = Checkpoint.open(rewritten(file_of(tmp_path, "mpt"), added={"mpt.attention.clamp_kqv": 6.0}))
    assert read_model_config(checkpoint.config, "").clip_qkv == 6


@pytest.mark.parametrize(
    ("variant", "key", "value", "end"),
    [
        ("mpt", "mpt.attention.max_alibi_bias", 0.0, "is 0.0; 8 is needed."),
        ("bloom", "bloom.attention.head_count_kv", 2, "is 2; 6 is needed."),
        (
            "falcon 40b",
            "falcon.attention.head_count_kv",
            6,
            "is 6; fewer key-value heads than the 6 heads, which share them evenly, are needed.",
        ),
        (
            "falcon 40b",
            "falcon.attention.head_count_kv",
            4,
            "is 4; fewer key-value heads than the 6 heads, which share them evenly, are needed.",
        ),
        ("gpt_bigcode", "starcoder.attention.head_count_kv", 2, "is 2; 1 is needed."),
    ],
)
def test_what_such_a_file_says_otherwise_is_refused(
    tmp_path: Path, variant: str, key: str, value: float, end: str
) -> None:
    path = rewritten(file_of(tmp_path, variant), added={key: value})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    assert str(caught.value) == f"{path}, {key}: {end}"


def test_a_falcon_2_does_not_say_the_base_of_its_wavelengths(tmp_path: Path) -> None:
    two = file_of(tmp_path, "falcon 40b")
    path = rewritten(two, dropped="attn_norm_2")
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    assert str(caught.value) == (
        f"{path}, falcon.rope.freq_base: is missing, and is not that of all others in a Falcon 2 11B, whose layers "
        "have one norm and more than one key-value head; the model's safetensors are needed."
    )
    said = Checkpoint.open(rewritten(two, added={"falcon.rope.freq_base": 500042.0}, dropped="attn_norm_2")).config
    assert (said["num_ln_in_parallel_attn"], said["rope_parameters"]["rope_theta"]) == (1, 500042.0)


@pytest.mark.parametrize(
    ("architecture", "sizes", "activation"),
    [
        ("gptneox", (44, 6144, 64), "gelu_fast"),
        ("gptneox", (44, 6144, 48), "gelu"),
        ("gptneox", (36, 5120, 40), "gelu"),
        ("starcoder", (40, 6144, 48), "gelu"),
        ("starcoder", (24, 2048, 16), "gelu_pytorch_tanh"),
    ],
)
def test_what_an_mlp_goes_through_is_known_by_the_size(
    architecture: str, sizes: tuple[int, int, int], activation: str
) -> None:
    layers, d_model, heads = sizes
    keys = {
        "block_count": layers,
        "embedding_length": d_model,
        "attention.head_count": heads,
        "attention.head_count_kv": 1 if architecture == "starcoder" else heads,
        "feed_forward_length": 4 * d_model,
        "context_length": 2048,
        "attention.layer_norm_epsilon": 1e-5,
        "rope.dimension_count": 24,
    }
    metadata = {"general.architecture": architecture, **{f"{architecture}.{key}": each for key, each in keys.items()}}
    said = read_config(header(metadata, f"blk.{layers - 1}.attn_qkv.weight"), PATH, lambda _: [])
    assert said.get("hidden_act", said.get("activation_function")) == activation
