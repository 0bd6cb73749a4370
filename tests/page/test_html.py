"""A page as a file: its numbers come out as they went in, what a scene says is data, and nothing else may run."""

import re
import zlib
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.page.arrays import SMALL, Arrays
from mmviz.page.dense import dense
from mmviz.page.html import page
from tests.page.engine import call

HOSTILE = "</script><script>alert(1)</script><!-- \" ' & ]]> \u2028 \N{GRINNING FACE}"


class Parsed(HTMLParser):
    """The elements of a file, as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, str] = {}
        self.open = False  # no element has ended since the last one began
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open = True

    def handle_data(self, data: str) -> None:
        if self.open:
            number = len(self.tags) - 1
            self.texts[number] = self.texts.get(number, "") + data

    def handle_endtag(self, tag: str) -> None:
        self.open = False


def text_of(file: bytes) -> str:
    assert file.startswith(b"\xff\xfe")
    return file.decode("utf-16")


@given(st.binary(max_size=200))
def test_bytes_come_back_out_of_dense_text(packed: bytes) -> None:
    units = dense(packed)
    assert len(units) == -(-8 * len(packed) // 15)
    assert bytes(call("undense", [units]))[: len(packed)] == packed


@given(st.binary(min_size=10, max_size=80), st.integers(1, 5))
def test_dense_text_may_be_cut_anywhere(packed: bytes, at: int) -> None:
    units = dense(packed)
    assert bytes(call("undense", [units[:at], units[at:]]))[: len(packed)] == packed


def test_no_unit_of_dense_text_means_anything_to_html_or_to_utf_16() -> None:
    units = dense(bytes(range(256)) * 64) + dense(b"\xff" * 30) + dense(b"\0" * 30)
    assert min(units) >= "\u4000"
    assert max(units) <= "\ubfff"


def test_the_same_array_is_kept_once() -> None:
    arrays, one = Arrays(), np.zeros((2, 3), np.float32)
    assert arrays.add(one) == arrays.add(one)
    assert arrays.add(one.copy()) != arrays.add(one)


@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "u2", "i4"])
@pytest.mark.parametrize("shape", [(3, 5), (0, 4), (190, 191)])
def test_arrays_lie_in_their_parts_as_the_entries_say(dtype: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    array = rng.integers(0, 200, shape).astype(dtype)
    arrays = Arrays()
    arrays.add(np.arange(3, dtype=np.uint8))
    arrays.add(array)
    packed = arrays.packed()
    entry = packed.entries[1]
    part = zlib.decompress(packed.parts[entry["part"]], wbits=-15)
    assert len(part) == packed.sizes[entry["part"]]
    assert entry["planes"] == (array.itemsize > 1 and array.nbytes > SMALL)
    raw = np.frombuffer(part, np.uint8, array.nbytes, entry["offset"])
    whole = raw.reshape(array.itemsize, -1).T.tobytes() if entry["planes"] else raw.tobytes()
    assert np.array_equal(np.frombuffer(whole, array.dtype.newbyteorder("<")).reshape(shape), array)


def test_large_arrays_that_are_not_contiguous_keep_their_order() -> None:
    array = np.arange(300 * 200, dtype=np.float32).reshape(300, 200).T
    arrays = Arrays()
    arrays.add(array)
    packed = arrays.packed()
    raw = np.frombuffer(zlib.decompress(packed.parts[packed.entries[0]["part"]], wbits=-15), np.uint8)
    assert np.array_equal(raw.reshape(4, -1).T.copy().view("<f4").reshape(200, 300), array)


def test_what_a_scene_says_is_neither_markup_nor_program() -> None:
    plain = Parsed(text_of(page({"title": "x", "texts": []}, Arrays(), "x")))
    hostile = Parsed(text_of(page({"title": HOSTILE, "texts": [HOSTILE]}, Arrays(), HOSTILE)))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    title = next(number for number, (tag, _) in enumerate(hostile.tags) if tag == "title")
    assert hostile.texts[title] == HOSTILE
    assert "alert(1)" not in "".join(text for number, text in hostile.texts.items() if number != title)


def test_the_policy_lets_only_run_what_the_file_holds() -> None:
    parsed = Parsed(text_of(page({"title": "x"}, Arrays(), "x")))
    policy = next(str(found["content"]) for tag, found in parsed.tags if found.get("http-equiv"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    programs = [parsed.texts[n] for n, (tag, found) in enumerate(parsed.tags) if tag == "script" and not found]
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in programs]
    assert rules["script-src"] == f"'sha256-{digests[0]}'"
    assert len(digests) == 1
    assert not re.search(r"https?:|unsafe", policy)
    assert not [name for _, found in parsed.tags for name in found if name.startswith("on") or name in ("src", "href")]
