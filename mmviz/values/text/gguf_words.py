"""Word pieces of a GGUF file, as BERT has them: what they are without the file's own spelling, and their tokenizer.

Source: llama.cpp's converter of BERT: a piece that begins a word has SPACE before it, one that goes on is bare, and
those of control are as they are. What becomes of capitals and accents no file says, but its pieces do: they have some
or none.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from tokenizers import Tokenizer

from mmviz.values.text.encoder_tokenizers import TOKENS, word_pieces
from mmviz.values.text.vocabulary import SPACE

CONTROL = 3  # of tokenizer.ggml.token_type
GOES_ON = "##"
NAMED: Mapping[str, str] = {"cls": "cls_token", "seperator": "sep_token", "unknown": "unk_token"}
"""What the keys of a file begin with that say the number of a special token; the second is the gguf package's word."""


def plain_pieces(tokens: Sequence[str], kinds: Sequence[int]) -> list[str]:
    """As a vocab.txt has them.

    Args:
        tokens: As the file has them.
        kinds: What each is, by its number.
    """
    return [
        token if kind == CONTROL else token.removeprefix(SPACE) if token.startswith(SPACE) else f"{GOES_ON}{token}"
        for token, kind in zip(tokens, kinds, strict=True)
    ]


def word_tokenizer(metadata: Mapping[str, Any], pieces: Sequence[str], ids: Mapping[str, int]) -> Tokenizer:
    """The tokenizer of these pieces, without its special tokens.

    Args:
        metadata: Of the file.
        pieces: Plain ones, in their order.
        ids: Their numbers.
    """
    words = [piece for piece in pieces if not (piece.startswith("[") and piece.endswith("]"))]
    own = {
        "do_lower_case": not any(word != word.lower() for word in words),
        "strip_accents": False if any(map(_has_accent, words)) else None,
    }
    return word_pieces({"vocab": ids}, own, special(metadata, pieces, "unknown") or TOKENS["bert"]["unk_token"])


def around(metadata: Mapping[str, Any], pieces: Sequence[str]) -> tuple[str | None, str | None]:
    """The tokens that go before and after a text: [CLS] and [SEP], unless the file says that none does."""
    last = metadata.get("tokenizer.ggml.add_sep_token", metadata.get("tokenizer.ggml.add_eos_token", True))
    first = metadata.get("tokenizer.ggml.add_bos_token", True)
    return (
        None if first is False else special(metadata, pieces, "cls"),
        None if last is False else special(metadata, pieces, "seperator"),
    )


def special(metadata: Mapping[str, Any], pieces: Sequence[str], which: str) -> str | None:
    """A special token by its number in the file, or else by its usual name; None where there is none."""
    number = metadata.get(f"tokenizer.ggml.{which}_token_id")
    if isinstance(number, int) and 0 <= number < len(pieces):
        return pieces[number]
    usual = TOKENS["bert"][NAMED[which]]
    return usual if usual in pieces else None


def _has_accent(word: str) -> bool:
    """Whether letters of a word would lose something if accents were stripped."""
    apart = unicodedata.normalize("NFD", word)
    return any(unicodedata.category(letter) == "Mn" for letter in apart)
