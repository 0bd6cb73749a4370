"""What the window asks of a scene. mmviz.pipeline.Scene is one; the window knows no other way to it. Imports no Qt."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.time.pacing import Film, Moment
from mmviz.scene.document import Document
from mmviz.scene.expression import Expression
from mmviz.scene.model_sizes import ModelSizes
from mmviz.scene.shapes import Shapes
from mmviz.scene.tree import Node

Ground = Literal["black", "white", "transparent"]
Part = tuple[float | None, float | None]
"""First and last step of a film; None: that of the whole one."""
WHOLE: Part = (None, None)


class Shown(Protocol):
    """A scene that never changes; what is changed is another one."""

    document: Document
    folder: Path
    where: str

    @property
    def root(self) -> Node:
        """The tree."""
        ...

    @property
    def shapes(self) -> Shapes:
        """The shape of every matrix."""
        ...

    @property
    def model_sizes(self) -> ModelSizes | None:
        """The sizes of the model that its numbers come from; None where there is none."""
        ...

    @property
    def composition(self) -> Composition:
        """A draw list for every time; computes the numbers."""
        ...

    def changed(self, **parts: Any) -> "Shown":
        """The scene with other parts of its document, as a scene file would say them."""
        ...

    def edited(self, expr: str | Expression) -> "Shown":
        """The scene of another expression."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What is odd about its numbers."""
        ...

    @classmethod
    def of(cls, document: Document, folder: Path, where: str = "scene") -> "Shown":
        """The scene of a document that was checked already."""
        ...

    def save(self, path: Path | str) -> None:
        """Write a scene file."""
        ...

    # what is exported; see mmviz.export.Exports

    def film(self, fps: int, part: Part = WHOLE) -> Film:
        """What every frame of a film shows."""
        ...

    def check_movie(
        self,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: int | None = None,
        crf: int | None = None,
        part: Part = WHOLE,
    ) -> object:
        """Refuse a film that cannot be written."""
        ...

    def movie(
        self,
        path: Path | str,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: int | None = None,
        crf: int | None = None,
        part: Part = WHOLE,
        workers: int = 1,
        progress: Callable[[int], None] | None = None,
    ) -> object:
        """Write a film."""
        ...

    def screenshot(
        self,
        path: Path | str,
        step: float | Moment | None = None,
        *,
        width: int | None = None,
        height: int | None = None,
        ground: Ground | None = None,
        camera: Camera | None = None,
        emphasis: Emphasis = PLAIN,
    ) -> None:
        """Write a picture of one moment."""
        ...

    def mesh(self, path: Path | str, step: float | None = None, *, limit: int | None = None) -> None:
        """Write one moment for other 3D programs."""
        ...


class Opener(Protocol):
    """Makes a scene of what a person names."""

    def __call__(self, what: str) -> Shown:
        """A scene of a file's path, a link of mm, or the name or path of a model.

        Raises:
            MmvizError: it is none of these, or cannot be read.
        """
        ...


Edit = Callable[[Shown], Shown]
"""Makes another scene of one. It may take long, and it may raise MmvizError."""


def ready(scene: Shown) -> Shown:
    """The same scene, with everything computed that its first picture needs.

    Raises:
        MmvizError: its numbers cannot be had.
    """
    composition = scene.composition
    _ = composition.looks, composition.extent, scene.model_sizes
    return scene


def mapping(part: Any) -> Mapping[str, Any]:
    """A part of a document as a scene file would say it, without what equals the default."""
    return part.model_dump(mode="json", exclude_defaults=True)  # type: ignore[no-any-return]
