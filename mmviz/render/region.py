"""Parts of pictures: a picture beyond the limits of OpenGL is drawn in tiles. Whole pixels only, no drawing."""

from collections.abc import Iterator
from dataclasses import dataclass

Size = tuple[int, int]
"""Width and height, in pixels."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a picture, in pixels from its lower left corner."""

    left: int
    bottom: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.width, self.height

    def common(self, other: "Region") -> "Region":
        """What lies in both; a width or height of 0 or less where nothing does."""
        left, bottom = max(self.left, other.left), max(self.bottom, other.bottom)
        right = min(self.left + self.width, other.left + other.width)
        top = min(self.bottom + self.height, other.bottom + other.height)
        return Region(left, bottom, right - left, top - bottom)

    def within(self, other: "Region") -> "Region":
        """The same rectangle, in pixels from the lower left corner of another."""
        return Region(self.left - other.left, self.bottom - other.bottom, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Section:
    """What is drawn of a view at once, and in what kind of picture."""

    view: Size  # of the whole view
    seen: Region  # what is drawn of it
    picture_height: int  # of the whole picture that the view is a part of, in pixels
    light: bool = False  # the ground is light
    rimmed: bool = False  # names have dark rims, for any ground
    sample: float = 1.0  # side of what a sample of a pixel stands for, in pixels

    @classmethod
    def whole(cls, width: int, height: int) -> "Section":
        """All of a view that is a picture of its own."""
        return cls((width, height), Region(0, 0, width, height), height)


def shares(size: Size, place: tuple[float, float, float, float]) -> Region:
    """The pixels of a part of a picture that is given by its left, bottom, right and top, as shares of the picture."""
    left, bottom, right, top = (int(share * side + 0.5) for share, side in zip(place, size * 2, strict=True))
    return Region(left, bottom, right - left, top - bottom)


def bands(size: Size, tile: Size) -> Iterator[list[Region]]:
    """A picture cut into tiles: row after row of them from the top, each from the left to the right."""
    width, height = size
    for top in range(0, height, tile[1]):
        tall = min(tile[1], height - top)
        yield [Region(left, height - top - tall, min(tile[0], width - left), tall) for left in range(0, width, tile[0])]
