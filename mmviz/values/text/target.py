"""What a decoder reads: its start token, and behind it a text that it has been given so far; no weights."""

from typing import TYPE_CHECKING

from mmviz.errors import SourceError
from mmviz.values.families.reading import START, start_token
from mmviz.values.text.tokens import open_tokenizer

if TYPE_CHECKING:  # a checkpoint brings torch, and whoever has one has it already
    from mmviz.values.files.checkpoint import Checkpoint


def target_ids(
    checkpoint: "Checkpoint", text: str | None, where: str = "target", *, special_tokens: bool = True
) -> tuple[int, ...]:
    """The token ids of a decoder that has been given a text, or nothing yet.

    Args:
        checkpoint: The model.
        text: What it has been given; None: nothing, so that its start token stands alone.
        where: What the text is called in messages.
        special_tokens: What the tokenizer puts before a text stands before it, too; what it puts behind it, such as
            </s>, never: more may follow.

    Raises:
        SourceError: the model does not say what a decoder starts with, or its tokenizer cannot read the text.

    Source: Hugging Face transformers 5, shift_tokens_right: the start token, and all but the last of the text's tokens.
    """
    start = start_token(checkpoint.config, str(checkpoint.where))
    if start is None:
        raise SourceError(
            f"{checkpoint.where}, {START}: is missing, so that it is not known what the decoder's tokens begin with; "
            "target_tokens (--target-tokens) are needed, all that it reads."
        )
    if text is None:
        return (start,)
    tokenizer = open_tokenizer(checkpoint)
    return start, *tokenizer.without_end(tokenizer.encode(text, where, special_tokens=special_tokens))
