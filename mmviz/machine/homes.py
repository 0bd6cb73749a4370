"""Folders for models that variables of the environment name, what is wrong with one, and its size; makes none."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mmviz.errors import SourceError

FETCHED = ("MMVIZ_CACHE", "XDG_CACHE_HOME")
HUB = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")
"""The variables that say where a folder is; of those that are set, the first decides."""


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
