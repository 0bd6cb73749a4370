"""Folders for models that variables of the environment name, and what is wrong with one; makes none."""

import os
from collections.abc import Mapping, Sequence
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
