"""How one looks around: standard views, flights to matrices, and what is left out; draws nothing itself."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import atan2

import numpy as np
from PySide6.QtCore import QObject

from mmviz.picture.cell.picking import Picked, pick
from mmviz.picture.eye.camera import Camera, project, same
from mmviz.picture.eye.compass import Direction
from mmviz.picture.eye.handling import COVERED, SAMPLED, STANDARD
from mmviz.picture.eye.orbit import stand, turntable
from mmviz.picture.shots.framing import Look
from mmviz.picture.space.placement import Vector
from mmviz.scene.language.tree import find
from mmviz.viewer.canvas.finder import Finder
from mmviz.viewer.canvas.flying import Flying
from mmviz.viewer.canvas.hiding import Hiding
from mmviz.viewer.canvas.kept_views import KeptViews
from mmviz.viewer.canvas.lens import Lens
from mmviz.viewer.canvas.mouse import Mouse
from mmviz.viewer.canvas.out_of_sight import OutOfSight
from mmviz.viewer.canvas.spotlight import Spotlight
from mmviz.viewer.canvas.touch import Touch
from mmviz.viewer.canvas.view import View
from mmviz.viewer.canvas.view_cube import ViewCube
from mmviz.viewer.gestures import CLOSE_UP, ZOOM_A_NOTCH
from mmviz.viewer.key_words import key_of
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.session.undo import Desk


class Navigation(QObject):
    """What the commands of looking around do to a view.

    Args:
        view: The picture.
        desk: Where the scene is from.
        selection: The matrix that some commands are about.
        tell: Says what was done.
    """

    def __init__(self, view: View, desk: Desk, selection: Selection, tell: Callable[[str], None]) -> None:
        super().__init__(view)
        self._view, self._desk, self._selection, self._tell = view, desk, selection, tell
        self.mouse = Mouse(view, selection)  # before those that take events from it
        self.flying = Flying(view)
        self.hiding = Hiding(view, desk)
        self.finder = Finder(view, desk)
        self.spotlight = Spotlight(view)
        self.touch = Touch(view, self.mouse)
        self.lens = Lens(view, self.mouse)
        self.view_cube = ViewCube(view)
        self.out_of_sight = OutOfSight(view)
        self.kept_views = KeptViews(view, self.flying, tell)
        self.view_cube.chosen.connect(self.look_toward)
        self.out_of_sight.wanted.connect(self.home)
        view.focused.connect(self.focus)
        view.clicked.connect(lambda picked: selection.select(None if picked is None else picked.path))
        self.finder.chosen.connect(self._find)
        desk.opened.connect(self._forget)
        desk.shown.connect(self._take)

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {
            **{name: partial(self.look_from, name) for name in STANDARD},
            "reset": self.home,
            "zoom_in": lambda: self._view.zoom(ZOOM_A_NOTCH),
            "zoom_out": lambda: self._view.zoom(1 / ZOOM_A_NOTCH),
            "find": self.finder.open,
            "view_cube": self.view_cube.toggle,
            "lens": self.lens.toggle,
            "spotlight": self.spotlight.toggle,
            "fly": self.fly,
            "isolate": self.isolate,
            "hide": self.hide,
            "show_all": self.show_all,
            **self.kept_views.bindings(),
        }

    def look_from(self, name: str) -> None:
        """Fly to a standard view of all that is shown."""
        view = self._view
        # From the left where the scene's own camera stands there: what is turned to it is what is to be seen.
        at_the_left = view.composition.camera(view.aspect).axes()[2][0] < 0
        x, y, z = STANDARD[name]
        self.look_toward((-x if at_the_left else x, y, z))

    def look_toward(self, direction: Direction) -> None:
        """Fly to a view of all that is shown, from a side or a corner."""
        view = self._view
        look = Look(np.array(direction, float))
        self.flying.to(view.composition.camera_toward(look, view.aspect, emphasis=view.emphasis))

    def fly(self) -> None:
        """Fly to the selected matrix, before the side of it that can be seen."""
        path = self._chosen()
        if path is not None:
            self.hiding.show_itself(path)
            self.flying.to(self._well_seen(path))

    def home(self) -> None:
        """Fly back to the scene's own camera, and follow its path from then on."""
        view = self._view
        self.flying.to(view.own_camera, view.reset)

    def focus(self, picked: Picked | None) -> None:
        """Fly before the matrix of an element; from there to the element itself; beside everything back home."""
        if picked is None:
            self.home()
            return
        camera, cell = self._view.camera, self._place(picked)
        before = self._well_seen(picked.path)
        if picked.before or same(camera, before):
            toward = camera.axes()[2]
            distance = min(CLOSE_UP / (2 * camera.slope), float(camera.depths(cell)))
            before = replace(camera, position=cell + distance * toward, target=cell)
        self.flying.to(before)

    def _place(self, picked: Picked) -> Vector:
        """(3,): where the element is, or the one that a flying product is summed up to."""
        composition = self._view.composition
        place = (composition.behind.placements if picked.before else composition.layout)[picked.path]
        rows, columns = place.shape
        return place.spot(min(picked.i, rows - 1), min(picked.j, columns - 1))

    def _well_seen(self, path: str) -> Camera:
        """Right before the side of a matrix that can be seen."""
        cameras = [self._before(path, side) for side in (1, -1)]
        seen = [self._share(path, camera) for camera in cameras]
        place = self._view.composition.layout[path]
        nearer = int((self._view.camera.position - place.center()) @ place.normal < 0)
        return cameras[1 - nearer if seen[1 - nearer] > seen[nearer] + COVERED else nearer]

    def isolate(self) -> None:
        """Show the selected matrix and what it is made of alone."""
        path = self._chosen()
        if path is not None:
            self.hiding.isolate(path)
            self._tell(f"Only {self._name(path)} and what it is made of is shown; {_way_back()}")

    def hide(self) -> None:
        """Leave out the selected matrix and what it is made of."""
        path = self._chosen()
        if path is not None:
            self.hiding.hide(path)
            self._tell(f"{self._name(path)} and what it is made of is hidden; {_way_back()}")

    def show_all(self) -> None:
        """Leave nothing out."""
        self.hiding.show_all()

    def _find(self, path: str) -> None:
        self._selection.select(path)
        self.fly()

    def _chosen(self) -> str | None:
        path = self._selection.path
        if path is None or path not in self._view.composition.layout:
            self._tell(f"No matrix is selected: click one in the picture, or find it with {key_of('find')}")
            return None
        return path

    def _name(self, path: str) -> str:
        node = find(self._view.composition.root, path)
        return path if node is None else node.name

    def _before(self, path: str, side: int) -> Camera:
        """The camera right before one side of a matrix; seen from above and below its rows run down."""
        composition = self._view.composition
        place = composition.layout[path]
        look = Look(side * place.normal, 1.0, _up(side * place.normal, place.down, self._view.camera))
        return composition.camera_toward(look, self._view.aspect, path)

    def _share(self, path: str, camera: Camera) -> float:
        """How much of a matrix can be seen from a camera before it, 0..1."""
        view = self._view
        place = view.composition.layout[path]
        i, j = (np.round(np.array(SAMPLED) * (size - 1)) for size in place.shape)
        spots = project(camera, place.spot(i[:, None], j).reshape(-1, 3), view.aspect)  # (25, 2)
        shown = view.composition, view.frame, camera
        picked = [pick(*shown, x, 1 - y, view.aspect, t=view.time) for x, y in spots.tolist()]
        return sum(one is None or one.path == path for one in picked) / len(picked)

    def _forget(self, _scene: Shown) -> None:
        """Another scene has nothing to do with the one before."""
        self.flying.stop()
        self.kept_views.take(())
        self._selection.select(None)

    def _take(self, scene: Shown) -> None:
        """A changed scene may have lost matrices."""
        self._selection.keep(scene.composition.layout)


def _up(toward: Vector, down: Vector, camera: Camera) -> Vector:
    """(3,): what is up in an upright picture; right above and below a matrix its rows run down."""
    x, y, z = toward
    if abs(y) > 0.999:
        return turntable(atan2(np.sign(y) * down[0], np.sign(y) * down[2]), np.sign(y) * np.pi / 2)[1]
    turn = atan2(x, z) if np.hypot(x, z) > 0 else stand(camera)[0]
    return turntable(turn, float(np.arcsin(np.clip(y, -1.0, 1.0))))[1]


def _way_back() -> str:
    return f"{key_of('show_all')} shows everything again"
