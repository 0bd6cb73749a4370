"""What a file is that was given as a scene and is none, and what to give instead; opens no format."""

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
    b"GIF8": "a picture or film (GIF)",
    b"glTF": "a mesh (GLB)",
    b"%PDF-": "a document (PDF)",
}
"""By how they begin."""
FILM = b"ftyp"
"""What stands behind the first four bytes of an MP4."""


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
    made = (
        "a film (MP4)"
        if start[4:8] == FILM
        else next((what for s, what in PICTURES.items() if start.startswith(s)), "")
    )
    return f"is {made}; give the scene that it was made of" if made else ""
