"""Which letters the font of pictures has, against fontTools' own reading of it, and what stands for the others."""

from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from mmviz import Scene
from mmviz.render.letters import UNKNOWN, font_file, notes_on_letters, printable, without_shape
from mmviz.render.opengl.text import _letters

PAIRS = {"Chinese": "我矩", "Japanese": "カナ", "Korean": "한국", "Hindi": "हन", "Thai": "ภา"}


def test_latin_greek_and_signs_of_formulas_are_there_and_written_as_they_are() -> None:
    with TTFont(font_file()) as font:
        known = font.getBestCmap()
    assert all(
        code in known for code in range(0x20, 0x250) if chr(code).isprintable() and chr(code) != "\N{SOFT HYPHEN}"
    )
    for text in ("Q @ K.T · √2 → ≤ ∑", "αβγ", "Привет", "été"):
        assert without_shape(text) == ()
        assert printable(text) == text


@pytest.mark.parametrize(("language", "letters"), PAIRS.items())
def test_letters_that_the_font_lacks_are_told_and_never_look_alike(language: str, letters: str) -> None:
    assert without_shape(letters) == tuple(letters), language
    first, second = letters[0], letters[1]
    assert printable(f"a{letters}") == f"a[{ord(first):X}][{ord(second):X}]"
    one, other = (_letters(printable(letter))[0] for letter in letters)
    assert not np.array_equal(one, other)


def test_spaces_and_marks_of_the_format_are_no_letters() -> None:
    assert printable("a\u3000b\u200dc\n\x07") == f"a bc↵{UNKNOWN}"
    assert without_shape("a\u3000b\u200dc\n\x07\U0001f9e0") == ("\U0001f9e0",)


def test_a_note_names_each_letter_once_and_no_more_than_eight() -> None:
    assert list(notes_on_letters(["plain", "x → y"])) == []
    assert list(notes_on_letters(["我", "a我矩"])) == [
        "the font of pictures, DejaVu Sans, has no shape for 我, 矩; their codes are drawn instead, such as [6211]."
    ]
    many = "".join(chr(0x4E00 + number) for number in range(11))
    (note,) = notes_on_letters([many])
    assert note.startswith(f"the font of pictures, DejaVu Sans, has no shape for {', '.join(many[:8])} and 3 more; ")


def test_a_title_of_other_letters_is_drawn_as_their_codes_and_told(tmp_path: Path) -> None:
    scene = Scene("y = A @ A", {"A": [[1]]}, title="注意", captions=[{"start": "y", "text": "力"}])
    (note,) = scene.notes()
    assert "has no shape for 注, 意, 力; " in note
    scene.screenshot(tmp_path / "a.png", width=640, height=360)
    with Image.open(tmp_path / "a.png") as picture:
        assert (np.asarray(picture.convert("L"))[:30] > 60).sum() > 50, "the line of the title"
