"""How a scene is laid out, animated, coloured, seen and exported: ranges and meanings in one place."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from mmviz.scene.keys.fields import NUMBER, Line, Number, Strict, Whole, number_or
from mmviz.scene.keys.keyframes import (
    MOST,
    ChapterOptions,
    Direction,
    Keyframes,
    Spot,
    ViewAngle,
    Zoom,
    check_apart,
)
from mmviz.scene.keys.mentions import Names
from mmviz.scene.keys.scales import CURVE, DECADES, SCALE, BarOptions, BarPlace, Bars, Curve, Full, ScaleOptions

Common = Literal["none", "vmprod", "mvprod", "vvprod", "dotprod", "dotprod-columns", "axpy", "whole"]
Algorithm = Literal[Common, "blockwise"]
OwnAlgorithm = Literal["inherit", Algorithm]
Fuse = Literal["none", "chain", "sync", "async", "decode"]
Easing = Literal["smooth", "linear", "none"]
Count = Annotated[Whole, Field(ge=1, le=1 << 24)]


Scheme = Literal["blocks", "zigzag", "wheel", "custom"]
_Scheme = Annotated[
    Scheme,
    Field(
        description="How an argument faces. blocks: its result touches its consumer, polarity alternates and the free "
        "side flips; zigzag: likewise, but the free side stays; wheel: as its consumer; custom: as it says itself."
    ),
]
_Cells = Annotated[Number, Field(ge=0, le=1e4)]
_Gap = Annotated[
    Annotated[_Cells, Tag(NUMBER)] | Annotated[Literal["auto"], Tag("auto")],
    number_or("auto"),
    Field(
        description="Space between two faces, and between two blocks, in cells; auto: about 3 % of the sides of the "
        "larger matrices, at least 2 cells, or 3 where matrices are cut into blocks."
    ),
]
_Scatter = Annotated[
    Number, Field(ge=0, le=1e4, description="How far an argument is moved away from its consumer, in cells.")
]
_Molecule = Annotated[
    Whole, Field(ge=0, le=1 << 30, description="Arguments of fewer products than this are not moved away.")
]
_Blast = Annotated[
    Number,
    Field(
        description="The distance is scatter * n^blast, n being the argument's number of products; "
        "if blast is negative, scatter * (all - n)^-blast."
    ),
]
_Polarity = Annotated[
    Literal["negative", "positive"],
    Field(description="positive: k runs along z of the product's own frame, for the root from the front to the back."),
]
_Left = Annotated[Literal["left", "right"], Field(description="Side of the left argument.")]
_Right = Annotated[Literal["top", "bottom"], Field(description="Side of the right argument.")]
_Result = Annotated[Literal["front", "back"], Field(description="Side of the result.")]


class MatrixLayout(Strict):
    """What one product or sum, and everything below it, does otherwise; what is left out is as above it."""

    scheme: _Scheme | None = None
    gap: Annotated[_Cells | None, Field(description="Another space between faces and blocks, in cells.")] = None
    scatter: _Scatter | None = None
    molecule: _Molecule | None = None
    blast: _Blast | None = None
    polarity: _Polarity | None = None
    left: _Left | None = None
    right: _Right | None = None
    result: _Result | None = None


class LayoutOptions(Strict):
    """Where the cubes stand. Lengths are in cells: 1.0 is one matrix element."""

    scheme: _Scheme = "blocks"
    gap: _Gap = "auto"
    fold: Annotated[
        dict[Annotated[str, Names("axis")], Annotated[Number, Field(ge=1e-3, le=1 << 24)]],
        Field(
            description="Axes that are drawn shorter than they are, or longer: so many of their elements share the "
            "length of a cell; with 0.25, each has four. By i, k or j of the root, or of all that stand side by side, "
            "or by the axis's name, such as d_model. Where gap is auto, axes of 8 elements or less that are not said "
            "here are drawn longer beside large matrices: {i: 1} has true proportions."
        ),
    ] = Field(default_factory=dict)
    scatter: _Scatter = 0.0
    molecule: _Molecule = 1
    blast: _Blast = 0.0
    polarity: _Polarity = "negative"
    left: _Left = "left"
    right: _Right = "top"
    result: _Result = "front"
    roots: Annotated[
        Literal["auto", "row", "column"],
        Field(
            description="How several roots stand side by side. auto: as the scene's camera sees it from left to "
            "right, in as many rows as fill a wide picture best; column: likewise, one below the other; row: in a "
            "straight row, with their results in one plane."
        ),
    ] = "auto"
    apart: Annotated[
        Annotated[_Cells, Tag(NUMBER)] | Annotated[Literal["auto"], Tag("auto")],
        number_or("auto"),
        Field(description="Space between two roots that stand side by side, in cells; auto: by their sizes."),
    ] = "auto"
    matrices: Annotated[
        dict[Annotated[str, Names("result")], MatrixLayout],
        Field(
            description="What single products or sums do otherwise, by name or path; polarity, left, right and result "
            "of an argument count where the scheme of its consumer is custom."
        ),
    ] = Field(default_factory=dict)

    def inherited(self, own: MatrixLayout) -> "LayoutOptions":
        """What an argument goes by that says `own`, and whose consumer goes by these options."""
        return self.model_copy(update=own.model_dump(exclude_none=True))


class Counts(Strict):
    """Into how many blocks the axes of one product (i, k) @ (k, j) -> (i, j) are cut."""

    i: Annotated[Count | None, Field(description="Rows of the left argument and of the result.")] = None
    k: Annotated[Count | None, Field(description="Columns of the left and rows of the right argument.")] = None
    j: Annotated[Count | None, Field(description="Columns of the right argument and of the result.")] = None


def _cut_kind(cut: Any) -> str:
    return "product" if isinstance(cut, Counts | Mapping) else "axis"


Cut = Annotated[
    Annotated[Count, Tag("axis")] | Annotated[Counts, Tag("product")],
    Discriminator(_cut_kind),
]
"""Into how many blocks one axis is cut, or the axes of one product."""


class AnimationOptions(Strict):
    """When each product is computed. A step computes one row, column, outer product or element."""

    algorithm: Annotated[
        Common,
        Field(
            description="What a step computes. vmprod: a row of the result; mvprod: a column; dotprod: an element, row "
            "by row; dotprod-columns: an element, column by column; vvprod adds an outer product to all of the result; "
            "axpy adds a multiple of a column of the left argument to a column; whole: all of the result, with all "
            "that it is made of by this algorithm; none: shown from the start."
        ),
    ] = "vmprod"
    fuse: Annotated[
        Fuse,
        Field(
            description="Which products share a sweep. chain: those that can go row by row together, also through "
            "sums; sync and async: those that mm fuses, sync only where no argument has got ahead of the other; "
            "decode: a step takes one token through all of them, and a causal attention gets a key and a value with "
            "it; none: each waits until its arguments are finished."
        ),
    ] = "none"
    sums: Annotated[
        Literal["together", "running"],
        Field(
            description="together: a sum appears with its terms; running: a term is computed after the one before it, "
            "goes over to the sum when it is there, and the sum shows what it has so far."
        ),
    ] = "together"
    matrices: Annotated[
        dict[Annotated[str, Names("result")], OwnAlgorithm],
        Field(
            description="Another algorithm for single products, by name or path; inherit: that of its consumer; "
            "blockwise, for softmax(...) @ V: the blocks of the queries one after the other, each against one block of "
            "the keys after the other, with running maxima and sums of the rows."
        ),
    ] = Field(default_factory=dict)
    roots: Annotated[
        Literal["together", "in turn"],
        Field(
            description="Several roots side by side. together: all begin at step 0, and one that is done waits for the "
            "others; in turn: each begins when the one before it is done."
        ),
    ] = "together"
    hide_inputs: Annotated[
        bool, Field(description="Show the root's result and what flies, and nothing that it is made of.")
    ] = False
    spin: Annotated[
        Number,
        Field(
            ge=-360,
            le=360,
            description="Degrees a second by which the eye goes around the scene; positive: clockwise, from above.",
        ),
    ] = 0.0
    speed: Annotated[Number, Field(ge=0.01, le=1000, description="Steps a second.")] = 8.0
    hold: Annotated[Number, Field(ge=0, le=60, description="Seconds that the finished picture stays.")] = 2.0
    easing: Annotated[
        Easing,
        Field(description="How planes go from one step to the next: with a soft start and stop, evenly, or in a jump."),
    ] = "smooth"
    chapters: Annotated[
        tuple[ChapterOptions, ...],
        Field(max_length=MOST, description="Parts of the animation that a film shows one after the other."),
    ] = ()


Share = Annotated[Number, Field(ge=0, le=1)]


class MmColors(Strict):
    """The colours and sizes of mm (bhosmer/mm), with its own settings and defaults."""

    sensitivity: Annotated[
        Literal["global", "semilocal", "local", "superlocal"],
        Field(description="What full size and lightness stand for: the scene's largest |x|, the matrix's own, ..."),
    ] = "global"
    min_size: Annotated[Share, Field(description="Size of the smallest elements, as a share of the largest.")] = 0.2
    min_light: Annotated[Share, Field(description="Lightness of the smallest elements.")] = 0.4
    max_light: Annotated[Share, Field(description="Lightness of the largest elements.")] = 0.7
    elem_scale: Annotated[Number, Field(ge=0, le=10, description="Size of the largest elements.")] = 1.25
    zero_hue: Annotated[Number, Field(ge=0, le=1, description="Hue in the middle, between the signs.")] = 0.77
    hue_gap: Annotated[Number, Field(ge=0, le=1, description="Distance of both signs' hues from it.")] = 0.74
    hue_spread: Annotated[Number, Field(ge=0, le=1, description="How far hues run with the size.")] = 0.04


class StyleOptions(Strict):
    """What the elements look like."""

    quantile: Annotated[
        Number, Field(gt=0, le=1, description="The share of |x| of a matrix that is drawn without clipping.")
    ] = 0.995
    palette: Annotated[
        Literal["blue-red", "blue-orange"],
        Field(description="Positive and negative; blue-orange also for the colour-blind."),
    ] = "blue-red"
    patterns: Annotated[
        Literal["signed", "sequential"],
        Field(description="sequential: matrices that wear a softmax get a scale of their own, from dark to yellow."),
    ] = "signed"
    scale: Annotated[dict[Annotated[str, Names("drawn")], Full], Field(description=SCALE)] = Field(default_factory=dict)
    scales: ScaleOptions = ScaleOptions()
    curve: Annotated[Curve, Field(description=CURVE)] = "sqrt"
    decades: Annotated[Number, Field(ge=1, le=30, description=DECADES)] = 4
    bar: Bars = "none"
    mm: Annotated[MmColors | None, Field(description="Use the colours and sizes of mm instead.")] = None
    legend: Annotated[bool, Field(description="A line below the picture that says what colour and size mean.")] = True
    guides: Annotated[bool, Field(description="Outlines, row guides and the corner of element (0, 0).")] = True
    names: Annotated[bool, Field(description="Names on the matrices.")] = True
    sizes: Annotated[bool, Field(description="Sizes along the edges.")] = True
    arrows: Annotated[bool, Field(description="Arrows from the arguments to the result of each product.")] = True
    tokens: Annotated[
        Literal["decoded", "raw", "none"],
        Field(
            description="The tokens along the edges of matrices, where they can be read: as text, or raw as the "
            "tokenizer's own pieces."
        ),
    ] = "decoded"
    badge: Annotated[
        bool, Field(description="The largest difference between what is drawn and what transformers computes.")
    ] = False
    heads: Annotated[
        Literal["nested", "grid"],
        Field(
            description="nested: a sum of heads adds them two by two, as any sum; grid: all heads or experts of a "
            "layer stand in rows and columns beside one sum, to which each of them goes."
        ),
    ] = "nested"
    before: Annotated[
        dict[Annotated[str, Names("worn")], Line],
        Field(
            description="By name or path of a matrix that wears a function: the name of a second sheet behind it, "
            "which shows it before the last one."
        ),
    ] = Field(default_factory=dict)

    @property
    def bar_at(self) -> BarPlace:
        """Where colour bars stand."""
        return self.bar.at if isinstance(self.bar, BarOptions) else self.bar

    @property
    def bar_of(self) -> tuple[str, ...]:
        """The matrices that have one, by name or path; none are said by default."""
        return self.bar.of if isinstance(self.bar, BarOptions) else ()


class CameraOptions(Strict):
    """Where the scene is seen from: from a direction, so that all of it fits, or from a fixed position."""

    direction: Annotated[
        Direction,
        Field(description="From the scene's centre toward the eye: right, up, toward the viewer."),
    ] = (-1.0, 1.0, 1.0)
    zoom: Annotated[Zoom, Field(description="1: the whole scene just fits the picture.")] = 1.0
    position: Annotated[
        Spot | None,
        Field(
            description="Instead of direction and zoom: where the eye is, in cells from the scene's centre: right, up, "
            "toward the viewer."
        ),
    ] = None
    target: Annotated[Spot, Field(description="With a position: what the eye looks at, in cells from the centre.")] = (
        0.0,
        0.0,
        0.0,
    )
    view_angle: Annotated[
        ViewAngle,
        Field(description="With a position: field of view, in degrees, of the picture's shorter side."),
    ] = 30.0
    inset: Annotated[
        str | None,
        Names("matrix"),
        Field(description="Name or path of a matrix that is also shown by itself, from the front."),
    ] = None
    keyframes: Annotated[
        Keyframes, Field(description="From where the scene is seen at some steps; in between the camera flies.")
    ] = ()

    @model_validator(mode="after")
    def _looks_somewhere(self) -> "CameraOptions":
        if self.position is not None:
            check_apart(self.position, self.target)
        return self


class CaptionOptions(Strict):
    """A line of text that accompanies the animation."""

    start: Annotated[
        str, Names("matrix"), Field(description="Name or path of the matrix whose first step it appears with.")
    ]
    text: Annotated[Line, Field(description="What it says.")]


class ExportOptions(Strict):
    """Films and pictures."""

    width: Annotated[Whole, Field(ge=2, le=16384, description="Pixels.")] = 1920
    height: Annotated[Whole, Field(ge=2, le=16384, description="Pixels.")] = 1080
    fps: Annotated[Whole, Field(ge=1, le=240, description="Frames a second.")] = 30
    crf: Annotated[
        Whole,
        Field(
            ge=0,
            le=51,
            description="H.264 quality: lower is better and larger. 0 is taken as 1, the best that players show.",
        ),
    ] = 18
    lossless: Annotated[
        bool,
        Field(
            description="MP4 films keep every pixel as it was drawn, whatever crf says. Not for browsers: only "
            "players with FFmpeg's decoder show the profile that this takes (High 4:4:4 Predictive)."
        ),
    ] = False
    ground: Annotated[
        Literal["black", "white", "transparent"],
        Field(
            description="What is behind everything. white: for paper, light and dark change places; transparent: of "
            "pictures and of films that can be it (.mov, .webm), others are black then."
        ),
    ] = "black"
    dpi: Annotated[
        Whole, Field(ge=1, le=9600, description="Pixels an inch: pictures say by it how large they are on paper.")
    ] = 300
    quality: Annotated[
        Whole,
        Field(
            ge=1,
            le=100,
            description="Of JPEG and WebP pictures: higher is better and larger; a WebP of 100 is lossless.",
        ),
    ] = 90
