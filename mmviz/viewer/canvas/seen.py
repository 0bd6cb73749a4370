"""How the window looks at its scene: said in the scene when it is saved, remembered for its file, and looked at again.

Nothing that is exported goes by it, and it is no change that would have to be saved.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabWidget

from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.said import said, seen_from
from mmviz.scene.keys.view import KeptView, SeenFrom, ViewOptions
from mmviz.viewer import settings
from mmviz.viewer.canvas.kept_views import Kept
from mmviz.viewer.canvas.navigation import Navigation
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.canvas.view import View
from mmviz.viewer.session.shown_scene import Shown, mapping
from mmviz.viewer.session.undo import Desk

DIGITS = 3
"""Of a step."""


@dataclass(eq=False)
class Words:
    """The words that cameras were made of: what nobody moved is said as it was."""

    of: dict[int, tuple[Camera, SeenFrom]] = field(default_factory=dict)  # by the camera's identity

    def camera(self, words: SeenFrom) -> Camera:
        """The camera that words stand for."""
        camera = seen_from(words)
        self.of[id(camera)] = camera, words
        return camera

    def say(self, camera: Camera) -> SeenFrom | None:
        """A camera in words; None where there are none for it."""
        known = self.of.get(id(camera))
        return said(camera) if known is None else known[1]


class Seen(QObject):
    """Keeps how the window looks at its scene. Call `begin` when the window shows its first scene.

    Args:
        desk: Holds the scene, and saves it.
        view: Its picture.
        player: Its step.
        navigation: Its kept views and what is hidden.
        tabs: What stands beside it.
    """

    def __init__(self, desk: Desk, view: View, player: Player, navigation: Navigation, tabs: QTabWidget) -> None:
        super().__init__(view)
        self._desk, self._view, self._player, self._navigation, self._tabs = desk, view, player, navigation, tabs
        self._words = Words()
        self._fresh = False  # the scene was opened, and is not shown yet

    def begin(self) -> None:
        """Look at the first scene as it says, or as one did last; and at others that are opened."""
        desk = self._desk
        desk.as_seen = self.said_in
        desk.leaving.connect(self.remember)
        desk.opened.connect(self._open)
        desk.shown.connect(self._look)
        self._open(desk.scene)
        self._navigation.hiding.take(desk.scene)
        self._look(desk.scene)

    def now(self) -> ViewOptions:
        """How the window looks at the scene."""
        view, player, navigation = self._view, self._player, self._navigation
        chosen = view.chosen if navigation.flying.goal is None else navigation.flying.goal
        step = round(player.time, DIGITS)
        kept = [(one.name, self._words.say(one.camera)) for one in navigation.kept_views.all]
        title = self._tabs.tabText(self._tabs.currentIndex())
        return ViewOptions(
            camera=None if chosen is None else self._words.say(chosen),
            step=None if step == player.steps else step,
            hidden=self._desk.scene.document.view.hidden,
            kept=tuple(
                KeptView(position=words.position, target=words.target, view_angle=words.view_angle, name=name or None)
                for name, words in kept
                if words is not None
            ),
            tab=None if title == self._tabs.tabText(0) or not title else title,
        )

    def said_in(self, scene: Shown) -> Shown:
        """The scene with how the window looks at it; the same where it says so already."""
        now = self.now()
        return scene if now == scene.document.view else scene.changed(view=now)

    def remember(self) -> None:
        """Keep for the next time how one looks at the scene's file; the scene is given up, or the window closed."""
        file, now, saved = self._desk.file, self.now(), self._desk.saved
        if file is None or saved is None:
            return
        own = saved.document.view
        if now == own:
            settings.forget_view(file)
        else:
            settings.keep_view(file, json.dumps({"own": mapping(own), "seen": mapping(now)}))

    def _open(self, scene: Shown) -> None:
        """Take what a scene says, or what was remembered while its file said the same."""
        self._fresh = True
        self._words = Words()
        own = scene.document.view
        view = None if self._desk.file is None or self._desk.saved is None else _remembered(self._desk.file, own)
        if view is not None and view != own:
            self._desk.look_as(scene.changed(view=view))

    def _look(self, scene: Shown) -> None:
        """Look at a scene that was opened as it says, as far as it has what that speaks of."""
        if not self._fresh:
            return
        self._fresh = False
        said, words = scene.document.view, self._words
        self._navigation.kept_views.take(Kept(words.camera(one), one.name or "") for one in said.kept)
        if said.step is not None:
            self._player.seek(said.step)
        if said.camera is not None:
            self._view.look(words.camera(said.camera))
        titles = [self._tabs.tabText(number) for number in range(self._tabs.count())]
        if said.tab in titles:  # else the one in which the user works stays: a model was opened in the tab Model
            self._tabs.setCurrentIndex(titles.index(said.tab))


def _remembered(file: Path, own: ViewOptions) -> ViewOptions | None:
    """How one looked at a file last, if it says of that what it said then; whatever is kept that is no view is none."""
    try:
        kept: Any = json.loads(settings.view_of(file) or "")
        before, seen = (ViewOptions.model_validate(kept[key]) for key in ("own", "seen"))
    except (ValidationError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return seen if before == own else None
