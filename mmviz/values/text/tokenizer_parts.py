"""Tokenizers of models without a tokenizer.json: from vocab.json and merges.txt, or from a GGUF file's metadata."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from mmviz.errors import SourceError
from mmviz.values.files.json_file import read_json
from mmviz.values.files.plain_file import check_plain
from mmviz.values.text.vocabulary import SPLITS, Split, Vocabulary, byte_level, merges_by_score, scored

VOCABULARY, MERGES, SETTINGS = "vocab.json", "merges.txt", "tokenizer_config.json"
TOKENS = "tokenizer.ggml.tokens"
END_OF_TEXT = "<|endoftext|>"
SPLIT_OF_MODEL = {"gpt2": "gpt-2", "qwen2": "qwen2"}  # model types whose vocab.json all have the same rule
IDS_WORK = "give token ids, as in tokens: [1, 2, 3], in place of a prompt."

NORMAL, UNKNOWN, CONTROL, USER_DEFINED = 1, 2, 3, 4  # of tokenizer.ggml.token_type

Parts = tuple[Tokenizer, str]
"""A tokenizer, and why it cannot encode a text; "" where it can."""


def has_vocabulary_files(folder: Path) -> bool:
    """Whether both files are there."""
    return (folder / VOCABULARY).exists() and (folder / MERGES).exists()


def from_files(folder: Path, model_type: object) -> Parts:
    """Byte-level BPE from vocab.json, merges.txt, and the added tokens of tokenizer_config.json.

    Args:
        folder: Where they lie.
        model_type: That of config.json; the files do not say how text is split, but it may.

    Raises:
        SourceError: a file cannot be read or is broken.
    """
    path = folder / VOCABULARY
    ids = read_json(path)
    if not all(isinstance(number, int) and 0 <= number < 2**32 for number in ids.values()):
        raise SourceError(f"{path}: is broken; an object of pieces with their ids, whole numbers, is needed.")
    added = {END_OF_TEXT: AddedToken(END_OF_TEXT, normalized=False, special=True)} if END_OF_TEXT in ids else {}
    if (folder / SETTINGS).exists():
        for number, token in _settings(folder / SETTINGS).items():
            ids.setdefault(token.content, number)
            added[token.content] = token
    kind = SPLIT_OF_MODEL.get(str(model_type))
    refusal = "" if kind else (
        f"{path}: does not say how text is split into words, and for a model of type {model_type!r} it can be one way "
        f"or another; a tokenizer.json is needed, or {IDS_WORK}"
    )  # fmt: skip
    try:
        vocabulary = Vocabulary(ids, list(added.values()))
        return byte_level(vocabulary, _merges(folder / MERGES), SPLITS[kind] if kind else Split()), refusal
    except SourceError:
        raise
    except Exception as error:  # tokenizers raises nothing narrower
        raise SourceError(f"{path}: does not fit {MERGES} ({error}); files of one model are needed.") from error


def _merges(path: Path) -> list[tuple[str, str]]:
    check_plain(path)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{path}: cannot be read ({reason}); the model's {MERGES} is needed.") from error
    merges = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#version"):
            continue
        pair = line.split(" ")
        if len(pair) != 2:
            raise SourceError(f"{path}, line {number}: is {line[:40]!r}; two pieces with a space between are needed.")
        merges.append((pair[0], pair[1]))
    return merges


def _settings(path: Path) -> dict[int, AddedToken]:
    """The added tokens of a tokenizer_config.json by their ids."""
    entries = read_json(path).get("added_tokens_decoder", {})
    try:
        return {
            int(number): AddedToken(
                str(entry["content"]),
                **{key: bool(entry[key]) for key in ("single_word", "lstrip", "rstrip", "normalized") if key in entry},
                special=bool(entry.get("special", False)),
            )
            for number, entry in entries.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"{path}, added_tokens_decoder: is broken; ids with objects that have a content are needed."
        ) from error


def has_vocabulary(metadata: Mapping[str, Any]) -> bool:
    """Whether a GGUF file's metadata hold a tokenizer of a kind that is known here."""
    return bool(metadata.get(TOKENS)) and metadata.get("tokenizer.ggml.model") in ("gpt2", "llama")


def from_metadata(metadata: Mapping[str, Any], path: Path) -> Parts:
    """The tokenizer that a GGUF file brings along.

    Args:
        metadata: Of a file that `has_vocabulary`.
        path: What the file is called in messages.

    Raises:
        SourceError: the parts of the vocabulary are broken or do not fit together.
    """
    tokens = _list(metadata, "tokens", str, path)
    kinds = _list(metadata, "token_type", int, path, missing=[NORMAL] * len(tokens), length=len(tokens))
    ids: dict[str, int] = {}
    for number, token in enumerate(tokens):
        ids.setdefault(token, number)
    added = [
        AddedToken(token, normalized=False, special=kind == CONTROL)
        for token, kind in zip(tokens, kinds, strict=True)
        if kind in (CONTROL, USER_DEFINED) and token
    ]
    vocabulary = Vocabulary(ids, added)
    try:
        if metadata["tokenizer.ggml.model"] == "gpt2":
            return _byte_level(metadata, vocabulary, path)
        return _scored(metadata, vocabulary, kinds, path), ""
    except SourceError:
        raise
    except Exception as error:  # tokenizers raises nothing narrower
        raise SourceError(f"{path}, tokenizer.ggml: is broken ({error}); a whole vocabulary is needed.") from error


def _byte_level(metadata: Mapping[str, Any], vocabulary: Vocabulary, path: Path) -> Parts:
    merges = []
    for merge in _list(metadata, "merges", str, path):
        left, _, right = merge.partition(" ")
        merges.append((left, right))
    usual = SPLIT_OF_MODEL.get(str(metadata.get("general.architecture")), "")
    kind = str(metadata.get("tokenizer.ggml.pre", usual))
    if kind in SPLITS:
        return byte_level(vocabulary, merges, SPLITS[kind]), ""
    found = f"{kind[:40]!r} is not known" if kind else "is missing"
    refusal = (
        f"{path}, tokenizer.ggml.pre: {found}, so how the model's tokenizer splits text is not ({', '.join(SPLITS)} "
        f"are known); put its tokenizer.json beside the file, or {IDS_WORK}"
    )
    return byte_level(vocabulary, merges, Split()), refusal


def _scored(metadata: Mapping[str, Any], vocabulary: Vocabulary, kinds: list[int], path: Path) -> Tokenizer:
    tokens = _list(metadata, "tokens", str, path)
    scores = _list(metadata, "scores", float, path, length=len(tokens))
    normal = {
        token: score for token, score, kind in zip(tokens, scores, kinds, strict=True) if kind in (NORMAL, USER_DEFINED)
    }
    number = metadata.get("tokenizer.ggml.unknown_token_id", 0)
    unknown = tokens[number] if isinstance(number, int) and 0 <= number < len(tokens) else None
    prefix = bool(metadata.get("tokenizer.ggml.add_space_prefix", True))
    return scored(vocabulary, merges_by_score(normal), unknown, prefix)


def _list(
    metadata: Mapping[str, Any],
    name: str,
    kind: type,
    path: Path,
    missing: list[Any] | None = None,
    length: int | None = None,
) -> list[Any]:
    key = f"tokenizer.ggml.{name}"
    found = metadata.get(key, missing)
    if not isinstance(found, list) or not all(isinstance(entry, kind) for entry in found):
        raise SourceError(f"{path}, {key}: is missing or broken; a list is needed.")
    if length is not None and len(found) != length:
        raise SourceError(f"{path}, {key}: has {len(found)} entries, the vocabulary {length}; as many are needed.")
    return found
