"""Which writing a letter belongs to, in which language a text is read, and what letters belong together; no fonts."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from unicodedata import category

from fontTools.unicodedata import script

LATIN = "\u0250"
"""The first character after the Latin letters."""
NO_SCRIPT = frozenset(("Zyyy", "Zinh", "Zzzz"))
"""Of characters that many writings share, such as digits: they belong to what is before them."""
LANGUAGES: Mapping[str, str] = {
    "Hani": "zh-cn", "Bopo": "zh-tw", "Hang": "ko", "Hira": "ja", "Kana": "ja", "Deva": "hi", "Thai": "th",
    "Arab": "ar", "Hebr": "he", "Beng": "bn", "Taml": "ta", "Telu": "te", "Knda": "kn", "Mlym": "ml", "Gujr": "gu",
    "Guru": "pa", "Orya": "or", "Sinh": "si", "Mymr": "my", "Khmr": "km", "Laoo": "lo", "Geor": "ka", "Armn": "hy",
    "Ethi": "am", "Tibt": "bo",
}  # fmt: skip
"""The language whose letters are taken first, by the writing's code in ISO 15924."""
PACKAGES: Mapping[str, str] = {
    **dict.fromkeys(("Hani", "Bopo", "Hang", "Hira", "Kana"), "fonts-noto-cjk"),
    **dict.fromkeys(("Zyyy", "Zinh"), "fonts-symbola"),
}
"""The package of Debian and Ubuntu that has the letters of a writing, where it is not OTHERS."""
OTHERS = "fonts-noto-core"
JOINER = "\u200d"
"""What stands between two characters makes one of them, as in some pictures of persons."""
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
"""Characters that choose a variant of the one before, and are not seen themselves."""


@lru_cache(maxsize=16384)
def script_of(letter: str) -> str:
    """The writing of a character by its code in ISO 15924; "" where many share it."""
    if letter < LATIN:
        return "Latn" if letter.isalpha() else ""
    code = str(script(letter))
    return "" if code in NO_SCRIPT else code


def scripts(text: str) -> list[str]:
    """The writing of every character: those that many share belong to what is before them, or else after them."""
    found = [script_of(letter) for letter in text]
    first = next(filter(None, found), "Latn")
    for at, code in enumerate(found):
        found[at] = first = code or first
    return found


def language_of(text: str) -> str:
    """In which language the Chinese characters of a text are read: kana make it Japanese, hangul Korean."""
    if all(letter < LATIN for letter in text):
        return ""
    found = {script_of(letter) for letter in text}
    return "ja" if found & {"Hira", "Kana"} else "ko" if "Hang" in found else ""


def language_for(code: str, language: str) -> str:
    """The language of a writing within a text of some language."""
    own = LANGUAGES.get(code, "")
    return language if language and code == "Hani" else own


def package_of(letter: str) -> str:
    """The package of Debian and Ubuntu that has a font with a letter."""
    return PACKAGES.get(str(script(letter)), OTHERS)


def unseen(letter: str) -> bool:
    """Whether a character is not drawn itself, but says how its neighbours are."""
    return category(letter) == "Cf" or any(ord(letter) in some for some in SELECTORS)


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """Where letters begin and end that belong together: one with its accents and signs, or joined ones."""
    start = 0
    for at in range(1, len(text)):
        if category(text[at])[0] != "M" and not unseen(text[at]) and text[at - 1] != JOINER:
            yield start, at
            start = at
    if text:
        yield start, len(text)
