"""A real JupyterLab in a headless browser: pages and widgets are seen there, and widget and Python heed each other."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.page.browser.driver import Browser, Page, executable
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
    pytest.mark.skipif(find_spec("jupyterlab") is None, reason="no JupyterLab is installed"),
]
ROOT = Path(__file__).parents[3]
LOCAL = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
CELLS = (
    "import mmviz\nscene = mmviz.Scene.load('matmul')\nscene",
    "live = mmviz.widget(scene, step=1)\nlive",
    "live",
    "mmviz.widget(mmviz.Scene.load('chain'))",
    "",
)
WIDGETS = "[...document.querySelectorAll('.jp-Notebook *')].filter(x => x.shadowRoot?.querySelector('.mmviz canvas'))"
NOTEBOOK = "document.querySelectorAll('.jp-Notebook .jp-Cell')"
BUSY = "[...document.querySelectorAll('.jp-InputPrompt')].some(x => x.textContent.includes('*'))"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A JupyterLab of its own: its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address, own = f"http://127.0.0.1:{port}", folder / "own"
    told = [f"--ServerApp.port={port}", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    places = {f"JUPYTER_{name}_DIR": str(own / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **places, "HOME": str(own), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.password=", *told]
    own.mkdir()
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                urlopen(f"{address}/api/status").close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"{address}/lab/tree/n.ipynb"
    finally:
        server.terminate()
        server.wait()


class Lab:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.wait(f"{NOTEBOOK}.length === {len(CELLS)}", 120)
        page.pause(3)

    def run(self, cell: int, code: str | None = None) -> str:
        """Run a cell, with another text; what it shows."""
        page = self.page
        page.evaluate(f"{NOTEBOOK}[{cell}].querySelector('.cm-content').focus()")
        page.pause(0.2)
        if code is not None:
            page.key("a", ("control",))
            page.write(code)
            page.pause(0.1)
        page.key("Enter", ("control",))
        page.pause(0.4)
        page.wait(f"!{BUSY}", 120)
        outputs = f"[...{NOTEBOOK}[{cell}].querySelectorAll('.jp-OutputArea-output')].map(x => x.textContent)"
        return str(page.evaluate(f"{outputs}.join('').trim()"))

    def ask(self, code: str) -> Any:
        """What Python says, by way of JSON, in the last cell."""
        text = self.run(len(CELLS) - 1, f"import json; print(json.dumps({code}))")
        return json.loads(text.splitlines()[-1])

    def tell(self, code: str) -> None:
        assert self.run(len(CELLS) - 1, code) == ""

    def inside(self, widget: int, what: str) -> Any:
        """What is found in a widget."""
        return self.page.evaluate(f"{WIDGETS}[{widget}].shadowRoot.{what}")

    def step(self, widget: int) -> int:
        return int(self.inside(widget, "querySelector('.counter').textContent").split()[0])

    def comes_to(self, step: int) -> None:
        """Both places of the widget show a step."""
        for widget in (0, 1):
            self.page.wait(
                f"{WIDGETS}[{widget}].shadowRoot.querySelector('.counter').textContent.startsWith('{step} ')"
            )

    def middle(self, widget: int) -> tuple[float, float]:
        self.page.evaluate(f"{WIDGETS}[{widget}].scrollIntoView()")
        box = "(b => [b.left + b.width / 2, b.top + b.height / 2])"
        x, y = self.page.evaluate(
            f"{box}({WIDGETS}[{widget}].shadowRoot.querySelector('canvas').getBoundingClientRect())"
        )
        return x, y


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("lab")
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": code, "metadata": {}, "outputs": [], "execution_count": None, "id": f"c{n}"}
        for n, code in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "n.ipynb").write_text(json.dumps(notebook))
    with served(folder) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(LOCAL) as opened:
        yield opened


@pytest.fixture(scope="module")
def lab(browser: Browser, address: str) -> Lab:
    page = browser.page(1200, 2700)  # JupyterLab draws only what is in view
    page.open(address)
    found = Lab(page)
    for cell in range(len(CELLS) - 1):
        found.run(cell)
    page.wait(f"{WIDGETS}.length === 3")
    return found


def test_pages_and_widgets_are_seen(lab: Lab) -> None:
    frame = "document.querySelector('.jp-Notebook iframe').getBoundingClientRect()"
    left, top, width, height = lab.page.evaluate(f"(b => [b.left, b.top, b.width, b.height])({frame})")
    lab.page.pause(3)
    seen = lab.page.screenshot()
    assert seen[int(top) : int(top + height), int(left) : int(left + width)].std() > 20
    for widget in (0, 1, 2):
        x, y = map(int, lab.middle(widget))
        assert lab.page.screenshot()[y - 100 : y + 100, x - 100 : x + 100].std() > 20
    assert [lab.step(0), lab.step(1)] == [1, 1]


def test_what_python_sets_is_seen_in_every_place_of_the_widget(lab: Lab) -> None:
    lab.tell("live.step = 5")
    lab.comes_to(5)


def test_python_works_and_is_heeded_while_it_plays(lab: Lab) -> None:
    lab.tell("live.step = 2; live.playing = True")
    lab.page.pause(1.5)
    playing, step = lab.ask("(live.playing, live.step)")
    assert playing
    assert step > 2
    lab.tell("live.step = 1; live.playing = False")
    lab.page.pause(0.5)
    assert lab.ask("(live.playing, live.step)") == [False, 1]
    lab.comes_to(1)


def test_what_is_done_in_the_widget_is_told_to_python(lab: Lab) -> None:
    lab.tell("live.camera = []; live.picked = None")
    x, y = lab.middle(0)
    lab.page.drag((x, y), (x + 120, y + 30))
    lab.page.click(x, y)
    lab.page.pause(0.8)
    camera, picked = lab.ask("(live.camera, live.picked)")
    assert len(camera) == 10
    assert set(picked) == {"path", "row", "column"}
    assert lab.inside(1, "querySelector('.explain').hidden") is False, "it is pinned where it is shown again, too"


def test_keys_go_to_the_widget_that_has_the_focus_and_not_to_the_notebook(lab: Lab) -> None:
    lab.tell("live.step = 3")
    lab.comes_to(3)
    lab.page.click(*lab.middle(0))
    lab.page.pause(0.5)
    for key in ("x", "a", "v", "ArrowRight"):
        lab.page.key(key)
        lab.page.pause(0.3)
    lab.comes_to(4)
    lab.page.key("f", ("control",))
    lab.page.key("x")
    assert lab.inside(0, "querySelector('.finder input').value") == "x"
    lab.page.key("Escape")  # which empties the field
    lab.page.key("Escape")
    assert lab.page.evaluate(f"{NOTEBOOK}.length") == len(CELLS), "X, A and V are JupyterLab's keys for cells, too"


def test_another_scene_keeps_the_view_and_gives_the_graphics_card_back(lab: Lab) -> None:
    lab.tell("live.camera = [40, 40, 40, 0, 0, 0, 0, 1, 0, 30]; live.picked = None")
    lab.tell("for n in range(9): live.scene = mmviz.Scene.load('matmul' if n % 2 else 'chain')")
    lab.page.pause(2)
    assert lab.ask("live.camera[:3]") == [40, 40, 40]
    assert lab.page.evaluate(f"{WIDGETS}.filter(x => x.shadowRoot.querySelector('.trouble')).length") == 0
    assert not [error for error in lab.page.errors if "WebGL" in error]
