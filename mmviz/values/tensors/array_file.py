"""Arrays of numpy in a safetensors file of our own, with one text beside them; knows no models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from mmviz.errors import SourceError


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], key: str, text: str) -> None:
    """Write arrays by name; the same arrays and text give the same bytes.

    Args:
        path: The file, replaced if it is there.
        arrays: float64 or int64.
        key: What the text is called in the file's metadata. One only: see
            findings/safetensors-metadata-order.sh.
        text: Any.
    """
    # Only contiguous ones are written as they are: see findings/safetensors-numpy-transposed.sh.
    path.write_bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, {key: text}))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of a file that `write_arrays` wrote.

    Raises:
        SourceError: it cannot be read, or is no such file.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (OSError, SafetensorError) as error:
        raise SourceError(f"{path}: cannot be read ({error}); a whole safetensors file is needed.") from error
