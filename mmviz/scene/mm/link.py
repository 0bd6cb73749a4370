"""Share links of mm (bhosmer/mm) to its parameters: plain nested data, types restored; nothing is executed or fetched.

The parameters may also be given as JSON text, which is what a link holds.

The plain form of a link is a query `params=` with JSON. In the packed form a query key that is a number, or two
numbers with a dot, is a property, and every other key is a name whose value is that name's number. A property `n` has
the path name[n], a property `a.b` the path name[a] + "." + name[b], where name[a] may itself be dotted.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mmviz.errors import SceneError
from mmviz.scene.keys.problems import printable

MAX_LINK = 1 << 20
"""Longest link that is read, in characters."""
MAX_DIGITS = 6
"""Most digits of the number of a name."""

_PROPERTY = re.compile(rf"([0-9]{{1,{MAX_DIGITS}}})(?:\.([0-9]{{1,{MAX_DIGITS}}}))?")

_WHOLE = frozenset({"h", "w", "i blocks", "j blocks", "k blocks", "molecule", "legends"})
_NUMBERS = frozenset(
    {"min", "max", "dropout", "speed", "spin", "gap", "scatter", "blast", "spotlight", "row guides", "flow guides"}
    | {"lens size", "magnification", "min size", "min light", "max light", "elem scale", "zero hue", "hue gap"}
    | {"hue spread", "x", "y", "z"}
)
_SWITCHES = frozenset({"matmul", "hide inputs", "shape", "interior spotlight", "axes", "compress"})


def find_link(argument: str) -> str:
    """The link that a command was given: itself, or the content of the file of that name.

    Raises:
        SceneError: the file cannot be read.
    """
    if "=" in argument or is_parameters(argument):
        return argument
    try:
        with Path(argument).open(encoding="utf-8-sig") as file:
            return file.read(MAX_LINK + 1)
    except FileNotFoundError:
        raise SceneError(f"{printable(argument)}: is neither a link of mm nor a file that holds one.") from None
    except OSError as error:
        raise SceneError(f"{printable(argument)}: cannot be read ({error.strerror}).") from None
    except ValueError:
        raise SceneError(f"{printable(argument)}: is no text; a file with a link is needed.") from None


def is_address(text: str) -> bool:
    """Whether a text begins like the address of something, or like the query of one."""
    return text.lstrip().startswith(("http://", "https://", "?"))


def is_link(text: str) -> bool:
    """Whether a text begins like a share link of mm, like its query, or like its parameters as JSON."""
    return is_address(text) or is_parameters(text)


def is_parameters(text: str) -> bool:
    """Whether a text begins like the parameters of a link, which are JSON."""
    return text.lstrip().startswith("{")


def read_link(link: str) -> dict[str, Any]:
    """The parameters of a link, as mm itself would restore them.

    Args:
        link: An address with a query, the query alone, or the parameters as JSON.

    Returns:
        Nested groups: name, epilog, left, right, anim, block, layout, deco, viz, cam.

    Raises:
        SceneError: the text is no link of mm, or it is broken.
    """
    text = link.strip()
    if len(text) > MAX_LINK:
        raise SceneError(f"link: has {len(text):,} characters; at most {MAX_LINK:,} are read.")
    if is_parameters(text):
        return _plain(text)
    try:
        query = urlsplit(text).query or text.lstrip("?")
    except ValueError:
        raise SceneError(f"link: is no address: {printable(text)}") from None
    pairs = parse_qsl(query, keep_blank_values=True)
    plain = [value for key, value in pairs if key == "params"]
    if plain:
        return _plain(plain[0])
    if not any(_PROPERTY.fullmatch(key) for key, _ in pairs):
        raise SceneError(f"link: has neither 'params=' nor packed parameters: {printable(text)}")
    return _packed(pairs)


def _plain(text: str) -> dict[str, Any]:
    try:
        params = json.loads(text)
    except RecursionError:
        raise SceneError("link, params: groups are nested too deep.") from None
    except ValueError as error:  # not JSON, or a number of very many digits
        raise SceneError(f"link, params: not JSON: {error}.") from None
    if not isinstance(params, dict):
        raise SceneError(f"link, params: a mapping is needed, got {printable(text)}")
    return params


def _packed(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    names: dict[int, str] = {}
    for key, value in pairs:
        if not _PROPERTY.fullmatch(key):
            if not (value.isdecimal() and len(value) <= MAX_DIGITS):
                raise SceneError(f"link: the name '{printable(key)}' needs a number, got '{printable(value)}'.")
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
            raise SceneError(f"link, {where}: must be true or false, got '{printable(value)}'.")
        return value == "true"
    if name in _WHOLE or name in _NUMBERS:
        try:
            number = float(value)
        except ValueError:
            raise SceneError(f"link, {where}: must be a number, got '{printable(value)}'.") from None
        return int(number) if name in _WHOLE and number.is_integer() else number
    return value
