"""Arrays of Python as numbers of a scene: of numpy, torch, pandas and others; imports none of them but numpy.

NaN and infinities are kept, and what is masked in an array of numpy or missing in pandas becomes NaN.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from mmviz.errors import SceneError
from mmviz.scene.keys.grid import Grid
from mmviz.scene.keys.problems import printable
from mmviz.scene.keys.sources import LARGEST
from mmviz.scene.language.tree import Tree, arguments, plain, products, tensor_of

NUMBERS = "biuf"
"""Kinds of numpy's types that can be drawn: true and false, whole numbers and floats."""
LONGEST = 1 << 24
"""Longest side of a matrix."""


def sources_of(tensors: Mapping[str, Any] | None, where: str) -> tuple[dict[str, Any], list[str]]:
    """Where the numbers of tensors come from, as a scene file says it, also of those that are given as arrays.

    Args:
        tensors: name -> a source, as it is, or an array; None: there are none.
        where: What the scene is called in messages.

    Returns:
        name -> source; and the names of those that have one dimension, see `check_rows`.

    Raises:
        SceneError: an array is no matrix of real numbers, or this is no mapping from names.
    """
    if tensors is None:
        return {}, []
    if not isinstance(tensors, Mapping):
        raise SceneError(
            f"{where}, tensors: must be a mapping from the names of expr to their numbers, such as "
            f'{{"A": A}}, got {_called(tensors)}.'
        )
    sources: dict[str, Any] = {}
    rows = []
    for name, given in tensors.items():
        if isinstance(given, Mapping | BaseModel | str | bytes | int | float | None):
            sources[name] = given
        elif _is_plain_list(given):
            one = not any(isinstance(entry, list | tuple) for entry in given)
            rows += [name] if one else []
            sources[name] = {"values": _numbers([given] if one else given)}
        else:
            array = _array(given, f"{where}, tensors.{printable(str(name))}")
            rows += [name] if array.ndim == 1 else []
            sources[name] = {"values": _matrix(array, f"{where}, tensors.{printable(str(name))}")}
    return sources, rows


def check_rows(names: Iterable[str], root: Tree, where: str) -> None:
    """Refuse arrays of one dimension where nobody knows whether a row or a column is meant.

    Args:
        names: Of the tensors that were given so.
        root: The tree of the expression.
        where: What the scene is called in messages.

    Raises:
        SceneError: one is turned by .T, or stands at the right of a product, where numpy takes it for a column.
    """
    right = {tensor_of(arguments(node)[1]) for node in products(root)}
    turned = {node.tensor for node in plain(root) if node.transposed}
    for name in names:
        if name in right | turned:
            stands = "stands at the right of a product" if name in right else "is turned by .T"
            called = printable(name)
            raise SceneError(
                f"{where}, tensors.{called}: has one dimension and {stands}, where it could be a row or a column; give "
                f"{called}.reshape(1, -1) for a row, or {called}.reshape(-1, 1) for a column."
            )


def _is_plain_list(given: object) -> bool:
    """Whether something is a list of numbers or of lists of numbers, whose place a message can name."""
    if not isinstance(given, list | tuple):
        return False
    entries = [entry for row in given for entry in (row if isinstance(row, list | tuple) else [row])]
    return all(isinstance(entry, int | float | str | None) for entry in entries)


def _numbers(rows: Any) -> Any:
    """The rows of a plain list, with 1 and 0 for true and false, as in an array."""
    if not any(isinstance(entry, bool) for row in rows if isinstance(row, list | tuple) for entry in row):
        return rows
    return [
        [int(entry) if isinstance(entry, bool) else entry for entry in row] if isinstance(row, list | tuple) else row
        for row in rows
    ]


def _matrix(array: NDArray[Any], where: str) -> Grid:
    """The numbers of an array of one or two dimensions; one is a row."""
    if array.dtype.kind not in NUMBERS:
        raise SceneError(f"{where}: holds {_kind(array)}; real numbers are needed.{_way_out(array)}")
    if array.ndim not in (1, 2):
        raise SceneError(f"{where}: {_other_dimensions(array)}")
    rows, columns = array.shape if array.ndim == 2 else (1, len(array))
    if not array.size or max(rows, columns) > LONGEST:
        raise SceneError(f"{where}: is {rows}x{columns}; from 1 to {LONGEST:,} rows and columns are needed.")
    kind: Literal["f", "d"] = "f" if array.dtype in (np.float16, np.float32) else "d"
    exact = np.ascontiguousarray(array, dtype=kind)
    large = exact[np.isfinite(exact) & (np.abs(exact) > LARGEST)]
    if large.size:
        raise SceneError(f"{where}: holds the number {large[0]:g}; numbers go up to {LARGEST:g}.")
    return Grid(exact.tobytes(), rows, columns, kind)


def _array(numbers: Any, where: str) -> NDArray[Any]:
    """As an array of numpy, of whatever type its elements are."""
    try:
        if _is_of(numbers, "torch", "Tensor"):
            return _of_torch(numbers, where)
        if _is_of(numbers, "pandas", "DataFrame") or _is_of(numbers, "pandas", "Series"):
            return _of_pandas(numbers, where)
        if isinstance(numbers, np.ma.MaskedArray) and numbers.dtype.kind in NUMBERS:
            return np.ma.filled(numbers.astype(np.float64), np.nan)
        array = np.asarray(numbers)
    except (ValueError, TypeError, RuntimeError, NotImplementedError) as error:
        reason = printable(str(error).partition("\n")[0])
        raise SceneError(f"{where}: cannot be made an array of numpy ({reason}).") from None
    if array.ndim == 0 and array.dtype == object and isinstance(numbers, Iterable):
        raise SceneError(
            f"{where}: is {_called(numbers)}; an array or a list of numbers is needed: give list(...) of it."
        )
    return array


def _is_of(value: object, library: str, name: str) -> bool:
    """Whether a value is of a class of a library, which need not be imported to know it."""
    kinds = type(value).__mro__
    return any(kind.__name__ == name and kind.__module__.partition(".")[0] == library for kind in kinds)


def _of_torch(tensor: Any, where: str) -> NDArray[Any]:
    """A tensor of any type, wherever it lies; the types that numpy does not know become float32, which holds them."""
    if tensor.is_meta:
        raise SceneError(f"{where}: is on the device meta, where tensors have no numbers.")
    plain = tensor.detach()
    if plain.is_quantized:
        plain = plain.dequantize()
    if str(plain.layout) != "torch.strided":
        plain = plain.to_dense()
    plain = plain.cpu().resolve_conj().resolve_neg()  # torch may put off to conjugate and to negate; numpy cannot
    if plain.is_floating_point() and str(plain.dtype) not in ("torch.float16", "torch.float32", "torch.float64"):
        plain = plain.float()
    found: NDArray[Any] = plain.numpy()
    return found


def _of_pandas(frame: Any, where: str) -> NDArray[Any]:
    """The values of a frame or series; what is missing becomes NaN."""
    # Pairs, not a mapping: two columns may have one name.
    columns = list(frame.dtypes.items()) if frame.ndim == 2 else [(frame.name, frame.dtype)]
    for column, kind in columns:
        if getattr(kind, "kind", "O") not in NUMBERS:
            raise SceneError(
                f"{where}: column {printable(str(column))} is of the type {kind}; real numbers are needed."
            )
    found: NDArray[Any] = frame.to_numpy(dtype="float64", na_value=np.nan)
    return found


def _kind(array: NDArray[Any]) -> str:
    """What an array holds instead of real numbers, in words."""
    words = {"c": "complex numbers", "S": "texts", "U": "texts", "M": "dates", "m": "lengths of time", "V": "records"}
    return words.get(array.dtype.kind, "objects")


def _way_out(array: NDArray[Any]) -> str:
    ways = {
        "c": " Give its real part, or its absolute values.",
        "O": " If all of them are numbers, give x.astype(float).",
    }
    return ways.get(array.dtype.kind, "")


def _called(value: object) -> str:
    """The type of a value, with its article."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _other_dimensions(array: NDArray[Any]) -> str:
    """What is wrong with an array that is no matrix, and the way to one."""
    if array.ndim == 0:
        return f"is a single number, {array}; a matrix is needed: give [[{array}]] for one of 1x1."
    sizes, last = "x".join(map(str, array.shape)), array.shape[-1]
    return (
        f"has {array.ndim} dimensions, {sizes}, and a matrix has two: give one of its slices, such as "
        f"x{'[0]' * (array.ndim - 2)}, or all rows below each other, x.reshape(-1, {last})."
    )
