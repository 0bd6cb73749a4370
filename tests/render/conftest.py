"""A canvas, and golden pictures: `pytest tests/render --regenerate` draws them anew; look at each."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mmviz.render.opengl.canvas import Canvas
from tests.kept_canvases import Canvases

Picture = NDArray[np.uint8]
FOLDER = Path(__file__).parent
MEAN_ALLOWED = 1.0
"""Mean difference of a colour channel, of 255: another renderer rounds differently."""
AREA = 16
"""Side of the squares in which a difference must not gather, in pixels."""
AREA_ALLOWED = 10.0
"""Mean difference within a square, of 255: another renderer places single edges a little differently."""


class Goldens:
    """Compares pictures with those in a folder; what fails is left beside it to be looked at."""

    def __init__(self, golden: Path, failed: Path, *, regenerate: bool) -> None:
        self.golden = golden
        self.failed = failed
        self._regenerate = regenerate

    def __call__(self, picture: Picture, name: str) -> None:
        """Fails where a picture differs clearly from the golden one of this name."""
        path = self.golden / f"{name}.png"
        if self._regenerate:
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(picture).save(path, optimize=True)
            return
        if not path.exists():
            self._leave(picture, name)
            pytest.fail(f"there is no golden picture {path.name}; see {self.failed / name}.png, then --regenerate.")
        golden = np.asarray(Image.open(path).convert("RGB"))
        if golden.shape != picture.shape:
            self._leave(picture, name)
            pytest.fail(f"{name}: the picture is {picture.shape}, the golden one {golden.shape}.")
        difference = np.abs(golden.astype(np.int16) - picture)  # (height, width, 3)
        mean, worst = difference.mean(), worst_area(difference)
        if mean > MEAN_ALLOWED or worst > AREA_ALLOWED:
            strong = np.minimum(4 * difference, 255).astype(np.uint8)
            self._leave(np.concatenate([golden, picture, strong], axis=1), name)
            pytest.fail(
                f"{name}: mean difference {mean:.2f} (at most {MEAN_ALLOWED}), {worst:.1f} in the worst square of "
                f"{AREA} pixels (at most {AREA_ALLOWED}); golden, drawn and difference: {self.failed / name}.png"
            )

    def _leave(self, picture: Picture, name: str) -> None:
        self.failed.mkdir(exist_ok=True)
        Image.fromarray(picture).save(self.failed / f"{name}.png")


def worst_area(difference: NDArray[np.int16]) -> float:
    """Largest mean over squares of AREA pixels."""
    height, width, _ = difference.shape
    means = [
        difference[top : top + AREA, left : left + AREA].mean()
        for top in range(0, height - AREA + 1, AREA // 2)
        for left in range(0, width - AREA + 1, AREA // 2)
    ]
    return float(max(means))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="draw the golden pictures of tests/render anew")


@pytest.fixture(scope="session")
def compare(request: pytest.FixtureRequest) -> Goldens:
    """Compares a picture with the golden one of a name."""
    # Without the folder on the command line pytest reads this file too late to learn the option.
    regenerate = bool(request.config.getoption("--regenerate", default=False))
    return Goldens(FOLDER / "golden", FOLDER / "failed", regenerate=regenerate)


@pytest.fixture
def goldens_of() -> type[Goldens]:
    """For tests of the comparison itself."""
    return Goldens


@pytest.fixture
def canvas(canvases: Canvases) -> Iterator[Canvas]:
    """A canvas of 240 x 240 pixels, with nothing on it."""
    with canvases(240, 240) as canvas:
        yield canvas
