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
LEADING, WIDEST = 1.95, 0.96
"""Height of a line in heights of a capital, and its greatest length as a share of the picture's width, about."""


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

    def boxes(self, aspect: float) -> list[tuple[float, float, float, float]]:
        """Left, bottom, right and top of the bands that lines stand on and of the badge, in heights of the picture."""
        found = []
        for one in self.at("what is told"):
            wide = one.height * length_of(one.text)
            more = LEADING * one.height * int(wide / (WIDEST * aspect))  # lines
            low, high = one.level - one.height - more, one.level + one.height + more
            if one.badge:
                found.append((aspect - wide - 3 * one.height, low - one.height, aspect, 1.0))
            else:
                found.append((0.0, low, aspect, 1.0) if one.level > 0.5 else (0.0, 0.0, aspect, high))
        return found
