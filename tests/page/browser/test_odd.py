"""Pages of scenes that nobody would make are drawn as by VTK, and nothing goes wrong in them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.composition import Composition
from mmviz.render.opengl.canvas import Canvas
from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import head, living, written
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
SIZE = 1000, 563
"""Names of pictures that are lower are chosen for such as are very low."""
HOSTILE = "</script><script>alert(1)</script> ]]> <!-- \" ' ` $& $1 \u2028 &lt; \\u003c {} %s"
HEBREW = "\u05e9\u05dc\u05d5\u05dd 123 (abc)"
TOKENS = ("</script>", "\u05e9\u05dc\u05d5\u05dd", "\U0001f469\u200d\U0001f467", " $&\u2028", "]]>\"'", "\ufffd<!--")
Numbers = NDArray[np.float32]


def some(rows: int, columns: int, seed: int = 0) -> Numbers:
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def strange(number: float) -> Numbers:
    """Three of its elements are this number."""
    made = some(6, 6)
    made[[0, 2, 5], [0, 3, 5]] = number
    return made


A, B, C = (some(6, 6, seed) for seed in range(3))
ABC: dict[str, Any] = {"A": A, "B": B, "C": C}
AB: dict[str, Any] = {"A": A, "B": B}


def scene(expr: str, tensors: dict[str, Any], **parts: Any) -> Callable[[], Composition]:
    return lambda: Scene(expr, tensors, **parts).composition


def hostile() -> Composition:
    """Everything that a scene says would like to be markup or a program."""
    chapters = [{"to": 3, "caption": HOSTILE}, {"from": 3, "caption": "<b>$&</b>"}]
    words: dict[str, Any] = {"title": HOSTILE, "animation": {"chapters": chapters}}
    made = Scene("'<!--' = softmax(tril('</script>' @ '$&'.T)) @ '__proto__'", hostile_numbers(), **words).composition
    return replace(made, axes=head().axes, tokens=TOKENS)


def hostile_numbers() -> dict[str, Any]:
    return dict(zip(("</script>", "$&", "__proto__"), (A, B, C), strict=True))


def many() -> Composition:
    """More matrices than all that is told of them in the first bytes."""
    names = [f"a{number}" for number in range(50)]
    return Scene(" + ".join(f"{name} @ {name}" for name in names), {name: np.eye(3) for name in names}).composition


FEW = {
    "hostile": hostile,
    "blocks of one": scene("A @ B", AB, partition=dict.fromkeys("ikj", 6), animation={"algorithm": "dotprod"}),
}
MORE = {
    "nan": scene("softmax(A @ B) @ C", ABC | {"A": strange(np.nan)}, animation={"algorithm": "vvprod"}),
    "many": many,
    "one": scene("A @ B", {"A": [[2.0]], "B": [[-3.0]]}),
    "zero": scene("A", {"A": [[0.0]]}),
    "row": scene("A @ B", {"A": some(1, 50), "B": some(50, 1)}),
    "outer": scene("A @ B", {"A": some(50, 1), "B": some(1, 50)}, animation={"algorithm": "vvprod"}),
    "long": scene("A @ B", {"A": some(1, 3), "B": some(3, 2000)}, animation={"algorithm": "vmprod"}),
    "infinite": scene("softmax(A @ B) @ C", ABC | {"A": strange(np.inf)}),
    "all nan": scene("A @ B + C", ABC | {"A": np.full((6, 6), np.nan)}, animation={"algorithm": "dotprod"}),
    "zeros": scene("A @ B", dict.fromkeys("AB", np.zeros((6, 6))), style={"bar": "side"}, camera={"inset": "A"}),
    "all masked": scene("softmax(pad(A @ B, 6, 1)) @ C", ABC),
    "huge": scene("A @ B", {"A": A * 1e30, "B": B * 1e30}, animation={"algorithm": "vvprod"}, style={"bar": "below"}),
    "tiny": scene("A @ B", {"A": A * 1e-40, "B": B}, style={"bar": "side", "scales": {"shown": True}}),
    "right to left": scene("x = A @ B", AB, title=HEBREW, captions=[{"start": "x", "text": "\u2603 e\u0301"}]),
    "wheel": scene("A @ B @ C @ A", ABC, layout={"scheme": "wheel", "gap": 0, "left": "right", "result": "back"}),
    "scattered": scene("(A @ B) @ (C @ A)", ABC, layout={"scatter": 9, "molecule": 3, "blast": -2}),
    "folded": scene("A @ B", {"A": some(6, 90), "B": some(90, 6)}, layout={"fold": {"k": 9}}),
    "log": scene("z = softmax(A @ B)", AB, style={"curve": "log", "patterns": "sequential", "quantile": 0.5}),
    "mm": scene("A @ B + C", ABC, style={"mm": {"sensitivity": "superlocal", "elem_scale": 3, "min_size": 0}}),
    "within": scene("A @ B", AB, camera={"position": [0, 0, 0.5], "target": [3, 2, -20], "view_angle": 120}),
    "bare": scene("A @ B", AB, style=dict.fromkeys(("legend", "guides", "names", "sizes", "arrows"), False)),
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def check_page(browser: Browser, folder: Path, composition: Composition) -> None:
    """Compare the page with what VTK draws, and go about in it."""
    steps, aspect = composition.timeline.steps, SIZE[0] / SIZE[1]
    alive = living(browser, written(folder, "page", composition), composition, width=SIZE[0], height=SIZE[1])
    t = round(0.37 * steps, 1)
    camera = composition.camera_at(t, aspect)
    with Canvas(*SIZE) as canvas:
        canvas.refine()
        canvas.show(composition.at(t, camera, aspect), camera)
        expected = canvas.draw(1)
    alive.open(f"t={t}&ui=none")
    assert alive.text(".trouble") == ""
    difference = np.abs(alive.page.screenshot().astype(int) - expected)
    assert difference.mean() <= 1
    assert (difference.max(axis=2) > 40).mean() <= 0.003
    alive.page.resize(400, 260)
    alive.open(f"t={round(0.6 * steps, 1)}")
    for x, y in np.random.default_rng(3).uniform(0.3, 0.7, (4, 2)) * (400, 260):
        alive.page.click(float(x), float(y))
        alive.page.key("Escape")
    for key in ("x", "a", "1", "3", "7", "v", "r", "Home", " "):
        alive.page.key(key)
    alive.page.pause(0.3)
    assert alive.text(".trouble") == ""
    assert alive.page.errors == []
    alive.page.close()


@pytest.mark.parametrize("name", FEW)
def test_an_odd_scene_is_drawn_as_by_vtk(browser: Browser, tmp_path: Path, name: str) -> None:
    check_page(browser, tmp_path, FEW[name]())


@pytest.mark.thousands
@pytest.mark.parametrize("name", MORE)
def test_more_odd_scenes_are_drawn_as_by_vtk(browser: Browser, tmp_path: Path, name: str) -> None:
    check_page(browser, tmp_path, MORE[name]())
