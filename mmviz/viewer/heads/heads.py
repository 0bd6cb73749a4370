"""The dock with the patterns of all heads, and what a click there does to the scene; computes nothing itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMenu

from mmviz.picture.look.head_pattern import HeadPattern
from mmviz.scene.changes.refill import picks
from mmviz.scene.keys.options import StyleOptions
from mmviz.viewer.heads.arrangement import Head
from mmviz.viewer.heads.head_grid import HeadGrid
from mmviz.viewer.heads.pattern_reader import PatternReader
from mmviz.viewer.host import Host
from mmviz.viewer.session.another import another_head, head_alone
from mmviz.viewer.session.shown_scene import BuildAgain, Patterns, Shown

NO_MODEL = (
    "This scene takes no numbers from a model.\n\nOpen a head of one (File > Open a model's head …), and what all its "
    "heads attend to is shown here."
)
NO_PROMPT = "The model of this scene reads no prompt, so that none of its heads attends to anything."
REST = 150
"""Milliseconds that a scene rests before its patterns are read: sliders change it many times a second."""
WIDTH = 320
"""Of the dock, at first."""
NARROW = 960
"""Width of a window in which there is no room for the heads, the picture and the panel beside each other."""


class Heads(QObject):
    """Keeps the grid of heads and the scene together.

    Args:
        window: `settle` is called when its actions are there.
        build_again: Builds scenes that were built as they were.
        may_leave: Asks whether the scene may be given up for another one.
    """

    compared = Signal(int, int)
    """A layer and a head of it are to be shown beside that of the scene."""

    def __init__(self, window: Host, build_again: BuildAgain, may_leave: Callable[[], bool]) -> None:
        super().__init__(window)
        self.grid = HeadGrid()
        self.dock = QDockWidget("Heads", window)
        self._window, self._build_again, self._may_leave = window, build_again, may_leave
        self._reader: PatternReader | None = None
        self._read: Any = None  # what the reader's patterns are made of
        self._colored: StyleOptions | None = None  # the style that they have
        self._behind = False  # a tab of the panel, for want of room
        self._clicks = 0  # times that a head was chosen while nothing was changing
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._follow)
        self._beside: Head | None = None  # what is shown beside the scene
        self.grid.view.chosen.connect(self.open)
        self.grid.view.asked.connect(self._ask)
        self.grid.wanted.connect(self._want)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"heads": self.switch}

    def settle(self) -> None:
        """Stand at the left, hidden, and follow the scene."""
        self.dock.setObjectName("heads")  # by which Qt remembers where it was
        self.dock.setWidget(self.grid)
        self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.dock)
        self._window.resizeDocks([self.dock], [WIDTH], Qt.Orientation.Horizontal)
        self.dock.hide()
        self.dock.visibilityChanged.connect(self._appear)
        self._window.desk.shown.connect(self._take)

    def end(self) -> None:
        """Read no more."""
        self._rest.stop()
        if self._reader is not None:
            self._reader.end()

    def switch(self) -> None:
        """Show the heads, or hide them."""
        if self.grid.looked_at:
            self.dock.hide()
            return
        self._find_room()
        self.dock.show()
        self.dock.raise_()
        self.grid.view.setFocus()

    def _find_room(self) -> None:
        """Stand at the left of the picture; in a narrow window behind the panel, as a tab of it."""
        panel = self._window.findChild(QDockWidget, "panel")
        if self.dock.isFloating() or panel is None or panel.isFloating():
            return
        narrow = self._window.width() < NARROW and not panel.isHidden()
        if narrow == self._behind:
            return
        self._behind = narrow
        if narrow:
            self._window.tabifyDockWidget(panel, self.dock)
        else:
            self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.dock)

    def open(self, head: Head) -> None:
        """Show a head in the scene, seen from where the eye is; in a new one where the scene shows several, or none."""
        desk = self._window.desk
        now = picks(desk.scene.document)
        if now.why_no_head:
            self._open_alone(head)
            return
        layer = head.layer if head.layer != now.layer else None
        if layer is None and head.head == now.head and not desk.changing:
            return
        build_again = self._build_again
        if not desk.changing:
            self._clicks += 1

        def edit(scene: Shown) -> Shown:
            return another_head(scene, build_again, layer=layer, head=head.head)

        # Of clicks that come before the first is computed the last counts; they are undone together.
        desk.propose(f"layer {head.layer}, head {head.head}", edit, merge=f"heads {self._clicks}")

    def mark_compared(self, layer: int | None, head: int | None) -> None:
        """Frame the head that stands beside that of the scene."""
        self._beside = None if layer is None or head is None else Head(layer, head)
        self.grid.view.mark(self.grid.view.delegate.shown, self._beside)

    def _ask(self, head: Head, spot: QPoint) -> None:
        """Offer what can be done with a head."""
        menu = QMenu(self.grid)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Show {head.name} in the scene", lambda: self.open(head))
        compare = menu.addAction("Compare with the head that is shown", lambda: self._compare(head))
        compare.setEnabled(head != self.grid.view.delegate.shown)
        menu.popup(spot)

    def _compare(self, head: Head) -> None:
        if self._may_pick():
            self.compared.emit(head.layer, head.head)

    def _may_pick(self) -> bool:
        """Whether the scene shows one head, in whose place another one can be shown; if not, why is told."""
        why = picks(self._window.desk.scene.document).why_no_head
        if why:
            self._window.tell(f"{why[0].upper()}{why[1:]}")
        return not why

    def _open_alone(self, head: Head) -> None:
        window, build_again, before = self._window, self._build_again, self._window.desk.scene
        if not self._may_leave():
            return

        def make() -> Shown:
            return head_alone(before, window.opener, build_again, layer=head.layer, head=head.head)

        window.desk.open(f"opening layer {head.layer}, head {head.head} …", make)

    # what happens

    def _appear(self, visible: bool) -> None:
        self.grid.looked_at = visible
        self._window.actions_by_name["heads"].setChecked(visible)
        if visible:
            self._follow()
        self._want()

    def _take(self, _scene: Shown) -> None:
        if self.grid.looked_at:
            self._rest.start()

    def _follow(self) -> None:
        """Read what the heads of the scene attend to, unless it is known."""
        scene = self._window.desk.scene
        model = scene.document.model
        made_by = scene.document.made_by
        made_of = (model, scene.folder, made_by is not None and made_by.cross)
        if model is None or (model.prompt is None and model.tokens is None):
            self._forget()
            self.grid.say(NO_MODEL if scene.model_sizes is None else NO_PROMPT)
            return
        now = picks(scene.document)
        shown = None if now.layer is None or now.head is None else Head(now.layer, now.head)
        if made_of != self._read or _colors(scene.document.style) != self._colored:
            self._forget()
            self._read, self._colored = made_of, _colors(scene.document.style)
            self._begin(scene)
        self.grid.show_head(
            shown, now.layer if now.layer is not None or not now.layers else now.layers[0], self._beside
        )
        self._want()

    def _begin(self, scene: Shown) -> None:
        self.grid.say("Opening the model …")
        self._reader = PatternReader(lambda: scene.head_patterns, scene.document.style, self)
        self._reader.began.connect(self._began)
        self._reader.read.connect(self._show)
        self._reader.failed.connect(self._fail)

    def _forget(self) -> None:
        if self._reader is not None:
            self._reader.end()
            self._reader.deleteLater()
        self._reader = self._read = self._colored = None

    def _want(self) -> None:
        if self._reader is not None:
            self._reader.want(self.grid.last_wanted)

    def _began(self, reader: PatternReader, patterns: Patterns) -> None:
        if reader is self._reader:
            self.grid.begin(patterns.layers, patterns.heads, patterns.token_texts, patterns.key_texts)
            self.grid.view.go_to(self.grid.view.delegate.shown)
            self._want()

    def _show(self, reader: PatternReader, layer: int, patterns: Sequence[HeadPattern]) -> None:
        if reader is self._reader:
            self.grid.take(layer, patterns)

    def _fail(self, reader: PatternReader, message: str) -> None:
        if reader is self._reader:
            self.grid.say(message)


def _colors(style: StyleOptions) -> StyleOptions:
    """What of a style the patterns are coloured by."""
    return StyleOptions(
        palette=style.palette,
        patterns=style.patterns,
        curve=style.curve,
        decades=style.decades,
        quantile=style.quantile,
        mm=style.mm,
    )
