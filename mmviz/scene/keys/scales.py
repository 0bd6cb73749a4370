"""The keys that say which |x| is drawn at full size, and how sizes grow up to there; no number is computed."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag

from mmviz.scene.keys.fields import GROUP, NAME, PART, Number, Strict
from mmviz.scene.keys.mentions import Names

Curve = Literal["sqrt", "linear", "log"]
CURVE = (
    "How size and lightness grow with |x|, up to the full size: with its square root, evenly, or with its logarithm."
)
DECADES = "Of log: how many powers of ten below the full size the smallest elements are."
SCALE = (
    "By name or path of a matrix: the |x| that is drawn at full size, instead of one by its numbers; more gets a white "
    "cap. The colours of mm have ranges of their own."
)

_Name = Annotated[str, Names("drawn")]


def _kind(entry: Any) -> str | None:
    if isinstance(entry, str):
        return NAME
    return GROUP if isinstance(entry, list | tuple) else None


_Entry = Annotated[
    Annotated[_Name, Tag(NAME)] | Annotated[tuple[_Name, ...], Tag(GROUP)],
    Discriminator(_kind, custom_error_type="no_name", custom_error_message="must be a name or a list of names"),
]


class ScaleOptions(Strict):
    """Which matrices have one scale."""

    shared: Annotated[
        tuple[_Entry, ...],
        Field(
            description="Matrices by name or path, or lists of them: those of one list have one scale, the largest of "
            "their own, or the one that style.scale says of one of them. Names outside of a list are one together."
        ),
    ] = ()

    roots: Annotated[
        bool,
        Field(
            description="Matrices that have the same part in several roots side by side have one scale, so that their "
            "colours compare; but for those of which scale or shared says something."
        ),
    ] = True

    shown: Annotated[
        bool,
        Field(description="Beside every name from which number to which its matrix is drawn, such as ±3.2 or 0…0.53."),
    ] = False

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The names of those that share a scale."""
        flat = tuple(entry for entry in self.shared if isinstance(entry, str))
        lists = tuple(entry for entry in self.shared if not isinstance(entry, str))
        return (flat, *lists) if flat else lists


BarPlace = Literal["none", "side", "below"]


class BarOptions(Strict):
    """Where colour bars stand, and of which matrices."""

    at: Annotated[BarPlace, Field(description="At the right of the scene, or below it.")] = "side"
    of: Annotated[
        tuple[_Name, ...],
        Field(
            max_length=4,
            description="By name or path: of which matrices; those with one scale have one bar. By default of all, "
            "where they have three scales or fewer; else of the inset's matrix and of the result.",
        ),
    ] = ()


def _bar_kind(said: Any) -> str | None:
    if isinstance(said, str):
        return said if said in get_args(BarPlace) else None
    return PART if isinstance(said, Mapping | BarOptions) else None


Bars = Annotated[
    Annotated[Literal["none"], Tag("none")]
    | Annotated[Literal["side"], Tag("side")]
    | Annotated[Literal["below"], Tag("below")]
    | Annotated[BarOptions, Tag(PART)],
    Discriminator(
        _bar_kind,
        custom_error_type="no_bar",
        custom_error_message="must be none, side, below or a mapping with at and of",
    ),
    Field(
        description="Colour bars with numbers: at the right of the scene, or below it; a mapping also says of which "
        "matrices."
    ),
]
Full = Annotated[Number, Field(ge=1e-30, le=1e30)]
"""An |x| that is drawn at full size."""
