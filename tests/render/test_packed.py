"""JPEG and WebP files, against what FFmpeg reads in them: the pixels that were given, and their size on paper."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin
from PIL.ExifTags import Base

from mmviz.render.film.packed import PackedWriter

WIDTH, HEIGHT = 24, 17
Pixels = NDArray[np.uint8]


def noise(channels: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, channels), np.uint8)


def slopes() -> Pixels:
    """Red grows to the right and blue downward, as JPEG can tell."""
    x, y = np.meshgrid(np.linspace(0, 255, WIDTH), np.linspace(0, 255, HEIGHT))
    return np.stack([x, np.full_like(x, 60), y], axis=-1).astype(np.uint8)


def written(path: Path, pixels: Pixels, quality: int = 100, dpi: int = 150, tall: int = 5) -> Path:
    with PackedWriter(path, WIDTH, HEIGHT, pixels.shape[2], dpi, quality) as writer:
        for top in range(0, HEIGHT, tall):
            writer.add(pixels[top : top + tall])
    return path


def read(path: Path, layout: str) -> Pixels:
    with av.open(str(path)) as file:
        (frame,) = file.decode(video=0)
        return np.asarray(frame.to_ndarray(format=layout), np.uint8)


@pytest.mark.parametrize(("channels", "layout"), [(3, "rgb24"), (4, "rgba")])
def test_a_webp_of_the_best_quality_keeps_every_pixel(tmp_path: Path, channels: int, layout: str) -> None:
    pixels = noise(channels)
    pixels[..., 3:] |= 1  # colours of what is wholly transparent are not kept
    np.testing.assert_array_equal(read(written(tmp_path / "x.webp", pixels), layout), pixels)


@pytest.mark.parametrize("name", ["x.jpg", "x.JPEG", "x.webp"])
def test_what_is_lossy_comes_near_and_is_smaller_where_its_quality_is_lower(tmp_path: Path, name: str) -> None:
    pixels = slopes()
    fine = written(tmp_path / f"fine {name}", pixels, 95)
    assert np.abs(read(fine, "rgb24").astype(int) - pixels).mean() < 4
    rough = written(tmp_path / f"rough {name}", noise(3), 20)
    assert rough.stat().st_size < written(fine, noise(3), 95).stat().st_size


@pytest.mark.parametrize("name", ["x.jpg", "x.webp"])
def test_the_rows_may_come_in_any_parts(tmp_path: Path, name: str) -> None:
    by_five, at_once = (written(tmp_path / f"{tall} {name}", slopes(), 80, tall=tall) for tall in (5, HEIGHT))
    assert by_five.read_bytes() == at_once.read_bytes()


def test_a_jpeg_has_its_colours_in_full_resolution(tmp_path: Path) -> None:
    with Image.open(written(tmp_path / "x.jpg", slopes(), 60)) as image:
        assert JpegImagePlugin.get_sampling(image) == 0, "Pillow's number for 4:4:4"


def test_a_file_says_how_many_pixels_an_inch_has(tmp_path: Path) -> None:
    with Image.open(written(tmp_path / "x.jpg", slopes(), dpi=220)) as image:
        assert image.info["dpi"] == (220, 220)
    with Image.open(written(tmp_path / "x.webp", slopes(), dpi=220)) as image:
        said = image.getexif()
        assert (said[Base.XResolution], said[Base.YResolution], said[Base.ResolutionUnit]) == (220, 220, 2)


def failing(path: Path) -> None:
    """Stop in the midst of a picture."""
    with PackedWriter(path, WIDTH, HEIGHT, 3, 150, 90) as writer:
        writer.add(slopes()[:3])
        raise RuntimeError


@pytest.mark.parametrize("name", ["x.jpg", "x.webp"])
def test_no_file_is_left_where_drawing_fails(tmp_path: Path, name: str) -> None:
    with pytest.raises(RuntimeError):
        failing(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
