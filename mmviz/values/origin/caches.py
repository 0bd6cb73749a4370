"""The folders in which models, and what they computed, are kept on this machine; whose they are; reads none."""

import os
from collections.abc import Callable
from pathlib import Path

from mmviz.errors import SourceError
from mmviz.machine.homes import RESIDUALS, Holds, ModelCache
from mmviz.values.origin.fetch import models_folder
from mmviz.values.origin.hub import hub_cache


def residuals_folder() -> Path | None:
    """Where residual streams are kept, beside the models that are fetched; None where none are to be, or can."""
    if os.environ.get(RESIDUALS, "").lower() in ("no", "off", "0"):
        return None
    try:
        return _residuals_folder()
    except SourceError:
        return None


def model_caches() -> tuple[ModelCache, ...]:
    """Ours, and that of Hugging Face, which other programs use as well; one that cannot be is left out."""
    known: tuple[tuple[str, Callable[[], Path], bool, Holds], ...] = (
        ("Fetched by mmviz", models_folder, True, "models"),
        ("Hugging Face", hub_cache, False, "models"),
        ("Computed by mmviz", _residuals_folder, True, "residual streams"),
    )
    found = []
    for name, find, ours, holds in known:
        try:
            found.append(ModelCache(name, find(), ours, holds))
        except SourceError:  # its home does not exist
            continue
    return tuple(found)


def _residuals_folder() -> Path:
    return models_folder().with_name("residuals")
