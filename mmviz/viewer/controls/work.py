"""Work that is under way, in a strip of one line: how far it is, and a cross that stops it; does no work itself."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from mmviz.viewer.controls.elided import Elided, Link
from mmviz.viewer.key_words import keys_said

WIDEST = 300
"""Of its text, in pixels."""
BAR = 84, 6
"""Greatest width and height of the bar, in pixels."""


class Work(QWidget):
    """Takes no room while nothing is under way.

    Args:
        stop_tip: What the cross does; in it {stop} stands for the key of the command `stop`.
    """

    stopped = Signal()
    """The user wants it to be stopped."""
    clicked = Signal()
    """The user wants to see more of it."""

    def __init__(self, stop_tip: str) -> None:
        super().__init__()
        self._stop_tip = stop_tip
        self._under_way = False
        self.text = Elided(WIDEST)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(BAR[1])
        self.bar.setMinimumWidth(BAR[0] // 4)  # in a narrow window
        self.bar.setMaximumWidth(BAR[0])
        self.done = QWidget()  # links to what is there when it is done
        self._done_row = QHBoxLayout(self.done)
        self._done_row.setContentsMargins(0, 0, 0, 0)
        self._done_row.setSpacing(10)
        self.stop = Link("✕", "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self.text, self.bar, self.done, self.stop):
            row.addWidget(part)
        self.text.clicked.connect(self.clicked)
        self.stop.clicked.connect(self._stop)
        self.hide()

    def show_work(self, text: str, done: int = 0, count: int = 0, *, tip: str | None = None) -> None:
        """Something is under way.

        Args:
            text: What.
            done: Steps that are done.
            count: Of how many; 0 where that is not known.
            tip: More about it.
        """
        self._under_way = True
        self.text.say(text, tip=tip)
        self.bar.setRange(0, count)  # 0, 0: it moves without an end
        self.bar.setValue(done)
        self.bar.show()
        self.done.hide()
        self.stop.setToolTip(self._stop_tip.format_map(keys_said()))
        self.show()

    def show_done(self, text: str, actions: Mapping[str, Callable[[], object]], *, tip: str | None = None) -> None:
        """It is done, and stays here with what can be done with it until it is put away."""
        self._under_way = False
        self.text.say(text, tip=tip)
        self.bar.hide()
        for before in self.done.findChildren(Link):
            self._done_row.removeWidget(before)
            before.hide()
            before.deleteLater()
        for name, do in actions.items():
            link = Link(name)
            link.clicked.connect(do)
            self._done_row.addWidget(link)
            link.show()  # else it would come a moment later than the rest
        self.done.show()
        self.stop.setToolTip("Put this away")
        self.show()

    def put_away(self) -> None:
        """Nothing is under way, or to be seen."""
        self._under_way = False
        self.bar.setRange(0, 1)  # one that moves without an end would go on
        self.hide()

    def _stop(self) -> None:
        if self._under_way:
            self.stopped.emit()
        else:
            self.put_away()
