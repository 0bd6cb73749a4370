"""What a tokenizer.json describes by itself, read with little memory beside its tokenizer; no settings count here."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer

from mmviz.errors import SourceError
from mmviz.values.files.plain_file import check_plain
from mmviz.values.text.growth import check_growth
from mmviz.values.text.library import TokenizersError, library

TOKENIZER: Final = "tokenizer.json"
HIGHEST_ID: Final = 2**24 - 1
"""Of a piece of a vocabulary; a hundred times that of the largest."""
FROM_BUFFER: Final = "Cannot instantiate Tokenizer from buffer: "
"""How the library begins to say what is wrong with a file's content."""


def read_raw(path: Path) -> bytes:
    """What a tokenizer.json holds, which is UTF-8.

    Raises:
        SourceError: it is missing or cannot be read.
    """
    check_plain(path)
    try:
        raw = path.read_bytes()
        raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
        raise SourceError(f"{path}: {found}; the model's tokenizer.json is needed.") from error
    return raw


def parsed(raw: bytes, path: Path, *, pieces: bool = True) -> tuple[Tokenizer, Mapping[str, Any]]:
    """The tokenizer that the content of a tokenizer.json describes by itself, and that content.

    The library takes ten times the file's size for it, so that nothing else should be there then that is as large.

    Args:
        raw: The content.
        path: What it is called in messages.
        pieces: Keep the vocabulary and its merges in the content, too.

    Raises:
        SourceError: it is broken.
    """
    content = _content_of(raw)
    model = content.get("model")
    if isinstance(model, dict):
        check_ids(model.get("vocab"), f"{path}, model.vocab")
        for key in () if pieces else ("vocab", "merges"):
            model.pop(key, None)
    try:
        with library():
            tokenizer = Tokenizer.from_buffer(raw)
            tokenizer.no_truncation()  # some files carry their training's
            tokenizer.no_padding()
    except TokenizersError as error:
        reason = str(error).removeprefix(FROM_BUFFER)
        raise SourceError(f"{path}: broken ({reason}); a whole tokenizer.json is needed.") from error
    if not content:
        raise SourceError(f"{path}: is no JSON that is read here; a whole tokenizer.json is needed.")
    check_growth(content, path)
    return tokenizer, content


def _content_of(raw: bytes) -> dict[str, Any]:
    """The object that a file holds; empty where it is none: what is wrong with it, the library says."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def check_ids(ids: object, where: str) -> None:
    """The library goes through all ids up to the highest, whether there are pieces or not."""
    if not isinstance(ids, Mapping):  # a list has as many ids as pieces
        return
    highest = max((number for number in ids.values() if isinstance(number, int)), default=0)
    if highest > HIGHEST_ID:
        piece = next(piece for piece, number in ids.items() if number == highest)
        raise SourceError(f"{where}: gives {piece[:40]!r} the id {highest}; ids from 0 to {HIGHEST_ID} are read.")
