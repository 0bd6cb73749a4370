"""Text to token ids and back, by a model's own tokenizer files or its GGUF file's vocabulary; no weights."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmviz.errors import SourceError
from mmviz.values.text import character_parts
from mmviz.values.text.encoder_tokenizers import WORDS
from mmviz.values.text.folder_tokenizer import (
    VOCABULARY,
    from_files,
    from_folder,
    from_words,
    has_vocabulary_files,
    no_tokenizer,
)
from mmviz.values.text.gguf_tokenizer import from_metadata, has_vocabulary, plain_tokens
from mmviz.values.text.library import TokenizersError, library
from mmviz.values.text.stored_tokenizer import TOKENIZER, parsed, read_raw
from mmviz.values.text.vocabulary import IDS_WORK

if TYPE_CHECKING:  # a checkpoint brings torch, and whoever has one has it already
    from mmviz.values.files.checkpoint import Checkpoint

REPLACEMENT = "\ufffd"  # what a decoder writes for bytes that are no text


@dataclass(frozen=True, slots=True)
class _Token:
    """One token by itself."""

    text: str  # what the vocabulary writes where it is no text
    part: bytes | None = None  # its bytes where it is no text


class Tokenizer:
    """Text to token ids and back, as the model's own tokenizer does it."""

    def __init__(self, path: Path, tokenizer: Any, refusal: str = "") -> None:
        self.path = path
        self._tokenizer = tokenizer
        self._refusal = refusal  # why no text can be encoded; "" if it can

    @classmethod
    def open(cls, folder: Path) -> "Tokenizer":
        """Read the tokenizer.json of a model's folder, and nothing beside it.

        Raises:
            SourceError: it is missing or broken.
        """
        path = folder / TOKENIZER
        tokenizer, _ = parsed(read_raw(path), path, pieces=False)
        return cls(path, tokenizer)

    @cached_property
    def special_ids(self) -> frozenset[int]:
        """The ids of special tokens."""
        added = self._tokenizer.get_added_tokens_decoder()
        return frozenset(number for number, token in added.items() if token.special)

    @property
    def size(self) -> int:
        """How many token ids there are, special ones included."""
        return int(self._tokenizer.get_vocab_size(with_added_tokens=True))

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """What goes around every text if special tokens are asked for, such as <s>; often nothing.

        Raises:
            SourceError: the tokenizer cannot say it.
        """
        with self._used():
            around = self._tokenizer.encode("", add_special_tokens=True)
        return tuple(token for token, special in zip(around.tokens, around.special_tokens_mask, strict=True) if special)

    @property
    def before(self) -> tuple[int, ...]:
        """The ids of what goes before every text if special tokens are asked for; often nothing.

        Raises:
            SourceError: the tokenizer cannot say it.
        """
        with self._used():
            around = self._tokenizer.encode("a", add_special_tokens=True)
        pairs = zip(around.ids, around.special_tokens_mask, strict=True)
        return tuple(number for number, _ in takewhile(lambda pair: pair[1], pairs))

    def to_json(self) -> str:
        """The content of a tokenizer.json that does the same.

        Raises:
            SourceError: the tokenizer cannot be written down.
        """
        with self._used():
            return str(self._tokenizer.to_str())

    def encode(self, text: str, where: str = "prompt", *, special_tokens: bool = False) -> tuple[int, ...]:
        """Token ids of a text.

        Args:
            text: The prompt.
            where: What the text is called in messages.
            special_tokens: Put around it what the tokenizer says, such as <s> before it; else it stands alone.

        Raises:
            SourceError: the text has no tokens, or it is not known how the tokenizer splits text.
        """
        if self._refusal:
            raise SourceError(self._refusal)
        try:
            text.encode()
            with library():
                ids = tuple(self._tokenizer.encode(text, add_special_tokens=special_tokens).ids)
        except UnicodeEncodeError as error:  # half a surrogate pair, as a terminal of another encoding leaves
            raise SourceError(f"{where}: the prompt is no Unicode text; characters of UTF-8 are needed.") from error
        except TokenizersError as error:
            raise SourceError(f"{self.path}: {self._unreadable(text)} ({error}); {IDS_WORK}") from error
        if not ids:
            raise SourceError(f"{where}: the prompt has no tokens; at least one is needed.")
        return ids

    def without_end(self, ids: tuple[int, ...]) -> tuple[int, ...]:
        """A text's tokens without the special ones behind it."""
        last = next((place for place in range(len(ids), 0, -1) if ids[place - 1] not in self.special_ids), 0)
        return ids[:last]

    def _unreadable(self, text: str) -> str:
        """What in a text its vocabulary has no token for, as far as one can tell."""
        known = self._tokenizer.get_vocab(with_added_tokens=True)
        letter = next((letter for letter in text if letter not in known), None)
        return "cannot read the prompt" if letter is None else f"has no token for {letter!r} in the prompt"

    def strings(self, ids: Iterable[int]) -> tuple[str, ...]:
        """The text of each token of a sequence.

        A part of a character is told as such, by its neighbours: "我 2/3" for the second of three tokens that are 我
        together. Bytes that are part of no character are given as the vocabulary writes them.

        Raises:
            SourceError: an id is outside the vocabulary, or the tokenizer cannot write it.
        """
        with self._used():
            found = [self._string(number) for number in ids]
        texts: list[str] = []
        for broken, neighbours in groupby(found, key=lambda token: token.part is not None):
            tokens = list(neighbours)
            told = character_parts.told([token.part or b"" for token in tokens]) if broken else (None,) * len(tokens)
            texts += (token.text if words is None else words for token, words in zip(tokens, told, strict=True))
        return tuple(texts)

    def pieces(self, ids: Iterable[int]) -> tuple[str, ...]:
        """Each token as the vocabulary writes it, such as `Ġword`.

        Raises:
            SourceError: an id is outside the vocabulary.
        """
        return tuple(self._piece(number) for number in ids)

    @contextmanager
    def _used(self) -> Iterator[None]:
        try:
            with library():
                yield
        except TokenizersError as error:
            raise SourceError(f"{self.path}: cannot be used ({error}); a whole tokenizer is needed.") from error

    def piece(self, number: int) -> str | None:
        """The vocabulary's own entry for an id, None if it has none."""
        found = self._tokenizer.id_to_token(number) if 0 <= number < 2**32 else None
        return None if found is None else str(found)

    def _piece(self, number: int) -> str:
        raw = self.piece(number)
        if raw is None:
            raise SourceError(f"{self.path}: has no token {number}; ids go from 0 to {self.size - 1}.")
        return raw.replace(REPLACEMENT, "\\ufffd")

    def _string(self, number: int) -> "_Token":
        piece = self._piece(number)
        if number in self.special_ids:
            return _Token(piece)  # some decoders write a space before it, as if it were a word
        text = self._decode(number)
        if self._tokenizer.decoder is not None:
            # Some decoders drop the space at the start of a text: the second of two tokens shows it.
            second = self._decode(number, number)[len(text) :]
            text = second if second.endswith(text) else text
        if text and REPLACEMENT not in text:
            return _Token(text)
        return _Token(piece, character_parts.bytes_of(piece))

    def _decode(self, *numbers: int) -> str:
        return str(self._tokenizer.decode(list(numbers), skip_special_tokens=False))


def has_tokenizer(checkpoint: "Checkpoint") -> bool:
    """Whether `open_tokenizer` finds something to open."""
    folder = checkpoint.folder
    files = (folder / TOKENIZER).exists() or has_vocabulary_files(folder) or (folder / WORDS).exists()
    return files or has_vocabulary(checkpoint.metadata)


def open_tokenizer(checkpoint: "Checkpoint") -> Tokenizer:
    """A model's tokenizer: tokenizer.json, else the GGUF file's own, else vocab.json with merges.txt, or vocab.txt.

    A tokenizer.json that lies beside a GGUF file but has other tokens belongs to another model and is passed over.

    Raises:
        SourceError: there is none, or it is broken.
    """
    folder, own = checkpoint.folder, has_vocabulary(checkpoint.metadata)
    if (folder / TOKENIZER).exists():
        beside = Tokenizer(folder / TOKENIZER, *from_folder(folder, checkpoint.config))
        if not own or _same_tokens(beside, plain_tokens(checkpoint.metadata, checkpoint.where)):
            return beside
    if own:
        return Tokenizer(checkpoint.where, *from_metadata(checkpoint.metadata, checkpoint.where))
    if has_vocabulary_files(folder):
        return Tokenizer(folder / VOCABULARY, *from_files(folder, checkpoint.config))
    if (folder / WORDS).exists():
        return Tokenizer(folder / WORDS, *from_words(folder, checkpoint.config))
    raise SourceError(no_tokenizer(folder))


def _same_tokens(tokenizer: Tokenizer, tokens: list[str]) -> bool:
    """A converter may spell a few tokens in its own way, but not one in a hundred."""
    others = sum(tokenizer.piece(number) not in (None, token) for number, token in enumerate(tokens))
    return others * 100 <= len(tokens)
