"""torchao, where its files are plain tensors: whole numbers of 8 bits a byte, and floats of 8 bits; opens no file.

A parameter X.weight is stored as X._weight_qdata, X._weight_scale and perhaps X._weight_zero_point, and the metadata of
the file says under its name, as JSON, of which class of torchao it was, and how many numbers share a scale. Classes
that pack numbers, each for one program, are refused, and so is what scales activations first. The package decodes on a
CPU, but whole matrices, to the dtype of the model; its own files are what the tests hold this against.

Source: torchao 0.18.0, prototype/safetensors/ and quantization/quantize_/workflows/; transformers 5.24.0,
quantizers/quantizer_torchao.py.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys, short
from mmviz.values.families.keys import Key
from mmviz.values.quantized.floats import Floats8
from mmviz.values.quantized.integers import Integers
from mmviz.values.quantized.packed import Find, Headers, Packed
from mmviz.values.quantized.scales import Blocks, bare_shape, blocks_in, misfit

STORED = re.compile(r"(?P<module>(?:.*\.)?)_(?P<name>\w+)_qdata")
DTYPES: Mapping[str, str] = {"Int8Tensor": "I8", "IntxUnpackedToInt8Tensor": "I8", "Float8Tensor": "F8_E4M3"}
"""What each class that is read stores numbers as."""
PARTS = ("qdata", "scale", "zero_point")
SCALE_DTYPES = ("F32", "BF16", "F16")

KEYS: Mapping[str, Key] = {
    "quant_method": Key("which method it is"),
    **dict.fromkeys(
        ("quant_type", "quant_type_kwargs", "modules_to_not_convert", "include_input_output_embeddings"),
        Key("which parameters are stored in which way, as the metadata of files says, too", "harmless"),
    ),
    "untie_embedding_weights": Key("tie_word_embeddings is false, which config.json says, too", "harmless"),
}


def read_torchao(keys: Keys) -> Find:
    """A way to find every parameter that is stored as several tensors, of which the metadata of files says the rest."""
    del keys

    def find(headers: Headers) -> dict[str, Packed]:
        found = filter(None, map(STORED.fullmatch, headers.names))
        return {f"{each['module']}{each['name']}": _parameter(each, headers) for each in found}

    return find


def _parameter(stored: re.Match[str], headers: Headers) -> Packed:
    numbers, name = stored[0], f"{stored['module']}{stored['name']}"
    kind, said = _said(name, numbers, headers)
    beside = f"{stored['module']}_{stored['name']}_"
    for part in said.get("_tensor_data_names", []):
        if part not in PARTS:
            raise SourceError(f"{headers.place(numbers)}: {name} has {part}, too, which is not known here.")
    shape, dtype = headers.shape(numbers), headers.dtype(numbers)
    if dtype != DTYPES[kind]:
        raise SourceError(f"{headers.place(numbers)}: is stored as {dtype}; {DTYPES[kind]}, as of {kind}, is needed.")
    if len(shape) != 2 and not (dtype == "F8_E4M3" and len(shape) == 3):
        raise SourceError(f"{headers.place(numbers)}: is quantized and has {len(shape)} axes; a matrix is needed.")
    scale = _scale(f"{beside}scale", numbers, shape, said.get("_data"), headers)
    zero = _zero_point(f"{beside}zero_point", scale, headers)
    if dtype == "F8_E4M3":
        if zero is not None:
            raise SourceError(
                f"{headers.place(zero.stored)}: zero points of floats are not read here; none are needed."
            )
        return Floats8(numbers, shape, scale, f"FP8 E4M3 ({scale})")
    return Integers(numbers, (shape[0], shape[1]), scale, f"{_bits(said['_data'])} ({scale})", None, zero)


def _said(name: str, numbers: str, headers: Headers) -> tuple[str, Mapping[str, Any]]:
    """The class that a parameter was of, and what else the metadata says of it."""
    text = headers.metadata.get(name)
    if text is None:
        raise SourceError(
            f"{headers.place(numbers)}: the metadata of the file says nothing of {name}; what torchao wrote is needed."
        )
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{headers.place(numbers)}: the metadata of {name} is no JSON ({error}); what torchao wrote is needed."
        ) from error
    kind = said.get("_type") if isinstance(said, dict) else None
    if not isinstance(kind, str) or kind not in DTYPES or not isinstance(said.get("_tensor_data_names", []), list):
        raise SourceError(
            f"{headers.place(numbers)}: {name} is stored as {short(kind)}, which is not read; one of "
            f"{', '.join(DTYPES)} is needed."
        )
    return kind, said


def _scale(name: str, numbers: str, shape: tuple[int, ...], said: object, headers: Headers) -> Blocks:
    sides = said.get("block_size") if isinstance(said, Mapping) else None
    if not isinstance(sides, list) or len(sides) != len(shape) or not all(type(side) is int for side in sides):
        raise SourceError(
            f"{headers.place(numbers)}: block_size is {short(sides)}; a whole number for each axis is needed."
        )
    if name not in headers.names:
        raise SourceError(f"{headers.place(numbers)}: its scale, {name}, is not there; both are needed.")
    if headers.dtype(name) not in SCALE_DTYPES:
        dtype = headers.dtype(name)
        raise SourceError(f"{headers.place(name)}: is stored as {dtype}; one of {', '.join(SCALE_DTYPES)} is needed.")
    whole = sides[-1] == shape[-1] and (sides[-2] in (1, shape[-2]))  # rows, or matrices
    block = None if whole or min(sides) < 1 else tuple(sides)
    found = headers.shape(name)
    blocks = blocks_in(name, found, shape, block)
    if blocks is None or list(blocks.sizes) != sides:
        raise misfit(headers.place(name), found, numbers, shape, tuple(sides))
    return blocks


def _zero_point(name: str, scale: Blocks, headers: Headers) -> Blocks | None:
    if name not in headers.names:
        return None
    dtype, found = headers.dtype(name), headers.shape(name)
    if dtype != "I8" or bare_shape(found) != bare_shape(scale.grid):
        has, needed = ("x".join(map(str, sizes)) or "one number" for sizes in (found, scale.grid))
        raise SourceError(f"{headers.place(name)}: is {has} as {dtype}; {needed} as I8 is needed.")
    return replace(scale, stored=name)


def _bits(said: Mapping[str, Any]) -> str:
    """How many bits numbers have, for people: fewer than their bytes have room for, perhaps."""
    dtype = said.get("target_dtype")
    word = dtype.get("_data") if isinstance(dtype, Mapping) else "int8"
    return str(word).upper() if re.fullmatch(r"u?int[1-8]", str(word)) else "INT8"
