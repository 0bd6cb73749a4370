"""What the parts of the window know of it: its scene, its picture, its playback and its status line."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from mmviz.render.renderer import Renderers
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.canvas.view import View
from mmviz.viewer.events import Events
from mmviz.viewer.session.shown_scene import Opener, Shown
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.status_line import StatusLine


class Host(QMainWindow):
    """A main window before anything stands in it.

    Args:
        scene: The scene; its numbers are there.
        opener: Makes a scene of a path, a link or a model's name.
        renderers: Opens what draws the picture.

    Raises:
        DisplayError: this machine cannot draw.
    """

    def __init__(self, scene: Shown, opener: Opener, renderers: Renderers) -> None:
        super().__init__()
        composition = scene.composition
        self.desk = Desk(scene, self)
        self.opener = opener
        self.player = Player(composition.timeline.steps, scene.document.animation.speed, parent=self)
        self.view = View(composition, self.player.moment, renderers)
        self.events = Events(self)
        self.player.playing_changed.connect(self.view.play)
        self.status = StatusLine(self.events)
        self.status.waiting.stopped.connect(self.desk.background.forget)
        self.desk.background.given_up.connect(lambda text: self.tell(f"Given up: {text}"))
        self.actions_by_name: dict[str, QAction] = {}

    def tell(self, message: str) -> None:
        """Say in the status line what a command did, for a while."""
        self.status.tell(message)

    def complain(self, message: str) -> None:
        """Say in the status line what went wrong."""
        self.status.complain(message)
