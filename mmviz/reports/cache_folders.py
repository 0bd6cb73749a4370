"""Whether models can be kept in the cache folders, by trying it; leaves nothing behind.

Asking for permissions is not enough: root may do everything, and still nothing can be made in /proc.
"""

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from mmviz.machine.endings import ENDINGS
from mmviz.machine.homes import deciding


def led_by(variables: Sequence[str], environment: Mapping[str, str]) -> str:
    """The variable that decides, in brackets after a blank; empty where none is set."""
    name = deciding(variables, environment)
    return f" ({name})" if name else ""


def broken_home(environment: Mapping[str, str]) -> str:
    """What is wrong with HOME, in words; empty where it is a folder, or not set: then the account's own counts."""
    home = environment.get("HOME", "")
    return f"HOME is {home!r}, which is no folder" if home and not os.path.isdir(home) else ""


def mending(variables: Sequence[str], environment: Mapping[str, str]) -> str:
    """The command after which models can be kept where none can now.

    Args:
        variables: Those that say where the folder is, the first of which decides.
        environment: Where none of them is set and HOME is broken, that is what has to change.
    """
    if not broken_home(environment):
        return f'export {variables[0]}="$HOME/models"'
    own = _own_home()
    if led_by(variables, environment) or not own:
        return f'export {variables[0]}="$PWD/models"'
    return f"export HOME={shlex.quote(own)}"


def _own_home() -> str:
    """The home of the account, whatever HOME says; empty where it has none."""
    try:
        import pwd  # of POSIX

        home = pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):  # Windows; an account that is in no list
        return ""
    return home if os.path.isdir(home) else ""


def why_not_writable(folder: Path) -> str:
    """Why no file can be written in a folder that is there or would have to be made; empty where one can."""
    missing: list[Path] = []
    there = folder
    try:
        while not os.path.lexists(there):  # a link to nothing is there, a name that is too long is not
            missing.append(there)
            there = there.parent
        if not there.is_dir():
            return f"{there} is a {'file' if there.exists() else 'link to nothing'}, not a folder"
        with _made(reversed(missing)), TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        if missing:
            return f"it cannot be made in {there} ({error.strerror})"
        return f"nothing can be written in {there} ({error.strerror})"


@contextmanager
def _made(folders: Iterator[Path]) -> Iterator[None]:
    """Folders that are there for a while, the outermost first."""
    made: list[Path] = []

    def remove() -> None:
        for folder in reversed(made):
            with suppress(OSError):  # another program has put something there by now
                folder.rmdir()

    with ENDINGS.due(remove):
        try:
            for folder in folders:
                with ENDINGS.held():
                    folder.mkdir()
                    made.append(folder)
            yield
        finally:
            remove()
