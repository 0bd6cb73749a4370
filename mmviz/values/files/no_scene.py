"""What a file is that was given to be shown and is no scene, and what to give instead; opens no format."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from mmviz.errors import SceneError
from mmviz.values.files.kind_of_file import Kind, kind_of
from mmviz.values.files.plain_file import STAND_INS

MODELS: Mapping[Kind, str] = {"safetensors": "weights, as safetensors", "gguf": "a model, as GGUF"}
ARRAYS: Mapping[Kind, str] = {
    "npy": "is an array of numpy; a scene takes it as a tensor by 'file: {name}'",
    "zip": "is a zip archive, as .npz and .pt files are; a scene takes an array of one by 'file: {name}' and its 'key'",
}
OTHERS: Mapping[Kind, str] = {
    "ggml": "is a model in a format that was in use before GGUF, which is not read",
    "pickle": "is a pickle, which can run code and is never opened",
    "hdf5": "is an HDF5 file, which is not read",
}
PICTURES: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"II*\0": "a picture (TIFF)",
    b"MM\0*": "a picture (TIFF)",
    b"<svg": "a picture (SVG)",
    b"GIF8": "a picture or film (GIF)",
    b"glTF": "a mesh (GLB)",
    b"%PDF-": "a document (PDF)",
}
"""By how they begin."""
FILM = b"ftyp"
"""What stands behind the first four bytes of an MP4."""
OPENED = (
    "what can be opened: scenes (.yaml, .json), models (a folder, .safetensors, .gguf), matrices (.npy, .npz, .csv, "
    ".pt), links of mm"
)
SCENES = (".yaml", ".yml", ".json")
TABLES = (".csv", ".tsv", ".npy", ".npz", ".pt", ".pth")
"""Endings of files whose readers say best what is wrong with them."""
LOOKED_AT = 1 << 16
"""Bytes of a file that are looked at for a line that begins a scene."""
EXPRESSION = re.compile(r"""^\s*["'{ ]*expr["']?\s*:""", re.MULTILINE)
WEIGHTS = (".safetensors", ".gguf", ".bin", ".ckpt", ".pt", ".pth", ".h5", ".msgpack", ".npy", ".npz")
"""Endings of files for which a folder is worth opening."""


def check_may_be_scene(path: Path) -> None:
    """Refuse a plain file that is something else by its first bytes.

    Raises:
        SceneError: it is one.
    """
    if not path.is_file():  # a pipe would lose what is read here
        return
    found = _what(path)
    if found:
        raise SceneError(f"{path}: {found}; a scene file, YAML or JSON, is needed.")


def check_may_be_opened(path: Path) -> None:
    """Refuse a file or folder that is nothing which a window could show, whatever it is taken for.

    Raises:
        SceneError: it is such a thing.
    """
    if path.is_dir():
        found = _of_folder(path)
    elif path.is_file():
        found = _of_file(path)
    else:  # nobody may ever write into a pipe
        found = "is a pipe, a socket or a device, and no file" if path.exists() else ""
    if found:
        raise SceneError(f"{path}: {found}; {OPENED}.")


def _of_folder(path: Path) -> str:
    try:
        names = [file.name.lower() for file in path.iterdir()]
    except OSError:
        return ""  # whoever opens it says so
    there = any(name.endswith(WEIGHTS) or name.endswith(".json") for name in names)
    return "" if there else "holds no model and no tensors" if names else "is an empty folder"


def _of_file(path: Path) -> str:
    suffix, kind = path.suffix.lower(), kind_of(path)
    if kind in STAND_INS or suffix in (*TABLES, *WEIGHTS):
        return ""
    try:
        with path.open("rb") as file:
            start = file.read(LOOKED_AT)
    except OSError:
        return ""
    if made := _made(start):
        return f"is {made}"
    if kind == "zip" and not holds_arrays(path):
        return "is an archive, and none of numpy or torch"
    return "" if kind or suffix in SCENES else _of_text(start)


def _of_text(start: bytes) -> str:
    """Why what begins so is no scene in a text; "" where it may be one."""
    if not start:
        return "is empty"
    text = start.decode("utf-8", "ignore")
    if "\0" in text or len(text.encode()) < len(start) - 3:  # the last letter may be cut
        return "is no text, and of no kind that is known"
    return "" if EXPRESSION.search(text) else "is a text without a line 'expr: ...', which every scene has"


def holds_arrays(path: Path) -> bool:
    """Whether an archive is numpy's or torch's."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith((".npy", "data.pkl")) for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return True  # its reader says what is broken


def _what(path: Path) -> str:
    kind = kind_of(path)
    if kind in STAND_INS:
        return STAND_INS[kind]
    if kind in MODELS:
        return f"holds {MODELS[kind]}; 'mmviz view {path}' opens a model, and a scene names it under 'model'"
    if kind in ARRAYS:
        return ARRAYS[kind].format(name=path.name)
    if kind in OTHERS:
        return OTHERS[kind]
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:
        return ""
    made = _made(start)
    return f"is {made}; give the scene that it was made of" if made else ""


def _made(start: bytes) -> str:
    """What programs have made, by its first bytes; "" for anything else."""
    if start[4:8] == FILM:
        return "a film (MP4)"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "a picture (WebP)"
    return next((what for sign, what in PICTURES.items() if start.startswith(sign)), "")
