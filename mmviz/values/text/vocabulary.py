"""Tokenizers put together from a vocabulary, merges or scores, and the rule by which text is split; opens no file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SPACE = "\u2581"  # how SentencePiece writes a space
LONGEST = 512  # letters; longer pieces are never put together from shorter ones
IDS_WORK = "give token ids, as in tokens: [1, 2, 3], in place of a prompt."

Parts = tuple[Tokenizer, str]
"""A tokenizer, and why it cannot encode a text; "" where it can."""


@dataclass(frozen=True, slots=True)
class Split:
    """How a family of byte-level tokenizers cuts text into words, inside of which pieces are merged."""

    pattern: str = ""  # "": GPT-2's own
    digits: bool = False  # every digit is a word
    composed: bool = False  # text is put into Unicode's composed form (NFC) first
    begun: bool = False  # a text begins with a token of its own, where a GGUF file does not say
    whole_words: bool = False  # a word that is in the vocabulary is never cut, whatever the merges say


_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SPLITS: Mapping[str, Split] = {
    "gpt-2": Split(),
    "llama-bpe": Split(_LLAMA3, whole_words=True, begun=True),
    "qwen2": Split(_LLAMA3.replace("{1,3}", ""), composed=True),
    "smollm": Split(digits=True),
    "command-r": Split(digits=True, composed=True),
    "dbrx": Split(_LLAMA3),
    "tekken": Split(_TEKKEN, whole_words=True, begun=True),
}
"""By the names that GGUF files call them (tokenizer.ggml.pre)."""
OTHER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("default", "phi-2", "mellum", "gigachat", "a.x-4.0"), "gpt-2"),
    **dict.fromkeys(("jina-es", "jina-de", "jina-v2-es", "jina-v2-de"), "gpt-2"),
    **dict.fromkeys(("llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral"), "llama-bpe"),
    **dict.fromkeys(("midm-2.0", "lfm2", "jina-v5-nano"), "llama-bpe"),
    **dict.fromkeys(("starcoder", "refact", "codeshell", "exaone"), "smollm"),
    **dict.fromkeys(("deepseek-r1-qwen", "megrez", "kormo", "f2llmv2"), "qwen2"),
}
"""Other names of the same rules.

Source: llama.cpp, src/llama-vocab.cpp, where the names of a rule have one type (but for default, whose type is older,
and those of smollm, whose types have one rule);
the names of llama-bpe and qwen2 are the same in GGUF_PRE_TOKENIZER_SPLITS of transformers 5.24.0.
"""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces and their ids, and those of them that are found in a text before it is split."""

    ids: Mapping[str, int]
    added: Sequence[AddedToken] = ()


def merging(
    pieces: models.BPE,
    unknown: str | None = None,
    *,
    fuse_unk: bool = False,
    byte_fallback: bool = False,
    ignore_merges: bool = False,
) -> models.BPE:
    """A vocabulary with its merges, by which text is put together as a class says it, whatever its file says.

    It is changed itself: one of a hundred thousand pieces takes a hundred megabytes and more.

    Args:
        pieces: Without a prefix for pieces that continue a word.
        unknown: The piece for what cannot be written.
        fuse_unk: Several of these are one.
        byte_fallback: What cannot be written is written as bytes, where the vocabulary has them.
        ignore_merges: A word that is in the vocabulary is never cut.
    """
    pieces.dropout = pieces.continuing_subword_prefix = pieces.end_of_word_suffix = None
    pieces.unk_token, pieces.fuse_unk = unknown, fuse_unk
    pieces.byte_fallback, pieces.ignore_merges = byte_fallback, ignore_merges
    return pieces


def byte_level(pieces: models.BPE, split: Split, *, prefix: bool = False) -> Tokenizer:
    """Byte pair encoding over bytes, as GPT-2 does it.

    Args:
        pieces: They are written in GPT-2's letters for bytes.
        split: How text is cut into words.
        prefix: Whether a space goes before a text that begins with none.
    """
    tokenizer = Tokenizer(merging(pieces, ignore_merges=split.whole_words))
    if split.composed:
        tokenizer.normalizer = normalizers.NFC()
    cuts: list[Any] = []
    if split.digits:
        cuts.append(pre_tokenizers.Digits(individual_digits=True))
    if split.pattern:
        cuts.append(pre_tokenizers.Split(Regex(split.pattern), behavior="isolated"))
    cuts.append(pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=not split.pattern))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cuts)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def scored(pieces: models.BPE, unknown: str | None, *, prefix: bool) -> Tokenizer:
    """SentencePiece's byte pair encoding, with bytes for letters that are not in the vocabulary.

    Args:
        pieces: Their spaces are written as SPACE, their bytes as <0x0A>; see merges_by_score.
        unknown: The piece for what cannot be written at all.
        prefix: Whether a space goes before the text, and before what follows a special token.
    """
    tokenizer = Tokenizer(merging(pieces, unknown, fuse_unk=True, byte_fallback=True))
    before: list[Any] = [normalizers.Prepend(SPACE)] if prefix else []
    tokenizer.normalizer = normalizers.Sequence([*before, normalizers.Replace(" ", SPACE)])
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    return tokenizer


def merges_by_score(scores: Mapping[str, float]) -> list[tuple[str, str]]:
    """Every way to put a piece together from two others, the pieces of the highest score first.

    SentencePiece knows no merges: it joins the two neighbours that make the piece of the highest score.

    Args:
        scores: Of every piece that text can be made of.
    """
    found = [
        (-score, -cut, piece[:cut], piece[cut:])
        for piece, score in scores.items()
        for cut in range(1, len(piece) if len(piece) <= LONGEST else 1)
        if piece[:cut] in scores and piece[cut:] in scores and not math.isnan(score)
    ]
    return [(left, right) for _, _, left, right in sorted(found)]


def put_around(tokenizer: Tokenizer, first: str | None, last: str | None) -> None:
    """Let a tokenizer put tokens of its vocabulary around a text, where it is asked for special tokens."""
    around = [
        {"id": place, "ids": [tokenizer.token_to_id(token)], "tokens": [token]}
        for place, token in (("first", first), ("last", last))
        if token is not None
    ]
    single = [*([] if first is None else ["first:0"]), "$A:0", *([] if last is None else ["last:0"])]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair="$A:0 $B:1", special_tokens=around)


def with_added(tokenizer: Tokenizer, vocabulary: Vocabulary) -> Tokenizer:
    """The tokenizer, which from now on finds the added tokens of a vocabulary in a text before it is split."""
    tokenizer.add_special_tokens([token for token in vocabulary.added if token.special])
    tokenizer.add_tokens([token for token in vocabulary.added if not token.special])
    return tokenizer
