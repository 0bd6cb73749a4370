"""What a file is by its first bytes, whatever it is called; reads no more of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Kind = Literal["safetensors", "gguf", "ggml", "npy", "zip", "pickle", "hdf5", "lfs", "annex", "page", ""]
"""ggml: what GGUF replaced; zip: a .npz or a new .pt, too; lfs, annex: a pointer that a version control keeps in place
of a file; page: of the web; "": anything else."""

STARTS: Mapping[bytes, Kind] = {
    b"GGUF": "gguf",
    b"lmgg": "ggml",
    b"fmgg": "ggml",
    b"tjgg": "ggml",
    b"algg": "ggml",
    b"\x93NUMPY": "npy",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x89HDF\r\n\x1a\n": "hdf5",
    b"version https://git-lfs.github.com/spec/": "lfs",
    b"/annex/objects/": "annex",
    **{b"\x80" + bytes([protocol]): "pickle" for protocol in range(2, 6)},
}
PAGES = (b"<!doctype html", b"<html")
FEW = 64
"""Bytes that are looked at."""
MOST_HEADER = 100_000_000
"""Bytes of a safetensors file's header; the library refuses more."""


def kind_of(path: Path) -> Kind:
    """What a file is; "" where it cannot be read, too."""
    try:
        with path.open("rb") as file:
            start = file.read(FEW)
    except (OSError, ValueError):  # ValueError: a null character in the path
        return ""
    for sign, kind in STARTS.items():
        if start.startswith(sign):
            return kind
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGES):
        return "page"
    header = int.from_bytes(start[:8], "little")
    return "safetensors" if start[8:9] == b"{" and 2 <= header <= MOST_HEADER else ""
