"""What a file or folder is goes by its content: a model is opened under any name, anything else is told what it is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from mmviz.builders.by_name import first_head, is_scene
from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.origin.locate import find_config, locate_for_report, locate_model, model_title
from tests.inspecting import Inspect
from tests.values.fake_hub import COMMIT, fill_cache
from tests.values.gguf_writer import write_gguf
from tests.values.tiny_checkpoints import NORM, WEIGHTS, refusal, sharded, whole
from tests.values.variants import load_reference, save_variant

__all__ = ["sharded", "whole"]
LFS = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 146136\n"


def opened(path: Path) -> Checkpoint:
    found = Checkpoint.open(path)
    assert "model.norm.weight" in found
    assert torch.equal(found.slice("model.norm.weight"), NORM)
    return found


# Opened, whatever it is called.


@pytest.mark.parametrize(
    "name", ["MODEL.SAFETENSORS", "Model.SafeTensors", "model", "sha256-0123", "weights.bin", "x.gguf"]
)
def test_safetensors_are_known_by_their_content(whole: Path, name: str) -> None:
    (whole / "model.safetensors").rename(whole / name)
    opened(whole / name)
    opened(whole)
    assert not is_scene(str(whole / name))


def test_names_in_capitals(sharded: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (sharded / "config.json").rename(sharded / "CONFIG.JSON")
    (sharded / "model.safetensors.index.json").rename(sharded / "MODEL.SAFETENSORS.INDEX.JSON")
    opened(sharded)
    assert find_config(str(sharded), Path()) == sharded / "CONFIG.JSON"


def test_an_index_is_opened_with_its_shards(sharded: Path) -> None:
    opened(sharded / "model.safetensors.index.json")


@pytest.mark.parametrize("name", ["model-00001-of-00001.safetensors", "weights-1-of-1.safetensors"])
def test_the_only_shard_of_one_needs_no_index(whole: Path, name: str) -> None:
    (whole / "model.safetensors").rename(whole / name)
    opened(whole)
    opened(whole / name)


@pytest.mark.parametrize("name", ["model.GGUF", "model", "sha256-0123", "model.safetensors"])
def test_gguf_is_known_by_its_content(inspect: Inspect, name: str) -> None:
    Path("blobs").mkdir()
    write_gguf(Path("blobs") / name, load_reference(save_variant(Path("m"), "llama")))
    (Path("blobs") / "sha256-4567").write_text("a licence")
    for place in ("blobs", f"blobs/{name}"):
        assert Checkpoint.open(Path(place)).metadata
        code, _, error = inspect(place)
        assert (code, error) == (0, "")
        assert find_config(place, Path()) == Path("blobs") / name


# Inside the Hugging Face cache.


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model in a cache, whose files are links to blobs."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    save_file(WEIGHTS, tmp_path / "model.safetensors")
    files = {
        "config.json": b'{"model_type": "llama"}',
        "model.safetensors": (tmp_path / "model.safetensors").read_bytes(),
    }
    return fill_cache(tmp_path / "hub", "org/tiny", files).parents[1]


def test_a_part_of_the_cache_is_the_model_that_it_belongs_to(cached: Path) -> None:
    snapshot = cached / "snapshots" / COMMIT
    for place in (cached, cached / "snapshots", snapshot):
        assert locate_model(str(place), Path()) == locate_for_report(str(place), Path()) == snapshot
        assert model_title(str(place), Path()) == "org/tiny"
        opened(locate_model(str(place), Path()))
    blob = (snapshot / "model.safetensors").resolve()
    assert blob.parent == cached / "blobs"
    assert locate_model(str(blob), Path()) == snapshot / "model.safetensors"
    assert find_config(str(blob), Path()) == snapshot / "config.json"
    opened(locate_model(str(blob), Path()))


def located(place: Path, name: str = "") -> str:
    with pytest.raises(SourceError) as raised:
        locate_model(name or str(place), place.parent)
    return str(raised.value).replace(str(place), "P")


def test_what_in_the_cache_is_no_model_is_told(cached: Path) -> None:
    assert located(cached.parent) == "P: is a Hugging Face cache; give one of its models, such as org/tiny."
    other = cached.parent / "datasets--org--words"
    other.mkdir()
    assert located(other) == "P: is a data set or a space in the Hugging Face cache; a model is needed."
    (cached / "refs" / "main").unlink()
    assert locate_model(str(cached), Path()) == cached / "snapshots" / COMMIT  # there is only this one
    (cached / "snapshots" / "4567").mkdir()
    assert located(cached) == (
        "P: the Hugging Face cache has 2 revisions of this model, none of which is main; give one of them, such as "
        f"P/snapshots/{min(COMMIT, '4567')}."
    )
    shutil.rmtree(cached / "snapshots")
    assert located(cached) == "P: the Hugging Face cache has no files of this model; org/tiny downloads them."


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("org/tiny", "the model of the Hugging Face Hub"),
        ("smollm2-135m-2layers", "the model that comes with mmviz"),
        ("smollm2-135m", "the model that `mmviz fetch` fetches"),
    ],
)
def test_an_empty_folder_that_hides_a_model_is_told(
    tmp_path: Path, name: str, hidden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / ".DS_Store").touch()
    told = f"is an empty folder, and hides {hidden} of that name; rename or remove it."
    with pytest.raises(SourceError) as raised:
        locate_model(name, tmp_path)
    assert str(raised.value) == f"{tmp_path / name}: {told}"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError) as raised:
        first_head(name)
    assert str(raised.value) == f"{name}: {told}"
    assert locate_model(f"./{name}", tmp_path) == tmp_path / name


# Told what it is.


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "model.gguf"])
def test_a_pointer_of_git_lfs_is_told(whole: Path, name: str) -> None:
    if name.endswith("gguf"):
        (whole / "model.safetensors").unlink()
    (whole / name).write_text(LFS)
    assert refusal(whole) == (
        f"F/{name}: is a pointer of Git LFS, not the file itself; `git lfs pull` in its folder fetches it."
    )


@pytest.mark.parametrize("name", ["model-00002-of-00002.safetensors", "model.safetensors.index.json"])
def test_a_shard_that_is_a_pointer_is_told(sharded: Path, name: str) -> None:
    (sharded / name).write_text(LFS)
    assert "F/" + name + ": is a pointer of Git LFS" in refusal(sharded)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            b"/annex/objects/SHA256E-s9--ab",
            "is a pointer of git-annex, not the file itself; `git annex get` in its folder fetches it.",
        ),
        (b"\n<!DOCTYPE html><html>", "is a page of the web, not the file itself; download the file."),
    ],
)
def test_what_stands_in_place_of_a_file_is_told(whole: Path, content: bytes, found: str) -> None:
    for name in ("config.json", "model.safetensors"):  # of two, the weights are told
        (whole / name).write_bytes(content)
        assert refusal(whole) == f"F/{name}: {found}"


def adapter(folder: Path, base: str | None) -> None:
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "base_model_name_or_path": base}))
    save_file({"base_model.model.x.lora_A.weight": torch.ones(2, 2)}, folder / "adapter_model.safetensors")


@pytest.mark.parametrize("base", ["org/tiny", None])
def test_an_adapter_is_told_from_a_model(tmp_path: Path, base: str | None) -> None:
    adapter(tmp_path, base)
    of = " of org/tiny" if base else ""
    found = (
        f"is an adapter{of}, no model; give the model that it was made for, and this folder as its adapter (--adapter)."
    )
    assert refusal(tmp_path) == f"F: {found}"
    assert refusal(tmp_path / "adapter_model.safetensors") == f"F/adapter_model.safetensors: {found}"


def test_a_model_with_an_adapter_beside_it_is_opened(whole: Path) -> None:
    adapter(whole, "org/tiny")
    opened(whole)


def write(name: str, content: bytes = b"?") -> Callable[[Path], Any]:
    return lambda folder: (folder / name).write_bytes(content)


BESIDE = "is one of the files beside a model's weights; give its folder, F."


@pytest.mark.parametrize(
    ("make", "given", "found"),
    [
        (write("config.json", b"{}"), "config.json", BESIDE),
        (write("tokenizer.json", b"{}"), "tokenizer.json", BESIDE),
        (write("model.tar.gz"), "model.tar.gz", "is an archive; unpack it, and give the folder that the model is in."),
        (write("model.zip"), "model.zip", "is an archive; unpack it, and give the folder that the model is in."),
        (
            write("ggml-model.bin", b"tjgg\3\0\0\0"),
            "ggml-model.bin",
            "is in a format that was in use before GGUF; a .gguf file, or safetensors, is needed.",
        ),
    ],
)
def test_other_files_of_models_are_told(tmp_path: Path, make: Callable[[Path], Any], given: str, found: str) -> None:
    make(tmp_path)
    assert refusal(tmp_path / given) == f"F/{given}: {found}"


def test_one_shard_of_several_is_no_model(sharded: Path) -> None:
    name = "model-00001-of-00002.safetensors"
    assert refusal(sharded / name) == f"F/{name}: is one of 2 shards of a model; give their folder, F."
