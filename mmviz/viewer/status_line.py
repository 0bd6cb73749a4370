"""The line below the picture: what is under the pointer, the newest event, what is under way; it never moves anything.

At the left always stands what is under the pointer. At the right stand, from left to right, work that is under way, how
many troubles nobody has looked at, the newest event for a while, and what other parts of the window add.
"""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSizePolicy, QStatusBar, QWidget

from mmviz.viewer.controls.copied import copy_by
from mmviz.viewer.controls.elided import Elided, Link
from mmviz.viewer.controls.work import Work
from mmviz.viewer.events import Events, Kind, one_line
from mmviz.viewer.key_words import keys_said
from mmviz.viewer.wording import counted

MOUSE_HINT = "drag: turn  ·  Shift+drag: move  ·  wheel: zoom  ·  click: explain"
ARROWS = {"Left": "←", "Right": "→"}
TOLD = 8000
"""Milliseconds that it shows what a command did."""
COMPLAINED = 20_000
"""Milliseconds that it shows what went wrong; the mark stays until somebody looks."""
BUSY_AFTER = 250
"""Milliseconds of work after which it is told: what is over sooner would only flash."""
NEWEST_SHARE = 0.45
"""Of the line's width, which the newest event takes at most."""
POINTED_SHARE = 0.3
"""Of the line's width, which what is under the pointer always has."""


def hint() -> str:
    """What the mouse does in the picture, and the keys to begin with."""
    keys = keys_said()
    steps = " ".join(ARROWS.get(keys[name], keys[name]) for name in ("step_back", "step_on"))
    told = f"{keys['play']}: play", f"{steps}: step", f"{keys['reset']}: reset view", f"{keys['help']}: all keys"
    return "  ·  ".join((MOUSE_HINT, *told))


class StatusLine(QWidget):
    """One line of fixed height.

    Args:
        events: Where what is told is kept.
    """

    asked = Signal()
    """The user wants to read all events."""

    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events
        self.pointed, self.newest = Elided(), Elided()
        self.waiting = Work("Stop waiting ({stop})")
        self.unseen = Link(tone="trouble")
        self._undrawn = self._told = self._awaited = ""
        self._progress = 0, 0  # parts of what is awaited that are done, and of how many
        self._ahead = "", ""  # how much is read for it, in a few words and in a sentence
        self._kind = Kind.DONE
        self._fading = QTimer(self, singleShot=True)
        self._starting = QTimer(self, singleShot=True)
        self._assemble()
        self._fading.timeout.connect(self._fade)
        self._starting.timeout.connect(self._tell_busy)
        self.newest.clicked.connect(self.asked)
        self.unseen.clicked.connect(self.asked)
        events.changed.connect(self._count)
        self.say("")
        self._count()

    def stand_in(self, window: QMainWindow) -> None:
        """Take the whole width of a window, below everything else."""
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self, 1)
        window.setStatusBar(bar)

    def text(self) -> str:
        """The newest event, or what is waited for, or else what is under the pointer."""
        waiting = "" if self.waiting.isHidden() else self.waiting.text.text()
        return self.newest.text() or waiting or self.pointed.text()

    def add_permanent(self, widget: QWidget) -> None:
        """Let a small widget stand at the right end, for good."""
        self._permanent.addWidget(widget)

    def add_work(self, work: Work) -> None:
        """Let something that is under way be seen."""
        self._works.addWidget(work)

    def say(self, text: str) -> None:
        """What is under the pointer; where there is nothing, what the mouse does."""
        self.pointed.say(text or hint(), "text" if text else "quiet")

    def tell(self, message: str) -> None:
        """What a command did."""
        self._show(Kind.DONE, message)

    def complain(self, message: str) -> None:
        """What went wrong."""
        self._show(Kind.TROUBLE, message)

    def wait(self, text: str) -> None:
        """What is being done, once that takes long; "": nothing any more."""
        self._awaited, self._progress, self._ahead = text, (0, 0), ("", "")
        if text and self._kind is Kind.TROUBLE:
            self._fade()  # it was about what was tried before
        self._starting.start(
            BUSY_AFTER if text and self.waiting.isHidden() else 0
        )  # 0: the next work may follow at once

    def go_on(self, done: int, count: int) -> None:
        """How many parts of what is waited for are done; all of them: what follows does not say how far it is."""
        self._progress = (done, count) if done < count else (0, 0)
        if self._awaited and not self.waiting.isHidden():
            self._tell_busy()

    def foresee(self, in_short: str, sentence: str) -> None:
        """How much is read for what is waited for: so many layers, so many gigabytes."""
        self._ahead = in_short, sentence
        if self._awaited:
            self._tell_busy()

    def judge(self, trouble: str) -> None:
        """Something was drawn (""), or it could not be."""
        if trouble != self._undrawn:
            self._undrawn = trouble
            if trouble:
                self.events.add(Kind.TROUBLE, trouble)
            self._speak()

    def _show(self, kind: Kind, message: str) -> None:
        self._kind, self._told = kind, message
        self._fading.start(TOLD if kind is Kind.DONE else COMPLAINED)
        self.events.add(kind, message)
        self._speak()

    def _fade(self) -> None:
        self._told = ""
        self._speak()

    def _speak(self) -> None:
        text = self._undrawn or self._told
        trouble = bool(self._undrawn) or self._kind is Kind.TROUBLE
        tip = f"{text}\n(click: all messages)" if text else ""
        self.newest.say(one_line(text), "trouble" if trouble else "text", tip)
        self.newest.setVisible(bool(text))

    def _tell_busy(self) -> None:
        if self._awaited:
            in_short, sentence = self._ahead
            text = f"{self._awaited} {in_short}" if in_short else self._awaited
            self.waiting.show_work(text, *self._progress, tip=sentence or None)
        else:
            self.waiting.put_away()

    def _count(self) -> None:
        count = self.events.unseen
        tip = f"{counted(count, 'message')} of what went wrong; click to read"
        self.unseen.say(f"● {count}", "trouble", tip)
        self.unseen.setVisible(count > 0)

    # how it is put together

    def _assemble(self) -> None:
        self.pointed.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.newest.setCursor(Qt.CursorShape.PointingHandCursor)
        self.newest.hide()
        copy_by(self.newest, "Copy this message", self.newest.text)
        copy_by(self.pointed, "Copy this line", self.pointed.text)
        self._works, self._permanent = QHBoxLayout(), QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(12)
        row.addWidget(self.pointed, 1)
        row.addLayout(self._works)
        self._works.setSpacing(12)
        self._works.addWidget(self.waiting)
        row.addWidget(self.unseen)
        row.addWidget(self.newest)
        row.addLayout(self._permanent)
        self._permanent.setSpacing(12)
        self._fix_height()

    def _fix_height(self) -> None:
        self.setFixedHeight(self.fontMetrics().height() + 10)

    def changeEvent(self, event: QEvent) -> None:
        """Another font takes another height."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fix_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All else leaves room for what is under the pointer."""
        super().resizeEvent(event)
        self.newest.bound(round(NEWEST_SHARE * event.size().width()))
        self.pointed.setMinimumWidth(round(POINTED_SHARE * event.size().width()))
