"""Paths inside the Hugging Face cache, laid out by hand as huggingface_hub lays it out."""

from pathlib import Path

import pytest
from huggingface_hub.file_download import repo_folder_name

from mmviz.errors import SourceError
from mmviz.values.origin.cached import id_of, meant_in_cache, name_of

OLD, NEW = "1111", "2222"


def model_in(
    cache: Path, name: str = "org/tiny", main: str | None = NEW, commits: tuple[str, ...] = (OLD, NEW)
) -> Path:
    folder = cache / str(repo_folder_name(repo_id=name, repo_type="model"))
    (folder / "blobs").mkdir(parents=True)
    (folder / "blobs" / "abc").write_text("weights")
    for commit in commits:
        (folder / "snapshots" / commit / "sub").mkdir(parents=True)
        (folder / "snapshots" / commit / "sub" / "model.safetensors").symlink_to(folder / "blobs" / "abc")
    if main is not None:
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(f"{main}\n")
    return folder


def refusal(place: Path) -> str:
    with pytest.raises(SourceError) as caught:
        meant_in_cache(place)
    return str(caught.value).replace(str(place), "P")


@pytest.mark.parametrize("name", ["org/tiny", "gpt2", "org/a-b", "Org_1/a.b"])
def test_a_folder_has_the_name_that_huggingface_hub_gives_it(name: str) -> None:
    assert name_of(repo_folder_name(repo_id=name, repo_type="model")) == name


def test_a_model_is_the_snapshot_of_its_main_branch(tmp_path: Path) -> None:
    folder = model_in(tmp_path, main=OLD)
    for place in (folder, folder / "snapshots"):
        assert meant_in_cache(place) == folder / "snapshots" / OLD
    assert meant_in_cache(folder / "snapshots" / NEW) == folder / "snapshots" / NEW


@pytest.mark.parametrize("main", [None, "3333"])
def test_the_only_snapshot_needs_no_branch(tmp_path: Path, main: str | None) -> None:
    folder = model_in(tmp_path, main=main, commits=(OLD,))
    assert meant_in_cache(folder) == folder / "snapshots" / OLD


def test_a_relative_path_is_one_of_the_folder_that_one_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = model_in(tmp_path)
    monkeypatch.chdir(folder)
    assert meant_in_cache(Path()) == folder / "snapshots" / NEW
    monkeypatch.chdir(folder / "snapshots")
    assert meant_in_cache(Path()) == folder / "snapshots" / NEW


def test_a_blob_is_the_file_of_the_main_branch_that_lies_in_it(tmp_path: Path) -> None:
    folder = model_in(tmp_path)
    blob = folder / "blobs" / "abc"
    assert meant_in_cache(blob) == folder / "snapshots" / NEW / "sub" / "model.safetensors"
    (folder / "refs" / "main").write_text(OLD)
    assert meant_in_cache(blob) == folder / "snapshots" / OLD / "sub" / "model.safetensors"
    (folder / "refs" / "main").unlink()
    assert meant_in_cache(blob) == folder / "snapshots" / OLD / "sub" / "model.safetensors"
    other = folder / "blobs" / "def"
    other.write_text("nobody's")
    assert meant_in_cache(other) == other


def test_what_lies_elsewhere_is_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "blobs" / "abc").touch()
    for place in (tmp_path, tmp_path / "snapshots", tmp_path / "blobs" / "abc", tmp_path / "not there"):
        assert meant_in_cache(place) == place
        assert id_of(place) is None


def test_the_id_of_a_snapshot_and_of_its_files(tmp_path: Path) -> None:
    snapshot = model_in(tmp_path) / "snapshots" / NEW
    assert (id_of(snapshot), id_of(snapshot / "config.json")) == ("org/tiny", "org/tiny")
    assert id_of(snapshot / "sub" / "model.safetensors") is None
    assert id_of(snapshot.parent) is None


def test_what_of_the_cache_is_no_model_is_told(tmp_path: Path) -> None:
    folder = model_in(tmp_path, "org/zeta", main="3333")
    model_in(tmp_path, "org/alpha")
    assert refusal(tmp_path) == "P: is a Hugging Face cache; give one of its models, such as org/alpha."
    assert refusal(folder) == (
        "P: the Hugging Face cache has 2 revisions of this model, none of which is main; give one of them, such as "
        f"P/snapshots/{OLD}."
    )
    for name in ("datasets--org--words", "spaces--org--words"):
        (tmp_path / name).mkdir()
        assert refusal(tmp_path / name) == "P: is a data set or a space in the Hugging Face cache; a model is needed."
    empty = model_in(tmp_path, "org/empty", commits=())
    assert refusal(empty) == "P: the Hugging Face cache has no files of this model; org/empty downloads them."


def test_a_branch_that_is_no_text_is_told(tmp_path: Path) -> None:
    folder = model_in(tmp_path)
    (folder / "refs" / "main").write_bytes(b"\xff")
    assert refusal(folder) == (
        "P: cannot be read ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte); a readable folder "
        "is needed."
    )
    assert meant_in_cache(folder / "blobs" / "abc").parent.parent.name == OLD
