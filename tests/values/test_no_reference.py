"""What cannot be held against transformers says so, in one line."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import transformers
from safetensors.torch import load_file, save_file

from mmviz.errors import SourceError
from mmviz.values.reference.comparison import compare
from mmviz.values.reference.recording import Reference
from tests.values.gguf_writer import write_gguf
from tests.values.opened_models import TOKENS, model_of
from tests.values.variants import load_reference, save_variant


def test_without_transformers_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(save_variant(tmp_path, "llama"))
    monkeypatch.setitem(sys.modules, "transformers", None)
    message = f'verify needs transformers: {sys.executable} -m pip install "mmviz[verify]".'
    with pytest.raises(SourceError, match=rf"^{re.escape(message)}$"):
        compare(model, TOKENS)


def test_an_impossible_prompt_is_refused_before_transformers_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(save_variant(tmp_path, "llama"))
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SourceError, match=r": token 96 is not in the vocabulary; ids go from 0 to 95\.$"):
        compare(model, (96,))


def test_a_missing_weight_is_not_made_up(tmp_path: Path) -> None:
    weights = save_variant(tmp_path, "llama") / "model.safetensors"
    tensors = load_file(weights)
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, weights, metadata={"format": "pt"})
    with pytest.raises(SourceError, match=r"finds no model\.layers\.1\.mlp\.up_proj\.weight in this model"):
        Reference(model_of(tmp_path))
    with pytest.raises(SourceError, match=r": has no weight 'model\.layers\.1\.mlp\.up_proj\.weight'; close names: "):
        compare(model_of(tmp_path), TOKENS)


def test_what_transformers_cannot_run_is_one_line(tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, "gpt2 odd"), "float64")  # it wants to upcast to float32
    with pytest.raises(SourceError, match=r"transformers \S+ cannot run this model \(.*float32\)\.$"):
        compare(model, TOKENS)


def test_a_gguf_file_that_transformers_half_reads_is_no_reference(tmp_path: Path) -> None:
    save_variant(tmp_path / "original", "llama biased")
    file = write_gguf(tmp_path / "model.gguf", load_reference(tmp_path / "original"))
    with pytest.raises(
        SourceError, match=r"does not read the weight model\..* of a GGUF file; .*safetensors are needed\.$"
    ):
        compare(model_of(file), TOKENS)


@pytest.mark.parametrize(
    ("variant", "said", "told"),
    [
        ("llama linear", {}, "rope_parameters"),
        ("llama llama3", {}, "rope_parameters"),
        ("qwen2 yarn", {}, "rope_parameters"),
        ("qwen3", {}, "head_dim"),
        ("gemma2", {"query_pre_attn_scalar": 8}, "query_pre_attn_scalar, attn_logit_softcapping"),
        ("gemma3", {"query_pre_attn_scalar": 8}, "query_pre_attn_scalar, layer_types"),
    ],
)
def test_what_transformers_does_not_read_in_a_gguf_file_it_is_told(
    variant: str, said: dict[str, Any], told: str, tmp_path: Path
) -> None:
    config = save_variant(tmp_path / "original", variant) / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **said}))
    found = compare(model_of(write_gguf(tmp_path / "model.gguf", load_reference(config.parent))), TOKENS)
    library = f"transformers {transformers.__version__}"
    assert found.reference == f"{library} (told {told}, which it does not read in a GGUF file)"
    assert not found.exceeding


def test_of_a_gguf_file_that_transformers_does_not_read_the_arithmetic_alone_is_compared(tmp_path: Path) -> None:
    save_variant(tmp_path / "original", "gemma")
    file = write_gguf(tmp_path / "model.gguf", load_reference(tmp_path / "original"))
    found = compare(model_of(file), TOKENS)
    assert found.handed_over


def test_a_file_that_transformers_cannot_load_is_one_line(tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, "llama"))
    model.checkpoint.config["hidden_act"] = "no such function"
    with pytest.raises(SourceError, match=r"transformers \S+ cannot load this model \(.+\)\.$"):
        compare(model, TOKENS)
