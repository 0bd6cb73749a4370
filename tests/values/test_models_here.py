"""Which models are on this machine: shipped ones, fetched ones and the Hugging Face cache's; nothing asks a network."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from mmviz.builders.by_name import first_head
from mmviz.machine.shipped import find_asset, model_names
from mmviz.values.origin.here import ModelHere, models_here
from tests.values.fake_hub import fill_cache
from tests.values.variants import save_variant

SHIPPED = {"smollm2-135m-2layers": ("llama", 2), "tiny-translator": ("bart", 1)}
"""Model type and layers."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("the network is asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "mmviz"))
    return tmp_path / "hub"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A tiny model, as a folder has it, with a tokenizer that nobody opens here."""
    folder = save_variant(tmp_path_factory.mktemp("models") / "tiny", "gpt2")
    return {"tokenizer.json": b"{}"} | {file.name: file.read_bytes() for file in folder.iterdir()}


def cached() -> list[ModelHere]:
    return [model for model in models_here() if model.name not in SHIPPED]


def test_the_models_that_come_with_mmviz_are_there_also_without_a_cache() -> None:
    assert model_names() == tuple(SHIPPED)
    found = models_here()
    for model, (name, (kind, layers)) in zip(found, SHIPPED.items(), strict=True):
        folder = find_asset(name)
        assert folder is not None
        size = sum(file.stat().st_size for file in folder.iterdir())
        assert model == ModelHere(name, name, kind, layers, size, "")


def test_a_whole_model_of_the_cache_is_named_by_its_id(cache: Path, files: dict[str, bytes]) -> None:
    fill_cache(cache, "org/Tiny", files)
    size = sum(map(len, files.values()))
    layers = json.loads(files["config.json"])["n_layer"]
    assert cached() == [ModelHere("org/Tiny", "org/Tiny", "gpt2", layers, size, "")]


def test_a_model_without_a_tokenizer_is_named_by_its_folder_since_its_id_would_ask_for_one(
    cache: Path, files: dict[str, bytes]
) -> None:
    place = fill_cache(cache, "org/tiny", {name: files[name] for name in ("config.json", "model.safetensors")})
    (model,) = cached()
    assert (model.name, model.title, model.trouble) == (str(place), "org/tiny", "")
    assert first_head(model.name).shapes.of[""], "and it opens by that name"


def test_a_model_of_no_branch_is_named_by_its_folder(cache: Path, files: dict[str, bytes]) -> None:
    place = fill_cache(cache, "org/tiny", files)
    shutil.rmtree(place.parents[1] / "refs")
    assert [model.name for model in cached()] == [str(place)]


def test_what_cannot_be_drawn_comes_last_and_says_why(cache: Path, files: dict[str, bytes]) -> None:
    fill_cache(cache, "a/half", {name: files[name] for name in ("config.json", "tokenizer.json")})
    fill_cache(cache, "b/other", files | {"config.json": b'{"model_type": "whisper"}'})
    fill_cache(cache, "c/pickle", {"config.json": files["config.json"], "pytorch_model.bin": b"\x80"})
    fill_cache(cache, "d/fine", files)
    found = {model.title: model for model in cached()}
    assert list(found) == ["d/fine", "a/half", "b/other", "c/pickle"]
    assert found["a/half"].trouble == (
        "no safetensors file; model.safetensors, or model.safetensors.index.json with its shards, or a .gguf file, is "
        "needed."
    )
    assert found["b/other"].trouble.startswith("config.json, model_type: 'whisper' is not supported")
    assert found["c/pickle"].trouble.startswith("pytorch_model.bin is a pickle, which can run code and is never opened")
    assert found["a/half"].layers == 0 == found["b/other"].layers


def test_several_revisions_without_a_main_branch_are_told(cache: Path, files: dict[str, bytes]) -> None:
    for commit in ("1111", "2222"):
        fill_cache(cache, "org/tiny", files, commit, ref="other")
    (model,) = cached()
    assert model.trouble.startswith("the Hugging Face cache has 2 revisions of this model, none of which is main;")


def test_data_sets_stray_files_and_a_cache_that_is_a_file_are_passed_over(cache: Path) -> None:
    (cache / "datasets--org--words").mkdir(parents=True)
    (cache / "models--org--file").write_text("")
    assert cached() == []
    shutil.rmtree(cache)
    cache.write_text("")
    assert cached() == []
