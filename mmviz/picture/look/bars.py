"""Which colour bars a scene has, and what stands on each: numbers from one full size to the other; no places."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look import color
from mmviz.picture.look.looks import Looks
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.picture.look.scale_words import Scale, plain_number
from mmviz.picture.space.item_key import of_matrix
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.language.tree import Node, Tree, find, roots, twins, walk

FEW = 3
"""Bars up to which all matrices have one, where a scene does not say which."""
LONGEST_TITLE = 16
"""Letters."""
MINUS = "−"


@dataclass(frozen=True, slots=True)
class Bar:
    """The colours and sizes of matrices that have one scale."""

    title: str
    look: Palette | MmLook
    full: float  # |x| at full size
    signed: bool  # from -full to full; else from 0
    beyond: bool  # some of their numbers are larger

    def numbers(self, count: int) -> NDArray[np.float64]:
        """(count,): what its elements show, the least first: sizes grow evenly from one to the next."""
        return self._number(np.linspace(-1.0 if self.signed else 0.0, 1.0, count))

    def places(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where numbers stand on it, 0 at its beginning and 1 at its end; same shape as `numbers`."""
        if isinstance(self.look, MmLook):
            span = max(self.look.high - self.look.low, 1e-30)
            share = np.sqrt(np.clip((np.abs(numbers) - self.look.low) / span, 0.0, 1.0))
        else:
            share = color.magnitude(numbers, self.full, self.look)
        along = np.sign(numbers) * share
        return (along + 1) / 2 if self.signed else along

    def ticks(self, half: Callable[[str], float]) -> dict[str, float]:
        """Round numbers, as text, and their places, 0..1; none covers another, and the full size is one of them.

        Args:
            half: Half of the room that a text takes along the bar, as a share of it.
        """
        found = {self.full: 1.0}
        if self._begins_with_zero:
            found[0.0] = float(self.places(np.zeros(1))[0])
        for number in _round_numbers(self.full, self._least):
            place, room = float(self.places(np.array([number]))[0]), half(_written(-number if self.signed else number))
            if all(abs(place - other) >= room + half(_written(one)) for one, other in found.items()):
                found[number] = place
        if self.signed:
            found |= {-number: 1 - place for number, place in found.items() if number > 0}
        return {_written(number): found[number] for number in sorted(found)}

    @property
    def _begins_with_zero(self) -> bool:
        return self.signed or isinstance(self.look, MmLook) or self.look.curve != "log"

    @property
    def _least(self) -> float:
        """The smallest number worth a tick."""
        if isinstance(self.look, MmLook) or self.look.curve != "log":
            return 1e-3 * self.full
        return self.full / float(10.0**self.look.decades)

    def _number(self, along: NDArray[np.float64]) -> NDArray[np.float64]:
        share = np.abs(along)
        if isinstance(self.look, MmLook):
            size = self.look.low + (self.look.high - self.look.low) * share**2
        else:
            size = color.at_magnitude(share, self.full, self.look)
        middle = (share == 0) & self._begins_with_zero
        return np.where(middle, 0.0, np.where(along < 0, -size, size))


class Scaled(Protocol):
    """A scene whose matrices have scales."""

    @property
    def root(self) -> Tree:
        """The tree."""
        ...

    @property
    def style(self) -> StyleOptions:
        """What it says of them."""
        ...

    @property
    def looks(self) -> Looks:
        """Look and scale of each matrix."""
        ...

    @property
    def scales(self) -> Mapping[str, Scale]:
        """Where the scales come from, by path."""
        ...


def bars(scene: Scaled, inset: str | None) -> list[Bar]:
    """The colour bars of a scene: of the matrices that it says, or of all where they have few scales.

    Args:
        scene: Its numbers are asked for only where it has bars.
        inset: Path of the matrix that is shown by itself.
    """
    root, style = scene.root, scene.style
    if style.bar_at == "none":
        return []
    looks, scales = scene.looks, scene.scales
    again = twins(root)
    own = [node for node in walk(root) if node.path not in again]
    if style.bar_of:
        found = [find(root, name) or find(root, f"{name}.T") for name in style.bar_of]
        return _joined([node for node in found if node is not None], looks, scales)
    every = _joined(own, looks, scales)
    if len(every) <= FEW:
        return every
    return _joined([node for node in own if node.path in (inset, *(one.path for one in roots(root)))], looks, scales)


def bar_of(scene: Scaled, path: str) -> Bar:
    """The colour bar of one matrix, whatever the scene says of bars."""
    node = find(scene.root, path)
    (bar,) = _joined([] if node is None else [node], scene.looks, scene.scales)
    return bar


def _joined(nodes: list[Node], looks: Looks, scales: Mapping[str, Scale]) -> list[Bar]:
    """One bar for those that look alike."""
    alike: dict[tuple[object, float], list[Node]] = {}
    for node in nodes:
        look, full = looks[of_matrix(node.path)]
        alike.setdefault((look, full), []).append(node)
    found = []
    for same in alike.values():
        look, _ = looks[of_matrix(same[0].path)]
        told = [scales[node.path] for node in same]
        signed, beyond = any(one.signed for one in told), any(one.beyond for one in told)
        found.append(Bar(_title([node.name for node in same]), look, told[0].full or 1.0, signed, beyond))
    return found


def _title(names: list[str]) -> str:
    title = ", ".join(dict.fromkeys(names))
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1].rstrip(', ')}…"


def _round_numbers(full: float, least: float) -> list[float]:
    """1, 2 and 5 times powers of ten below a number, the rounder ones first, and of them the larger ones."""
    highest = int(np.floor(np.log10(full)))
    lowest = int(np.floor(np.log10(least)))
    powers = range(highest, lowest - 1, -1)
    found = [float(f"{digit}e{power}") for digit in (1, 5, 2) for power in powers]
    return [number for number in found if least * (1 - 1e-9) <= number < full]


def _written(number: float) -> str:
    return plain_number(number) if number >= 0 else MINUS + plain_number(-number)
