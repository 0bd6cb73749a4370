"""What the window remembers from one time to the next: where it stood, recent files, folders; never a scene.

Anything may stand in the file: a value that is not what it must be counts as not there.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QByteArray, QLockFile, QPoint, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

NAME = "mmviz"
MOST_RECENT, MOST_MODELS = 10, 5
"""Recent files, and recent models by their names, that are kept."""
FIRST_SIZE = (1440, 860)
"""Of a window that nobody has given another size, in pixels, where the screen has as many."""
THEMES = ("dark", "light", "system")
MOST_VIEWS = 200
"""Files of which it is remembered how one looked at them."""
MOST_PROCESSES = 16
"""With windows that stand aside for each other."""
ASIDE = 32
"""Pixels between the corners of two windows."""
LAYOUT = 1
"""Number of the arrangement of panels; one that was kept under another number is not restored."""


def settings() -> QSettings:
    """The file of this user, as text on every system."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, NAME, NAME)


def recent() -> list[Path]:
    """The files that were opened or saved last, the newest first; what is gone is left out, and forgotten."""
    kept = _kept_recent()
    there = [path for path in kept if _exists(path)]
    if there != kept:
        _keep_recent(there)
    return there


def remember(path: Path) -> None:
    """Put a file first among the recent ones."""
    place = path.absolute()
    _keep_recent([place, *(other for other in _kept_recent() if other != place)][:MOST_RECENT])


def recent_models() -> list[str]:
    """The names of models that were shown last and are no files, the newest first."""
    return _texts("recent_models")[:MOST_MODELS]


def remember_model(name: str) -> None:
    """Put a model first among the recent ones."""
    kept = recent_models()
    if kept[:1] != [name]:
        settings().setValue("recent_models", [name, *(other for other in kept if other != name)][:MOST_MODELS])


def forget_recent() -> None:
    """Know no recent file or model any more, nor how one looked at it."""
    settings().remove("recent")
    settings().remove("recent_models")
    settings().remove("views")


def recovery_folder() -> Path:
    """Where unsaved changes are kept for the case of a crash: beside the file of the settings."""
    return Path(settings().fileName()).parent / "recovery"


def view_of(path: Path) -> str | None:
    """What was remembered of how one looked at a file last."""
    kept = settings().value(_view_key(path))
    return kept if isinstance(kept, str) else None


def keep_view(path: Path, view: str) -> None:
    """Remember how one looks at a file; of too many files those are forgotten that come first."""
    store, key = settings(), _view_key(path)
    store.beginGroup("views")
    others = [other for other in store.childKeys() if f"views/{other}" != key]
    for other in others[: max(0, len(others) - MOST_VIEWS + 1)]:
        store.remove(other)
    store.endGroup()
    store.setValue(key, view)
    store.sync()


def forget_view(path: Path) -> None:
    """Remember nothing of how one looks at a file."""
    settings().remove(_view_key(path))


def _view_key(path: Path) -> str:
    return f"views/{sha256(str(path.absolute()).encode(errors='replace')).hexdigest()[:32]}"


def last_folder(purpose: str) -> Path | None:
    """The folder that was last chosen for a purpose, such as "open"; None where there is none any more."""
    kept = settings().value(f"folders/{purpose}")
    place = Path(kept) if isinstance(kept, str) and kept else None
    return place if place is not None and _exists(place) and place.is_dir() else None


def keep_folder(purpose: str, folder: Path) -> None:
    """Remember the folder that was chosen for a purpose."""
    settings().setValue(f"folders/{purpose}", str(folder.absolute()))


def theme() -> str:
    """How the window looks: "dark", which it is by itself, "light", or as the "system" does."""
    kept = settings().value("look/theme")
    return kept if isinstance(kept, str) and kept in THEMES else THEMES[0]


def keep_theme(name: str) -> None:
    """Look so from now on."""
    settings().setValue("look/theme", name)


def view_cube() -> bool:
    """Whether there is a cube in the corner of the picture to look from its sides."""
    return bool(settings().value("look/view_cube") != "false")


def keep_view_cube(there: bool) -> None:
    """Remember whether it is there."""
    settings().setValue("look/view_cube", "true" if there else "false")


def tour_seen() -> bool:
    """Whether the tour of the window was played, or skipped, once."""
    return bool(settings().value("tour/seen") == "true")


def keep_tour_seen() -> None:
    """Never play the tour again without being asked."""
    settings().setValue("tour/seen", "true")


def folded(part: str, first: bool) -> bool:
    """Whether a part of a panel is folded away; `first` where nobody has folded or unfolded it yet."""
    kept = settings().value(f"folded/{part}")
    return kept == "true" if kept in ("true", "false") else first


def keep_folded(part: str, away: bool) -> None:
    """Remember whether a part of a panel is folded away."""
    settings().setValue(f"folded/{part}", "true" if away else "false")


def switched(name: str, *, default: bool) -> bool:
    """Whether a switch of the window was on."""
    kept = settings().value(f"switches/{name}")
    return {"true": True, "false": False}.get(str(kept).lower(), default)


def keep_switch(name: str, on: bool) -> None:
    """Remember whether a switch of the window is on."""
    settings().setValue(f"switches/{name}", on)


def recent_commands() -> list[str]:
    """What was chosen in the palette last, the latest first."""
    return _texts("palette/recent")[:MOST_RECENT]


def remember_command(key: str) -> None:
    """Put what was chosen in the palette first."""
    settings().setValue("palette/recent", [key, *(other for other in recent_commands() if other != key)][:MOST_RECENT])


def keep_window(window: QMainWindow) -> None:
    """Remember size, place and panels of a window."""
    store = settings()
    store.setValue("window/geometry", window.saveGeometry())
    store.setValue("window/state", window.saveState(LAYOUT))
    store.sync()


def restore_window(window: QMainWindow) -> None:
    """Give a window the size, place and panels that the last one had."""
    place(window)
    state = settings().value("window/state")
    if isinstance(state, QByteArray):
        window.restoreState(state, LAYOUT)


def place(window: QWidget) -> None:
    """Give a window the size and place that the last one had, or else a good size."""
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.resize(min(FIRST_SIZE[0], round(0.9 * screen.width())), min(FIRST_SIZE[1], round(0.9 * screen.height())))
    geometry = settings().value("window/geometry")
    if isinstance(geometry, QByteArray):
        window.restoreGeometry(geometry)
    _step_aside(window)


@cache
def turn() -> tuple[int, QLockFile | None]:
    """How many other processes have windows of mmviz open, about, and what tells the next ones of this.

    A lock that a process left behind when it was killed is none: Qt looks whether it lives.
    """
    folder = Path(settings().fileName()).parent
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(MOST_PROCESSES):
        lock = QLockFile(str(folder / f"window-{number}.lock"))
        lock.setStaleLockTime(0)
        if lock.tryLock(0):
            return number, lock
        if lock.error() is not QLockFile.LockError.LockFailedError:
            break  # nothing can be written there
    return 0, None


def _step_aside(window: QWidget) -> None:
    """Stand a little beside the other windows, so that none is hidden behind another one."""
    others = [one for one in QApplication.topLevelWidgets() if isinstance(one, QMainWindow) and one.isVisible()]
    taken = [other.pos() for other in others if other is not window]
    corner = QGuiApplication.primaryScreen().availableGeometry().topLeft()
    aside = ASIDE * turn()[0]
    place = window.pos() + QPoint(aside, aside)
    while any((place - other).manhattanLength() < ASIDE for other in taken):
        place += QPoint(ASIDE, ASIDE)
        room = window.screen().availableGeometry()
        if place.x() > room.right() - 10 * ASIDE or place.y() > room.bottom() - 10 * ASIDE:
            place = corner + QPoint(ASIDE * len(taken), 0)
            break
    if place != window.pos() and not window.isMaximized() and not window.isFullScreen():
        window.move(place)


def _kept_recent() -> list[Path]:
    return [Path(text) for text in _texts("recent")][:MOST_RECENT]


def _texts(key: str) -> list[str]:
    kept = settings().value(key)
    # A single one comes as a text: see findings/qsettings-list-of-one.sh.
    texts = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
    return [text for text in texts if isinstance(text, str) and text]


def _keep_recent(paths: list[Path]) -> None:
    settings().setValue("recent", [str(path) for path in paths])


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # no file can have this name
        return False
