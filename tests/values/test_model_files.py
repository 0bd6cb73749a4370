"""Which file of a folder is the model, by names and first bytes alone, and what anything else is called."""

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mmviz.errors import SourceError
from mmviz.values.files.kind_of_file import MOST_HEADER, Kind, kind_of
from mmviz.values.files.model_files import (
    MOST_LOOKED_AT,
    beside,
    config_of,
    format_of,
    ggufs_of,
    weights_of,
)

SAFETENSORS = (2).to_bytes(8, "little") + b"{}"
CONVERT = (
    "take the model's model.safetensors, or write it in an environment that you trust: "
    "AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)."
)
NOTHING = (
    "no safetensors file; model.safetensors, or model.safetensors.index.json with its shards, or a .gguf file, is "
    "needed."
)
TAKE = (
    "take it in the format of transformers (config.json with model.safetensors, or with model.safetensors.index.json "
    "and its shards) or as GGUF, or convert it"
)
MISTRALS = (
    f"is a model in Mistral's own format, whose names and rows are other ones, and is not read; {TAKE}, by "
    "convert_mistral_weights_to_hf.py of the repository of transformers."
)
METAS = (
    f"is a model in Meta's own format, a pickle, which can run code and is never opened; {TAKE} in an environment that "
    "you trust, by convert_llama_weights_to_hf.py of the repository of transformers."
)


def folder_of(folder: Path, *names: str, **contents: bytes) -> Path:
    """Files, empty but for those with contents."""
    for name in names:
        (folder / name).write_bytes(b"")
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        weights_of(path) if path.is_dir() else format_of(path)
    return str(caught.value).replace(str(path if path.is_dir() else path.parent), "F")


# What a file is.


def test_what_libraries_write_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    np.save(tmp_path / "npy.npy", np.ones(2))
    np.savez(tmp_path / "zip.npz", a=np.ones(2))
    torch.save(torch.ones(2), tmp_path / "zip.pt")
    with zipfile.ZipFile(tmp_path / "zip.empty", "w"):
        pass
    save_file({"a": torch.ones(2)}, tmp_path / "safetensors.st")
    save_file({}, tmp_path / "safetensors.empty")
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / f"pickle.{protocol}").write_bytes(pickle.dumps([1], protocol))
    for path in tmp_path.iterdir():
        assert kind_of(path) == path.stem, path.name


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"GGUF", "gguf"),
        (b"\x89HDF\r\n\x1a\n", "hdf5"),
        (b"lmgg", "ggml"),
        (b"fmgg", "ggml"),
        (b"tjgg", "ggml"),
        (b"algg", "ggml"),
        (b"version https://git-lfs.github.com/spec/v1\n", "lfs"),
        (b"/annex/objects/SHA256", "annex"),
        (b"<!DOCTYPE HTML>", "page"),
        (b"\xef\xbb\xbf \r\n\t<Html lang='en'>", "page"),
        (b"<body>", ""),
        (b"\x80\x06", ""),
        (pickle.dumps([1], 0), ""),
        (b"", ""),
        (b"GGU", ""),
        (SAFETENSORS, "safetensors"),
        (MOST_HEADER.to_bytes(8, "little") + b"{", "safetensors"),
        ((MOST_HEADER + 1).to_bytes(8, "little") + b"{", ""),
        ((1).to_bytes(8, "little") + b"{", ""),
        ((2).to_bytes(8, "little") + b"[", ""),
        ((2).to_bytes(8, "little"), ""),
    ],
)
def test_a_file_by_its_first_bytes(tmp_path: Path, content: bytes, kind: Kind) -> None:
    (tmp_path / "x.npy").write_bytes(content)
    assert kind_of(tmp_path / "x.npy") == kind


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "x", Path("a\0b"), tmp_path / ("x" * 300)):
        assert kind_of(path) == ""


# Which file of a folder.


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["model.safetensors", "model.safetensors.index.json", "m.gguf", "other.safetensors"], "model.safetensors"),
        (["model.safetensors.index.json", "m.gguf", "model-1-of-2.safetensors"], "model.safetensors.index.json"),
        (["MODEL.SAFETENSORS", "m.gguf"], "MODEL.SAFETENSORS"),
        (["weights.safetensors", "a.gguf", "b.gguf"], "weights.safetensors"),
        (["weights.safetensors", "adapter_model.safetensors", ".hidden.safetensors"], "weights.safetensors"),
        (["weights-1-of-1.safetensors"], "weights-1-of-1.safetensors"),
        (["a.safetensors", "b.safetensors", "m.GGUF"], "m.GGUF"),
        (["a-1-of-2.safetensors", "b.safetensors"], "b.safetensors"),
        (["m-00001-of-00001.gguf", "m-00001-of-00002.gguf"], "m-00001-of-00001.gguf"),
        (["consolidated.safetensors", "m.safetensors"], "m.safetensors"),
        (["consolidated.gguf"], "consolidated.gguf"),
        (["m-00002-of-00003.gguf", "m-00003-of-00003.gguf"], "m-00002-of-00003.gguf"),  # which tells what is missing
    ],
)
def test_the_file_that_a_folder_is_opened_by(tmp_path: Path, names: list[str], chosen: str) -> None:
    assert weights_of(folder_of(tmp_path, *names)).name == chosen


def test_where_no_name_tells_the_content_does(tmp_path: Path) -> None:
    folder_of(tmp_path, "README.md", blob=SAFETENSORS, other=b"GGUF")
    assert weights_of(tmp_path).name == "blob"
    folder_of(tmp_path, **{"x.safetensors": b""})  # a name counts more than bytes
    assert weights_of(tmp_path).name == "x.safetensors"
    assert ggufs_of(tmp_path) == [tmp_path / "other"]


def test_only_the_first_files_of_a_folder_are_looked_into(tmp_path: Path) -> None:
    folder_of(tmp_path, *(f"a{number:03}" for number in range(MOST_LOOKED_AT - 1)), b=b"GGUF")
    assert weights_of(tmp_path).name == "b"
    folder_of(tmp_path, "a999")
    assert refusal(tmp_path) == f"F: {NOTHING}"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], NOTHING),
        (["README.md"], NOTHING),
        (["a.gguf", "b.gguf"], "has 2 .gguf files (a.gguf, b.gguf); give the path of one of them."),
        (
            ["a.gguf", "b.gguf", "c.gguf", "d.gguf"],
            "has 4 .gguf files (a.gguf, b.gguf, c.gguf, ...); give the path of one of them.",
        ),
        (
            ["m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "n-00002-of-00003.gguf"],
            "has 2 .gguf files (m-00001-of-00003.gguf, n-00002-of-00003.gguf); give the path of one of them.",
        ),
        (
            ["model-1-of-2.safetensors"],
            "has shards, such as model-1-of-2.safetensors, but no model.safetensors.index.json; the model's own is "
            "needed.",
        ),
        (
            ["a.safetensors", "b.safetensors"],
            "has no model.safetensors but a.safetensors; give the path of that file.",
        ),
        (
            ["optimizer.bin", "pytorch_model.bin"],
            f"pytorch_model.bin is a pickle, which can run code and is never opened; {CONVERT}",
        ),
        (["consolidated.safetensors", "params.json", "tekken.json"], f"consolidated.safetensors {MISTRALS}"),
        (
            ["consolidated-00001-of-00002.safetensors", "consolidated.safetensors.index.json"],
            f"consolidated-00001-of-00002.safetensors {MISTRALS}",
        ),
        (["consolidated.00.pth", "consolidated.01.pth", "params.json"], f"consolidated.00.pth {METAS}"),
        (["weights.h5"], f"weights.h5 holds weights of TensorFlow, which are not read; {CONVERT}"),
        (["weights.msgpack"], f"weights.msgpack holds weights of Flax, which are not read; {CONVERT}"),
    ],
)
def test_a_folder_without_one_model_is_told_what_it_has(tmp_path: Path, names: list[str], found: str) -> None:
    assert refusal(folder_of(tmp_path, *names)) == f"F: {found}"


@pytest.mark.parametrize(
    ("config", "of"),
    [
        (None, ""),
        ({"base_model_name_or_path": "org/base"}, " of org/base"),
        ({"base_model_name_or_path": 3}, ""),
        ({}, ""),
        ("[", ""),
    ],
)
def test_an_adapter_is_told_with_the_model_that_it_was_made_for(tmp_path: Path, config: object, of: str) -> None:
    folder_of(tmp_path, **{"adapter_model.safetensors": SAFETENSORS})
    if config is not None:
        content = config if isinstance(config, str) else json.dumps(config)
        (tmp_path / "adapter_config.json").write_text(content)
    told = (
        f"is an adapter{of}, no model; give the model that it was made for, and this folder as its adapter (--adapter)."
    )
    assert refusal(tmp_path) == f"F: {told}"
    assert refusal(tmp_path / "adapter_model.safetensors") == f"F/adapter_model.safetensors: {told}"
    (tmp_path / "config.json").write_text("{}")
    assert format_of(tmp_path / "adapter_model.safetensors") == "safetensors"


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", deny)
    assert refusal(tmp_path) == "F: cannot be read (Permission denied); a readable folder is needed."


# What a file holds.


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("model.safetensors.index.json", b"{}", "index"),
        ("MODEL.SAFETENSORS.INDEX.JSON", b"{}", "index"),
        ("m.gguf", b"", "gguf"),
        ("m.gguf", b"GGUF", "gguf"),
        ("m.gguf", SAFETENSORS, "safetensors"),
        ("model.safetensors", b"GGUF", "gguf"),
        ("blob", SAFETENSORS, "safetensors"),
        ("model.safetensors", b"", "safetensors"),  # its reader says what is wrong with it
        ("model-00001-of-00001.safetensors", SAFETENSORS, "safetensors"),
    ],
)
def test_the_format_of_a_file(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert format_of(tmp_path / name) == kind


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("config.json", b"{}", "is one of the files beside a model's weights; give its folder, F."),
        ("m.ZIP", b"PK\3\4", "is an archive; unpack it, and give the folder that the model is in."),
        ("m.tar", b"", "is an archive; unpack it, and give the folder that the model is in."),
        ("m", b"lmgg", "is in a format that was in use before GGUF; a .gguf file, or safetensors, is needed."),
        ("m", b"\x80\x02", f"m is a pickle, which can run code and is never opened; {CONVERT}"),
        ("x.safetensors", b"PK\3\4", f"x.safetensors is a pickle, which can run code and is never opened; {CONVERT}"),
        ("m", b"\x89HDF\r\n\x1a\n", f"m holds weights of TensorFlow, which are not read; {CONVERT}"),
        ("notes.txt", b"hello", NOTHING),
        ("consolidated.safetensors", SAFETENSORS, MISTRALS),
        ("consolidated.00.pth", b"PK\3\4", METAS),
        ("model-00001-of-00003.safetensors", SAFETENSORS, "is one of 3 shards of a model; give their folder, F."),
    ],
)
def test_a_file_that_is_no_model_is_told_what_it_is(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name) == f"F/{name}: {found}"


def test_a_file_is_found_in_capitals_where_there_is_none_in_small_letters(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    assert config_of(weights) == tmp_path / "config.json"
    (tmp_path / "CONFIG.JSON").touch()
    assert config_of(weights) == tmp_path / "CONFIG.JSON"
    (tmp_path / "config.json").touch()
    assert beside(weights, "config.json") == tmp_path / "config.json"
