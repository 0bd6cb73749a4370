"""The scenes that come with mmviz as the start page tells them, and where their small pictures lie; imports no Qt."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mmviz.scene import gallery

PICTURES = Path(__file__).parent / "pictures"
"""Drawn by `python -m docs.making.thumbnails`."""


@dataclass(frozen=True, slots=True)
class Example:
    """A scene that comes with mmviz, as docs/scenes/index.md tells it."""

    name: str
    title: str
    sentence: str


EXAMPLES: tuple[Example, ...] = (
    Example("matmul", "One product", "one product as a cube, built up by outer products"),
    Example("chain", "Two products in a row", "two products in a row, each row travelling through both"),
    Example(
        "attention_head",
        "An attention head",
        "a real attention head that looks at the previous token, token by token",
    ),
    Example("decoding", "Decoding with a cache", "the same head as a decoder runs it, with a cache of keys and values"),
    Example(
        "blockwise_attention",
        "Attention block by block",
        "the same attention block by block, with running maxima and sums",
    ),
    Example(
        "attention_tour",
        "A tour of an attention head",
        "the same head as a short film: chapters, and a camera that goes close",
    ),
    Example(
        "alibi", "What ALiBi adds", "scores, and beside them what a model with ALiBi adds for how far a key is away"
    ),
    Example("sink", "An attention sink", "a share of every row of attention that goes to no token"),
    Example("residual", "A residual block", "a residual block: two layers change the row that goes past them"),
    Example(
        "all_heads",
        "All heads of a layer",
        "the nine heads of a layer, which share three keys and values and add up",
    ),
    Example(
        "heads_one_by_one",
        "One head after the other",
        "the heads of a layer one after the other, added up as they come",
    ),
    Example(
        "transformer_layer",
        "A whole layer",
        "a whole layer: norms, attention, MLP and the stream that they add to",
    ),
    Example("gated_mlp", "A gated feed-forward layer", "the gated feed-forward layer of a Llama, on its real weights"),
    Example("experts", "Experts", "four experts in a grid, of which a router chooses two for each token"),
    Example(
        "svd_head",
        "A weight, rank by rank",
        "a head's query weight by its 8 largest singular values, rank by rank",
    ),
    Example("lora", "A low-rank update", "a weight and its low-rank update, rank by rank"),
)
"""In the order in which one would look at them."""


def named_examples() -> Iterator[tuple[str, str]]:
    """Name and title of every scene that comes with mmviz, those of the gallery last."""
    yield from ((one.name, one.title) for one in EXAMPLES)
    yield from ((one.name, one.title) for _, one in gallery.entries())


def picture_of(name: str) -> Path:
    """Where the small picture of an example lies, or that of a template NAME as new_NAME; it need not be there."""
    return PICTURES / f"{name}.webp"


def picture_in_gallery(name: str) -> Path:
    """Where the small picture of a scene of the gallery lies; it need not be there."""
    return PICTURES / "gallery" / f"{name}.webp"
