"""Scene files as plain values: YAML or JSON, read within bounds and written whole; nothing in them is executed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmviz.errors import SceneError
from mmviz.machine.output_files import written
from mmviz.machine.work_folders import alive
from mmviz.scene.keys.problems import printable
from mmviz.scene.text.yaml_text import read_yaml, write_yaml

MAX_BYTES = 1 << 20
"""Largest scene file that is read."""


def read(path: Path) -> Any:
    """The content of a scene file; .json is read as JSON, everything else as YAML.

    Raises:
        SceneError: the file cannot be read, or is no YAML or JSON.
    """
    text = read_text(path)
    if path.suffix.lower() == ".json":
        return _from_json(text, str(path))
    return read_yaml(text, str(path))


def parse(text: str, where: str) -> Any:
    """The content of the text of a scene: JSON where it begins with a brace, else YAML.

    Raises:
        SceneError: it is neither; the message starts with `where`.
    """
    if len(text) > MAX_BYTES:
        raise SceneError(f"{where}: longer than {MAX_BYTES:,} letters; big matrices go into files of their own.")
    return _from_json(text, where) if text.lstrip().startswith("{") else read_yaml(text, where)


def write(content: Any, path: Path) -> None:
    """Write plain values as a scene file, whole or not at all.

    Raises:
        SceneError: the file cannot be written.
    """
    is_json = path.suffix.lower() == ".json"
    write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n" if is_json else write_yaml(content), path)


def write_text(text: str, path: Path) -> None:
    """Write the text of a scene file, whole or not at all.

    Raises:
        SceneError: the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():  # a rename would put a plain file in the place of a device
            path.write_text(text, encoding="utf-8", newline="")
            return
        place = written(path)
        with alive(place) as folder:
            part = folder / place.name
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(place)
    except OSError as error:
        raise SceneError(f"{path}: cannot be written ({error.strerror}).") from None


def read_text(path: Path, *, keep_mark: bool = False) -> str:
    """The text of a scene file.

    Args:
        path: The file.
        keep_mark: Whether the mark of its byte order, where there is one, stays at its start.

    Raises:
        SceneError: it cannot be read, is too large or no UTF-8.
    """
    try:
        if path.is_dir():
            raise SceneError(f"{path}: is a folder; a scene file is needed.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise SceneError(f"{path}: larger than {MAX_BYTES >> 20} MiB; big matrices go into files of their own.")
        return raw.decode("utf-8" if keep_mark else "utf-8-sig")
    except FileNotFoundError:
        raise SceneError(f"{path}: there is no such file.") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SceneError(f"{path}, line {line}: not UTF-8 text; save the file as UTF-8.") from None
    except OSError as error:
        raise SceneError(f"{path}: cannot be read ({error.strerror}).") from None
    except ValueError:
        raise SceneError(f"{printable(str(path))}: no file can have this name.") from None


def _from_json(text: str, where: str) -> Any:
    def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise SceneError(f"{where}: the key '{printable(key)}' is given twice; every key stands once.")
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        problem = error.msg[:1].lower() + error.msg[1:]
        raise SceneError(f"{where}, line {error.lineno}, column {error.colno}: not JSON: {problem}.") from None
    except RecursionError:
        raise SceneError(f"{where}: lists and mappings are nested too deep.") from None
    except ValueError:
        raise SceneError(f"{where}: a number has too many digits.") from None
