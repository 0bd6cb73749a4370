"""Firefox on a screen that nobody sees, driven by its Marionette protocol: pages are opened, pointed at and pictured.

Without any screen, Firefox has no WebGL where the graphics card is a program.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PATIENCE = 90.0
"""Seconds that an answer may take."""
PREFERENCES = {
    "webgl.force-enabled": True,  # also where a graphics card is a program
    "webgl.disable-fail-if-major-performance-caveat": True,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.dns.disabled": True,  # nothing leaves the machine
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "security.sandbox.content.level": 0,
    "toolkit.telemetry.enabled": False,
}


def missing() -> str:
    """What is not installed of that which a test in Firefox needs; empty where all is."""
    wanted = {"Firefox": executable(), "Xvfb": shutil.which("Xvfb")}
    return ", ".join(name for name, found in wanted.items() if found is None)


def executable() -> str | None:
    """Where a Firefox lies on this machine; None where there is none."""
    return shutil.which("firefox") or shutil.which("firefox-esr")


class Firefox:
    """One Firefox with a profile of its own; close it, or use it as a context manager.

    Args:
        width: Of the page, in CSS pixels.
        height: In CSS pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        found = executable()
        assert found is not None, "no Firefox is installed"
        self._screen, display = _screen()
        self._home = tempfile.mkdtemp(prefix="mmviz-firefox-")
        port = _free_port()
        told = {**PREFERENCES, "marionette.port": port}
        lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in told.items()]
        Path(self._home, "user.js").write_text("\n".join(lines))
        environment = {**os.environ, "HOME": self._home, "DISPLAY": display}
        self._program = subprocess.Popen(
            [found, "--marionette", "--no-remote", "--profile", self._home],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._socket: socket.socket | None = None
        self._number, self._rest = 0, b""
        try:
            self._socket = self._connected(port)
            self._heard()
            self.call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"pageLoadStrategy": "normal"}}})
            self.call("WebDriver:SetTimeouts", {"script": round(1000 * PATIENCE)})
            self._resize(width, height)
        except BaseException:
            self.close()
            raise

    def open(self, place: Path, fragment: str = "") -> None:
        """Go to a file, and wait until it is loaded."""
        self.call("WebDriver:Navigate", {"url": "about:blank"})
        self.call("WebDriver:Navigate", {"url": place.absolute().as_uri() + fragment})

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, as JSON says it."""
        return self.call("WebDriver:ExecuteScript", {"script": f"return {expression}", "args": []})["value"]

    def wait(self, expression: str) -> Any:
        """The value of an expression as soon as it is true."""
        end = time.monotonic() + PATIENCE
        while not (found := self.evaluate(expression)):
            assert time.monotonic() < end, expression
            time.sleep(0.05)
        return found

    def screenshot(self) -> NDArray[np.uint8]:
        """What is seen; (height, width, 3), the top row first."""
        told = self.call("WebDriver:TakeScreenshot", {"full": False})["value"]
        return np.asarray(Image.open(BytesIO(b64decode(told))).convert("RGB"))

    def point(self, x: float, y: float) -> None:
        """The pointer goes to a place, in CSS pixels from the upper left."""
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0, "origin": "viewport"}]
        pointer = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves}
        self.call("WebDriver:PerformActions", {"actions": [pointer]})

    def call(self, command: str, parameters: dict[str, Any] | None = None) -> Any:
        """Any command of the protocol."""
        self._number += 1
        text = json.dumps([0, self._number, command, parameters or {}]).encode()
        assert self._socket is not None
        self._socket.sendall(f"{len(text)}:".encode() + text)
        _, number, error, result = self._heard()
        assert number == self._number
        assert error is None, f"{command}: {error}"
        return result

    def close(self) -> None:
        """End it and remove its profile."""
        if self._socket is not None:
            self._socket.close()
        os.killpg(self._program.pid, signal.SIGKILL)
        self._program.wait()
        assert self._screen.stdout is not None
        self._screen.stdout.close()
        self._screen.kill()
        self._screen.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self, port: int) -> socket.socket:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), PATIENCE)
            except OSError:
                assert time.monotonic() < end, "Firefox does not answer"
                assert self._program.poll() is None, "Firefox has ended"
                time.sleep(0.1)

    def _heard(self) -> Any:
        """The next message: its length, a colon, and JSON."""
        assert self._socket is not None
        while b":" not in self._rest:
            self._rest += self._socket.recv(1 << 16)
        length, _, rest = self._rest.partition(b":")
        while len(rest) < int(length):
            rest += self._socket.recv(1 << 20)
        self._rest = rest[int(length) :]
        return json.loads(rest[: int(length)])

    def _resize(self, width: int, height: int) -> None:
        """Make the page as large as it is to be, whatever stands around it."""
        window = self.call("WebDriver:GetWindowRect")
        inner = self.evaluate("[innerWidth, innerHeight]")
        around = {"width": width + window["width"] - inner[0], "height": height + window["height"] - inner[1]}
        self.call("WebDriver:SetWindowRect", around)
        self.wait(f"innerWidth === {width} && innerHeight === {height}")


def _screen() -> tuple[subprocess.Popen[str], str]:
    """A screen that nobody sees, and its name."""
    told = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert screen.stdout is not None
    return screen, f":{screen.stdout.readline().strip()}"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
