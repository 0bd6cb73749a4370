"""Headless Chromium, driven by its DevTools protocol over a pipe: pages are opened, asked, clicked and pictured.

Nothing leaves the machine: a browser that is started here resolves no name, and a test sees what a page asked for.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from time import monotonic, time
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.page.browser.keyboard import bits, code_of, number_of, written_by

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--allow-file-access-from-files",
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
)
PATIENCE = 120.0
"""Seconds that an answer may take: a large picture in software takes some."""
Message = dict[str, Any]


class BrowserError(Exception):
    """The browser, or a page in it, said no, or nothing."""


def executable() -> str | None:
    """Where a Chromium lies on this machine; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One Chromium with a profile of its own; close it, or use it as a context manager."""

    def __init__(self, *flags: str) -> None:
        found = executable()
        if found is None:
            raise BrowserError("no Chromium is installed.")
        self._profile = tempfile.mkdtemp(prefix="mmviz-browser-")
        to_read, told = os.pipe()
        heard, to_write = os.pipe()
        self._out, self._in = told, heard
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_read, to_write)]
        os.close(to_read)
        os.close(to_write)
        quiet = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, quiet, standard) for standard in (0, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, end, number) for end, number in zip(ends, (3, 4), strict=True)]
        command = [found, *FLAGS, *flags, f"--user-data-dir={self._profile}", "about:blank"]
        self.pid = os.posix_spawn(found, command, dict(os.environ), file_actions=actions, setpgroup=0)
        for end in (*ends, quiet):
            os.close(end)
        self._numbers, self._rest = count(1), b""
        self._answers: dict[int, Message] = {}
        self._pages: dict[str, Page] = {}

    def page(self, width: int = 1280, height: int = 720, *, scale: float = 1.0, phone: bool = False) -> "Page":
        """A new page.

        Args:
            width: In CSS pixels.
            height: In CSS pixels.
            scale: Pixels of the screen to a CSS pixel.
            phone: It is touched, and has the ways of a phone.
        """
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        made = self._pages[session] = Page(self, target, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            made.call(f"{domain}.enable")
        made.resize(width, height, scale=scale, phone=phone)
        return made

    def call(self, method: str, parameters: Message | None = None, session: str | None = None) -> Message:
        """Ask for something and wait for the answer.

        Raises:
            BrowserError: it is refused, or there is no answer.
        """
        number = next(self._numbers)
        message: Message = {"id": number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self._out, left) :]
        self.listen(lambda: number in self._answers, PATIENCE, method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error'].get('message')}")
        found: Message = answer["result"]
        return found

    def listen(self, done: Callable[[], bool], seconds: float, what: str) -> None:
        """Take what the browser tells until something holds.

        Raises:
            BrowserError: it does not within some seconds, or the browser has ended.
        """
        end = monotonic() + seconds
        while not done():
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - monotonic()))
            if not ready:
                raise BrowserError(f"{what}: no answer within {seconds:g} seconds.")
            told = os.read(self._in, 1 << 20)
            if not told:
                raise BrowserError(f"{what}: the browser has ended.")
            *whole, self._rest = (self._rest + told).split(b"\0")
            for text in whole:
                self._take(json.loads(text))

    def _take(self, message: Message) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
        elif (page := self._pages.get(message.get("sessionId", ""))) is not None:
            page.take(message["method"], message["params"])

    def close(self) -> None:
        """End it and remove its profile."""
        os.close(self._out)  # which it takes as the end
        end = monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if monotonic() > end:
                os.killpg(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            select.select([], [], [], 0.02)
        os.close(self._in)
        shutil.rmtree(self._profile, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Page:
    """A page that is open.

    Attributes:
        errors: What went wrong in it, in the words of its console: uncaught errors, warnings and what was logged so.
        requests: The addresses that it asked for, in their order; those of the page itself too.
    """

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._loaded = 0
        self._events: deque[tuple[str, Message]] = deque(maxlen=100)  # the last ones, for whoever looks for a fault

    def call(self, method: str, parameters: Message | None = None) -> Message:
        """Any command of the protocol."""
        return self._browser.call(method, parameters, self._session)

    def take(self, method: str, told: Message) -> None:
        """What the browser tells of this page."""
        self._events.append((method, told))
        match method:
            case "Page.loadEventFired":
                self._loaded += 1
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Runtime.exceptionThrown":
                self.errors.append(_thrown(told["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if told["type"] in {"error", "warning", "assert"}:
                words = (str(one.get("value", one.get("description", ""))) for one in told["args"])
                self.errors.append(f"{told['type']}: {' '.join(words)}")
            case "Log.entryAdded" if told["entry"]["level"] in {"error", "warning"}:
                self.errors.append(f"{told['entry']['level']}: {told['entry']['text']}")

    def open(self, place: Path | str, fragment: str = "") -> None:
        """Go to a file or an address, and wait until it is loaded."""
        address = place.absolute().as_uri() if isinstance(place, Path) else place
        before = self._loaded
        said = self.call("Page.navigate", {"url": address + fragment})
        if "errorText" in said:
            raise BrowserError(f"{address}: {said['errorText']}")
        if "loaderId" in said:  # not where only the fragment is another
            self._browser.listen(lambda: self._loaded > before, PATIENCE, address)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression; a promise is waited for. What comes back is what JSON can say.

        Raises:
            BrowserError: it throws.
        """
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        said = self.call("Runtime.evaluate", asked)
        if "exceptionDetails" in said:
            raise BrowserError(_thrown(said["exceptionDetails"]))
        return said["result"].get("value")

    def wait(self, expression: str, seconds: float = 30.0) -> Any:
        """The value of an expression as soon as it is true."""
        end = monotonic() + seconds
        while not (found := self.evaluate(expression)):
            if monotonic() > end:
                raise BrowserError(f"{expression}: not within {seconds:g} seconds; {self.errors}")
            self.pause(0.02)
        return found

    def pause(self, seconds: float) -> None:
        """Let the page go on for a while."""
        self.evaluate(f"new Promise(done => setTimeout(done, {1000 * seconds}))")

    def frame(self) -> None:
        """Wait until the next frame has been drawn."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def resize(self, width: int, height: int, *, scale: float = 1.0, phone: bool = False) -> None:
        """Another size of the page, in CSS pixels."""
        said = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone}
        self.call("Emulation.setDeviceMetricsOverride", said)
        self.call("Emulation.setTouchEmulationEnabled", {"enabled": phone})

    def screenshot(self) -> NDArray[np.uint8]:
        """What is seen; (height, width, 3), the top row first."""
        said = self.call("Page.captureScreenshot", {"format": "png"})
        return np.asarray(Image.open(BytesIO(b64decode(said["data"]))).convert("RGB"))

    def move(self, x: float, y: float, *, buttons: int = 0, modifiers: tuple[str, ...] = ()) -> None:
        """The pointer goes to a place, in CSS pixels from the upper left."""
        self._mouse("mouseMoved", x, y, "none", modifiers, buttons=buttons)

    def press(self, x: float, y: float, button: str = "left", modifiers: tuple[str, ...] = (), clicks: int = 1) -> None:
        """A button goes down."""
        self._mouse("mousePressed", x, y, button, modifiers, clickCount=clicks)

    def release(
        self, x: float, y: float, button: str = "left", modifiers: tuple[str, ...] = (), clicks: int = 1
    ) -> None:
        """And up."""
        self._mouse("mouseReleased", x, y, button, modifiers, clickCount=clicks)

    def click(self, x: float, y: float, button: str = "left", modifiers: tuple[str, ...] = (), clicks: int = 1) -> None:
        """Both, where the pointer is then; twice for a double click."""
        self.move(x, y, modifiers=modifiers)
        for number in range(1, clicks + 1):
            self.press(x, y, button, modifiers, number)
            self.release(x, y, button, modifiers, number)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        button: str = "left",
        modifiers: tuple[str, ...] = (),
        steps: int = 8,
    ) -> None:
        """From one place to another with a button down."""
        self.move(*start)
        self.press(*start, button, modifiers)
        for share in np.linspace(0, 1, steps + 1)[1:]:
            x, y = (a + (b - a) * float(share) for a, b in zip(start, end, strict=True))
            self.move(x, y, buttons={"left": 1, "right": 2, "middle": 4}[button], modifiers=modifiers)
        self.release(*end, button, modifiers)

    def wheel(self, x: float, y: float, down: float, right: float = 0.0, modifiers: tuple[str, ...] = ()) -> None:
        """The wheel turns, by so many CSS pixels."""
        self._mouse("mouseWheel", x, y, "none", modifiers, deltaX=right, deltaY=down)

    def key(self, key: str, modifiers: tuple[str, ...] = ()) -> None:
        """A key is pressed and let go, by the name that its event has: 'a', 'ArrowLeft', ' '."""
        self.key_down(key, modifiers)
        self.key_up(key, modifiers)

    def key_down(self, key: str, modifiers: tuple[str, ...] = ()) -> None:
        """A key is pressed, and held."""
        text = written_by(key, modifiers)
        self._key("keyDown" if text else "rawKeyDown", key, modifiers, text=text)

    def key_up(self, key: str, modifiers: tuple[str, ...] = ()) -> None:
        """It is let go."""
        self._key("keyUp", key, modifiers)

    def write(self, text: str) -> None:
        """Type letters into what has the focus."""
        self.call("Input.insertText", {"text": text})

    def touch(self, *ways: list[tuple[float, float]], lifts: bool = True) -> None:
        """Fingers go down, along their ways, all of which have the same number of places, and up.

        Args:
            ways: One for each finger.
            lifts: They go up again at the end.
        """
        for number, places in enumerate(zip(*ways, strict=True)):
            self._touch("touchMove" if number else "touchStart", places)
        if lifts:
            self.lift()

    def tap(self, x: float, y: float, times: int = 1) -> None:
        """A finger taps; several times within a moment, however long the browser takes for each."""
        begun = time()
        for number in range(times):
            self._touch("touchStart", ((x, y),), begun + 0.1 * number)
            self._touch("touchEnd", (), begun + 0.1 * number + 0.05)

    def slide(self, *places: tuple[float, float]) -> None:
        """Fingers that are down go to other places."""
        self._touch("touchMove", places)

    def lift(self) -> None:
        """All fingers go up."""
        self._touch("touchEnd", ())

    def close(self) -> None:
        """Close it."""
        self._browser.call("Target.closeTarget", {"targetId": self._target})

    def _mouse(self, kind: str, x: float, y: float, button: str, modifiers: tuple[str, ...], **more: float) -> None:
        said = {"type": kind, "x": x, "y": y, "button": button, "modifiers": bits(modifiers), **more}
        self.call("Input.dispatchMouseEvent", said)

    def _key(self, kind: str, key: str, modifiers: tuple[str, ...], **more: str) -> None:
        said = {"key": key, "code": code_of(key), "windowsVirtualKeyCode": number_of(key), "modifiers": bits(modifiers)}
        self.call("Input.dispatchKeyEvent", {"type": kind, **said, **more})

    def _touch(self, kind: str, places: tuple[tuple[float, float], ...], at: float | None = None) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self.call("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points} | ({"timestamp": at} if at else {}))


@contextmanager
def opened(place: Path | str, width: int = 1280, height: int = 720) -> Iterator[Page]:
    """A page in a browser of its own."""
    with Browser() as browser:
        page = browser.page(width, height)
        page.open(place)
        yield page


def _thrown(details: Message) -> str:
    return str(details.get("exception", {}).get("description") or details.get("text"))
