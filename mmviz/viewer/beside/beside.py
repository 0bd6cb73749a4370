"""A second view beside the scene's: another head, or the same scene at another step; it is no part of the scene."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QSplitter

from mmviz.errors import MmvizError
from mmviz.picture.cell.picking import Picked, describe
from mmviz.render.renderer import Renderers
from mmviz.scene.changes.refill import picks
from mmviz.viewer.beside.linked import Linked, alike
from mmviz.viewer.beside.pane import NARROWEST, Pane, SecondPane
from mmviz.viewer.canvas.cell_tip import CellTip
from mmviz.viewer.canvas.lighting import Lighting
from mmviz.viewer.canvas.mouse import Mouse
from mmviz.viewer.canvas.touch import Touch
from mmviz.viewer.canvas.view import View
from mmviz.viewer.host import Host
from mmviz.viewer.session.another import another_head
from mmviz.viewer.session.background import Background
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.shown_scene import BuildAgain, Shown, ready


@dataclass(frozen=True, slots=True)
class Compared:
    """What stands beside the scene."""

    layer: int | None = None  # None: the scene itself
    head: int | None = None
    later: float = 0.0  # by how many steps


class Beside(QObject):
    """Opens, follows and closes the second view. Saving, undoing and exporting are of the first one alone.

    Args:
        window: `settle` is called when its actions are there.
        selection: The matrix about which is turned.
        lighting: Lights what the pointer is at, in both.
        build_again: Builds scenes that were built as they were.
        renderers: Opens what draws the second picture.
    """

    changed = Signal(object, object)
    """The layer and the head that stand beside the scene now; None, None where there are none."""

    def __init__(
        self, window: Host, selection: Selection, lighting: Lighting, build_again: BuildAgain, renderers: Renderers
    ) -> None:
        super().__init__(window)
        self._window, self._selection, self._lighting = window, selection, lighting
        self._build_again, self._renderers = build_again, renderers
        self.first = Pane(window.view)
        self.second: SecondPane | None = None
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.first)
        self.background = Background(self)  # of its own: what is changed in the scene goes on meanwhile
        self.background.busy.connect(window.status.wait)
        self.background.lies_ahead.connect(window.status.foresee)
        self.compared: Compared | None = None
        self._scene: Shown | None = None  # that the second view shows
        self._linked: Linked | None = None
        self._picked: Picked | None = None  # under the pointer in the second view
        self._lit = False  # a cell was pinned when the picture was drawn last
        self._least = window.view.minimumWidth()

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"beside": self.switch}

    def settle(self) -> None:
        """Follow the window."""
        window = self._window
        window.desk.opened.connect(lambda _scene: self.close())
        window.desk.shown.connect(self._follow)
        window.player.moved.connect(self._move)
        window.player.playing_changed.connect(self._play)
        window.view.drawn.connect(self._note)
        window.view.pointed.connect(self._say)
        window.status.waiting.stopped.connect(self._give_up)
        window.actions_by_name["stop"].triggered.connect(self._stop)

    def switch(self) -> None:
        """Show the scene a second time, or close the second view."""
        if self.compared is None:
            self._show(Compared())
        else:
            self.close()

    def compare(self, layer: int, head: int) -> None:
        """Show another head beside that of the scene."""
        later = 0.0 if self.compared is None else self.compared.later
        self._show(Compared(layer, head, later))

    def close(self) -> None:
        """Show the scene alone."""
        self.background.forget()
        self._point(None)
        self.compared = self._scene = self._linked = None
        if self.second is not None:
            self.second.view.release()
            self.second.hide()
            self.second.deleteLater()
            self.second = None
            self.first.line.hide()
            self._window.view.setMinimumWidth(self._least)
            self._window.view.setFocus()
        self._tell()

    def release(self) -> None:
        """Free what the graphics driver holds."""
        self.background.forget()
        if self.second is not None:
            self.second.view.release()

    # what is shown

    def _show(self, compared: Compared) -> None:
        self.compared = compared
        scene, build_again = self._window.desk.scene, self._build_again
        if compared.head is None:
            self._take(scene)
            return

        before = self._scene

        def compute() -> Shown:
            other = another_head(scene, build_again, layer=compared.layer, head=compared.head)
            if before is not None and before is not scene:
                other.reuse(before)  # of a slider that is dragged, all that it leaves as it is
            return ready(other)

        text = f"layer {compared.layer}, head {compared.head} beside it …"
        self.background.start(text, compute, self._take, self._fail)
        self._tell()

    def _take(self, scene: Shown) -> None:
        """The scene for the second view is there."""
        try:
            second = self._opened(scene)
        except MmvizError as error:
            self._fail(str(error))
            return
        self._scene = scene
        if second.view.composition is not scene.composition:
            second.view.show_composition(scene.composition, keep_camera=True)
        self._move()
        self._tell()

    def _fail(self, message: str) -> None:
        self.close()
        self._window.complain(f"second view: {message}")

    def _opened(self, scene: Shown) -> SecondPane:
        """The second view, which is opened where it is not there."""
        if self.second is not None:
            return self.second
        window = self._window
        view = View(scene.composition, window.player.moment, self._renderers)
        second = self.second = SecondPane(view)
        Touch(view, Mouse(view, self._selection))
        CellTip(view)
        self._linked = Linked(window.view, view)
        second.linked.connect(self._linked.link)
        second.stepped.connect(self._step)
        second.closed.connect(self.close)
        view.failed.connect(window.complain)
        view.pointed.connect(self._point)
        window.view.setMinimumWidth(NARROWEST)
        self.first.line.show()
        self.splitter.addWidget(second)
        width = self.splitter.width() // 2
        self.splitter.setSizes([width, width])
        self._linked.follow_first()
        return second

    # what happens

    def _follow(self, scene: Shown) -> None:
        """The scene was changed: what stands beside it is, too."""
        if self.compared is not None:
            self._show(self.compared)
        self._name(scene)

    def _move(self, _: object = None) -> None:
        """The animation moved on, here as well."""
        if self.second is None or self._scene is None or self.compared is None:
            return
        player, steps = self._window.player, self._scene.composition.timeline.steps
        time = min(max(player.time + self.compared.later, 0.0), float(steps))
        self.second.view.show_time(time if self.compared.later or steps != player.steps else player.moment)
        self._name(self._window.desk.scene)

    def _play(self, playing: bool) -> None:
        if self.second is not None:
            self.second.view.play(playing)

    def _step(self, step: int) -> None:
        """Show another step than beside it."""
        if self.compared is not None:
            self.compared = replace(self.compared, later=step - self._window.player.time)
            self._move()

    def _point(self, picked: Picked | None) -> None:
        """Something is under the pointer in the second view: light it in both, and say what it is."""
        if self.second is None or (picked is None and self._picked is None):
            return
        self._picked = picked
        if alike(self.second.view.composition, self._window.view.composition):
            self._lighting.point_beside(picked)
        self._say()

    def _say(self, _: object = None) -> None:
        """Say what is under the pointer in the second view; the first one says that nothing is in it."""
        if self.second is not None and self._window.view.pointer is None:
            text = "" if self._picked is None else describe(self._picked, self.second.view.composition)
            self._window.status.say(text)

    def _note(self) -> None:
        self._lit = bool(self._window.view.emphasis.lit)

    def _give_up(self) -> None:
        """What was being computed is not waited for."""
        if self.background.waiting:
            self.close()

    def _stop(self) -> None:
        """Esc lets go of what is pinned first."""
        if self.second is not None and not self._lit:
            self.close()

    def _name(self, scene: Shown) -> None:
        if self.second is None or self._scene is None:
            return
        player, view = self._window.player, self.second.view
        self.first.tell(_title(scene), player.time, player.steps)
        self.second.tell(_title(self._scene), view.time, view.composition.timeline.steps)

    def _tell(self) -> None:
        """Say what stands beside the scene."""
        now = self.compared
        self._window.actions_by_name["beside"].setChecked(now is not None)
        self.changed.emit(*((None, None) if now is None else (now.layer, now.head)))


def _title(scene: Shown) -> str:
    """Which head it is, where it is one: there is little room."""
    now = picks(scene.document)
    if now.layer is None or now.head is None:
        return scene.document.title or scene.where
    return f"Layer {now.layer}, head {now.head}"
