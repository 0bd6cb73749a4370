"""Heads and weights whose singular values are looked at, and how two matrices are held against each other."""

from pathlib import Path
from typing import Any

import numpy as np

from mmviz.builders.forms import WeightForms
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.pipeline import Scene
from mmviz.scene.language.tree import find

ASSET = "smollm2-135m-2layers"
WEIGHT: dict[str, Any] = {"weight": "blocks.1.attn.W_Q", "head": 2}
MODEL: dict[str, Any] = {"path": ASSET, "tokens": (3, 1, 4, 1, 5), "device": "cpu"}
TOKENS = (3, 1, 4, 1, 5, 9, 2, 6)


def of_rank(matrix: np.ndarray, rank: int) -> np.ndarray:
    u, s, vt = np.linalg.svd(matrix.astype(float), full_matrices=False)
    return np.asarray(u[:, :rank] * s[:rank] @ vt[:rank])


def head(model: Path | str, forms: WeightForms, form: Any = "steps", **options: Any) -> Scene:
    reading = Reading(str(model), tokens=TOKENS, device="cpu", **options)
    return head_scene(reading, 1, 2, form, forms=forms)


def drawn(scene: Scene, name: str) -> np.ndarray:
    """A matrix as its name says it, however it stands."""
    node = find(scene.root, name) or find(scene.root, f"{name}.T")
    assert node is not None
    values = scene.values()[node.path].astype(float)
    return values if node.name == name else values.T


def off(found: np.ndarray, expected: np.ndarray) -> float:
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / np.abs(expected).max())
