"""Models opened on the CPU, and tokens that the small ones know."""

from pathlib import Path

from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)


def model_of(place: Path, dtype: str = "float32") -> Model:
    return Model(Checkpoint.open(place), "cpu", dtype)
