"""Scenes in notebooks: what a cell shows, and what a widget and Python have in common."""

import json
import re
import struct
import zlib
from base64 import b64decode
from html import unescape
from io import BytesIO
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

import mmviz
from mmviz.errors import MmvizError
from mmviz.export import NOTEBOOK
from mmviz.page import notebook
from mmviz.page.notebook import framed, message
from mmviz.page.widget import SceneWidget
from tests.page.engine import engine

SCENE = mmviz.Scene("A @ B", {"A": [[1, -2], [3, 0]], "B": {"init": "eye", "shape": [2, 3]}}, title="</script>")
LARGER = mmviz.Scene("A @ B", {"A": np.ones((5, 4)), "B": np.ones((4, 3))})


@pytest.fixture(scope="module")
def live() -> SceneWidget:
    return mmviz.widget(SCENE, step=1)


def run(*cells: str) -> list[list[dict[str, Any]]]:
    """A notebook is executed by a kernel: what each of its cells gives."""
    made = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "id": str(n)}
        for n, cell in enumerate(cells)
    ]
    text = json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return [[dict(output) for output in cell["outputs"]] for cell in notebook["cells"]]


def png(bundle: dict[str, Any]) -> Image.Image:
    return Image.open(BytesIO(b64decode(bundle["image/png"])))


def parts_of(sent: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The header and the inflated parts of a message, as the page takes it apart."""
    (length,) = struct.unpack_from("<I", sent)
    header = json.loads(zlib.decompress(sent[4 : 4 + length], wbits=-15))
    (count,) = struct.unpack_from("<I", sent, 4 + length)
    sizes = struct.unpack_from(f"<{count}I", sent, 8 + length)
    at = 8 + length + 4 * count
    parts = []
    for size in sizes:
        parts.append(zlib.decompress(sent[at : at + size], wbits=-15))
        at += size
    assert at == len(sent)
    return header, parts


def test_a_message_holds_the_header_and_all_parts() -> None:
    header, parts = parts_of(message(SCENE.composition, 1.0, light=True))
    assert (header["title"], header["shell"]["step"], header["shell"]["light"]) == ("</script>", 1.0, True)
    assert [len(part) for part in parts] == header["parts"]


@pytest.mark.slow
def test_a_cell_shows_a_page_over_a_picture_and_text_where_neither_is_shown() -> None:
    shown = SCENE._repr_mimebundle_()
    assert shown["text/plain"] == repr(SCENE)
    assert Image.open(BytesIO(b64decode(shown["image/png"]))).size == NOTEBOOK
    page = shown["text/html"]
    assert page.index("<img") < page.index("<iframe")
    assert 'sandbox="allow-scripts"' in page
    inside = unescape(re.findall(r'srcdoc="([^"]*)"', page)[0])
    assert inside.startswith("<!DOCTYPE html>")
    assert "<title>&lt;/script&gt;</title>" in inside


def test_of_a_large_scene_a_notebook_gets_the_picture_and_a_way_to_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "MOST", 10)
    page = framed("\ufeffsome text of a page".encode("utf-16-le"), b"png", 96, 54)
    assert "<iframe" not in page
    assert "scene.page(&quot;x.html&quot;) writes it to a file" in page


def test_of_a_scene_that_cannot_be_drawn_a_cell_shows_the_expression_and_why() -> None:
    broken = mmviz.Scene("A", {"A": {"file": "none.npy"}})
    shown = broken._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert "none.npy" in shown["text/plain"]


def test_the_program_of_a_widget_exports_what_anywidget_asks_for() -> None:
    assert SceneWidget._esm.rstrip().endswith("export default { render: mmvizPage.render };")
    assert engine().eval("typeof mmvizPage.render") == "function"


def test_a_widget_opens_with_the_finished_picture_where_nothing_else_is_said() -> None:
    fresh = mmviz.widget(SCENE)
    assert (fresh.step, fresh.playing, fresh.camera) == (2, False, [])
    assert fresh.trait_values()["picked"] is None


def test_another_scene_takes_the_place_of_the_one_before(live: SceneWidget) -> None:
    before, live.camera = live._page, [0, 0, 9, 0, 0, 0, 0, 1, 0, 30]
    live.scene = LARGER
    assert live.scene is LARGER
    assert live._page != before
    assert (live.step, live.camera) == (1, [0, 0, 9, 0, 0, 0, 0, 1, 0, 30])
    live.step, live.picked = 5, {"path": "left", "row": 4, "column": 0}
    live.scene = SCENE
    assert live.step == 2, "the shorter animation has no step 5"
    assert live.trait_values()["picked"] is None, "the smaller matrix has no such row"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("step", 9, "step 9: the animation runs from step 0 to step 2."),
        ("step", float("nan"), "step nan: the animation runs from step 0 to step 2."),
        (
            "camera",
            [1.0],
            "camera: 1 numbers; ten are needed (position, target, up, field of view), or none for the scene's own.",
        ),
        (
            "picked",
            {"path": "left", "row": 2, "column": 0},
            "picked: the scene has no element {'path': 'left', 'row': 2, 'column': 0}; a path such as 'left', '' for "
            "the root, a row and a column from 0 are needed, or None.",
        ),
    ],
)
def test_what_a_widget_cannot_show_is_refused_in_one_line(live: SceneWidget, name: str, value: Any, said: str) -> None:
    live.scene = SCENE
    before = getattr(live, name)
    with pytest.raises(MmvizError) as caught:
        setattr(live, name, value)
    assert str(caught.value) == said
    assert getattr(live, name) == before


def test_where_a_widget_is_not_alive_there_is_a_picture_of_what_it_shows() -> None:
    fresh = mmviz.widget(SCENE, step=0)
    shown, _ = fresh._repr_mimebundle_()
    before = png(shown)
    assert shown["text/plain"] == repr(SCENE)
    assert shown["application/vnd.jupyter.widget-view+json"]["model_id"] == fresh.model_id
    assert before.size == NOTEBOOK
    fresh.step, fresh.height = 2, 90
    fresh.camera = [9, 9, 9, 0, 0, 0, 0, 1, 0, 60]
    after = png(fresh._repr_mimebundle_()[0])
    assert after.size == (160, 90)
    assert np.asarray(after.resize(NOTEBOOK)).std() != np.asarray(before).std()


def test_where_no_picture_can_be_drawn_a_widget_is_there_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MmvizError("no OpenGL.")

    fresh = mmviz.widget(SCENE)
    monkeypatch.setattr(mmviz.Scene, "screenshot", refuse)
    shown, _ = fresh._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "image/png" not in shown


@pytest.mark.slow
@pytest.mark.process
def test_a_notebook_that_is_executed_holds_pages_pictures_and_widgets() -> None:
    scene = "mmviz.Scene('A @ B', {'A': [[1, -2], [3, 0]], 'B': {'init': 'eye', 'shape': [2, 3]}})"
    [framed], [widget], [told] = run(
        f"import mmviz; scene = {scene}; scene", "live = mmviz.widget(scene, step=1); live", "live.step = 2; live.step"
    )
    assert "<iframe" in framed["data"]["text/html"]
    assert png(framed["data"]).size == NOTEBOOK
    assert "application/vnd.jupyter.widget-view+json" in widget["data"]
    assert png(widget["data"]).size == NOTEBOOK
    assert told["data"]["text/plain"] == "2.0"
