"""Films and pictures need what draws them, and nothing of OpenGL beside it: drawn by a fake where VTK cannot be had."""

from pathlib import Path

import pytest

from tests.processes import ran, without

SCRIPT = """
import sys
for name in ("vtk", "vtkmodules", "pyvista"):
    sys.modules[name] = None  # importing it fails

from mmviz import Scene
from mmviz.errors import MmvizError
from mmviz.filming.studio import write_film, write_still
from mmviz.orders.order import FilmOrder, PictureOrder
from tests.fake_renderer import Painters

scene = Scene("A @ B", {"A": {"init": "eye", "shape": [3, 2]}, "B": {"init": "eye", "shape": [2, 4]}})
for path in ("x.mp4", "x.mov", "x.webm", "x.gif", "x_%02d.png"):
    painters = Painters()
    write_film(scene, FilmOrder(path, 32, 16, fps=5), painters)
    assert painters.opened[0].shown > 1
for ground in ("black", "white", "transparent"):
    write_still(scene.composition, PictureOrder(f"{ground}.png", 32, 16, ground, 1.0), Painters())
for path in ("x.pdf", "x.svg"):
    write_still(scene.composition, PictureOrder(path, 64, 48, "white", 1.0), Painters())
try:
    scene.screenshot("real.png", width=32, height=16)
except ImportError as error:
    print(error)
"""


@pytest.mark.process
def test_films_and_pictures_are_made_by_another_renderer_where_vtk_cannot_be_imported(tmp_path: Path) -> None:
    done = ran(without("tests", "vtk", "vtkmodules") + SCRIPT, folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "vtkmodules" in done.out, "the real renderer does need it"
    names = {path.name for path in tmp_path.iterdir()}
    assert {
        "x.mp4",
        "x.mov",
        "x.webm",
        "x.gif",
        "x.pdf",
        "x.svg",
        "x_00.png",
        "black.png",
        "white.png",
        "transparent.png",
    } <= names
    assert "real.png" not in names
