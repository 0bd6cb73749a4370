"""Python modules of a folder of this repository, without what npm puts beside the page's sources."""

from collections.abc import Iterator
from pathlib import Path


def modules_in(folder: Path) -> Iterator[Path]:
    """Every file of Python below a folder."""
    return (path for path in folder.rglob("*.py") if "node_modules" not in path.parts)
