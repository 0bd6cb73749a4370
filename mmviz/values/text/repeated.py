"""A prompt that shows induction in any model: tokens drawn at random, which come twice; knows no weights."""

from typing import Final

import numpy as np

from mmviz.errors import SourceError
from mmviz.values.text.tokens import Tokenizer

DRAWN: Final = 25
"""Tokens that come twice, as in Olsson et al. 2022, who repeat as many four times."""
SEED: Final = 0


def repeated_tokens(
    model: str, vocabulary: int, positions: int, tokenizer: Tokenizer | None, seed: int = SEED
) -> tuple[tuple[int, ...], int]:
    """Token ids that are drawn at random, none twice, and then follow in the same order once more.

    Special tokens are not drawn; those that the tokenizer puts before every text stand before them.

    Args:
        model: What it is called, for messages.
        vocabulary: The model's; ids are below it.
        positions: How many tokens the model reads at most.
        tokenizer: Its tokenizer, if it has one.
        seed: Another one draws other tokens.

    Returns:
        The ids, and how many of them come twice.

    Raises:
        SourceError: the model reads too few tokens, or knows too few.
    """
    before = () if tokenizer is None else tokenizer.before
    known = range(vocabulary) if tokenizer is None else range(min(vocabulary, tokenizer.size))
    special = frozenset[int]() if tokenizer is None else tokenizer.special_ids
    ordinary = np.array([number for number in known if number not in special], dtype=np.int64)
    count = min(DRAWN, (positions - len(before)) // 2, len(ordinary))
    if count < 2:
        raise SourceError(
            f"{model}: reads {positions} tokens at most and knows {len(ordinary)}; at least two are needed that come "
            "twice."
        )
    drawn = tuple(np.random.default_rng(seed).choice(ordinary, count, replace=False).tolist())
    return (*before, *drawn, *drawn), count
