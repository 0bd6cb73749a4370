"""Single pictures as files: whole or not at all, and one message where nothing can be drawn."""

import os
import sys
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mmviz.errors import OutputError
from mmviz.picture.drawlist import DrawList, Sheet
from mmviz.picture.eye.camera import fit
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.offscreen import offscreen
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.renderer import Renderer
from mmviz.render.still import write_png
from tests.fake_renderer import Painter, Painters
from tests.processes import ran

Picture = NDArray[np.uint8]


def draw(renderer: Renderer) -> Picture:
    x, y, z = np.eye(3)
    values = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    sheet = Sheet(ItemKey("matrix", "m"), Placement((3, 4), np.zeros(3), -y, x), values, 1.0)
    extent = sheet.placement.corners(0.75)
    width, height = renderer.size
    renderer.show(DrawList(sheets=(sheet,), extent=extent), fit(extent, z, width / height))
    return renderer.draw()


def still(path: Path, size: tuple[int, int] = (64, 48)) -> None:
    write_png(path, size, draw, Painter)


@pytest.mark.parametrize("tile", [(65, 47), (65, 10), (20, 47), (7, 9)])
def test_tiles_are_put_where_they_belong(tmp_path: Path, tile: tuple[int, int]) -> None:
    painters = Painters()
    write_png(tmp_path / "x.png", (65, 47), draw, painters, tile=tile)
    (painter,) = painters.opened
    assert painter.shown == ceil(65 / tile[0]) * ceil(47 / tile[1])
    assert painter.closed
    with Image.open(tmp_path / "x.png") as image:
        picture = np.asarray(image)
    np.testing.assert_array_equal(picture[:, :, 0], np.tile(np.arange(65), (47, 1)))
    np.testing.assert_array_equal(picture[:, :, 1], np.tile(np.arange(47)[::-1, None], (1, 65)))


def test_a_still_is_a_file_with_the_picture(tmp_path: Path) -> None:
    write_png(tmp_path / "x.PNG", (65, 47), draw, offscreen)
    with Canvas(65, 47) as canvas:
        expected = draw(canvas)
    with Image.open(tmp_path / "x.PNG") as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (65, 47))
        np.testing.assert_array_equal(np.asarray(image), expected)
    assert [path.name for path in tmp_path.iterdir()] == ["x.PNG"]


def refusal(path: Path, size: tuple[int, int] = (64, 48)) -> str:
    with pytest.raises(OutputError) as caught:
        write_png(path, size, lambda _: pytest.fail("the work was begun"), Painter)
    return str(caught.value)


def test_a_still_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.jpg") == f"{tmp_path}/x.jpg: the name ends in .jpg; it must end in .png."
    missing = tmp_path / "a" / "x.png"
    assert refusal(missing) == f"{missing}: the folder {tmp_path}/a does not exist; create it first."
    assert refusal(tmp_path / "x.png", (0, 9)) == "picture size 0x9: width and height must be 1 or more."
    assert refusal(tmp_path / "x.png", (9, 32769)) == "picture size 9x32769: width and height must be at most 32768."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_failure_leaves_the_old_still_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "x.png"
    path.write_text("old")

    def broken(_: Renderer) -> Picture:
        raise error

    with pytest.raises(error):
        write_png(path, (64, 48), broken, Painter)
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["x.png"]


@pytest.mark.process
def test_without_opengl_a_still_is_one_message_and_no_file(tmp_path: Path) -> None:
    """The libraries are hidden from ctypes, as on a machine that lacks them; VTK would crash the process."""
    script = """
import ctypes, sys
real = ctypes.CDLL
def load(name, *arguments, **settings):
    if name and any(part in str(name) for part in ("EGL", "OSMesa", "libGL", "X11")):
        raise OSError(f"{name}: hidden")
    return real(name, *arguments, **settings)
ctypes.CDLL = load
sys.argv = ["mmviz", "render", "matmul", "-o", "x.png"]
from mmviz.cli import main
main()
"""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("VTK_")}
    environment = {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "DISPLAY": ""}
    done = ran(script, folder=tmp_path, environment=environment)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "mmviz: this machine cannot draw; VTK needs OpenGL from one of:\n"
        "  EGL: libEGL.so.1: hidden\n"
        "  OSMesa: libOSMesa.so.8: hidden\n"
        "  X: DISPLAY is not set\n"
        "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri\n"
    )
    assert list(tmp_path.iterdir()) == []
