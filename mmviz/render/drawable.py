"""What a view keeps for one item of a draw list: its VTK actor, and how to change it."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from vtkmodules.vtkRenderingCore import vtkProp

Item = TypeVar("Item")


class Drawable(ABC, Generic[Item]):
    """Draws one item; the next item of the same key costs only what has changed in it."""

    actor: vtkProp

    @abstractmethod
    def update(self, item: Item) -> None:
        """Show another item of the same key."""

    def fit(self, view: tuple[int, int], picture_height: int) -> None:
        """Suit a view of this width and height in a picture of this height, in pixels."""

    def release(self) -> None:
        """Give back what the graphics driver holds, while the window still exists."""
