"""What a model reads of which nothing is said: the two sentences of mmviz, and their tokens; computes nothing."""

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokens import has_tokenizer, open_tokenizer

TO_BE_SHOWN = "When a word wants to know what it means it looks back at the words that came before it."
"""Of a head that is opened by the name of its model."""
TO_BE_VERIFIED = (
    'In 1969, 3 of the 17 sailors said: "No wind, no wind at all!" and the sea (12.5 degrees, calm) said nothing, '
    "nothing at all."
)
"""Of a model that is held against transformers: numbers, punctuation, words that come twice."""


def tokens_of(prompt: str, checkpoint: Checkpoint, *, special_tokens: bool = False) -> tuple[int, ...]:
    """The token ids of a sentence; none where a model has no tokenizer, or one that cannot cut text here.

    special_tokens: as in `Tokenizer.encode`.

    Raises:
        SourceError: its tokenizer is broken, which ids in place of text would not tell.
    """
    if not has_tokenizer(checkpoint):
        return ()
    tokenizer = open_tokenizer(checkpoint)
    try:
        return tokenizer.encode(prompt, special_tokens=special_tokens)
    except SourceError:  # a vocabulary whose text cannot be cut into tokens here
        return ()
