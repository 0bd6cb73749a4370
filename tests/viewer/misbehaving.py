"""Processes for exports that do not do what they should; they import little, to begin at once."""

import os
import signal
import time
from pathlib import Path
from typing import Any


def deaf(scene: object, order: object, folder: Path, pipe: Any) -> None:
    """It is stuck, and has written half a file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder.mkdir()
    (folder / "half").write_text("x")
    pipe.send(("begun", None))
    time.sleep(60)


def dying(scene: object, order: object, folder: Path, pipe: Any) -> None:
    """It ends without a word, and leaves its folder."""
    folder.mkdir()
    os._exit(7)
