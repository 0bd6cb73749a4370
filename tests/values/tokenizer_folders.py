"""Folders of models with tokenizers of every kind, of which the settings are given."""

import json
from pathlib import Path
from typing import Any

import tokenizers
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, processors

from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokens import open_tokenizer
from tests.values.vocabularies import END_OF_TEXT, trained_bytes, trained_letters


def stored_bytes(rule: str) -> dict[str, Any]:
    """A byte-level tokenizer.json."""
    vocabulary, merges = trained_bytes()
    tokenizer = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    cuts: list[Any] = [pre_tokenizers.ByteLevel(add_prefix_space=rule == "prefix")]
    if rule == "digits":
        cuts.insert(0, pre_tokenizers.Digits(individual_digits=True))
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cuts)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([END_OF_TEXT, "<|a|>"])
    if rule == "template":
        number = tokenizer.token_to_id(END_OF_TEXT)
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{END_OF_TEXT} $A", special_tokens=[(END_OF_TEXT, number)]
        )
    if rule == "padded":
        tokenizer.enable_padding(pad_id=3, pad_token="<|pad|>", length=9)
        tokenizer.enable_truncation(2)
    stored: dict[str, Any] = json.loads(tokenizer.to_str())
    return stored


def stored_letters() -> dict[str, Any]:
    """A tokenizer.json as converters of SentencePiece write it."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += [piece for piece in trained_letters() if piece not in pieces]
    ids = {piece: number for number, piece in enumerate(pieces)}
    merges = [
        (piece[:cut], piece[cut:])
        for piece in pieces[259:]
        for cut in range(1, len(piece))
        if piece[:cut] in ids and piece[cut:] in ids
    ]
    tokenizer = tokenizers.Tokenizer(models.BPE(ids, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(piece, special=True) for piece in pieces[:3]])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    stored: dict[str, Any] = json.loads(tokenizer.to_str())
    return stored


def stored_gemma() -> dict[str, Any]:
    """A tokenizer.json as Gemma has it: no space goes before a text, and runs of spaces are pieces."""
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{byte:02X}>" for byte in range(256)), "\n", "\n\n"]
    pieces += ["▁▁", "▁▁▁", "▁▁▁▁"]
    pieces += [piece for piece in trained_letters() if piece not in pieces]
    ids = {piece: number for number, piece in enumerate(pieces)}
    merges = [
        (piece[:cut], piece[cut:])
        for piece in pieces[261:]
        for cut in range(1, len(piece))
        if piece[:cut] in ids and piece[cut:] in ids
    ]
    tokenizer = tokenizers.Tokenizer(models.BPE(ids, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(piece, special=True) for piece in pieces[:5]])
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in ("\n", "\n\n", "▁▁", "▁▁▁")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    stored: dict[str, Any] = json.loads(tokenizer.to_str())
    return stored


VOCABULARIES: dict[str, dict[str, Any]] = {
    **{rule: stored_bytes(rule) for rule in ("plain", "prefix", "digits", "template", "padded")},
    "letters": stored_letters(),
    "gemma": stored_gemma(),
}


def write(folder: Path, vocabulary: str, model_type: str, files: dict[str, dict[str, Any] | None]) -> None:
    """A model's folder with these files of settings."""
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    save_file({"wte.weight": torch.zeros(1, 1)}, folder / "model.safetensors")
    if vocabulary == "files":
        ids, merges = trained_bytes()
        (folder / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
        lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
        (folder / "merges.txt").write_text("\n".join(lines), encoding="utf-8")
    else:
        (folder / "tokenizer.json").write_text(json.dumps(VOCABULARIES[vocabulary]), encoding="utf-8")
    for name, content in files.items():
        if content is not None:
            (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def encoded(folder: Path, text: str, *, special_tokens: bool = False) -> tuple[int, ...]:
    return open_tokenizer(Checkpoint.open(folder)).encode(text, special_tokens=special_tokens)
