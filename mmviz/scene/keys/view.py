"""What the window shows when it opens a scene, as a scene file says it; nothing that is exported goes by it."""

from typing import Annotated

from pydantic import Field, model_validator

from mmviz.scene.keys.fields import Line, Number, Strict
from mmviz.scene.keys.keyframes import Spot, ViewAngle, check_apart
from mmviz.scene.keys.mentions import Names

MOST_KEPT = 1000
"""Most views that a scene keeps."""
MOST_HIDDEN = 100_000
"""Most matrices that it leaves out."""


class SeenFrom(Strict):
    """A place to look from, as the scene's camera says it."""

    position: Annotated[
        Spot, Field(description="Where the eye is, in cells from the scene's centre: right, up, toward the viewer.")
    ]
    target: Annotated[Spot, Field(description="What the eye looks at, in cells from the centre.")] = (0.0, 0.0, 0.0)
    view_angle: Annotated[
        ViewAngle, Field(description="Field of view, in degrees, from the top of the picture to its bottom.")
    ] = 30.0

    @model_validator(mode="after")
    def _looks_somewhere(self) -> "SeenFrom":
        check_apart(self.position, self.target)
        return self


class KeptView(SeenFrom):
    """A view that was kept, to come back to it."""

    name: Annotated[Line | None, Field(description="What it is called; its number by default.")] = None


class ViewOptions(Strict):
    """What the window shows when it opens the scene. Films, pictures, pages and meshes do not go by it.

    The window writes it when it saves a scene that was looked at from somewhere else. What it says of a matrix, step or
    tab that is not there any more is passed over.
    """

    camera: Annotated[
        SeenFrom | None, Field(description="From where the scene is seen; by default from its own camera.")
    ] = None
    step: Annotated[
        Annotated[Number, Field(ge=0, le=1 << 53)] | None,
        Field(description="The step that is shown; the end by default, and where it would be beyond it."),
    ] = None
    hidden: Annotated[
        tuple[Annotated[str, Names("maybe")], ...],
        Field(max_length=MOST_HIDDEN, description="Names or paths of matrices that are left out of the picture."),
    ] = ()
    kept: Annotated[
        tuple[KeptView, ...],
        Field(max_length=MOST_KEPT, description="Views that were kept, in the order in which they are gone to."),
    ] = ()
    tab: Annotated[
        Line | None,
        Field(description="The tab of the panel that is open, by its title; by default the one that is open already."),
    ] = None
