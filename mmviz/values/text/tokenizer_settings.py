"""What the JSON files beside a vocabulary say about tokens; builds no tokenizer.

tokenizer_config.json, and where it has no added_tokens_decoder, the older special_tokens_map.json and added_tokens.json
and the added tokens of tokenizer.json. The rules, which file counts over which and what is special, are those of
transformers 5.24.0 (PreTrainedTokenizerBase.from_pretrained); what is not followed is refused by file and key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tokenizers import AddedToken

from mmviz.errors import SourceError
from mmviz.scene.keys.problems import printable
from mmviz.values.files.json_file import read_json

SETTINGS: Final = "tokenizer_config.json"
SPECIAL: Final = "special_tokens_map.json"
ADDED: Final = "added_tokens.json"

NAMED: Final = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
OPTIONS: Final = ("content", "single_word", "lstrip", "rstrip", "normalized", "special")
NOT_FOLLOWED: Final = {
    "auto_map": "the tokenizer is a program of its own, which is never run",
    "fast_tokenizer_files": "which tokenizer.json counts would depend on a version",
    "fix_mistral_regex": "text would be split in another way than tokenizer.json says",
    "init_inputs": "what they mean depends on the class",
    "vocab": "the vocabulary of the other files would not count",
    "merges": "the merges of the other files would not count",
    "post_processor": "what goes around a text would not be that of tokenizer.json",
}
"""Keys that change ids in ways that are not followed here, where they are neither empty, null nor false."""

Token = AddedToken | str


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """Tokens and switches. Tokens are added in this order: listed, named, further."""

    path: Path  # tokenizer_config.json, for messages
    listed: Sequence[AddedToken]  # those that the files list with ids, in the order of these
    named: Mapping[str, Token | None]  # bos_token and so on; None: the model has none, whatever its class says
    further: Sequence[Token]  # special ones without a name
    padding: str | None  # what a tokenizer.json that fills up short texts fills them up with
    prefix_space: bool | None  # add_prefix_space, None where nothing says so
    legacy: bool  # of Llama's class: a space after every added token, as before 2023
    split_special: bool  # special tokens in a text are split as all others are
    bos: bool | None  # add_bos_token, None where nothing that counts says so
    eos: bool | None


def declared_class(folder: Path, config: Mapping[str, Any]) -> str | None:
    """The tokenizer_class of tokenizer_config.json, else that of config.json.

    Raises:
        SourceError: the file is broken.
    """
    settings = read_json(folder / SETTINGS) if (folder / SETTINGS).exists() else {}
    for path, found in (
        (folder / SETTINGS, settings.get("tokenizer_class")),
        (folder / "config.json", config.get("tokenizer_class")),
    ):
        if found is not None and not isinstance(found, str):
            raise SourceError(f"{path}, tokenizer_class: is {_shown(found)}; the name of a class is needed.")
        if found:
            return found
    return None


def not_followed(folder: Path) -> str:
    """What in tokenizer_config.json changes ids in a way that is not known here; "" if nothing does.

    Raises:
        SourceError: the file is broken.
    """
    settings = read_json(folder / SETTINGS) if (folder / SETTINGS).exists() else {}
    for key, why in NOT_FOLLOWED.items():
        found = settings.get(key)
        if key == "auto_map" and isinstance(found, Mapping):
            found = found.get("AutoTokenizer")
        if found:
            return f"{folder / SETTINGS}, {key}: is not followed here ({why})"
    return ""


def read_settings(folder: Path, stored: Mapping[str, Any] | None) -> TokenSettings:
    """Read the files that are there.

    Args:
        folder: Where they lie.
        stored: The content of tokenizer.json, None where there is none.

    Raises:
        SourceError: a file is broken, or says what no tokenizer can be made of.
    """
    return _Reading(folder, stored).settings()


class _Reading:
    """Puts the files of one folder together: a key of a later file goes over that of an earlier one."""

    def __init__(self, folder: Path, stored: Mapping[str, Any] | None) -> None:
        self.folder = folder
        self.stored = stored
        self.origin: dict[str, Path] = {}  # of each key, for messages
        self.keys: dict[str, Any] = {}
        self._take(SETTINGS)
        if stored is not None:  # whose own template says what goes around a text
            self.keys.pop("add_bos_token", None)
            self.keys.pop("add_eos_token", None)
        self._rename_further(if_empty=True)
        self.own_names = self._own_names()

    def settings(self) -> TokenSettings:
        listed = self._listed()
        self._rename_further(if_empty=False)
        by_content = {token.content: token for token in listed.values()}
        named = {key: self._token(key, by_content) for key in NAMED if key in self.keys}
        padding = (self.stored or {}).get("padding")
        return TokenSettings(
            path=self.folder / SETTINGS,
            listed=[listed[number] for number in sorted(listed)],
            named=named | self._further_named(),
            further=self._further(),
            padding=padding.get("pad_token") if isinstance(padding, Mapping) else None,
            prefix_space=self._switch("add_prefix_space"),
            legacy=bool(self._switch("legacy")),
            split_special=bool(self._switch("split_special_tokens")),
            bos=self._switch("add_bos_token", null=False),
            eos=self._switch("add_eos_token", null=False),
        )

    # which file says what

    def _take(self, name: str) -> None:
        path = self.folder / name
        if path.exists():
            found = read_json(path)
            self.keys |= found
            self.origin |= dict.fromkeys(found, path)

    def _rename_further(self, *, if_empty: bool) -> None:
        """additional_special_tokens is the older name of extra_special_tokens."""
        there = "extra_special_tokens" in self.keys
        if "additional_special_tokens" in self.keys and not (
            self.keys["extra_special_tokens"] if there and if_empty else there
        ):
            self.keys["extra_special_tokens"] = self.keys.pop("additional_special_tokens")
            self.origin["extra_special_tokens"] = self.origin["additional_special_tokens"]

    def _own_names(self) -> dict[str, Any]:
        """Special tokens that the files give names of their own, such as image_token."""
        own = [key for key, value in self.keys.items() if self._is_own_name(key) and isinstance(value, str)]
        found = {key: self.keys.pop(key) for key in own}
        if isinstance(self.keys.get("extra_special_tokens"), Mapping):
            found |= self.keys.pop("extra_special_tokens")
        explicit = self.keys.get("model_specific_special_tokens")
        if found or explicit is None:
            return found
        if not isinstance(explicit, Mapping):
            raise self._broken("model_specific_special_tokens", "an object of names and tokens is needed")
        return dict(explicit)

    @staticmethod
    def _is_own_name(key: str) -> bool:
        return key.endswith("_token") and key not in NAMED

    def _listed(self) -> dict[int, AddedToken]:
        """The tokens that come with ids; only their order counts, as each goes behind those before."""
        if "added_tokens_decoder" in self.keys:
            return self._decoder()
        self._take_special()
        found = self._added()
        for entry in (self.stored or {}).get("added_tokens", ()):
            options = {key: value for key, value in entry.items() if key != "id"}
            found[entry["id"]] = _added_token(options, self.folder / "tokenizer.json", "added_tokens")
        return found

    def _decoder(self) -> dict[int, AddedToken]:
        where = self.origin["added_tokens_decoder"]
        try:
            entries = [(int(number), dict(entry)) for number, entry in self.keys["added_tokens_decoder"].items()]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _broken_decoder(where) from error
        found = {}
        for number, entry in entries:
            if not isinstance(entry.get("content"), str):
                raise _broken_decoder(where)
            found[number] = _added_token(_without_type(entry), where, "added_tokens_decoder")
        return found

    def _take_special(self) -> None:
        path = self.folder / SPECIAL
        found = read_json(path) if path.exists() else {}
        for key, value in found.items():
            taken = value
            if isinstance(value, Mapping) and key != "extra_special_tokens":
                taken = _added_token({**value, "special": True}, path, key)
            elif key == "extra_special_tokens" and isinstance(value, list):
                further = [
                    _added_token({**each, "special": True}, path, key) if isinstance(each, Mapping) else each
                    for each in value
                ]
                there = self._listed_further()
                taken = there + [each for each in further if each not in there]
            self.keys[key], self.origin[key] = taken, path
        if isinstance(self.keys.get("extra_special_tokens"), Mapping):
            self.own_names |= self.keys.pop("extra_special_tokens")

    def _added(self) -> dict[int, AddedToken]:
        path = self.folder / ADDED
        if not path.exists():
            return {}
        special = {str(_content(self.keys[key])) for key in NAMED if self.keys.get(key)}
        special |= {str(_content(token)) for token in self._listed_further()}
        found = {}
        for content, number in read_json(path).items():
            if not isinstance(number, int) or isinstance(number, bool):
                raise SourceError(
                    f"{path}, {printable(content)}: is {_shown(number)}; an id, a whole number, is needed."
                )
            found[number] = AddedToken(content, normalized=content not in special, special=content in special)
        return found

    # what a value is

    def _token(self, key: str, by_content: Mapping[str, AddedToken]) -> Token | None:
        token = self._as_token(key, self.keys[key])
        return None if token is None else by_content.get(str(_content(token)), token)

    def _as_token(self, key: str, value: object) -> Token | None:
        if isinstance(value, Mapping) and value.get("__type") == "AddedToken":
            return _added_token(_without_type(value), self.origin.get(key, self.folder / SETTINGS), key)
        if value is None or isinstance(value, str | AddedToken):
            return value
        raise self._broken(key, "a token is needed")

    def _further_named(self) -> dict[str, Token | None]:
        later = {key: value for key, value in self.keys.items() if self._is_own_name(key)}
        tokens = {key: value for key, value in later.items() if isinstance(value, str | AddedToken | Mapping)}
        tokens = {key: value for key, value in tokens.items() if not isinstance(value, Mapping) or "__type" in value}
        return {key: self._as_token(key, value) for key, value in (tokens | self.own_names).items()}

    def _further(self) -> list[Token]:
        return list(self._tokens("extra_special_tokens", self._listed_further()))

    def _listed_further(self) -> list[object]:
        found = self.keys.get("extra_special_tokens") or []
        if not isinstance(found, list):
            raise self._broken("extra_special_tokens", "a list of tokens is needed")
        return found

    def _tokens(self, key: str, found: Sequence[object]) -> Iterator[Token]:
        for value in found:
            token = self._as_token(key, value)
            if token is None:
                raise self._broken(key, "a list of tokens is needed")
            yield token

    def _switch(self, key: str, *, null: bool | None = None) -> bool | None:
        if key not in self.keys:
            return None
        value = self.keys[key]
        if value is not None and not isinstance(value, bool):
            raise self._broken(key, "true or false is needed")
        return null if value is None else value

    def _broken(self, key: str, needed: str) -> SourceError:
        where = self.origin.get(key, self.folder / SETTINGS)
        return SourceError(f"{where}, {key}: is {_shown(self.keys.get(key))}; {needed}.")


def _shown(value: object) -> str:
    return printable(str(value))[:40]


def _content(token: object) -> object:
    return token.content if isinstance(token, AddedToken) else token


def _without_type(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "__type"}


def _added_token(entry: Mapping[str, Any], path: Path, key: str) -> AddedToken:
    strange = [name for name in entry if name not in OPTIONS]
    if strange:
        raise SourceError(f"{path}, {key}: has the unknown option {strange[0]!r}; {', '.join(OPTIONS)} are known.")
    if not isinstance(entry.get("content"), str):
        raise SourceError(f"{path}, {key}: is broken; a token with a content is needed.")
    if not all(isinstance(value, bool) for name, value in entry.items() if name != "content"):
        raise SourceError(f"{path}, {key}: is broken; options of a token are true or false.")
    return AddedToken(**entry)


def _broken_decoder(path: Path) -> SourceError:
    return SourceError(f"{path}, added_tokens_decoder: is broken; ids with objects that have a content are needed.")
