"""What a scene of a model was made of by a command, so that another layer, head or model can be built as it was."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from mmviz.scene.keys.fields import Strict
from mmviz.scene.keys.sources import Head, Side

Rank = Annotated[Side | None, Field(description="Of the weight of this name.")]


class OfWeights(Strict):
    """A number for some of the weights of a head: wQ, wK, wV and wO."""

    Q: Rank = None
    K: Rank = None
    V: Rank = None
    O: Rank = None  # noqa: E741  (as the weights are called)


class MadeBy(Strict):
    """What `mmviz head` or `mmviz layer` made the scene of; the window builds another layer, head or model as it did.

    What was changed since is kept: camera, style, captions and all else. Of a scene whose expression was changed only
    the sources are others then, and the expression stays.
    """

    layer: Annotated[Head, Field(description="From 0.")]
    head: Annotated[Head | None, Field(description="From 0; of a scene of one head.")] = None
    part: Annotated[
        Literal["attention", "mlp", "layer"] | None, Field(description="Of a scene of a layer, instead of a head.")
    ] = None
    expert: Annotated[
        Head | Literal["shared"] | None,
        Field(description="From 0, or the one that all tokens share; of a scene of one expert of the part mlp."),
    ] = None
    cross: Annotated[bool, Field(description="Heads are of the decoder's attention to what the encoder gives.")] = False
    form: Annotated[Literal["steps", "circuits"], Field(description="How the head is computed.")] = "steps"
    svd: Annotated[
        OfWeights, Field(description="Weights that are products of so many of their singular values and vectors.")
    ] = OfWeights()
    ranks: Annotated[OfWeights, Field(description="Weights that are cut down to a lower rank.")] = OfWeights()
    difference: Annotated[
        Literal["out", "pattern"] | None, Field(description="What is compared with the head of full weights.")
    ] = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> "MadeBy":
        if (self.head is None) == (self.part is None):
            raise ValueError("needs a head or a part, one of them.")
        plain = MadeBy.model_construct(layer=self.layer, part=self.part, expert=self.expert, cross=self.cross)
        if self.expert is not None and self.part != "mlp":
            raise ValueError("an expert is of the part mlp.")
        if self.part is not None and self != plain:
            raise ValueError("form, svd, ranks and difference are of a head; a part has none of them.")
        return self
