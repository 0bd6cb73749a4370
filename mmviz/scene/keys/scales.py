"""The keys that say which |x| is drawn at full size, and how sizes grow up to there; no number is computed."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from mmviz.scene.keys.fields import GROUP, NAME, Number, Strict, Text
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

_Name = Annotated[Text, Names("drawn")]


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

    shown: Annotated[
        bool,
        Field(description="Beside every name from which number to which its matrix is drawn, such as ±3.2 or 0…0.53."),
    ] = False

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The names of those that share a scale."""
        flat = tuple(entry for entry in self.shared if isinstance(entry, str))
        lists = tuple(entry for entry in self.shared if not isinstance(entry, str))
        return (flat, *lists) if flat else lists


Full = Annotated[Number, Field(ge=1e-30, le=1e30)]
"""An |x| that is drawn at full size."""
