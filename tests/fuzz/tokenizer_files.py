"""Tiny tokenizers of every kind, as files of a Hugging Face folder or as metadata of a GGUF file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

PIECES = ("<unk>", "<s>", "</s>", "a", "b", "t", "h", "e", "\u2581", "th", "the", "\u2581the", "ab", "<0x41>")
MERGES = (("t", "h"), ("th", "e"), ("\u2581", "the"), ("a", "b"))
TEXT = "the abt\n é 12\u2581<s>\U0001f642"

WORDS = (
    *("BPE", "Unigram", "WordPiece", "WordLevel", "ByteLevel", "Metaspace", "Sequence", "Split", "Digits", "Replace"),
    *("Prepend", "Strip", "NFC", "NFKC", "Lowercase", "Precompiled", "BertNormalizer", "Whitespace", "Punctuation"),
    *("BertPreTokenizer", "CharDelimiterSplit", "UnicodeScripts", "FixedLength", "TemplateProcessing", "ByteFallback"),
    *("BertProcessing", "RobertaProcessing", "Fuse", "CTC", "isolated", "removed", "merged_with_previous", "String"),
    *("Regex", "type", "pretokenizers", "normalizers", "decoders", "processors", "pattern", "behavior", "invert"),
    *(
        "content",
        "id",
        "special",
        "ids",
        "tokens",
        "special_tokens",
        "single",
        "pair",
        "type_id",
        "A",
        "B",
        "max_length",
    ),
    *("truncation", "padding", "stride", "strategy", "direction", "Right", "Left", "LongestFirst", "BatchLongest"),
    *("dropout", "unk_token", "unk_id", "byte_fallback", "fuse_unk", "ignore_merges", "continuing_subword_prefix"),
    *("end_of_word_suffix", "max_input_chars_per_word", "vocab", "merges", "model", "added_tokens", "post_processor"),
    *("pre_tokenizer", "normalizer", "decoder", "prepend_scheme", "replacement", "split", "always", "first", "never"),
    *(
        "add_prefix_space",
        "trim_offsets",
        "use_regex",
        "length",
        "cls",
        "sep",
        "start",
        "stop",
        "version",
        "1.0",
        "true",
    ),
    *(
        "tokenizer_class",
        "PreTrainedTokenizerFast",
        "GPT2Tokenizer",
        "Qwen2Tokenizer",
        "LlamaTokenizer",
        "added_tokens_decoder",
    ),
    *(
        "bos_token",
        "eos_token",
        "pad_token",
        "image_token",
        "extra_special_tokens",
        "additional_special_tokens",
        "legacy",
    ),
    *("add_bos_token", "split_special_tokens", "AddedToken", "__type", "lstrip", "rstrip", "normalized", "single_word"),
    *("<s>", "</s>", "<unk>", "the", "t", "\u2581", "", " ", "\\s+", "[a-z]", "(", "0", "13"),
)


def write_tokenizers(base: Path) -> dict[str, Path]:
    """Folders with the files of one tokenizer each, by what they are; nothing else is in them."""
    ids = {piece: number for number, piece in enumerate(PIECES)}
    scores = [(piece, -float(number)) for number, piece in enumerate(PIECES)]
    letters = {piece: number for number, piece in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    bytes_ids = letters | {"th": 256, "the": 257}
    written = {
        "bytes": _bytes(bytes_ids),
        "fallback": _fallback(ids),
        "unigram": _unigram(scores),
        "wordpiece": _words(models.WordPiece(ids, unk_token="<unk>")),
        "wordlevel": _words(models.WordLevel(ids, unk_token="<unk>")),
    }
    for name, tokenizer in written.items():
        (base / name).mkdir()
        tokenizer.save(str(base / name / "tokenizer.json"))
    for name, kind in (("bytes", "GPT2Tokenizer"), ("fallback", "LlamaTokenizer"), ("unigram", None)):
        _write(base / name / "tokenizer_config.json", _settings(kind))
    (base / "files").mkdir()
    _write(base / "files" / "vocab.json", bytes_ids | {"<|endoftext|>": 258})
    (base / "files" / "merges.txt").write_text("#version: 0.2\nt h\nth e\n")
    _write(base / "files" / "added_tokens.json", {"<pad>": 259, "the": 257})
    _write(base / "files" / "special_tokens_map.json", {"bos_token": "<s>", "eos_token": {"content": "</s>"}})
    _write(base / "files" / "tokenizer_config.json", {"tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": True})
    return {folder.name: folder for folder in base.iterdir()}


def gguf_metadata() -> dict[str, dict[str, Any]]:
    """Metadata of tokenizers, by their kinds."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    around = {"bos_token_id": 1, "eos_token_id": 2, "add_bos_token": True, "unknown_token_id": 0}
    by_kind: dict[str, dict[str, Any]] = {
        "gpt2": {
            "model": "gpt2",
            "pre": "llama-bpe",
            "tokens": [*letters, "th", "the", "<s>"],
            "token_type": [1] * 258 + [3],
            "merges": ["t h", "th e"],
            **around,
        },
        "llama": {
            "model": "llama",
            "tokens": list(PIECES),
            "token_type": [2, 3, 3, *[1] * 10, 6],
            "scores": [-float(number) for number in range(len(PIECES))],
            "add_space_prefix": True,
            **around,
        },
    }
    return {kind: {f"tokenizer.ggml.{key}": value for key, value in keys.items()} for kind, keys in by_kind.items()}


def _bytes(ids: dict[str, int]) -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.BPE(ids, [("t", "h"), ("th", "e")]))
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    split = pre_tokenizers.Split(tokenizers.Regex(r"\s+|\p{L}+"), behavior="isolated")
    bytes_of = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), split, bytes_of])
    made.decoder, made.post_processor = decoders.ByteLevel(), processors.ByteLevel(trim_offsets=True)
    made.add_special_tokens(["<s>"])
    made.enable_truncation(20, stride=2)
    made.enable_padding(length=8)
    return made


def _fallback(ids: dict[str, int]) -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.BPE(ids, list(MERGES), unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    steps = [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    made.decoder = decoders.Sequence(steps)
    around = [("<s>", 1), ("</s>", 2)]
    made.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> $B:1", around)
    made.add_special_tokens(["<s>", "</s>"])
    return made


def _unigram(scores: list[tuple[str, float]]) -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.Unigram(scores, 0, byte_fallback=False))
    made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 1))
    return made


def _words(model: Any) -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(model)
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    return made


def _settings(kind: str | None) -> dict[str, Any]:
    token = {"content": "<s>", "special": True, "lstrip": True, "normalized": False}
    settings: dict[str, Any] = {"added_tokens_decoder": {"1": token}, "bos_token": "<s>", "legacy": True}
    settings |= {"eos_token": {"__type": "AddedToken", **token}, "extra_special_tokens": ["<x>"], "add_bos_token": True}
    return settings | ({} if kind is None else {"tokenizer_class": kind})


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content))
