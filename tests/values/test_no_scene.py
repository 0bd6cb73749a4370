"""What is said of a file that was given as a scene and is something else, for files as libraries write them."""

import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save

from mmviz.builders.by_name import scene_named
from mmviz.errors import SceneError
from mmviz.values.files.no_scene import check_may_be_opened, check_may_be_scene, holds_arrays


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, kind)
    return out.getvalue()


def npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.ones(2))
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    np.savez(out, a=np.ones(2))
    return out.getvalue()


MADE = "; give the scene that it was made of"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (picture("PNG"), f"is a picture (PNG){MADE}"),
        (picture("JPEG"), f"is a picture (JPEG){MADE}"),
        (picture("GIF"), f"is a picture or film (GIF){MADE}"),
        (picture("PDF"), f"is a document (PDF){MADE}"),
        (b"glTF\2\0\0\0", f"is a mesh (GLB){MADE}"),
        (b"\0\0\0\x20ftypisom", f"is a film (MP4){MADE}"),
        (
            save({"a": torch.ones(1)}),
            "holds weights, as safetensors; 'mmviz view {path}' opens a model, and a scene names it under 'model'",
        ),
        (b"GGUF", "holds a model, as GGUF; 'mmviz view {path}' opens a model, and a scene names it under 'model'"),
        (npy(), "is an array of numpy; a scene takes it as a tensor by 'file: x.yaml'"),
        (
            archive(),
            "is a zip archive, as .npz and .pt files are; a scene takes an array of one by 'file: x.yaml' and its "
            "'key'",
        ),
        (b"lmgg", "is a model in a format that was in use before GGUF, which is not read"),
        (pickle.dumps(1, 4), "is a pickle, which can run code and is never opened"),
        (b"\x89HDF\r\n\x1a\n", "is an HDF5 file, which is not read"),
        (b"<html>", "is a page of the web, not the file itself; download the file"),
    ],
)
def test_a_file_of_another_kind_is_told_with_what_to_give_instead(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(SceneError) as caught:
        check_may_be_scene(path)
    assert str(caught.value) == f"{path}: {found.format(path=path)}; a scene file, YAML or JSON, is needed."


@pytest.mark.parametrize("content", [b"", b"version: 1\n", b"{}", b"\xff\xfev\0", b"ftyp: 1\n", b"\x89PNG: 1\n"])
def test_what_may_be_a_scene_passes(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.png").write_bytes(content)
    check_may_be_scene(tmp_path / "x.png")


def test_what_is_no_file_is_told_by_whoever_opens_it(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", Path("/dev/null")):
        check_may_be_scene(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_of_a_pipe_nothing_is_read_that_would_be_lost(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    both_ends = os.open(tmp_path / "pipe", os.O_RDWR)
    content = b"GGUF" + bytes(9000)
    os.write(both_ends, content)
    check_may_be_scene(tmp_path / "pipe")
    assert os.read(both_ends, 10_000) == content
    os.close(both_ends)


CAN_BE_OPENED = (
    "what can be opened: scenes (.yaml, .json), models (a folder, .safetensors, .gguf), matrices (.npy, .npz, .csv, "
    ".pt), links of mm."
)


def office() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("x.png", picture("PNG"), "is a picture (PNG)"),
        ("x.tiff", picture("TIFF"), "is a picture (TIFF)"),
        ("x.webp", picture("WEBP"), "is a picture (WebP)"),
        ("x.pdf", picture("PDF"), "is a document (PDF)"),
        ("x.svg", b"<svg xmlns='x'/>", "is a picture (SVG)"),
        ("x.mp4", b"\0\0\0\x20ftypisom", "is a film (MP4)"),
        ("x.docx", office(), "is an archive, and none of numpy or torch"),
        ("program", b"\x7fELF\0\0", "is no text, and of no kind that is known"),
        ("x.bmp", picture("BMP"), "is no text, and of no kind that is known"),
        ("notes.txt", b"Dear all,\n", "is a text without a line 'expr: ...', which every scene has"),
        ("empty", b"", "is empty"),
    ],
)
def test_what_cannot_be_shown_is_told_with_what_can(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SceneError) as caught:
        check_may_be_opened(path)
    assert str(caught.value) == f"{path}: {found}; {CAN_BE_OPENED}"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_told_without_waiting_for_who_writes_into_it(tmp_path: Path) -> None:
    pipe = tmp_path / "scene.yaml"
    os.mkfifo(pipe)
    with pytest.raises(SceneError) as caught:
        scene_named(str(pipe))
    assert str(caught.value) == f"{pipe}: is a pipe, a socket or a device, and no file; {CAN_BE_OPENED}"


def test_a_folder_with_nothing_to_be_shown_is_told_too(tmp_path: Path) -> None:
    for found in ("is an empty folder", "holds no model and no tensors"):
        with pytest.raises(SceneError) as caught:
            check_may_be_opened(tmp_path)
        assert str(caught.value) == f"{tmp_path}: {found}; {CAN_BE_OPENED}"
        (tmp_path / "picture.png").write_bytes(picture("PNG"))
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps(1, 4))
    check_may_be_opened(tmp_path)  # its own message says why it is not read


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.txt", "title: Ümlaut\nexpr: A @ B\n".encode()),
        ("x", b'{"expr": "A @ B"}'),
        ("x.yaml", b"a: 1"),
        ("x.npy", npy()),
        ("x.zip", archive()),
        ("x.safetensors", save({"a": torch.ones(1)})),
        ("x.gguf", b"GGUF"),
        ("x.pkl", pickle.dumps(1, 4)),
        ("x.csv", b"1,2"),
        ("x.html", b"<html>"),
    ],
)
def test_what_may_be_shown_or_has_a_message_of_its_own_passes(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    check_may_be_opened(tmp_path / name)


def test_archives_of_arrays_are_told_from_others(tmp_path: Path) -> None:
    contents = {"x.npz": archive(), "x.docx": office(), "broken": b"PK\3\4"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    torch.save({"a": torch.ones(1)}, tmp_path / "x.pt")
    found = {path.name: holds_arrays(path) for path in tmp_path.iterdir()}
    assert found == {"x.npz": True, "x.docx": False, "broken": True, "x.pt": True}
