"""What a right click on a token offers: its text, the prompt, its step; it edits and moves nothing itself."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication

from mmviz.scene.changes.refill import picks
from mmviz.viewer.host import Host
from mmviz.viewer.menus.context import ContextMenus
from mmviz.viewer.tokens.chip_line import ChipLine


class TokenMenu(QObject):
    """The menu of the tokens below the picture.

    Args:
        window: Its desk holds the scene.
        line: The tokens.
        go_to: Goes to the step of a token.
        menus: Opens it, and gives the commands in it.
    """

    def __init__(self, window: Host, line: ChipLine, go_to: Callable[[int], object], menus: ContextMenus) -> None:
        super().__init__(window)
        self._window, self._line, self._go_to, self._menus = window, line, go_to, menus
        line.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        line.customContextMenuRequested.connect(self.open)

    def open(self, spot: QPoint) -> None:
        """Open it at a place of the line; beside all tokens it speaks of the prompt alone."""
        menu = self._menus.of("tokens")
        scene, number = self._window.desk.scene, self._line.at(QPointF(spot))
        own: list[QAction] = []

        def offer(text: str, do: Callable[[], object]) -> None:
            action = QAction(text.replace("&", "&&"), menu)
            action.triggered.connect(lambda _checked=False: do())
            own.append(action)

        if number is not None:
            token = scene.composition.tokens[number]
            offer("Go to its step", partial(self._go_to, number))
            offer(f"Copy the token “{token}”", partial(_copy, token))
        prompt = picks(scene.document).prompt
        if prompt is not None:
            offer("Copy the prompt", partial(_copy, prompt))
        offer("Copy all tokens, one a line", partial(_copy, "\n".join(scene.composition.tokens)))
        first = menu.actions()[0]
        menu.insertActions(first, own)
        menu.insertSeparator(first)
        self._menus.open(menu, self._line.mapToGlobal(spot))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
