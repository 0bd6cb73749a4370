"""Tokenizers as transformers' classes of encoders put them together: word pieces, scored pieces, and what goes around.

Source: transformers 5.24.0 (BertTokenizer, RobertaTokenizer, XLMRobertaTokenizer, CamembertTokenizer, T5Tokenizer),
which take the vocabulary of a tokenizer.json, and the map of letters of its normalizer, and no more of it.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from mmviz.values.files.json_file import read_json
from mmviz.values.text.tokenizer_class import Kind
from mmviz.values.text.vocabulary import SPACE

WORDS: Final = "vocab.txt"
"""The vocabulary of a BERT by itself: a piece a line."""
SCORED: Final[Mapping[Kind, int]] = {"xlm_roberta": 3, "camembert": 0, "t5": 2}
"""Kinds whose pieces have scores -> the piece for what is not known, where the vocabulary does not tell by its name."""
ENCODERS: Final[tuple[Kind, ...]] = ("bert", *SCORED)
"""The kinds that are made here; roberta's bytes are merged as GPT-2's."""
_ROBERTA: Final[Mapping[str, str]] = {
    **dict.fromkeys(("bos_token", "cls_token"), "<s>"),
    **dict.fromkeys(("eos_token", "sep_token"), "</s>"),
    **{f"{name}_token": f"<{name}>" for name in ("unk", "pad", "mask")},
}
TOKENS: Final[Mapping[Kind, Mapping[str, str]]] = {
    "bert": {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")},
    "roberta": _ROBERTA,
    "xlm_roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "t5": {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"},
}
"""The special tokens of a class where no file names others."""
SENTINELS: Final = tuple(f"<extra_id_{number}>" for number in range(100))
"""What T5's class adds to a vocabulary that has none of them."""


def pieces_of(kind: Kind, content: Mapping[str, Any]) -> str:
    """What a class needs the vocabulary of a tokenizer.json to be, where it is something else; "" where it is that."""
    needed, called = ("WordPiece", "word pieces") if kind == "bert" else ("Unigram", "pieces with scores")
    return "" if content["model"].get("type", needed) == needed else called


def encoder_tokenizer(kind: Kind, content: Mapping[str, Any], settings: Path, unknown: str) -> Tokenizer:
    """A tokenizer of one of ENCODERS, without its special tokens.

    Args:
        kind: As in ENCODERS.
        content: Of tokenizer.json, or a vocabulary alone in the same form.
        settings: tokenizer_config.json, which need not be there.
        unknown: The piece for what is not known.

    Raises:
        Exception: the vocabulary is none of this class; tokenizers raises nothing narrower.
    """
    model, own = content["model"], read_json(settings) if settings.exists() else {}
    if kind == "bert":
        return word_pieces(model, own, unknown)
    return _scored_pieces(kind, content, own, unknown)


def put_around_as(kind: Kind, tokenizer: Tokenizer, named: Mapping[str, str | None], prefix: bool) -> None:
    """Put the tokens of a class around each text, whatever the file says.

    Args:
        kind: One of ENCODERS, or roberta.
        tokenizer: Has its special tokens.
        named: bos_token and so on, by their names.
        prefix: Whether a space goes before a text.
    """
    first, last = {"bert": ("cls_token", "sep_token"), "t5": ("", "eos_token")}.get(kind, ("bos_token", "eos_token"))
    if kind == "roberta":
        cls, sep = (str(named[key]) for key in ("cls_token", "sep_token"))
        numbers = [(token, tokenizer.token_to_id(token) or 0) for token in (sep, cls)]
        tokenizer.post_processor = processors.RobertaProcessing(numbers[0], numbers[1], True, prefix)
        return
    around = [str(named[key]) for key in (first, last) if key]
    single = [*around[:-1], "$A", around[-1]]
    numbers = [(token, tokenizer.token_to_id(token) or 0) for token in dict.fromkeys(around)]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair="$A:0 $B:1", special_tokens=numbers)


def further_of(kind: Kind, further: list[AddedToken | str]) -> list[AddedToken | str]:
    """The special tokens without a name that a class adds to those that the files say."""
    if kind == "t5" and not any("<extra_id_" in str(token) for token in further):
        return [*further, *SENTINELS]
    if kind == "camembert" and not further:
        return ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"]
    return further


def words_of(file: Path) -> dict[str, int]:
    """The pieces of a vocab.txt and their ids.

    Raises:
        Exception: it cannot be read; tokenizers raises nothing narrower.
    """
    return dict(models.WordPiece.read_file(str(file)))


def word_pieces(model: Mapping[str, Any], own: Mapping[str, Any], unknown: str) -> Tokenizer:
    """A tokenizer of word pieces, without its special tokens.

    Args:
        model: Its vocabulary.
        own: What its tokenizer_config.json says.
        unknown: The piece for what is not known.
    """
    made = Tokenizer(models.WordPiece(dict(model["vocab"]), unk_token=unknown))
    made.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=own.get("tokenize_chinese_chars", True),
        strip_accents=own.get("strip_accents"),
        lowercase=own.get("do_lower_case", True),
    )
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece(prefix="##")
    return made


def _scored_pieces(kind: Kind, content: Mapping[str, Any], own: Mapping[str, Any], unknown: str) -> Tokenizer:
    pieces = [(str(piece), float(score)) for piece, score in content["model"]["vocab"]]
    number = SCORED[kind]
    if kind == "camembert":
        number = next((place for place, (piece, _) in enumerate(pieces) if piece == unknown), number)
    made = Tokenizer(models.Unigram(pieces, unk_id=number, byte_fallback=False))
    letters = _map_of_letters(content.get("normalizer"))
    if letters is not None:
        made.normalizer = normalizers.Precompiled(letters)
    begins = "always" if kind == "t5" or own.get("add_prefix_space", True) else "never"
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(SPACE, begins)]
    )
    made.decoder = decoders.Metaspace(SPACE, begins)
    return made


def _map_of_letters(normalizer: Mapping[str, Any] | None) -> bytes | None:
    """SentencePiece's map of letters, where a tokenizer.json has one."""
    each = (normalizer or {}).get("normalizers", [normalizer or {}])
    found = (one["precompiled_charsmap"] for one in each if one.get("type") == "Precompiled")
    letters = next(found, None)
    return None if letters is None else base64.b64decode(letters)
