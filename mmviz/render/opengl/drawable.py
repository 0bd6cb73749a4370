"""What a view keeps for one item of a draw list: its VTK actor, and how to change it."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from vtkmodules.vtkRenderingCore import vtkProp

from mmviz.render.region import Section

Item = TypeVar("Item")


class Drawable(ABC, Generic[Item]):
    """Draws one item; the next item of the same key costs only what has changed in it."""

    actor: vtkProp

    @abstractmethod
    def update(self, item: Item) -> None:
        """Show another item of the same key."""

    def fit(self, section: Section) -> None:
        """Suit the part of the view that is drawn, and the ground that it is drawn on."""

    def give_way(self, near: float) -> None:
        """Fade what is nearer to the eye than this, in cells."""

    def release(self) -> None:
        """Give back what the graphics driver holds, while the window still exists."""
