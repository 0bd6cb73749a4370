"""Which letters can be drawn, against fontTools' own reading of the fonts, and what stands for the others."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from mmviz.render.text.fonts import shipped
from mmviz.render.text.letters import UNKNOWN, notes_on_letters, printable, without_shape
from mmviz.render.text.scripts import clusters, language_of, package_of, scripts
from mmviz.render.text.system_fonts import FontFile
from tests.render.text.conftest import Install
from tests.render.text.made_font import write_font

PAIRS = {"Chinese": "我矩", "Japanese": "カナ", "Korean": "한국", "Hindi": "हन", "Thai": "ภา"}


def test_latin_greek_and_signs_of_formulas_are_shipped_and_written_as_they_are(install: Install) -> None:
    install()
    with TTFont(shipped()[0].path) as font:
        known = font.getBestCmap()
    assert all(
        code in known for code in range(0x20, 0x250) if chr(code).isprintable() and chr(code) != "\N{SOFT HYPHEN}"
    )
    for text in ("Q @ K.T · √2 → ≤ ∑", "αβγ", "Привет", "été", "e\u0301", "שלום", "سلام", "𝑄𝐾ᵀ 𝔼"):
        assert without_shape(text) == ()
        assert printable(text) == text


@pytest.mark.parametrize(("language", "letters"), PAIRS.items())
def test_letters_that_no_font_has_are_told_and_never_look_alike(language: str, letters: str, install: Install) -> None:
    install()
    assert without_shape(letters) == tuple(letters), language
    first, second = tuple(letters)
    assert printable(f"a{letters}") == f"a[{ord(first):X}][{ord(second):X}]"


def test_letters_of_an_installed_font_are_written_as_they_are(tmp_path: Path, install: Install) -> None:
    install(FontFile(write_font(tmp_path / "own.ttf", "我")))
    assert printable("a我矩") == "a我[77E9]"
    assert without_shape("我矩我") == ("矩",)


def test_spaces_and_marks_of_the_format_are_no_letters(install: Install) -> None:
    install()
    assert printable("a\u3000b\u200dc\u00ad\n\x07") == f"a b\u200dc↵{UNKNOWN}"
    assert without_shape("a\u3000b\u200dc\n\x07\ufe0f\U0001f9e0") == ("\U0001f9e0",)


def test_a_note_names_each_letter_once_no_more_than_eight_and_the_packages_that_have_them(install: Install) -> None:
    install()
    assert list(notes_on_letters(["plain", "x → y"])) == []
    assert list(notes_on_letters(["我", "a我矩"])) == [
        "no font of this machine has a shape for 我, 矩; codes are drawn instead, such as [6211]. "
        "On Debian and Ubuntu, apt install fonts-noto-cjk brings such fonts."
    ]
    many = "".join(chr(0x4E00 + number) for number in range(11))
    (note,) = notes_on_letters([many])
    assert note.startswith(f"no font of this machine has a shape for {', '.join(many[:8])} and 3 more; ")
    (note,) = notes_on_letters(["हि ภ 🧠 한"])
    assert note.endswith("apt install fonts-noto-core fonts-symbola fonts-noto-cjk brings such fonts.")


def test_packages_are_those_of_debian() -> None:
    assert [package_of(letter) for letter in "我カ한हภ🧠"] == [
        *["fonts-noto-cjk"] * 3,
        *["fonts-noto-core"] * 2,
        "fonts-symbola",
    ]


def test_shared_characters_belong_to_the_writing_around_them() -> None:
    assert scripts("1 अ 2a") == ["Deva"] * 5 + ["Latn"]
    assert scripts("1 2") == ["Latn"] * 3
    assert [language_of(text) for text in ("abc", "注意", "注意カ", "注意 한국")] == ["", "", "ja", "ko"]
    assert list(clusters("he\u0301👩\u200d💻x")) == [(0, 1), (1, 3), (3, 6), (6, 7)]
    assert list(clusters("")) == []
