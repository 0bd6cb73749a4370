"""The tokenizer that a GGUF file brings along in its metadata."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, models

from mmviz.errors import SourceError
from mmviz.values.text.gguf_words import around, plain_pieces, word_tokenizer
from mmviz.values.text.library import TokenizersError, library
from mmviz.values.text.vocabulary import (
    IDS_WORK,
    OTHER_NAMES,
    SPACE,
    SPLITS,
    Parts,
    Split,
    Vocabulary,
    byte_level,
    merges_by_score,
    put_around,
    scored,
    with_added,
)

TOKENS = "tokenizer.ggml.tokens"
WORDS = "bert"
"""The tokenizer.ggml.model of word pieces."""
SPLIT_OF_MODEL = {"gpt2": "gpt-2", "qwen2": "qwen2", "qwen3": "qwen2"}  # architectures that all have the same rule
GEMMAS = ("gemma", "gemma2", "gemma3")
"""Architectures whose vocabulary of SentencePiece is read otherwise: no space goes before a text, and pieces are joined
in the order of their ids. Source: transformers 5.24.0, integrations/gguf/gguf_tokenizer_mapping.py."""

NORMAL, UNKNOWN, CONTROL, USER_DEFINED = 1, 2, 3, 4  # of tokenizer.ggml.token_type


def has_vocabulary(metadata: Mapping[str, Any]) -> bool:
    """Whether a GGUF file's metadata hold a tokenizer of a kind that is known here."""
    return bool(metadata.get(TOKENS)) and metadata.get("tokenizer.ggml.model") in ("gpt2", "llama", WORDS)


def from_metadata(metadata: Mapping[str, Any], path: Path) -> Parts:
    """The tokenizer that a GGUF file brings along.

    Args:
        metadata: Of a file that `has_vocabulary`.
        path: What the file is called in messages.

    Raises:
        SourceError: the parts of the vocabulary are broken or do not fit together.
    """
    tokens, kinds = _spelled(metadata, path)
    ids: dict[str, int] = {}
    for number, token in enumerate(tokens):
        ids.setdefault(token, number)
    added = [
        AddedToken(token, normalized=False, special=kind == CONTROL)
        for token, kind in zip(tokens, kinds, strict=True)
        if kind in (CONTROL, USER_DEFINED) and token and not (_is_gemma(metadata) and set(token) == {SPACE})
    ]
    vocabulary = Vocabulary(ids, added)
    try:
        with library():
            refusal = ""
            ends: tuple[str, ...] = ("bos", "eos")
            if metadata["tokenizer.ggml.model"] == "gpt2":
                tokenizer, refusal = _byte_level(metadata, vocabulary, path)
            elif metadata["tokenizer.ggml.model"] == WORDS:
                tokenizer, ends = with_added(word_tokenizer(metadata, tokens, ids), vocabulary), ()
            else:
                tokenizer = _scored(metadata, vocabulary, kinds, path)
            first, last = [_around(metadata, which, tokens, path) for which in ends] or around(metadata, tokens)
            if first is not None or last is not None:
                put_around(tokenizer, first, last)
            return tokenizer, refusal
    except TokenizersError as error:
        raise SourceError(f"{path}, tokenizer.ggml: is broken ({error}); a whole vocabulary is needed.") from error


def plain_tokens(metadata: Mapping[str, Any], path: Path) -> list[Any]:
    """The vocabulary as a tokenizer.json spells it.

    Raises:
        SourceError: pieces of words are broken.
    """
    found: list[Any] = metadata[TOKENS]
    return _spelled(metadata, path)[0] if metadata["tokenizer.ggml.model"] == WORDS else found


def _spelled(metadata: Mapping[str, Any], path: Path) -> tuple[list[str], list[int]]:
    """The tokens, and the kind of each."""
    tokens = _tokens(metadata, path)
    kinds = _list(metadata, "token_type", int, path, missing=[NORMAL] * len(tokens), length=len(tokens))
    return (plain_pieces(tokens, kinds) if metadata["tokenizer.ggml.model"] == WORDS else tokens), kinds


def _around(metadata: Mapping[str, Any], which: str, tokens: list[str], path: Path) -> str | None:
    """The token that goes before (bos) or after (eos) a text, None if none does.

    Source: llama.cpp, src/llama-vocab.cpp; where a file does not say, SentencePiece and the rules of Llama 3 and of
    Mistral's Tekken begin a text with bos. Transformers 5.24.0 has the same keys, but without them no bos for the
    last two.
    """
    switch = f"tokenizer.ggml.add_{which}_token"
    rule = SPLITS.get(_rule(metadata), Split())
    usual = which == "bos" and (metadata["tokenizer.ggml.model"] == "llama" or rule.begun)
    wanted = metadata.get(switch, usual)
    if not isinstance(wanted, bool):
        raise SourceError(f"{path}, {switch}: is {str(wanted)[:40]}; true or false is needed.")
    key = f"tokenizer.ggml.{which}_token_id"
    number = metadata.get(key)
    if not wanted or number is None:
        return None
    if not isinstance(number, int) or not 0 <= number < len(tokens):
        raise SourceError(f"{path}, {key}: is {str(number)[:40]}; one of the {len(tokens)} ids is needed.")
    return tokens[number]


def _rule(metadata: Mapping[str, Any]) -> str:
    """By which rule a byte-level tokenizer splits text, by the name that is used here; "" if nothing says so."""
    usual = SPLIT_OF_MODEL.get(str(metadata.get("general.architecture")), "")
    named = str(metadata.get("tokenizer.ggml.pre", usual))
    return OTHER_NAMES.get(named, named)


def _byte_level(metadata: Mapping[str, Any], vocabulary: Vocabulary, path: Path) -> Parts:
    merges = []
    for merge in _list(metadata, "merges", str, path):
        left, _, right = merge.partition(" ")
        merges.append((left, right))
    kind = _rule(metadata)
    split = SPLITS.get(kind, Split())
    tokenizer = with_added(byte_level(models.BPE(dict(vocabulary.ids), merges), split), vocabulary)
    if kind in SPLITS:
        return tokenizer, ""
    found = f"{kind[:40]!r} is not known" if kind else "is missing"
    known = ", ".join(sorted((*SPLITS, *OTHER_NAMES)))
    refusal = (
        f"{path}, tokenizer.ggml.pre: {found}, so how the model's tokenizer splits text is not ({known} are known); "
        f"put its tokenizer.json beside the file, or {IDS_WORK}"
    )
    return tokenizer, refusal


def _scored(metadata: Mapping[str, Any], vocabulary: Vocabulary, kinds: list[int], path: Path) -> Tokenizer:
    tokens = _tokens(metadata, path)
    scores = _list(metadata, "scores", float, path, length=len(tokens))
    gemma = _is_gemma(metadata)
    normal = {
        token: -number if gemma else score
        for number, (token, score, kind) in enumerate(zip(tokens, scores, kinds, strict=True))
        if kind in (NORMAL, USER_DEFINED)
    }
    number = metadata.get("tokenizer.ggml.unknown_token_id", 0)
    unknown = tokens[number] if isinstance(number, int) and 0 <= number < len(tokens) else None
    prefix = bool(metadata.get("tokenizer.ggml.add_space_prefix", not gemma))
    pieces = models.BPE(dict(vocabulary.ids), merges_by_score(normal))
    return with_added(scored(pieces, unknown, prefix=prefix), vocabulary)


def _is_gemma(metadata: Mapping[str, Any]) -> bool:
    return metadata.get("general.architecture") in GEMMAS and metadata.get("tokenizer.ggml.model") == "llama"


def _tokens(metadata: Mapping[str, Any], path: Path) -> list[str]:
    """The vocabulary; pieces that are spaces alone as SentencePiece writes them, as llama.cpp's converter does not."""
    tokens = _list(metadata, "tokens", str, path)
    if not _is_gemma(metadata):
        return tokens
    return [SPACE * len(token) if " " in token and not token.strip() else token for token in tokens]


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
