"""Qt without a screen, chosen before Qt is started."""

import os
import sys

import pytest

from mmviz import Scene
from mmviz.picture.composition import Composition

os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture
def environment() -> dict[str, str]:
    """What a process of its own gets: ours, without anything that points to a screen."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    kept = {name: value for name, value in os.environ.items() if name not in screens}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.fixture(scope="module")
def composition() -> Composition:
    return Scene.load("matmul").composition
