from pathlib import Path

import pytest

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_architectures import ARCHITECTURES
from mmviz.values.files.gguf_older import OLDER
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
            "falcon",
            "falcon.attention.head_count_kv",
            2,
            "is 2; of Falcon, files of the 7B, which has 1, are read; the model's safetensors are needed.",
        ),
    ],
)
def test_what_such_a_file_says_otherwise_is_refused(
    tmp_path: Path, variant: str, key: str, value: float, end: str
) -> None:
    path = rewritten(file_of(tmp_path, variant), added={key: value})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    assert str(caught.value) == f"{path}, {key}: {end}"


def test_a_gpt_neox_of_20b_is_refused_whose_activation_no_file_says(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "tiny.gguf", load_reference(save_variant(tmp_path, "gpt_neox", layers=44)))
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    assert str(caught.value) == (
        f"{path}, gptneox.block_count: is 44, as of GPT-NeoX 20B, whose MLP goes through another function than the "
        "file can say; the model's safetensors are needed."
    )
