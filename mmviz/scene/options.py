"""How a scene is laid out, animated, coloured, seen and exported: ranges and meanings in one place."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mmviz.scene.fields import Line, Number, Strict, Whole

Algorithm = Literal["none", "dotprod", "vmprod", "mvprod", "vvprod"]


def _somewhere(direction: tuple[float, float, float]) -> tuple[float, float, float]:
    if not 1e-6 <= max(map(abs, direction)) <= 1e6:
        raise ValueError("the largest of its numbers must be between 0.000001 and 1000000, without sign.")
    return direction


class LayoutOptions(Strict):
    """Where the cubes stand. Lengths are in cells: 1.0 is one matrix element."""

    scheme: Annotated[Literal["blocks"], Field(description="How the sides of a child follow from its parent's.")] = (
        "blocks"
    )
    gap: Annotated[Number, Field(ge=0, le=1e4, description="Space between two faces, in cells.")] = 4.0
    polarity: Annotated[
        Literal["negative", "positive"], Field(description="Whether k runs away from the front or toward it.")
    ] = "negative"
    left: Annotated[Literal["left", "right"], Field(description="Side of the root's left argument.")] = "left"
    right: Annotated[Literal["top", "bottom"], Field(description="Side of the root's right argument.")] = "top"
    result: Annotated[Literal["front", "back"], Field(description="Side of the root's result.")] = "front"


class AnimationOptions(Strict):
    """When each product is computed. A step computes one row, column, outer product or element."""

    algorithm: Annotated[
        Algorithm,
        Field(
            description="vmprod: a row of the result a step; mvprod: a column; vvprod: an outer product; "
            "dotprod: an element; none: shown from the start."
        ),
    ] = "vmprod"
    fuse: Annotated[
        Literal["none", "chain"],
        Field(description="chain: products that can go row by row together share one sweep."),
    ] = "none"
    matrices: Annotated[
        dict[str, Algorithm], Field(description="Another algorithm for single products, by name or path.")
    ] = Field(default_factory=dict)
    speed: Annotated[Number, Field(ge=0.01, le=1000, description="Steps a second.")] = 8.0
    hold: Annotated[Number, Field(ge=0, le=60, description="Seconds that the finished picture stays.")] = 2.0


class StyleOptions(Strict):
    """What the elements look like."""

    quantile: Annotated[
        Number, Field(gt=0, le=1, description="The share of |x| of a matrix that is drawn without clipping.")
    ] = 0.995
    guides: Annotated[bool, Field(description="Outlines, row guides and the corner of element (0, 0).")] = True
    names: Annotated[bool, Field(description="Names on the matrices.")] = True
    sizes: Annotated[bool, Field(description="Sizes along the edges.")] = True
    arrows: Annotated[bool, Field(description="Arrows from the arguments to the result of each product.")] = True


class CameraOptions(Strict):
    """Where the scene is seen from."""

    direction: Annotated[
        tuple[Number, Number, Number],
        Field(description="From the scene's centre toward the eye: right, up, toward the viewer."),
        AfterValidator(_somewhere),
    ] = (-1.0, 1.0, 1.0)
    zoom: Annotated[Number, Field(ge=0.01, le=100, description="1: the whole scene just fits the picture.")] = 1.0
    inset: Annotated[
        str | None,
        Field(description="Name or path of a matrix that is also shown by itself, from the front."),
    ] = None


class CaptionOptions(Strict):
    """A line of text that accompanies the animation."""

    start: Annotated[str, Field(description="Name or path of the matrix whose first step it appears with.")]
    text: Annotated[Line, Field(description="What it says.")]


class ExportOptions(Strict):
    """Films and pictures."""

    width: Annotated[Whole, Field(ge=2, le=16384, description="Pixels.")] = 1920
    height: Annotated[Whole, Field(ge=2, le=16384, description="Pixels.")] = 1080
    fps: Annotated[Whole, Field(ge=1, le=240, description="Frames a second.")] = 30
    crf: Annotated[Whole, Field(ge=0, le=51, description="H.264 quality: lower is better and larger.")] = 18
