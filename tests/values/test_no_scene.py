"""A file that is given as a scene and is something else is told what it is, and what to give instead."""

import io
import zipfile
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from mmviz import MmvizError, Scene
from tests.inspecting import Inspect

NEEDED = "a scene file, YAML or JSON, is needed."
LFS = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 146136\n"
MADE = "give the scene that it was made of"


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.eye(2))
    return buffer.getvalue()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        written.writestr("a.npy", array())
    return buffer.getvalue()


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, kind)
    return buffer.getvalue()


def weights(folder: Path) -> bytes:
    save_file({"a": torch.ones(2, 2)}, folder / "w")
    return (folder / "w").read_bytes()


def model(folder: Path) -> bytes:
    writer = gguf.GGUFWriter(str(folder / "w"), "llama")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return (folder / "w").read_bytes()


def told(content: bytes, name: str = "blob") -> str:
    Path(name).write_bytes(content)
    with pytest.raises(MmvizError) as raised:
        Scene.load(name)
    return str(raised.value)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["blob", "blob.yaml", "blob.json"])
def test_weights_and_models(tmp_path: Path, name: str) -> None:
    opens = f"'mmviz view {name}' opens a model, and a scene names it under 'model'; {NEEDED}"
    assert told(weights(tmp_path), name) == f"{name}: holds weights, as safetensors; {opens}"
    assert told(model(tmp_path), name) == f"{name}: holds a model, as GGUF; {opens}"


def test_arrays() -> None:
    assert told(array(), "m.npy") == (
        f"m.npy: is an array of numpy; a scene takes it as a tensor by 'file: m.npy'; {NEEDED}"
    )
    assert told(archive(), "m.npz") == (
        "m.npz: is a zip archive, as .npz and .pt files are; a scene takes an array of one by 'file: m.npz' and its "
        f"'key'; {NEEDED}"
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (picture("PNG"), f"is a picture (PNG); {MADE}"),
        (picture("JPEG"), f"is a picture (JPEG); {MADE}"),
        (picture("GIF"), f"is a picture or film (GIF); {MADE}"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", f"is a film (MP4); {MADE}"),
        (b"glTF\2\0\0\0\x10\0\0\0", f"is a mesh (GLB); {MADE}"),
        (b"%PDF-1.7\n", f"is a document (PDF); {MADE}"),
        (b"lmgg\1\0\0\0", "is a model in a format that was in use before GGUF, which is not read"),
        (b"\x80\4\x95\0\0", "is a pickle, which can run code and is never opened"),
        (b"\x89HDF\r\n\x1a\n\0", "is an HDF5 file, which is not read"),
        (
            LFS.encode(),
            "is a pointer of Git LFS, not the file itself; `git lfs pull` in its folder fetches it",
        ),
        (b"<!DOCTYPE html><html></html>", "is a page of the web, not the file itself; download the file"),
    ],
)
def test_other_files(content: bytes, found: str) -> None:
    assert told(content, "x.yaml") == f"x.yaml: {found}; {NEEDED}"


def test_what_is_known_as_nothing_is_read_as_text() -> None:
    assert told(b"\xff\xfe\0\1", "x.yaml") == "x.yaml, line 1: not UTF-8 text; save the file as UTF-8."
    Path("x.yaml").write_text("expr: A\ntensors: {A: {init: eye, shape: [2, 2]}}\n")
    assert Scene.load("x.yaml").shapes.of[""] == (2, 2)


def test_the_command_line_says_it_once(inspect: Inspect) -> None:
    Path("x.yaml").write_text(LFS)
    code, _, error = inspect("x.yaml")
    found = "is a pointer of Git LFS, not the file itself; `git lfs pull` in its folder fetches it"
    assert (code, error.strip()) == (1, f"mmviz: x.yaml: {found}; {NEEDED}")
