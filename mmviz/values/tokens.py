"""Text to token ids and back, by a model's own tokenizer.json; no weights."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tokenizers

from mmviz.errors import SourceError

REPLACEMENT = "\ufffd"  # what a decoder writes for bytes that are no text


class Tokenizer:
    """Text to token ids and back, as the model's own tokenizer does it, without special tokens around."""

    def __init__(self, path: Path, tokenizer: Any) -> None:
        self.path = path
        self._tokenizer = tokenizer

    @classmethod
    def open(cls, folder: Path) -> "Tokenizer":
        """Read the tokenizer.json of a model's folder.

        Raises:
            SourceError: it is missing or broken.
        """
        path = folder / "tokenizer.json"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            found = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
            raise SourceError(f"{path}: {found}; the model's tokenizer.json is needed.") from error
        try:
            tokenizer = tokenizers.Tokenizer.from_str(text)
        except Exception as error:  # tokenizers raises nothing narrower
            raise SourceError(f"{path}: broken ({error}); a whole tokenizer.json is needed.") from error
        tokenizer.no_truncation()  # some files carry their training's
        tokenizer.no_padding()
        return cls(path, tokenizer)

    @property
    def size(self) -> int:
        """How many token ids there are, special ones included."""
        return int(self._tokenizer.get_vocab_size(with_added_tokens=True))

    def encode(self, text: str, where: str = "prompt") -> tuple[int, ...]:
        """Token ids of a text; no special tokens are added.

        Args:
            text: The prompt.
            where: What the text is called in messages.

        Raises:
            SourceError: the text has no tokens.
        """
        ids = tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)
        if not ids:
            raise SourceError(f"{where}: the prompt has no tokens; at least one is needed.")
        return ids

    def strings(self, ids: Iterable[int]) -> tuple[str, ...]:
        """Each token's own text; the raw token where it is no text by itself, such as half a character.

        Raises:
            SourceError: an id is outside the vocabulary.
        """
        return tuple(self._string(number) for number in ids)

    def _string(self, number: int) -> str:
        raw = self._tokenizer.id_to_token(number) if 0 <= number < 2**32 else None
        if raw is None:
            raise SourceError(f"{self.path}: has no token {number}; ids go from 0 to {self.size - 1}.")
        text = str(self._tokenizer.decode([number], skip_special_tokens=False))
        if text and REPLACEMENT not in text:
            return text
        return str(raw).replace(REPLACEMENT, "\\ufffd")
