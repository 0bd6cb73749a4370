"""The panel with the grid of heads: which layers, in which order, what is still being read; reads nothing itself."""

from collections.abc import Mapping, Sequence
from math import isfinite, nan

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from mmviz.picture.look.head_kinds import COMING_BACK
from mmviz.picture.look.head_pattern import HeadPattern
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.fields import Choice
from mmviz.viewer.heads.arrangement import Head, Order, arranged, of_layers, sorted_by
from mmviz.viewer.heads.head_table import HeadTable
from mmviz.viewer.heads.head_view import HeadView
from mmviz.viewer.heads.pattern_reader import NOTHING
from mmviz.viewer.wording import counted

LAYERS_TIP = "The heads of the layer that the scene shows, or of all layers: a row each"
ORDERS: Mapping[str, Order] = {
    "By layer and head": "head",
    "By previous token": "previous",
    "By duplicate token": "duplicate",
    "By induction": "induction",
    "By first token": "sink",
    "By itself": "itself",
    "By nearness": "local",
    "By evenness": "uniform",
}
ORDER_TIP = (
    "In which order: by layer and head, or what is most like a kind of heads first. Of a pattern P and tokens t,\n"
    "over all tokens i but the first, which can look at nothing but itself, and that have such a token to look at:\n"
    "previous token: the mean of P[i, i-1]; first token: of P[i, 0]; itself: of P[i, i];\n"
    "duplicate token: of the sum of P[i, j] where t[j] = t[i]; induction: of P[i, j+1] where t[j] = t[i];\n"
    "nearness: how many tokens away it looks, the least first; evenness: how alike the shares of a row are."
)
NOTHING_BACK = (
    "No token of the prompt comes back, by which these heads are known: a prompt that repeats words shows them."
)
NOT_OF_THESE = "Heads such as these have nothing that they could be sorted by so."
WIDEST = 200
"""Of a list to choose from, in the screen's own unit."""
DELAY = 120
"""Milliseconds between two times that heads which are sorted find other places, while they are read."""


class HeadGrid(QWidget):
    """Shows what heads attend to."""

    wanted = Signal()
    """Other layers are looked at; `last_wanted` says which."""

    def __init__(self) -> None:
        super().__init__()
        self.table = HeadTable()
        self.view = HeadView(self.table)
        self.layers = Choice({"This layer": False, "All layers": True}, LAYERS_TIP)
        self.order = Choice(ORDERS, ORDER_TIP)
        self.order.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # it has no name before it
        self.message = QLabel()
        self.progress = QLabel()
        self._stack = QStackedWidget()
        self.looked_at = False  # Qt calls it visible behind another tab, too
        self._shown: Head | None = None
        self._layer = 0  # that is looked at
        self._sizes = (0, 0)  # layers, heads of each
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self.arrange)
        self._assemble()
        self.layers.chosen.connect(self._look_at_others)
        self.order.chosen.connect(self._look_at_others)

    @property
    def all_layers(self) -> bool:
        """Whether all layers are looked at."""
        return bool(self.layers.value)

    @property
    def last_wanted(self) -> int:
        """The last layer that is looked at; NOTHING as long as nobody can see it."""
        if not self.looked_at:
            return NOTHING
        return max(self._sizes[0] - 1, 0) if self.all_layers else self._layer

    def say(self, message: str) -> None:
        """Say why there are no heads, instead of them."""
        self.message.setText(message)
        self._stack.setCurrentIndex(1)
        self.progress.hide()

    def begin(self, layers: int, heads: int, tokens: Sequence[str], keys: Sequence[str] | None = None) -> None:
        """Show the heads of another model, or of another prompt, which are still to be read.

        Args:
            layers: Of the model.
            heads: Of each layer.
            tokens: What they read; empty where there are only ids.
            keys: What they attend to, where that is something else.
        """
        self.table.clear()
        self.table.tokens, self.table.keys = tokens, tokens if keys is None else keys
        self._sizes = layers, heads
        self._layer = min(self._layer, layers - 1)
        self._stack.setCurrentIndex(0)
        self.arrange()

    def take(self, layer: int, patterns: Sequence[HeadPattern]) -> None:
        """Show the patterns of a layer."""
        self.table.take(layer, patterns)
        if self.order.value != "head" and not self._timer.isActive():
            self._timer.start()
        self._tell()

    def show_head(self, shown: Head | None, layer: int | None, compared: Head | None = None) -> None:
        """Frame the head that the scene shows, and that beside it; look at the scene's layer, if it has one."""
        self._shown = shown
        if layer is not None and layer != self._layer:
            self._layer = layer
            self.arrange()
            self.wanted.emit()
        self.view.mark(shown, compared)

    def arrange(self) -> None:
        """Let the heads stand as there is room."""
        layers, heads = self._sizes
        kept = self.table.head_at(self.view.currentIndex())
        found = of_layers(range(layers) if self.all_layers else [self._layer][:layers], heads)
        order: Order = self.order.value
        if order != "head":
            known = self.table.patterns.items()
            scores = {head: pattern.scores.get(order, float("nan")) for head, pattern in known}
            found = sorted_by(found, scores, least_first=order == "local")
        headed = heads if self.all_layers and order == "head" else 0
        self.table.arrange(arranged(found, *self._room(headed), headed))
        self.view.fit()
        index = self.table.index_of(kept if kept in found else self._shown)
        if index.isValid() and index != self.view.currentIndex():
            self.view.setCurrentIndex(index)
        self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another size, other places."""
        if event.type() == QEvent.Type.Resize:
            self._timer.start(0)
        return super().eventFilter(watched, event)

    def _room(self, headed: int) -> tuple[int, int]:
        """Width and height for heads, with room for a bar that scrolls and for names of rows and columns."""
        bar = self.view.verticalScrollBar().sizeHint().width()
        beside = self.view.fontMetrics().horizontalAdvance("L000") + 8 if headed else 0
        return self._stack.width() - bar - beside, self._stack.height() - 2

    def _look_at_others(self) -> None:
        self.arrange()
        self.view.go_to(self._shown)
        self.wanted.emit()

    def _tell(self) -> None:
        """How far it is, while layers that are looked at are being read."""
        layers, heads = self._sizes
        known = len(self.table.patterns) // heads if heads else 0
        needed = layers if self.all_layers else self._layer + 1
        reading = 0 <= known < needed and layers > 0
        self.progress.setText(f"{known} of {counted(needed, 'layer')} read …" if reading else self._unsorted())
        self.progress.setVisible(bool(self.progress.text()))

    def _unsorted(self) -> str:
        """Why heads that are to be sorted are not."""
        order: Order = self.order.value
        patterns = self.table.patterns.values()
        if order == "head" or not patterns or any(isfinite(one.scores.get(order, nan)) for one in patterns):
            return ""
        return NOTHING_BACK if order in COMING_BACK else NOT_OF_THESE

    def _assemble(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 8, 2)
        head.setSpacing(6)
        head.addWidget(self.layers, 1)
        head.addWidget(self.order, 1)
        for choice in (self.layers, self.order):
            choice.setMaximumWidth(WIDEST)
        head.addStretch()
        self.layers.show_value(value=False)
        self.order.show_value("head")
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.message.setContentsMargins(12, 8, 12, 8)
        theme.tint(self.message, "quiet")
        theme.tint(self.progress, "quiet")
        self.progress.setWordWrap(True)
        self.progress.setContentsMargins(10, 2, 8, 4)
        self.progress.hide()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.message)
        self._stack.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        inside = QHBoxLayout()
        inside.setContentsMargins(5, 0, 0, 0)
        inside.addWidget(self._stack)
        column.addLayout(inside, 1)
        column.addWidget(self.progress)
        self.setMinimumHeight(120)
