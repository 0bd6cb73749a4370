"""Reads the attention patterns of a model in a thread of its own, layer by layer, no further than is looked at."""

import threading
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from mmviz.errors import MmvizError
from mmviz.picture.look.head_kinds import KindCells
from mmviz.picture.look.head_pattern import head_pattern, side_of
from mmviz.scene.keys.options import StyleOptions
from mmviz.viewer.session.shown_scene import Patterns

NOTHING = -1
"""The last of no layers."""


class PatternReader(QObject):
    """One forward pass that goes on while deeper layers are wanted, and rests while none are.

    Of every layer only small pictures and a few numbers are handed on, so that models of any size take little memory.

    Args:
        make: Opens the patterns; called in the thread.
        style: The scene's, whose colours the patterns have.
    """

    began = Signal(object, object)
    """This reader, and the `Patterns`."""
    read = Signal(object, int, object)
    """This reader, a layer, and the `HeadPattern` of each of its heads."""
    failed = Signal(object, str)
    """This reader, and what went wrong, for the user; it reads no more."""

    def __init__(self, make: Callable[[], Patterns], style: StyleOptions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make, self._style = make, style
        self._last = NOTHING  # layer that is wanted
        self._next = 0  # layer to be read
        self._changed = threading.Condition()
        self._ended = False
        self._thread: threading.Thread | None = None

    def want(self, last: int) -> None:
        """Read up to a layer, this one too; NOTHING: rest after the one that is being read."""
        with self._changed:
            self._last = last
            self._changed.notify()
        if self._thread is None and last > NOTHING:
            self._thread = threading.Thread(target=self._work, daemon=True, name="mmviz: attention patterns")
            self._thread.start()

    def end(self) -> None:
        """Read no more; the layer that is being computed goes to its end, unheard."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    @property
    def busy(self) -> bool:
        """Whether more is being read."""
        return not self._ended and self._next <= self._last

    def _work(self) -> None:
        try:
            try:
                self._read_all()
            except MmvizError as error:
                self._fail(str(error))
            except Exception as error:  # noqa: BLE001  (nothing may leave the thread)
                self._fail(f"{type(error).__name__}: {error}")
        except RuntimeError:
            return  # the window was closed meanwhile

    def _read_all(self) -> None:
        patterns = self._make()
        side = side_of(patterns.layers * patterns.heads)
        self.began.emit(self, patterns)
        each = patterns.each()
        while self._may_read(patterns.layers):
            self._read_one(patterns, each, side)

    def _read_one(self, patterns: Patterns, each: Iterator[NDArray[np.float32]], side: int) -> None:
        layer = next(each)  # (heads, tokens, tokens)
        keys = layer.shape[2] if patterns.across else None
        cells = KindCells.of(patterns.token_ids, keys, patterns.masking(self._next))
        small = []
        for pattern in layer:
            if self._ended:
                return
            small.append(head_pattern(pattern, self._style, side, cells))
        self._next += 1
        self.read.emit(self, self._next - 1, tuple(small))

    def _may_read(self, layers: int) -> bool:
        """Wait until another layer is wanted; False where none will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._next <= self._last)
            return not self._ended and self._next < layers

    def _fail(self, message: str) -> None:
        ended, self._ended = self._ended, True
        if not ended:
            self.failed.emit(self, message)
