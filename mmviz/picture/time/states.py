"""What one matrix shows at one time: which cells are there, which take part in the step, and their numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.planes import Matrix


@dataclass(frozen=True, eq=False)
class State:
    """One matrix at one time."""

    shape: tuple[int, int]
    shown: Sweep  # cells that are there
    lit: tuple[Sweep, ...]  # cells that take part in the current step
    compute: Callable[[], Matrix]

    @cached_property
    def values(self) -> Matrix:
        """(rows, columns): what is shown, running sums included."""
        return self.compute()

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(rows, columns): True where the cell is there."""
        return self.shown.mask(self.shape)

    @property
    def highlighted(self) -> NDArray[np.bool_]:
        """(rows, columns): True where the cell takes part in the current step."""
        mask = np.zeros(self.shape, np.bool_)
        for sweep in self.lit:
            mask |= sweep.mask(self.shape)
        return mask
