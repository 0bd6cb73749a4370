"""Parts of characters among tokens, as UTF-8 cuts them; tokenizers' own byte-level alphabet is the reference."""

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from mmviz.values.text.character_parts import bytes_of, told


def test_bytes_are_those_of_the_tokenizers_library() -> None:
    split = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    for text in (" æ東\n🙂~", "".join(map(chr, range(0x80)))):
        (piece, _), *_ = split.pre_tokenize_str(text)
        assert bytes_of(piece) == text.encode()
    assert bytes_of("<0xE6>") == b"\xe6"
    assert bytes_of("東") is None
    assert all(bytes_of(letter) is not None for letter in tokenizers.pre_tokenizers.ByteLevel.alphabet())


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ([b"\xe6\x88", b"\x91"], ("我 1/2", "我 2/2")),
        ([b"\xe6", b"\x88", b"\x91"], ("我 1/3", "我 2/3", "我 3/3")),
        ([b" \xe6\x88", b"\x91\xe6", b"\x98\xaf"], (" 我 1/2", "我 2/2 是 1/2", "是 2/2")),
        ([b"\x88", b"\xe6\x88", b"\x91"], (None, "我 1/2", "我 2/2")),
        ([b"\xe6", b"\x88"], (None, None)),
        ([b"\xff", b"\xc3", b"\xa9"], (None, "é 1/2", "é 2/2")),
        ([b"\xf0\x9f", b"\x99\x82"], ("🙂 1/2", "🙂 2/2")),
        ([b"\xe6", b"", b"\x88\x91"], ("我 1/2", None, "我 2/2")),
        ([], ()),
    ],
)
def test_a_part_is_told_by_its_neighbours(tokens: list[bytes], words: tuple[str | None, ...]) -> None:
    assert told(tokens) == words


@given(st.text("a é我🙂\u0301", min_size=1, max_size=8), st.data())
def test_however_a_text_is_cut_its_characters_are_found(text: str, data: st.DataObject) -> None:
    whole = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(whole) - 1)))))
    tokens = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if whole[a:b]]
    words = told(tokens)
    assert None not in words
    first = [word for word in words if word is not None]
    assert "".join(first).count("a") == text.count("a")
    for letter in set(text) - {"a", " "}:
        shown = sum(word.count(letter) for word in first)
        assert shown >= text.count(letter)
