"""What the first window is handed by those who know scenes and models. Imports no Qt."""

from collections.abc import Callable
from dataclasses import dataclass

from mmviz.viewer.session.models_here import ModelsHere
from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown


@dataclass(frozen=True, slots=True)
class Outside:
    """What knows scenes and models."""

    first: Opener  # makes the scene of what is chosen first: also of a file of tensors, which the window then lists
    opener: Opener  # makes a scene of what a person names in the window
    kind: type[Shown]  # of all scenes
    build_again: BuildAgain  # builds another layer, head or model of a scene that was built
    models: ModelsHere  # lists the models of this machine


@dataclass(frozen=True, slots=True)
class First:
    """The scene that a window is opened for."""

    name: str  # as the user called it
    make: Callable[[], Shown]  # may take long, and may raise MmvizError
