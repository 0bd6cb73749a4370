"""Qt without a screen, chosen before Qt is started."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from mmviz import Scene
from mmviz.picture.composition import Composition
from mmviz.viewer import stray_keys
from mmviz.viewer.controls import icons
from mmviz.viewer.menus import actions
from mmviz.viewer.question import Answer, Question

os.environ["QT_QPA_PLATFORM"] = "offscreen"
PATIENCE = 20
"""Seconds after which nobody answers a question any more."""


@pytest.fixture(scope="session")
def settings_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """New folders in one of their own: for each new one beside it pytest looks through all that are there."""
    whole = tmp_path_factory.mktemp("settings")
    return (whole / str(number) for number in count())


@pytest.fixture(autouse=True)
def settings_folder(settings_folders: Iterator[Path]) -> Path:
    """Where the window keeps what it remembers, instead of in the user's own settings: a new folder for each test."""
    folder = next(settings_folders)
    folder.mkdir()
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    return folder


@pytest.fixture(autouse=True)
def keys_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests press keys faster than people do: right after a dialog has closed they mean it."""
    monkeypatch.setattr(stray_keys, "MEANT_ELSEWHERE", 0.0)


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    """A menu or a dialog that a test leaves open would take the keys and clicks of the next one."""
    yield
    for _ in range(10):
        left = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if left is None:
            return
        left.hide()


@pytest.fixture(autouse=True)
def no_question_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that a test neither expects nor answers fails it, and holds up none of the others."""
    really = Question.answer

    def answer(question: Question) -> Answer:
        asked = monotonic()
        QTimer.singleShot(PATIENCE * 1000, question, question.reject)
        answered = really(question)
        assert monotonic() - asked < PATIENCE, f"nobody answers: {question.text()}"
        return answered

    monkeypatch.setattr(Question, "answer", answer)


@pytest.fixture(autouse=True, scope="session")
def fitted_once() -> Iterator[None]:
    """Where names stand in the pictures of a scene is found once, for all windows of a size; an icon is made once."""
    fit, icon = Composition.for_height, cache(icons.icon)

    def fitted(composition: Composition, pixels: int) -> Composition:
        known: dict[int, Composition] = vars(composition).setdefault("_fitted", {})
        if pixels not in known:
            known[pixels] = fit(composition, pixels)
        return known[pixels]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Composition, "for_height", fitted)
        patch.setattr(actions, "icon", icon)
        yield
    icon.cache_clear()  # while there is an application


@pytest.fixture
def environment(settings_folder: Path) -> dict[str, str]:
    """What a process of its own gets: ours, without anything that points to a screen or to the user's settings.

    Its user has seen the tour.
    """
    (settings_folder / "mmviz").mkdir()
    (settings_folder / "mmviz" / "mmviz.ini").write_text("[tour]\nseen=true\n")
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    kept = {name: value for name, value in os.environ.items() if name not in screens}
    own = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "XDG_CONFIG_HOME": str(settings_folder)}
    return kept | own


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene.load("matmul")


@pytest.fixture(scope="module")
def composition(scene: Scene) -> Composition:
    return scene.composition
