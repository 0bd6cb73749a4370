"""Share links of mm (bhosmer/mm) to its parameters: plain nested data, types restored; nothing is executed or fetched.

The plain form is a query `params=` with JSON. In the packed form a query key that is a number, or two numbers with a
dot, is a property, and every other key is a name whose value is that name's number. A property `n` has the path
name[n], a property `a.b` the path name[a] + "." + name[b], where name[a] may itself be dotted.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mmviz.errors import SceneError

MAX_LINK = 1 << 20
"""Longest link that is read, in characters."""

_PROPERTY = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?")

_WHOLE = frozenset({"h", "w", "i blocks", "j blocks", "k blocks", "molecule", "legends"})
_NUMBERS = frozenset(
    {"min", "max", "dropout", "speed", "spin", "gap", "scatter", "blast", "spotlight", "row guides", "flow guides"}
    | {"lens size", "magnification", "min size", "min light", "max light", "elem scale", "zero hue", "hue gap"}
    | {"hue spread", "x", "y", "z"}
)
_SWITCHES = frozenset({"matmul", "hide inputs", "shape", "interior spotlight", "axes", "compress"})


def read_link(link: str) -> dict[str, Any]:
    """The parameters of a link, as mm itself would restore them.

    Args:
        link: An address with a query, or the query alone.

    Returns:
        Nested groups: name, epilog, left, right, anim, block, layout, deco, viz, cam.

    Raises:
        SceneError: the text is no link of mm, or it is broken.
    """
    text = link.strip()
    if len(text) > MAX_LINK:
        raise SceneError(f"link: has {len(text):,} characters; at most {MAX_LINK:,} are read.")
    query = urlsplit(text).query or text.lstrip("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    plain = [value for key, value in pairs if key == "params"]
    if plain:
        return _plain(plain[0])
    if not any(_PROPERTY.fullmatch(key) for key, _ in pairs):
        raise SceneError(f"link: has neither 'params=' nor packed parameters: {_short(text)}")
    return _packed(pairs)


def _plain(text: str) -> dict[str, Any]:
    try:
        params = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SceneError(f"link, params: not JSON: {error}.") from None
    if not isinstance(params, dict):
        raise SceneError(f"link, params: a mapping is needed, got {_short(text)}")
    return params


def _packed(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    names: dict[int, str] = {}
    for key, value in pairs:
        if not _PROPERTY.fullmatch(key):
            if not value.isdecimal():
                raise SceneError(f"link: the name '{_short(key)}' needs a number, got '{_short(value)}'.")
            names[int(value)] = key
    params: dict[str, Any] = {}
    for key, value in pairs:
        match = _PROPERTY.fullmatch(key)
        if match:
            path = ".".join(_name(names, int(number), key) for number in match.groups() if number is not None)
            _put(params, path.split("."), value)
    return params


def _name(names: dict[int, str], number: int, key: str) -> str:
    if number not in names:
        raise SceneError(f"link: property {key} uses name {number}, which the link does not have; is it cut off?")
    return names[number]


def _put(params: dict[str, Any], path: list[str], value: str) -> None:
    *groups, last = path
    for group in groups:
        inner = params.setdefault(group, {})
        if not isinstance(inner, dict):
            raise SceneError(f"link: '{group}' is both a value and a group.")
        params = inner
    if isinstance(params.get(last), dict):
        raise SceneError(f"link: '{'.'.join(path)}' is both a value and a group.")
    params[last] = _typed(last, value, ".".join(path))


def _typed(name: str, value: str, where: str) -> Any:
    if name in _SWITCHES:
        if value not in ("true", "false"):
            raise SceneError(f"link, {where}: must be true or false, got '{_short(value)}'.")
        return value == "true"
    if name in _WHOLE or name in _NUMBERS:
        try:
            number = float(value)
        except ValueError:
            raise SceneError(f"link, {where}: must be a number, got '{_short(value)}'.") from None
        return int(number) if name in _WHOLE and number.is_integer() else number
    return value


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
