"""The folders in which models are kept on this machine: where each is, and whether it is ours to clear; reads none."""

from collections.abc import Callable
from pathlib import Path

from mmviz.errors import SourceError
from mmviz.machine.homes import ModelCache
from mmviz.values.origin.fetch import models_folder
from mmviz.values.origin.hub import hub_cache


def model_caches() -> tuple[ModelCache, ...]:
    """Ours, and that of Hugging Face, which other programs use as well; one that cannot be is left out."""
    known: tuple[tuple[str, Callable[[], Path], bool], ...] = (
        ("Fetched by mmviz", models_folder, True),
        ("Hugging Face", hub_cache, False),
    )
    found = []
    for name, find, ours in known:
        try:
            found.append(ModelCache(name, find(), ours))
        except SourceError:  # its home does not exist
            continue
    return tuple(found)
