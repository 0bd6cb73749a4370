"""The tokenizer of a Hugging Face folder, from whichever files carry it, with the ids that transformers gives.

tokenizer.json, or vocab.json with merges.txt, and the settings beside them. Source of the rules: transformers 5.24.0
(AutoTokenizer, TokenizersBackend, GPT2Tokenizer, Qwen2Tokenizer, LlamaTokenizer, GemmaTokenizer).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
from tokenizers import decoders as decoding

from mmviz.errors import SourceError
from mmviz.values.files.json_file import read_json
from mmviz.values.files.plain_file import check_plain
from mmviz.values.text import encoder_tokenizers as encoders
from mmviz.values.text.library import TokenizersError, library
from mmviz.values.text.stored_tokenizer import TOKENIZER, check_ids, parsed, read_raw
from mmviz.values.text.tokenizer_class import CLASSES, COHERE_TOKENS, RULES, Kind, class_of
from mmviz.values.text.tokenizer_settings import (
    NAMED,
    Token,
    TokenSettings,
    declared_class,
    not_followed,
    read_settings,
)
from mmviz.values.text.vocabulary import (
    IDS_WORK,
    SPACE,
    SPLITS,
    Parts,
    Split,
    byte_level,
    merging,
    put_around,
    scored,
)

VOCABULARY, MERGES = "vocab.json", "merges.txt"
END_OF_TEXT: Final = "<|endoftext|>"
OTHER_VOCABULARIES: Final = re.compile(r"tekken\.json|tokenizer\.model|tiktoken\.model")
"""Files that transformers reads in place of vocab.json where there is no tokenizer.json."""
SENTENCEPIECE: Final = re.compile(r"spiece\.model|sentencepiece\.bpe\.model")
MARIAN: Final = "source.spm"
"""Others that are not read here."""
RANK: Final = re.compile(rb"[A-Za-z0-9+/]+=* [0-9]+\r?\n")
"""How tiktoken writes a piece and its rank; SentencePiece writes no text."""
LONGEST_LINE: Final = 1024
DEFAULTS: Final[Mapping[Kind, Mapping[str, str]]] = {
    "stored": {},
    "gpt2": dict.fromkeys(("bos_token", "eos_token", "unk_token"), END_OF_TEXT),
    "qwen2": dict.fromkeys(("eos_token", "unk_token", "pad_token"), END_OF_TEXT),
    "llama": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
    "gpt_neox": {**dict.fromkeys(("bos_token", "eos_token", "unk_token"), END_OF_TEXT), "pad_token": "<|padding|>"},
    "cohere": COHERE_TOKENS,
    **encoders.TOKENS,
    "gemma": {f"{name}_token": f"<{name}>" for name in ("bos", "eos", "unk", "pad", "mask")},
}
"""The special tokens of a class where no file names others."""


def has_vocabulary_files(folder: Path) -> bool:
    """Whether both vocab.json and merges.txt are there."""
    return (folder / VOCABULARY).exists() and (folder / MERGES).exists()


def no_tokenizer(folder: Path) -> str:
    """What to say of a folder without any of the files that are read: which other one is there, and what to do."""
    file = _other_file(folder) or _other_file(folder, SENTENCEPIECE)
    if (folder / MARIAN).exists():
        return (
            f"{folder / MARIAN}: is a vocabulary of Marian, of one language, which is not read here; token ids are "
            "needed in place of a prompt, and of a target, as in tokens: [1, 2, 3] and target_tokens: [4, 5] "
            "(--tokens, --target-tokens)."
        )
    if file is None:
        return (
            f"{folder}: has no {TOKENIZER}, and no {VOCABULARY} with {MERGES}; "
            "one of them is needed for a prompt, or token ids in its place, as in tokens: [1, 2, 3]."
        )
    whose, package = _whose(file)
    return (
        f"{file}: is a vocabulary of {whose}, which is not read here; the model's {TOKENIZER} is needed beside it for "
        f"a prompt (AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) of transformers{package} writes it), "
        "or token ids in its place, as in tokens: [1, 2, 3]."
    )


def _whose(file: Path) -> tuple[str, str]:
    """Whose vocabulary it is, and which package transformers needs to read it, with the word before it."""
    if "tekken" in file.name:
        return "Mistral's own format", ""
    try:
        with file.open("rb") as opened:
            start = opened.read(LONGEST_LINE)
    except OSError:
        start = b""
    return ("tiktoken", " with tiktoken") if RANK.match(start) else ("SentencePiece", " with sentencepiece")


def from_folder(folder: Path, config: Mapping[str, Any]) -> Parts:
    """A tokenizer from tokenizer.json and the settings beside it.

    Args:
        folder: Where they lie.
        config: The content of config.json, whose model_type and tokenizer_class decide what counts.

    Raises:
        SourceError: a file cannot be read or is broken.
    """
    path = folder / TOKENIZER
    raw = read_raw(path)
    name = class_of(declared_class(folder, config), config.get("model_type"), bytes_in_file=b'"ByteLevel"' in raw)
    kind = CLASSES.get(name)
    stored, content = parsed(raw, path, pieces=kind in encoders.ENCODERS)
    del raw  # of tens of megabytes
    refusal = not_followed(folder) or _unknown_class(folder, name) or _random(content, path)
    if refusal or kind is None:
        return stored, f"{refusal}; {IDS_WORK}"
    settings = read_settings(folder, content)
    if kind == "stored":
        return _with_settings(stored, kind, settings, path), ""
    needed = encoders.pieces_of(kind, content) if kind in encoders.ENCODERS else _not_merged(stored)
    if needed:
        return stored, (
            f"{path}, model: is no {needed}, of which transformers' {name} would make another tokenizer than "
            f"the file says; {IDS_WORK}"
        )
    if kind in encoders.ENCODERS:
        return _with_settings(_encoder(kind, content, settings, path), kind, settings, path), ""
    try:
        with library():
            made = _made(kind, stored.model, settings)
            if kind != "gpt_neox":  # that class puts round a text what its settings say, whatever is stored
                made.post_processor = stored.post_processor
    except TokenizersError as error:
        raise SourceError(f"{path}: no tokenizer can be made of it and its settings ({error}).") from error
    return _with_settings(made, kind, settings, path), ""


def from_files(folder: Path, config: Mapping[str, Any]) -> Parts:
    """Byte-level BPE from vocab.json, merges.txt and the settings beside them.

    Args:
        folder: Where they lie.
        config: The content of config.json; the files do not say how text is split, but its model_type may.

    Raises:
        SourceError: a file cannot be read or is broken.
    """
    path = folder / VOCABULARY
    ids = read_json(path)
    if not all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in ids.values()):
        raise SourceError(f"{path}: is broken; an object of pieces with their ids, whole numbers, is needed.")
    check_ids(ids, str(path))
    merges = _merges(folder / MERGES)
    model_type = config.get("model_type")
    name = class_of(declared_class(folder, config), model_type, bytes_in_file=False)
    kind = CLASSES.get(name, "stored")
    refusal = not_followed(folder) or _other_vocabulary(folder)
    refusal = f"{refusal}; {IDS_WORK}" if refusal else ""
    if kind not in ("gpt2", "qwen2", "gpt_neox", "cohere", "roberta"):
        refusal = refusal or (
            f"{path}: does not say how text is split into words, and for a model of type {model_type!r} it can be one "
            f"way or another; a tokenizer.json is needed, or {IDS_WORK}"
        )
    settings = read_settings(folder, None)
    try:
        with library():
            made = _made(kind, models.BPE(ids, merges), settings)
    except TokenizersError as error:
        raise SourceError(f"{path}: does not fit {MERGES} ({error}); files of one model are needed.") from error
    return _with_settings(made, kind, settings, path), refusal


def from_words(folder: Path, config: Mapping[str, Any]) -> Parts:
    """Word pieces from vocab.txt and the settings beside it, as a BERT has them.

    Args:
        folder: Where they lie.
        config: The content of config.json.

    Raises:
        SourceError: a file cannot be read or is broken.
    """
    path = folder / encoders.WORDS
    check_plain(path)
    name = class_of(declared_class(folder, config), config.get("model_type"), bytes_in_file=False)
    if CLASSES.get(name) != "bert":
        raise SourceError(no_tokenizer(folder))
    settings = read_settings(folder, None)
    try:
        with library():
            words = encoders.words_of(path)
    except TokenizersError as error:
        raise SourceError(f"{path}: cannot be read ({error}); a piece a line is needed.") from error
    made, refusal = _encoder("bert", {"model": {"vocab": words}}, settings, path), not_followed(folder)
    return _with_settings(made, "bert", settings, path), f"{refusal}; {IDS_WORK}" if refusal else ""


# What transformers would make something else of.


def _unknown_class(folder: Path, name: str) -> str:
    if name in CLASSES:
        return ""
    return (
        f"{folder / 'tokenizer_config.json'}, tokenizer_class: how transformers' {name} splits text is not known here "
        f"({', '.join(CLASSES)} are followed)"
    )


def _random(content: Mapping[str, Any], path: Path) -> str:
    model = content.get("model")
    dropout = model.get("dropout") if isinstance(model, Mapping) else None
    return f"{path}, model.dropout: is {dropout}, which leaves the tokens of a text to chance" if dropout else ""


def _other_vocabulary(folder: Path) -> str:
    file = _other_file(folder)
    return (
        "" if file is None else f"{file}: would be read by transformers in place of {VOCABULARY}, and is not read here"
    )


def _other_file(folder: Path, named: re.Pattern[str] = OTHER_VOCABULARIES) -> Path | None:
    return next((file for file in sorted(folder.iterdir()) if named.search(file.name)), None)


# Vocabulary and merges.


def _not_merged(stored: Tokenizer) -> str:
    """What the model of a tokenizer.json has to be where a class puts it together anew; "" where it is that."""
    merged = isinstance(stored.model, models.BPE) and not stored.model.continuing_subword_prefix
    return "" if merged else "byte pair encoding"


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


# The tokenizer.


def _made(kind: Kind, pieces: models.BPE, settings: TokenSettings) -> Tokenizer:
    """What a class of transformers puts together of a vocabulary and its merges."""
    if kind == "llama":
        return _llama(pieces, settings)
    if kind == "gemma":
        unknown = settings.named.get("unk_token", DEFAULTS[kind]["unk_token"])
        return scored(pieces, str(None) if unknown is None else _content(unknown), prefix=False)
    split = SPLITS[RULES[kind]] if kind in RULES else Split(composed=kind == "gpt_neox")
    return byte_level(pieces, split, prefix=bool(settings.prefix_space))


def _encoder(kind: Kind, content: Mapping[str, Any], settings: TokenSettings, path: Path) -> Tokenizer:
    """What a class of transformers puts together that merges no bytes."""
    unknown = settings.named.get("unk_token", DEFAULTS[kind]["unk_token"])
    try:
        with library():
            return encoders.encoder_tokenizer(
                kind, content, settings.path, str(None) if unknown is None else _content(unknown)
            )
    except TokenizersError as error:
        raise SourceError(f"{path}: no tokenizer can be made of it and its settings ({error}).") from error


def _llama(pieces: models.BPE, settings: TokenSettings) -> Tokenizer:
    prefix = settings.prefix_space is not False
    tokenizer = Tokenizer(merging(pieces, fuse_unk=True, byte_fallback=True))
    scheme = ("always" if settings.legacy else "first") if prefix else "never"
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, scheme, split=False)
    steps: list[Any] = [decoding.Replace(SPACE, " "), decoding.ByteFallback(), decoding.Fuse()]
    tokenizer.decoder = decoding.Sequence([*steps, *([decoding.Strip(" ", 1, 0)] if prefix else [])])
    return tokenizer


def _to_add(
    tokenizer: Tokenizer, settings: TokenSettings, named: Mapping[str, Token | None], further: Sequence[Token]
) -> list[Token]:
    """The tokens that the tokenizer does not have yet, in their order.

    One that is written with other options in a second place is added twice, so that the later ones count.
    """
    there = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    there |= {token.content for token in settings.listed}
    new: dict[str, Token] = {}  # by the token with its options, as it shows itself
    for token in (*named.values(), *further):
        if token is not None and _content(token) not in there:
            new.setdefault(f"{type(token)}{token!r}", token)
    return [*settings.listed, *new.values()]


def _with_settings(tokenizer: Tokenizer, kind: Kind, settings: TokenSettings, path: Path) -> Tokenizer:
    """Add the tokens that the settings name, and what they say goes around a text."""
    missing = {"pad_token": settings.padding} if kind in ("stored", "llama") else {}  # the others' own rule goes first
    missing |= DEFAULTS[kind]
    named = {key: settings.named[key] if key in settings.named else missing.get(key) for key in NAMED}
    named |= {key: token for key, token in settings.named.items() if key not in NAMED}
    names = {_content(token) for token in named.values() if token}
    further = encoders.further_of(kind, list(settings.further))
    try:
        with library():
            tokenizer.add_tokens([_special(token, names) for token in _to_add(tokenizer, settings, named, further)])
            if settings.bos is not None or settings.eos is not None or tokenizer.post_processor is None:
                around = (named["bos_token"] if settings.bos else None, named["eos_token"] if settings.eos else None)
                first, last = (None if token is None else _content(token) for token in around)
                put_around(tokenizer, first, last)
            if kind == "qwen2":  # Qwen2Tokenizer adds them once more, which makes all of them special
                special = dict.fromkeys(
                    _content(token) for token in (*named.values(), *settings.further) if token is not None
                )
                tokenizer.add_tokens([AddedToken(content, special=True) for content in special])
            if kind in encoders.TOKENS:
                contents = {key: None if token is None else _content(token) for key, token in named.items()}
                encoders.put_around_as(kind, tokenizer, contents, bool(settings.prefix_space))
    except TokenizersError as error:
        raise SourceError(f"{path}: no tokenizer can be made of it and its settings ({error}).") from error
    tokenizer.encode_special_tokens = settings.split_special
    return tokenizer


def _special(token: Token, names: set[str]) -> AddedToken:
    if isinstance(token, str):
        return AddedToken(token, special=True)
    if not token.special and token.content in names:
        token.special = True
    return token


def _content(token: Token) -> str:
    return token if isinstance(token, str) else token.content
