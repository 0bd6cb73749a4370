"""Two views that are seen from the same place and light the same cells: one follows the other; draws nothing."""

from PySide6.QtCore import QObject

from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera
from mmviz.viewer.canvas.view import View


class Linked(QObject):
    """Lets two views follow each other, and the second one light what the first one lights.

    Args:
        first: The picture of the scene.
        second: The picture beside it.
    """

    def __init__(self, first: View, second: View) -> None:
        super().__init__(second)
        self.cameras = True
        self._first, self._second = first, second
        self._hurrying = False  # the first one draws coarsely because the second one is dragged
        self._camera: Camera | None = first.chosen  # that both have
        first.drawn.connect(self.follow_first)
        second.drawn.connect(self._follow_second)
        self._give(second, self._camera)

    def link(self, on: bool) -> None:
        """Turn both together from now on, seen from where the first one is; or each by itself."""
        self.cameras = on
        if on:
            self._camera = self._first.chosen
            self._give(self._second, self._camera)

    def follow_first(self) -> None:
        """The first view was drawn."""
        self._follow(self._first, self._second)
        hurried = self.cameras and (self._first.dragged or (self._first.hurried and not self._hurrying))
        if hurried != self._second.hurried:
            _hurry(self._second, hurried=hurried)
        if alike(self._first.composition, self._second.composition):
            self._second.emphasize(self._first.emphasis)

    def _follow_second(self) -> None:
        self._follow(self._second, self._first)
        dragged = self._second.dragged and self.cameras
        if dragged != self._hurrying:  # what hurries the first one besides is not ours
            self._hurrying = dragged
            _hurry(self._first, hurried=dragged)

    def _follow(self, one: View, other: View) -> None:
        if not self.cameras:
            return
        if one.chosen is not self._camera:
            self._camera = one.chosen
            self._give(other, self._camera)

    def _give(self, view: View, camera: Camera | None) -> None:
        if camera is None:
            view.reset()
        else:
            view.look(camera)


def _hurry(view: View, *, hurried: bool) -> None:
    """Coarse while the other one moves, sharp when it rests."""
    view.hurried = hurried
    view.redraw()


def alike(one: Composition, other: Composition) -> bool:
    """Whether both have the same matrices in the same sizes, so that a cell of one is a cell of the other."""
    sizes = [{path: values.shape for path, values in each.values.items()} for each in (one, other)]
    return one is other or sizes[0] == sizes[1]
