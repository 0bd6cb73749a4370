"""A scene as a live widget of a notebook, by anywidget: what is seen and what Python has stay the same."""

from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import anywidget
import numpy as np
import traitlets

from mmviz.errors import MmvizError
from mmviz.page.bundle import program
from mmviz.page.html import style_sheet
from mmviz.page.notebook import message
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera
from mmviz.scene.document import Document

HEIGHT = 540
"""Pixels, where nothing else is said."""
ASPECT = 16 / 9
"""Of the picture where a widget is not alive."""
EXPORTED = "\nexport default { render: mmvizPage.render };\n"


class Drawn(Protocol):
    """A scene, as far as a widget needs it."""

    document: Document

    @property
    def composition(self) -> Composition:
        """What it shows at any time."""

    def screenshot(
        self,
        path: Path | str,
        step: float | None = None,
        *,
        width: int | None = None,
        height: int | None = None,
        camera: Camera | None = None,
    ) -> None:
        """Write a picture of one moment."""


class SceneWidget(anywidget.AnyWidget):
    """A scene that is drawn in a notebook, played, turned and explained; made by `mmviz.widget`.

    Attributes:
        step: The time that is shown, in steps; setting it goes there.
        playing: Whether the time moves on by itself.
        camera: From where the scene is seen: position, target and up, (3,) each, and the vertical field of view in
            degrees, ten numbers in all; none: by the scene's own camera.
        picked: The element that is explained, as path, row and column; None: none is.
        height: Of the widget, in pixels.
    """

    _esm = program() + EXPORTED
    _page = traitlets.Bytes().tag(sync=True)
    _style = traitlets.Unicode(style_sheet()).tag(sync=True)
    step = traitlets.Float(0.0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    camera = traitlets.List(traitlets.Float()).tag(sync=True)
    picked = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    height = traitlets.Int(HEIGHT).tag(sync=True)

    def __init__(self, scene: Drawn, **traits: Any) -> None:
        self._scene = scene
        composition = scene.composition
        opens = {"step": float(composition.timeline.steps), **traits}
        super().__init__(_page=_page_of(scene), **opens)

    @property
    def scene(self) -> Drawn:
        """What is shown; another scene takes its place, and what is seen of it stays as far as it is there.

        Raises:
            MmvizError: as `values`; what was shown stays then.
        """
        return self._scene

    @scene.setter
    def scene(self, scene: Drawn) -> None:
        page = _page_of(scene)
        self._scene = scene
        with self.hold_sync():
            if self.picked is not None and not _holds(scene, self.picked):
                self.set_trait("picked", None)
            self.step = min(self.step, float(scene.composition.timeline.steps))
            self._page = page

    def _repr_mimebundle_(self, **asked: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a notebook gets: the widget, and a picture for where it is not alive, as in a PDF or on GitHub."""
        told, more = super()._repr_mimebundle_(**asked) or ({}, {})
        told["text/plain"] = repr(self._scene)
        with suppress(MmvizError):  # this machine has no OpenGL; a browser has
            told["image/png"] = self._picture()
        return told, more

    def _picture(self) -> str:
        """A PNG of what the widget shows now, as in MIME."""
        numbers = np.array(self.camera)
        camera = Camera(numbers[:3], numbers[3:6], numbers[6:9], float(numbers[9])) if len(numbers) else None
        height = min(self.height, HEIGHT)
        with TemporaryDirectory() as folder:
            place = Path(folder, "x.png")
            self._scene.screenshot(place, self.step, width=round(height * ASPECT), height=height, camera=camera)
            return b64encode(place.read_bytes()).decode("ascii")

    @traitlets.validate("step")
    def _within(self, proposal: dict[str, Any]) -> float:
        steps, step = float(self._scene.composition.timeline.steps), float(proposal["value"])
        if not 0 <= step <= steps:
            raise MmvizError(f"step {step:g}: the animation runs from step 0 to step {steps:g}.")
        return step

    @traitlets.validate("picked")
    def _there(self, proposal: dict[str, Any]) -> dict[str, Any] | None:
        picked: dict[str, Any] | None = proposal["value"]
        if picked is not None and not _holds(self._scene, picked):
            raise MmvizError(
                f"picked: the scene has no element {picked}; a path such as 'left', '' for the root, a row and a "
                "column from 0 are needed, or None."
            )
        return picked

    @traitlets.validate("camera")
    def _whole(self, proposal: dict[str, Any]) -> list[float]:
        camera: list[float] = proposal["value"]
        if len(camera) not in (0, 10):
            raise MmvizError(
                f"camera: {len(camera)} numbers; ten are needed (position, target, up, field of view), or none for the "
                "scene's own."
            )
        return camera


def _holds(scene: Drawn, picked: dict[str, Any]) -> bool:
    values = scene.composition.values.get(str(picked.get("path")))
    row, column = picked.get("row"), picked.get("column")
    if values is None or not isinstance(row, int) or not isinstance(column, int):
        return False
    rows, columns = values.shape
    return bool(0 <= row < rows and 0 <= column < columns)


def _page_of(scene: Drawn) -> bytes:
    composition = scene.composition
    steps = float(composition.timeline.steps)
    return message(composition, steps, light=scene.document.export.ground == "white")
