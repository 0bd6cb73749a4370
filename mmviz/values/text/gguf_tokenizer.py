"""The tokenizer that a GGUF file brings along in its metadata."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from mmviz.errors import SourceError
from mmviz.values.text.vocabulary import (
    IDS_WORK,
    SPLITS,
    Parts,
    Split,
    Vocabulary,
    byte_level,
    merges_by_score,
    scored,
)

TOKENS = "tokenizer.ggml.tokens"
SPLIT_OF_MODEL = {"gpt2": "gpt-2", "qwen2": "qwen2"}  # architectures that all have the same rule

NORMAL, UNKNOWN, CONTROL, USER_DEFINED = 1, 2, 3, 4  # of tokenizer.ggml.token_type


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
