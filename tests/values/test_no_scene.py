"""What is said of a file that was given as a scene and is something else, for files as libraries write them."""

import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save

from mmviz.errors import SceneError
from mmviz.values.files.no_scene import check_may_be_scene


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
