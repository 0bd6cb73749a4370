"""A tensor that lies in a file, as a list of tensors names it and a scene takes it; reads nothing."""

from dataclasses import dataclass
from pathlib import Path

from mmviz.scene.keys.sources import LARGEST_SIDE
from mmviz.scene.language.shapes import Shape


@dataclass(frozen=True, slots=True)
class ListedTensor:
    """One tensor of a file."""

    file: Path
    name: str  # in the file; "" where the file holds one array without a name
    shape: tuple[int, ...]
    kind: str  # what its numbers are stored as, in the words of the format: F32, Q4_1, float64
    problem: str = ""  # why its numbers cannot be read; "" where they can

    @property
    def called(self) -> str:
        """Its name, or that of its file."""
        return self.name or self.file.stem

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        count = 1
        for side in self.shape:
            count *= side
        return count

    @property
    def stack(self) -> tuple[int, ...]:
        """The axes before rows and columns that are longer than 1: from the first such on; () for a plain matrix."""
        axes = self.shape[:-2]
        while axes and axes[0] == 1:
            axes = axes[1:]
        return axes

    @property
    def sides(self) -> Shape | None:
        """Rows and columns of it, or of each matrix of a stack; None where it has none, or cannot be read."""
        if self.problem or not self.shape or 0 in self.shape or max(self.shape[-2:]) > LARGEST_SIDE:
            return None
        return (1, self.shape[0]) if len(self.shape) == 1 else (self.shape[-2], self.shape[-1])

    def why_no_matrix(self) -> str:
        """What is wrong with it, in words; "" where rows and columns can be taken of it."""
        if self.sides is not None:
            return ""
        if self.problem:
            return self.problem
        if not self.shape:
            return f"{self.called} is a single number; a matrix or a vector is needed."
        size = " × ".join(f"{side:,}" for side in self.shape)
        if 0 in self.shape:
            return f"{self.called} is {size} and has no element; a matrix or a vector is needed."
        return f"{self.called} is {size}; a matrix has at most {LARGEST_SIDE:,} rows and columns."
