"""GGUF files that transformers does not read are verified, too: by its arithmetic, with our weights, and it is said."""

import json
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Kind

from mmviz.errors import SourceError
from mmviz.reports.verification import Wish, model_verification, verification_text
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from mmviz.values.reference.of_gguf import why_not_this_architecture, why_not_this_file
from mmviz.values.reference.recording import Reference
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.test_gguf import NOT_BY_TRANSFORMERS, OF_THE_FILE, OTHERWISE_BY_TRANSFORMERS
from tests.values.variants import load_reference, save_variant

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6)


def file_of(folder: Path, variant: str) -> Path:
    saved = save_variant(folder, variant)
    said = json.loads((saved / "config.json").read_text()) | OF_THE_FILE.get(variant, {})
    (saved / "config.json").write_text(json.dumps(said))
    return write_gguf(folder / "tiny.gguf", load_reference(saved))


@pytest.mark.parametrize("variant", [*NOT_BY_TRANSFORMERS, *OTHERWISE_BY_TRANSFORMERS])
def test_what_a_file_computes_is_what_transformers_computes_of_it(variant: str, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(file_of(tmp_path, variant)), "cpu")
    assert Reference(model).handed_over
    assert not compare(model, TOKENS).exceeding


@pytest.mark.parametrize(
    ("variant", "why"),
    [
        ("mixtral", "takes a GGUF file of llama with experts for one without"),
        ("gpt_oss", "does not read the experts of gpt-oss in a GGUF file"),
        ("falcon 40b", "leaves the rows of a Falcon's queries, keys and values as a GGUF file has them"),
        ("cohere", "does not read GGUF files of command-r"),
        ("falcon", ""),
        ("qwen3", ""),
    ],
)
def test_why_transformers_does_not_read_a_file_is_said(variant: str, why: str, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(file_of(tmp_path, variant)), "cpu")
    known = ("llama", "gpt_oss", "falcon", "qwen3")
    found = why_not_this_architecture(model.checkpoint, model.config, known, "transformers 5")
    assert found == (f"transformers 5 {why}" if why else "")
    assert why_not_this_file(model.checkpoint, "transformers 5") == ""


def test_a_report_says_that_weights_are_ours(tmp_path: Path) -> None:
    text = verification_text(model_verification(Wish(str(file_of(tmp_path, "granitemoe")), tokens=TOKENS)))
    assert "does not read GGUF files of granitemoe" in text


def test_positions_that_no_configuration_says_are_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, "mixtral")

    factors = {"rope_freqs.weight": (np.ones(4, np.float32), Kind.F32)}
    model = Model(Checkpoint.open(rewritten(path, factors)), "cpu")
    with pytest.raises(SourceError, match="does not read the scaling of rotary positions of a GGUF file"):
        Reference(model)
