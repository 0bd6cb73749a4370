"""A film without a scene, for tests of what films are written with; in a file of its own, as workers import it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmviz.orders.order import WHOLE, Order, StepRange
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.time.pacing import Film, Moment


class Flipbook:
    """A scene without numbers, so that other processes start quickly: every frame has a ground of its own."""

    def __init__(self, count: int) -> None:
        self.count = count

    @property
    def composition(self) -> Any:
        return self

    def for_height(self, pixels: int) -> "Flipbook":
        return self

    def film(self, fps: int, part: StepRange = WHOLE) -> Film:
        numbers = np.arange(self.count)
        return Film(numbers / fps, np.zeros_like(numbers), np.zeros(self.count))

    def camera_at(self, moment: Moment, aspect: float) -> Camera:
        return fit(np.eye(3), np.array([0.0, 0.0, 1.0]), aspect)

    def at(self, moment: Moment, camera: Camera, aspect: float, emphasis: Emphasis = PLAIN) -> DrawList:
        return DrawList(background=(moment.time % 1, 0.0, 0.0))

    def still(self, one: Moment, other: Moment, aspect: float) -> bool:
        return False


class Leaflet(Flipbook):
    """What can be exported in no time, as nothing of it is drawn."""

    def check_order(self, order: Order) -> None:
        """Nothing is wrong with it."""

    def make(self, order: Order, progress: Callable[[int], None] | None = None) -> None:
        order.place.write_text("made")
