"""Folders for models that variables of the environment name, their size, and how one is cleared; makes none."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmviz.errors import SourceError

FETCHED = ("MMVIZ_CACHE", "XDG_CACHE_HOME")
HUB = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")
"""The variables that say where a folder is; of those that are set, the first decides."""
RESIDUALS = "MMVIZ_RESIDUALS"
"""The variable that says, by `no`, that no residual streams are kept in files, nor those taken that were."""

Holds = Literal["models", "residual streams"]


@dataclass(frozen=True, slots=True)
class ModelCache:
    """A folder in which models, or what they computed, are kept; it need not be there."""

    name: str
    folder: Path
    ours: bool  # nobody else keeps anything in it
    holds: Holds = "models"

    def size(self) -> int:
        """Bytes of all its files."""
        return size_of(self.folder)

    def clear(self) -> None:
        """Delete what is in it.

        Raises:
            SourceError: it is not ours, or something in it cannot be deleted.
        """
        if not self.ours:
            raise SourceError(f"{self.folder}: other programs use this folder; it is not cleared.")
        try:
            for place in self.folder.iterdir() if self.folder.is_dir() else ():
                if place.is_dir() and not place.is_symlink():
                    shutil.rmtree(place)
                else:
                    place.unlink()
        except OSError as error:
            raise SourceError(f"{error.filename or self.folder}: cannot be deleted ({error.strerror}).") from None


def deciding(variables: Sequence[str], environment: Mapping[str, str]) -> str:
    """The variable that decides; empty where none is set."""
    return next((name for name in variables if environment.get(name)), "")


def with_home(place: Path | str, variables: Sequence[str]) -> Path:
    """A folder whose path may begin with ~ or ~NAME.

    Raises:
        SourceError: there is no such home.
    """
    try:
        return Path(place).expanduser()
    except RuntimeError:
        name = deciding(variables, os.environ)
        found = f"{name} is {os.environ[name]!r}, whose home does not exist" if name else "HOME is not set"
        raise SourceError(f"{found}; name a folder for models in {variables[0]}.") from None


def size_of(folder: Path) -> int:
    """Bytes of all files; a link counts as itself, as Hugging Face's cache links to what it has once."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # another program may be writing and deleting there
                total += (Path(place) / name).lstat().st_size
    return total
