"""Tensors out of a file of torch.save, by torch's own reader that makes nothing but tensors; runs no code of a file."""

import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from mmviz.errors import SourceError

SAFE = (2, 10)
"""The first version whose weights_only is: CVE-2025-32434 was mended in 2.6, CVE-2026-24747 in 2.10."""
SAVE = "save tensors alone: safetensors.torch.save_file({'name': tensor}, 'FILE.safetensors')"


def open_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor of a file, mapped into memory, by name; those of lists by number, inner ones as outer.inner.

    Raises:
        SourceError: it is broken, holds more than tensors and plain values, two tensors get one name, or torch is too
            old to be safe.
    """
    if tuple(int(part) for part in torch.__version__.split(".")[:2]) < SAFE:
        needed = ".".join(map(str, SAFE))
        raise SourceError(
            f"{path}: is a pickle, which can run code; torch {needed} or later is needed to read it safely. "
            f"Else {SAVE}."
        )
    _check_plainly_stored(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # of many kinds, where the file is broken or holds anything else
        raise SourceError(
            f"{path}: is broken, or a pickle of more than tensors, which can run code and is never opened; {SAVE}."
        ) from error
    tensors: dict[str, torch.Tensor] = {}
    for name, tensor in _named("", found):
        if name in tensors:  # such as a.b and the b of an a
            raise SourceError(f"{path}: has two tensors that are both called {name!r} here; {SAVE}.")
        tensors[name] = tensor.detach()
    return tensors


def check_numbers(tensor: torch.Tensor, where: str) -> None:
    """Refuse what has no plain numbers.

    Raises:
        SourceError: it is sparse, quantized, without numbers, or its numbers are not real.
    """
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta or tensor.is_nested:
        raise SourceError(f"{where}: is sparse, quantized or without numbers; a plain tensor is needed.")
    if tensor.is_complex():
        raise SourceError(f"{where}: holds {str(tensor.dtype).removeprefix('torch.')}; real numbers are needed.")


def _check_plainly_stored(path: Path) -> None:
    """torch.save does not compress: a small file must not become a large one in memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            plain = all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
    except Exception as error:  # of many kinds, where it is broken
        size = path.stat().st_size
        raise SourceError(
            f"{path}: is cut off or no file of torch.save ({size} bytes); a whole one is needed."
        ) from error
    if not plain:
        raise SourceError(f"{path}: is compressed, as torch.save writes no file; {SAVE}.")


def _named(name: str, found: Any) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(found, torch.Tensor):
        yield name or "0", found
    elif isinstance(found, Mapping | list | tuple):
        for key, inner in found.items() if isinstance(found, Mapping) else enumerate(found):
            yield from _named(f"{name}.{key}" if name else str(key), inner)
