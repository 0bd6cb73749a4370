"""What the window asks of a scene. mmviz.pipeline.Scene is one; the window knows no other way to it. Imports no Qt."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, Self, Unpack

import numpy as np
from numpy.typing import NDArray

from mmviz.machine.homes import ModelCache
from mmviz.machine.listening import tell_ahead
from mmviz.orders.order import WHOLE, Order, StepRange
from mmviz.picture.composition import Composition
from mmviz.picture.time.pacing import Film
from mmviz.scene.document import Document
from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.language.masks import Masking
from mmviz.scene.language.shapes import Shapes
from mmviz.scene.language.tree import Tree
from mmviz.scene.language.written import Written
from mmviz.scene.parts import Changes


class Tensors(Protocol):
    """The tensors of files, from headers alone."""

    @property
    def where(self) -> Path:
        """The file or folder."""
        ...

    @property
    def tensors(self) -> tuple[ListedTensor, ...]:
        """All of them."""
        ...

    def sample(self, tensor: ListedTensor, most: int) -> NDArray[np.float32]:
        """A tensor's numbers, or every so many-th along its axes where it has more than `most`.

        Raises:
            MmvizError: they cannot be read.
        """
        ...


class Patterns(Protocol):
    """What all heads of a model attend to on a prompt."""

    layers: int
    heads: int  # of each layer
    across: bool  # what is attended to are tokens of another text
    token_ids: tuple[int, ...]
    token_texts: tuple[str, ...]  # empty where there is no tokenizer
    key_texts: tuple[str, ...]  # of what is attended to: those of another stack, or the same

    def masking(self, layer: int) -> Masking | None:
        """What a layer's heads may not look at, as the function that forbids it; None: nothing."""
        ...

    def each(self) -> Iterator[NDArray[np.float32]]:
        """The patterns of one layer after the other, (heads, tokens, tokens) each, none computed before it is needed.

        Raises:
            MmvizError: they cannot be computed.
        """
        ...


class ReadFirst(Protocol):
    """What is read before the numbers of a scene are there; as text, a sentence."""

    @property
    def in_short(self) -> str:
        """In a few words."""
        ...


class Shown(Protocol):
    """A scene that never changes; what is changed is another one."""

    document: Document
    folder: Path
    where: str

    @property
    def is_computed(self) -> bool:
        """Whether its numbers and its first picture are there."""
        ...

    def read_first(self) -> ReadFirst | None:
        """How much is read before its numbers are there; None where that is little.

        Raises:
            MmvizError: its model cannot be opened.
        """
        ...

    def elements(self) -> int:
        """Of all its matrices together."""
        ...

    def forget(self) -> None:
        """Give up what was computed, and its memory; whatever is asked for is computed again."""
        ...

    def reuse(self, other: Self) -> None:
        """Take from another scene what it has read and computed, as far as it is the same here."""
        ...

    @property
    def root(self) -> Tree:
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
    def special_tokens(self) -> tuple[str, ...]:
        """What stands around the prompt, such as <s>; often nothing."""
        ...

    @property
    def head_patterns(self) -> Patterns:
        """What all heads of its model attend to.

        Raises:
            MmvizError: there is no model, or no prompt.
        """
        ...

    @property
    def composition(self) -> Composition:
        """A draw list for every time; computes the numbers."""
        ...

    def changed(self, **parts: Unpack[Changes]) -> "Shown":
        """The scene with other parts of its document, as a scene file would say them."""
        ...

    def edited(self, expr: Written) -> "Shown":
        """The scene of another expression."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What is odd about its numbers."""
        ...

    def doubts(self) -> tuple[str, ...]:
        """Titles and captions that may no longer be true."""
        ...

    def computed_on(self) -> tuple[str, str]:
        """The device that its numbers are computed on, and what activations are computed with."""
        ...

    def model_caches(self) -> tuple[ModelCache, ...]:
        """The folders in which models are kept on this machine."""
        ...

    @classmethod
    def of(cls, document: Document, folder: Path, where: str = "scene") -> "Shown":
        """The scene of a document that was checked already."""
        ...

    def save(self, path: Path | str) -> str | None:
        """Write a scene file; what the user is to be told of it, if anything."""
        ...

    # files whose tensors can be listed

    @staticmethod
    def holds_tensors(path: Path) -> bool:
        """Whether the tensors of a file may be listed."""
        ...

    @staticmethod
    def tensors_in(path: Path) -> Tensors:
        """The tensors of a file or a folder.

        Raises:
            MmvizError: it holds none, or cannot be read.
        """
        ...

    def model_place(self) -> Path | None:
        """The file or folder of the scene's model; None where it has none.

        Raises:
            MmvizError: there is no such model.
        """
        ...

    # what is exported; see mmviz.export.Exports

    def film(self, fps: int, part: StepRange = WHOLE) -> Film:
        """What every frame of a film shows."""
        ...

    def check_order(self, order: Order) -> None:
        """Refuse what cannot be written."""
        ...

    def make(self, order: Order, progress: Callable[[int], None] | None = None) -> None:
        """Write what is ordered."""
        ...


class Opener(Protocol):
    """Makes a scene of what a person names."""

    def __call__(self, what: str) -> Shown:
        """A scene of a file's path, a link of mm, or the name or path of a model.

        Raises:
            MmvizError: it is none of these, or cannot be read.
        """
        ...


class BuildAgain(Protocol):
    """Makes the document of another layer, head or model as one was made."""

    def __call__(
        self,
        document: Document,
        folder: Path,
        *,
        layer: int | None = None,
        head: int | None = None,
        model: str | None = None,
    ) -> Document | None:
        """The document of what is picked; None where it cannot be built, but only filled anew.

        Raises:
            MmvizError: there is no such layer, head or model.
        """
        ...


def built_by_nobody(
    document: Document,  # noqa: ARG001
    folder: Path,  # noqa: ARG001
    *,
    layer: int | None = None,  # noqa: ARG001
    head: int | None = None,  # noqa: ARG001
    model: str | None = None,  # noqa: ARG001
) -> Document | None:
    """Of a window that knows no builders: scenes are filled anew."""
    return None


Edit = Callable[[Shown], Shown]
"""Makes another scene of one. It may take long, and it may raise MmvizError."""


def ready(scene: Shown) -> Shown:
    """The same scene, with everything computed that its first picture needs; where much is read for it, that is told.

    Raises:
        MmvizError: its numbers cannot be had.
    """
    if not scene.is_computed and (first := scene.read_first()) is not None:
        tell_ahead(first.in_short, str(first))
    composition = scene.composition
    _ = composition.looks, composition.extent, scene.model_sizes
    return scene


def same_work(one: Shown, other: Shown) -> bool:
    """Whether there is nothing to save in one that is not in the other; how the window looks at them does not count."""
    before, after = one.document, other.document
    return before == after or before.model_copy(update={"view": after.view}) == after


def mapping(part: Any) -> Mapping[str, Any]:
    """A part of a document as a scene file would say it, without what equals the default."""
    return part.model_dump(mode="json", exclude_defaults=True)  # type: ignore[no-any-return]
