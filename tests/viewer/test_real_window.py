"""One run as a user sees it: a real window on a real (virtual) screen, a real mouse and real keys."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Viewer = subprocess.Popen[str]

TOOLS = ("Xvfb", "xdotool", "import")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

SIZE = (1440, 960)
PATIENCE = 60.0
"""Seconds until the test gives up waiting."""


@pytest.fixture
def screen(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of a process on a virtual screen of its own."""
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    number = server.stdout.readline().strip()
    yield environment | {"DISPLAY": f":{number}"}
    server.stdout.close()
    server.terminate()
    server.wait(10)


@pytest.fixture
def viewer(screen: dict[str, str]) -> Iterator[Viewer]:
    """`mmviz view matmul` on that screen."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mmviz", "view", "matmul"], env=screen, stderr=subprocess.PIPE, text=True
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=10)


class Hand:
    """A user before a screen."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder

    def do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return done.stdout.strip()

    def look(self) -> Picture:
        """(height, width, 3): the whole screen."""
        path = self.folder / "screen.png"
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, timeout=PATIENCE, check=True)
        with Image.open(path) as shot:
            return np.asarray(shot.convert("RGB"))

    def look_until(self, seen: Callable[[Picture], bool]) -> Picture:
        """The first look at which something is seen."""
        end = time.monotonic() + PATIENCE
        while not seen(shot := self.look()):
            assert time.monotonic() < end, "looked in vain"
        return shot


def until(found: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return answer


def is_lit(shot: Picture) -> bool:
    return bool((shot.max(axis=2) > 100).mean() > 0.05)


def differs(before: Picture, after: Picture) -> bool:
    return bool((np.abs(before.astype(int) - after).max(axis=2) > 30).mean() > 0.005)


def test_a_window_opens_turns_plays_and_closes(screen: dict[str, str], viewer: Viewer, tmp_path: Path) -> None:
    hand = Hand(screen, tmp_path)
    window = until(lambda: hand.do("search", "--onlyvisible", "--name", "One matrix product is a cube - mmviz"))
    hand.do("windowfocus", "--sync", window)
    first = hand.look_until(is_lit)

    hand.do("mousemove", "600", "400", "mousedown", "1", "mousemove", "700", "430", "mouseup", "1")
    hand.look_until(lambda shot: differs(first, shot))
    hand.do("key", "r")
    hand.look_until(lambda shot: not differs(first, shot))
    hand.do("click", "4")
    hand.look_until(lambda shot: differs(first, shot))
    hand.do("key", "Down")
    hand.look_until(lambda shot: not differs(first, shot))

    hand.do("key", "Home")
    begun = hand.look_until(lambda shot: differs(first, shot))
    hand.do("key", "space")
    hand.look_until(lambda shot: differs(begun, shot))

    hand.do("key", "q")
    assert viewer.wait(PATIENCE) == 0
    assert viewer.stderr is not None
    assert viewer.stderr.read() == ""


def test_ctrl_c_in_the_terminal_closes_the_window(screen: dict[str, str], viewer: Viewer, tmp_path: Path) -> None:
    hand = Hand(screen, tmp_path)
    until(lambda: hand.do("search", "--onlyvisible", "--name", "One matrix product is a cube - mmviz"))
    hand.look_until(is_lit)
    viewer.send_signal(signal.SIGINT)
    assert viewer.wait(PATIENCE) == 130
    assert viewer.stderr is not None
    assert viewer.stderr.read() == "mmviz: interrupted\n"
