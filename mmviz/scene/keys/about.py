"""What a scene is for, in words: what one learns from it, and what to try with it; drawn nowhere."""

from typing import Annotated

from pydantic import Field

from mmviz.scene.keys.fields import Line, Number, Strict


class AboutOptions(Strict):
    """A scene as lists and pages tell of it."""

    learn: Annotated[Line | None, Field(description="What one learns from it, in one sentence.")] = None
    tries: Annotated[
        tuple[Line, ...], Field(max_length=20, description="What to try with it: a change, a click, a question.")
    ] = ()
    still: Annotated[
        Number | None,
        Field(ge=0, le=1 << 53, description="The step of its picture in lists; the finished picture by default."),
    ] = None
