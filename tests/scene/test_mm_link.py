"""Links of mm: the plain and the packed form, and what is no link."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import SceneError
from mmviz.scene.mm.link import MAX_LINK, find_link, is_address, is_link, read_link

LINKS = (Path(__file__).parents[1] / "mm" / "links.txt").read_text(encoding="utf-8").split()
PAGE = "https://bhosmer.github.io/mm/index.html"


def packed(properties: dict[str, str]) -> str:
    """A packed link: every part of a path is a name, every property a number or two."""
    names: dict[str, int] = {}
    fields = {}
    for path, value in properties.items():
        prefix, _, last = path.rpartition(".")
        numbers = [str(names.setdefault(name, len(names))) for name in (prefix, last) if name]
        fields[".".join(numbers)] = value
    return f"{PAGE}?{urlencode(names | fields)}"


def test_a_plain_link_holds_its_parameters_as_json() -> None:
    params = {"name": "L @ R", "left": {"h": 3, "init": "rows"}, "cam": {"x": -1.5}}
    link = f"{PAGE}?params={quote(json.dumps(params))}"
    assert read_link(link) == read_link(link.partition("?")[2]) == read_link(json.dumps(params)) == params


def test_a_packed_link_gets_its_groups_and_types_back() -> None:
    link = packed(
        {
            "expr": "L @ R",
            "left.h": "3",
            "left.name": "7",
            "left.matmul": "false",
            "left.right.layout.left placement": "top",
            "layout.gap": "2.5",
            "anim.speed": "16",
            "deco.legends": "8.38",
        }
    )
    assert read_link(link) == {
        "expr": "L @ R",
        "left": {"h": 3, "name": "7", "matmul": False, "right": {"layout": {"left placement": "top"}}},
        "layout": {"gap": 2.5},
        "anim": {"speed": 16.0},
        "deco": {"legends": 8.38},
    }


@pytest.mark.parametrize("number", range(len(LINKS)))
def test_every_link_of_the_article_has_all_groups(number: int) -> None:
    params = read_link(LINKS[number])
    assert {"name", "epilog", "left", "right", "anim", "block", "layout", "deco", "viz", "cam"} <= set(params)
    assert isinstance(params["layout"]["gap"], int | float)
    assert {"x", "y", "z"} <= set(params["cam"]) <= {"x", "y", "z", "target"}


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("", "link: has neither 'params=' nor packed parameters: "),
        (f"{PAGE}?a=b", f"link: has neither 'params=' nor packed parameters: {PAGE}?a=b"),
        ("http://[", "link: is no address: http://["),
        ("params=", "link, params: not JSON: Expecting value: line 1 column 1 (char 0)."),
        ("params=[1]", "link, params: a mapping is needed, got [1]"),
        ("params=" + "[" * 100_000, "link, params: groups are nested too deep."),
        ("name=a&0=x", "link: the name 'name' needs a number, got 'a'."),
        ("name=1234567&0=x", "link: the name 'name' needs a number, got '1234567'."),
        ("name=0&0=x&1=y", "link: property 1 uses name 1, which the link does not have; is it cut off?"),
        ("name=0&h=1&0=x&0.1=3", "link: 'name' is both a value and a group."),
        ("name=0&h=1&0.1=3&0=x", "link: 'name' is both a value and a group."),
        ("left=0&h=1&0.1=wide", "link, left.h: must be a number, got 'wide'."),
        ("left=0&matmul=1&0.1=yes", "link, left.matmul: must be true or false, got 'yes'."),
        ("x" * (MAX_LINK + 1), f"link: has {MAX_LINK + 1:,} characters; at most {MAX_LINK:,} are read."),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_link_gets_one_message(link: str, message: str) -> None:
    with pytest.raises(SceneError) as caught:
        read_link(link)
    assert str(caught.value) == message


@given(st.text(max_size=60) | st.lists(st.sampled_from('ab=&0123.%{}[]"')).map("".join))
def test_any_text_is_a_link_or_gets_a_message(text: str) -> None:
    message = None
    try:
        assert isinstance(read_link(text), dict)
    except SceneError as error:
        message = str(error)
    assert message is None or message.startswith("link")


def test_a_command_takes_a_link_or_a_file_that_holds_one(tmp_path: Path) -> None:
    link = f"{PAGE}?params=%7B%7D"
    (tmp_path / "link.txt").write_text(f"{link}\n", encoding="utf-8")
    assert find_link(link) == link
    assert find_link('{"name": "A"}') == '{"name": "A"}'
    assert read_link(find_link(str(tmp_path / "link.txt"))) == {}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none.txt", ": is neither a link of mm nor a file that holds one."),
        ("", ": cannot be read (Is a directory)."),
        ("bytes", ": is no text; a file with a link is needed."),
    ],
)
def test_a_file_that_holds_no_text_gets_one_message(name: str, problem: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bytes").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SceneError) as caught:
        find_link(name or ".")
    assert str(caught.value) == f"{name or '.'}{problem}"


@pytest.mark.parametrize(
    ("text", "address", "link"),
    [
        ("https://bhosmer.github.io/mm/?params={}", True, True),
        (" http://localhost/?a=1", True, True),
        ("?params=%7B%7D", True, True),
        ('{"expr": "A @ B"}', False, True),
        ("scenes/head.yaml", False, False),
        ("httpsome.yaml", False, False),
    ],
)
def test_a_link_is_told_by_its_beginning(text: str, address: bool, link: bool) -> None:
    assert (is_address(text), is_link(text)) == (address, link)
