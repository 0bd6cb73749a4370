"""A look into a tensor of a file: its numbers in short and a small picture, off the interface thread, one by one."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from mmviz.errors import MmvizError
from mmviz.picture.look.statistics import Statistics, statistics
from mmviz.picture.look.thumbnail import thumbnail
from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.scene.keys.options import StyleOptions
from mmviz.viewer.session.shown_scene import Tensors

MOST = 1 << 20
"""Elements of a tensor that are looked at."""
SIDE = 44
"""Most pixels of a side of the small picture."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a tensor."""

    numbers: Statistics | None  # None where it cannot be read
    picture: NDArray[np.uint8] | None  # (height, width, 3)
    looked_at: int  # elements
    trouble: str = ""  # why it cannot be read


def look_into(tensors: Tensors, tensor: ListedTensor, style: StyleOptions) -> Look:
    """The numbers of a tensor in short, and a picture of it, or of the first matrix of a stack.

    Args:
        tensors: The list that it stands in.
        tensor: What is looked into.
        style: The colours.
    """
    if tensor.problem:
        return Look(None, None, 0, tensor.problem)
    try:
        sample = tensors.sample(tensor, MOST)
    except MmvizError as error:
        return Look(None, None, 0, str(error))
    except Exception as error:  # noqa: BLE001  (nothing may leave the thread)
        return Look(None, None, 0, f"{tensor.called}: cannot be read ({type(error).__name__}: {error}).")
    if not sample.size:
        return Look(None, None, 0, tensor.why_no_matrix())
    flat = sample.reshape(-1, sample.shape[-1] if sample.ndim else 1)
    first = sample[(0,) * (sample.ndim - 2)] if sample.ndim > 2 else flat
    return Look(statistics(flat), thumbnail(first, style, SIDE), sample.size)


class Looker(QObject):
    """Looks into tensors in a thread of its own, those first that were asked for last.

    Args:
        look: What it does with each.
    """

    found = Signal(object, object)
    """A tensor, and its `Look`."""

    def __init__(self, look: Callable[[ListedTensor], Look], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._wanted: list[ListedTensor] = []
        self._ready = threading.Condition()
        self._ended = False
        self._thread: threading.Thread | None = None

    def want(self, tensors: Sequence[ListedTensor]) -> None:
        """Look into these, in their order, and into nothing else that was asked for before."""
        with self._ready:
            self._wanted = list(tensors)
            self._ready.notify()
        if self._thread is None and tensors:
            self._thread = threading.Thread(target=self._work, daemon=True, name="mmviz: a look into tensors")
            self._thread.start()

    def end(self) -> None:
        """Look no more; what is being read is read to its end, unheard."""
        with self._ready:
            self._ended = True
            self._ready.notify()

    def _work(self) -> None:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._ended or bool(self._wanted))
                if self._ended:
                    return
                tensor = self._wanted.pop(0)
            look = self._look(tensor)
            try:
                self.found.emit(tensor, look)
            except RuntimeError:
                return  # the window was closed meanwhile
