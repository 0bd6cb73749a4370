"""Single pictures as files: whole or not at all, and one message where nothing can be drawn."""

import os
import struct
import sys
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mmviz.errors import OutputError
from mmviz.orders.order import PictureOrder
from mmviz.picture.drawlist import DrawList, Sheet
from mmviz.picture.eye.camera import fit
from mmviz.picture.ground_names import Ground
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.offscreen import offscreen
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.renderer import Renderer
from mmviz.render.still import write_picture
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
    write_picture(PictureOrder(str(path), *size), draw, Painter)


@pytest.mark.parametrize("tile", [(65, 47), (65, 10), (20, 47), (7, 9)])
def test_tiles_are_put_where_they_belong(tmp_path: Path, tile: tuple[int, int]) -> None:
    painters = Painters()
    write_picture(PictureOrder(f"{tmp_path}/x.png", 65, 47), draw, painters, tile=tile)
    (painter,) = painters.opened
    assert painter.shown == ceil(65 / tile[0]) * ceil(47 / tile[1])
    assert painter.closed
    with Image.open(tmp_path / "x.png") as image:
        picture = np.asarray(image)
    np.testing.assert_array_equal(picture[:, :, 0], np.tile(np.arange(65), (47, 1)))
    np.testing.assert_array_equal(picture[:, :, 1], np.tile(np.arange(47)[::-1, None], (1, 65)))


def test_a_still_is_a_file_with_the_picture(tmp_path: Path) -> None:
    write_picture(PictureOrder(f"{tmp_path}/x.PNG", 65, 47), draw, offscreen)
    with Canvas(65, 47) as canvas:
        canvas.refine()
        expected = draw(canvas)
    with Image.open(tmp_path / "x.PNG") as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (65, 47))
        np.testing.assert_array_equal(np.asarray(image), expected)
    assert [path.name for path in tmp_path.iterdir()] == ["x.PNG"]


def refusal(path: Path, size: tuple[int, int] = (64, 48), **options: Any) -> str:
    with pytest.raises(OutputError) as caught:
        write_picture(PictureOrder(str(path), *size, **options), lambda _: pytest.fail("the work was begun"), Painter)
    return str(caught.value)


def test_a_still_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    needed = "it must end in .png, .jpg, .jpeg, .webp, .pdf or .svg"
    assert refusal(tmp_path / "x.tif") == f"{tmp_path}/x.tif: the name ends in .tif; {needed}."
    missing = tmp_path / "a" / "x.png"
    assert refusal(missing) == f"{missing}: the folder {tmp_path}/a does not exist; create it first."
    assert refusal(tmp_path / "x.png", (0, 9)) == "picture size 0x9: width and height must be 1 or more."
    assert refusal(tmp_path / "x.png", (9, 32769)) == "picture size 9x32769: width and height must be at most 32768."
    assert list(tmp_path.iterdir()) == []


def test_what_a_kind_of_picture_cannot_be_is_told_with_what_can(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.jpeg", ground="transparent") == (
        f"{tmp_path}/x.jpeg: a picture of the kind .jpg cannot be transparent; black or white is needed, or one of the "
        "kinds .png, .webp, .pdf, .svg."
    )
    assert refusal(tmp_path / "x.webp", (9, 16384)) == "picture size 9x16384: width and height must be at most 16383."
    assert refusal(tmp_path / "x.jpg", (9, 16385)) == "picture size 9x16385: width and height must be at most 16384."
    assert refusal(tmp_path / "x.png", dpi=0) == "dpi: must be from 1 to 9600, got 0."
    assert refusal(tmp_path / "x.jpg", quality=101) == "quality: must be from 1 (smallest file) to 100 (best), got 101."


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.jpeg", "x.webp"])
def test_a_picture_says_how_many_pixels_are_an_inch(name: str, tmp_path: Path) -> None:
    write_picture(PictureOrder(f"{tmp_path}/{name}", 64, 48, dpi=254), draw, Painter)
    with Image.open(tmp_path / name) as image:
        said = image.info.get("dpi") or (image.getexif()[282], image.getexif()[283])
        assert image.size == (64, 48)
        assert image.getexif().get(296, 2) == 2, "inches"
    assert said == pytest.approx((254, 254), abs=0.02)


def test_a_png_of_254_pixels_an_inch_has_10000_a_metre(tmp_path: Path) -> None:
    write_picture(PictureOrder(f"{tmp_path}/x.png", 64, 48, dpi=254), draw, Painter)
    content = (tmp_path / "x.png").read_bytes()
    place = content.index(b"pHYs")
    assert place < content.index(b"IDAT")
    assert struct.unpack(">IIB", content[place + 4 : place + 13]) == (10000, 10000, 1)


@pytest.mark.parametrize(("name", "ground"), [("x.jpg", "black"), ("x.webp", "white"), ("x.webp", "transparent")])
def test_a_jpeg_or_webp_is_the_png_but_for_what_its_quality_costs(name: str, ground: Ground, tmp_path: Path) -> None:
    def smooth(renderer: Renderer) -> Picture:
        rows, columns = np.mgrid[:48, :64]
        return np.stack([3 * columns, 5 * rows, 255 - 2 * columns, 0 * rows + 200], axis=2).astype(np.uint8)[
            ..., :channels
        ]

    channels, off, sizes = 4 if ground == "transparent" else 3, [], []
    write_picture(PictureOrder(f"{tmp_path}/x.png", 64, 48, ground), smooth, Painter)
    expected = np.asarray(Image.open(tmp_path / "x.png"), int)
    for quality in (10, 90, 100):
        write_picture(PictureOrder(f"{tmp_path}/{name}", 64, 48, ground, quality=quality), smooth, Painter)
        with Image.open(tmp_path / name) as image:
            assert image.format == {"x.jpg": "JPEG", "x.webp": "WEBP"}[name]
            off.append(np.abs(np.asarray(image, int) - expected).max())
        sizes.append((tmp_path / name).stat().st_size)
    assert off[2] <= (3 if name == "x.jpg" else 0) < off[0]
    assert sizes[0] < sizes[1], "without loss such a smooth picture is smaller"


def test_a_jpeg_in_tiles_is_the_jpeg_in_one(tmp_path: Path) -> None:
    for name, tile in (("a.jpg", (64, 48)), ("b.jpg", (20, 7))):
        write_picture(PictureOrder(f"{tmp_path}/{name}", 64, 48), draw, Painter, tile=tile)
    one, other = (np.asarray(Image.open(tmp_path / name)) for name in ("a.jpg", "b.jpg"))
    np.testing.assert_array_equal(one[..., :2], other[..., :2], "red and green say the place; blue differs by tile")


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.webp"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_failure_leaves_the_old_still_and_nothing_else(tmp_path: Path, error: type[BaseException], name: str) -> None:
    path = tmp_path / name
    path.write_text("old")

    def broken(_: Renderer) -> Picture:
        raise error

    with pytest.raises(error):
        write_picture(PictureOrder(str(path), 64, 48), broken, Painter)
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == [name]


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
