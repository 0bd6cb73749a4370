"""Options of models of two stacks: which one is drawn, and what its decoder has been given."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from mmviz.builders.opening import Reading

Stack = Annotated[
    Literal["encoder", "decoder"] | None,
    typer.Option(help="Of a model that has both, such as a T5: which one; the encoder by default."),
]
Cross = Annotated[
    bool,
    typer.Option("--cross", help="Heads that look from the decoder to what the encoder has read; implies the decoder."),
]
Target = Annotated[
    str | None,
    typer.Option(
        help="What the decoder has been given so far, behind its start token, which stands alone otherwise; the "
        "encoder reads --prompt."
    ),
]
TargetTokens = Annotated[
    str | None,
    typer.Option(help="All token ids that the decoder reads, its start token, too, instead of a target: 0,1,2."),
]


def of_stack(
    reading: "Reading",
    stack: Literal["encoder", "decoder"] | None,
    target: str | None,
    target_tokens: str | None,
    *,
    cross: bool,
) -> "Reading":
    """The same of one of two stacks, and with what its decoder has been given."""
    ids = target_ids(target, target_tokens)
    return replace(reading, stack=stack or "", cross=cross, target=target, target_tokens=ids)


def target_ids(target: str | None, tokens: str | None) -> tuple[int, ...] | None:
    """What --target-tokens says, instead of --target."""
    return token_ids(target, tokens, "--target", "--target-tokens")


def token_ids(
    text: str | None, tokens: str | None, option: str = "--prompt", option_of_ids: str = "--tokens"
) -> tuple[int, ...] | None:
    """Token ids as an option says them, instead of a text that another would say; None where it says none."""
    if tokens is None:
        return None
    if text is not None:
        raise typer.BadParameter(f"both {option} and {option_of_ids}; give one of them.")
    try:
        return tuple(int(part) for part in tokens.split(","))
    except ValueError:
        message = f"{option_of_ids} {tokens!r}: whole numbers with commas between them are needed."
        raise typer.BadParameter(message) from None
