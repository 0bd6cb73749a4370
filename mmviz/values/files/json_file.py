"""Reads a model's JSON files, which hold one object each; knows none of their keys."""

import json
from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.files.plain_file import check_plain


def read_json(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises:
        SourceError: it is missing, cannot be read, is broken, or is no object.
    """
    check_plain(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file; the model's {path.name} is needed.") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); a readable file is needed.") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested thousands deep
        raise SourceError(f"{path}: broken JSON ({error}); a whole {path.name} is needed.") from error
    if not isinstance(content, dict):
        raise SourceError(f"{path}: is a JSON {type(content).__name__}; an object is needed.")
    return content
