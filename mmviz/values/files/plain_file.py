"""Refuses what is no plain file, such as a pipe, before opening it would wait for ever; reads nothing."""

from pathlib import Path
from stat import S_ISDIR, S_ISREG

from mmviz.errors import SourceError


def check_plain(path: Path) -> None:
    """Refuse a pipe, a socket or a device; that a path is a folder, or not there, is said when it is opened.

    Raises:
        SourceError: it is such a thing.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # ValueError: a null character in the path
        return
    if not (S_ISREG(mode) or S_ISDIR(mode)):
        raise SourceError(f"{path}: is a pipe or a device; a plain file is needed.")
