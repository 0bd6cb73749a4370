"""What the window shows becomes what the scene says: its camera, or a keyframe of it; both can be undone."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from mmviz.picture.eye.said import said
from mmviz.picture.shots.new_shots import keyframes_at, own_chapter, with_keyframe, with_own_camera
from mmviz.scene.keys.view import SeenFrom
from mmviz.viewer.canvas.flying import Flying
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.canvas.view import View
from mmviz.viewer.key_words import key_of
from mmviz.viewer.session.undo import Desk

TOO_FAR = "The eye is too far away for a scene file to say where it is; come nearer ({reset} goes back)"


class SceneCamera(QObject):
    """The commands that put the window's camera into the scene.

    Args:
        view: From where it is taken.
        flying: Where the view flies to, which counts already.
        player: The step.
        desk: Whose scene is changed.
        tell: Says what was done.
    """

    def __init__(self, view: View, flying: Flying, player: Player, desk: Desk, tell: Callable[[str], None]) -> None:
        super().__init__(view)
        self._view, self._flying, self._player, self._desk, self._tell = view, flying, player, desk, tell

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"own_camera": self.make_own, "keyframe": self.add_keyframe}

    def make_own(self) -> None:
        """Let the scene be seen from here wherever nothing else leads its camera."""
        words = self._words()
        if words is None:
            return
        composition = self._desk.scene.composition
        led = composition.eye.keyframes or any(chapter.keyframes for chapter in composition.chapters)
        self._desk.propose("Scene's camera", lambda scene: scene.changed(**with_own_camera(scene.document, words)))
        more = "; in films its keyframes still lead it" if led else ""
        self._tell(f"This view is the scene's camera now{more}; {key_of('undo')} undoes it")

    def add_keyframe(self) -> None:
        """Let the scene be seen from here at this step."""
        words, moment = self._words(), self._player.moment
        if words is None:
            return
        composition = self._desk.scene.composition
        before = len(keyframes_at(composition, moment))
        number = own_chapter(composition, moment)
        self._desk.propose(
            "Keyframe",
            lambda scene: scene.changed(
                **with_keyframe(scene.document, scene.composition, scene.composition.moment(moment), words)
            ),
        )
        whose = "the scene's camera" if number is None else f"the camera of chapter {number + 1}"
        more = "" if before else "; add another at another step, and the camera flies from one to the next"
        self._tell(f"Keyframe of {whose} at step {moment.time:g}{more}")

    def _words(self) -> SeenFrom | None:
        """The camera that is shown, or flown to, in the words of a scene."""
        camera = self._view.camera if self._flying.goal is None else self._flying.goal
        words = said(camera, self._view.aspect)
        if words is None:
            self._tell(TOO_FAR.format(reset=key_of("reset")))
        return words
