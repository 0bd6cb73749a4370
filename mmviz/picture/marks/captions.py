"""The lines of text in the picture's plane: where each stands, how large it is and in which colour."""

from dataclasses import dataclass

from mmviz.picture.drawlist import Caption
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.letter_widths import length_of

TITLE: Color = (0.95, 0.95, 1.0)
SUBTITLE: Color = (0.62, 0.62, 0.70)
LEGEND: Color = (0.56, 0.56, 0.62)
BADGE: Color = (0.55, 0.72, 0.60)
DOUBT: Color = (0.95, 0.50, 0.42)
LEADING = 1.95
"""From one line of a caption to the next, in heights of a capital."""
APART = 1.0
"""Between two captions, in heights of a capital of the smaller one."""
PADDING = (0.9, 0.55)
"""How far a band goes beyond its letters, to the sides and upward, in heights of a capital."""
WIDEST = 1.1
"""Length of a line as a share of the picture's width: 0.96 as it is drawn, with letters narrower than on the mean."""
READABLE = 6.5
"""Height of the smallest capitals, in pixels, in pictures that have room for them."""
ROOM = 0.02
"""The same as a share of the picture's height, in small pictures."""
NARROW = 0.75
"""Width divided by height of a picture below which letters go by its width, or there would be few in a line."""


@dataclass(frozen=True, slots=True)
class Captions:
    """What is written over a scene."""

    title: str
    subtitle: str
    badge: str  # how far the picture can be trusted
    legend: str  # what colours and sizes mean

    def at(self, told: str) -> tuple[Caption, ...]:
        """The lines of a moment, and of them what is told about it."""
        lines = [
            ("title", self.title, 0.955, TITLE, 0.019),
            ("subtitle", self.subtitle, 0.915, SUBTITLE, 0.0135),
            ("caption", told, 0.05, TITLE, 0.0155),
            ("legend", self.legend, 0.016, LEGEND, 0.0092),
        ]
        found = tuple(Caption(key, text, level, color, height) for key, text, level, color, height in lines if text)
        if not self.badge:
            return found
        color = DOUBT if self.badge.startswith("✗") else BADGE
        return (*found, Caption("badge", self.badge, 0.99, color, 0.0095, badge=True))

    def boxes(self, aspect: float, pixels: int) -> list[tuple[float, float, float, float]]:
        """Left, bottom, right and top of the bands that lines stand on and of the badge, in heights of the picture.

        Args:
            aspect: Width of the picture divided by its height.
            pixels: Height of the picture, in which letters are never too small to be read.
        """
        found: list[tuple[float, float, float, float]] = []
        low, high = 0.0, 1.0  # what is taken at the bottom, and at the top
        for one in sorted(self.at("what is told"), key=lambda line: abs(line.level - 0.5), reverse=True):
            capital = max(one.height * min(1.0, aspect / NARROW), min(READABLE / pixels, ROOM))
            wide = capital * length_of(one.text)
            tall = capital * (1 + LEADING * int(wide / (WIDEST * aspect)))
            if one.badge:
                found.append((aspect - wide - 3 * capital, one.level - 3 * capital, aspect, 1.0))
            elif one.level > 0.5:
                high = min(one.level + capital / 2, high - APART * capital) - tall
                found.append((0.0, high - PADDING[1] * capital, aspect, 1.0))
            else:
                low = max(one.level - capital / 2, low + APART * capital) + tall
                found.append((0.0, 0.0, aspect, low + PADDING[1] * capital))
        return found
