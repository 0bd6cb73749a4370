"""Which methods of quantization are read, by the quant_method of config.json; decodes nothing itself.

A new one is a module beside this one, a row of METHODS, and one of KNOWN (known.py) for people. The module has a table
of the keys that its configuration may have (one that is not in it is refused), and a function that reads them and
gives another one, which looks at the headers of the stored tensors and gives every parameter that is made of several
of them. Each is a `Packed` (packed.py): it says of which tensors it is made, its shape, what people call its kind, and
computes its numbers for some rows and columns. Both functions refuse in one line, before any number is read, what they
do not understand: keys, tensors that are missing or have another shape or dtype than they need. What only the numbers
of small tensors show, such as a group that is not there, its `check` refuses, before a scene is made of it; nothing is
refused later. Tensors that are part of no parameter stay what they are; those that only say how activations would be
rounded are known by their names (values/model/unread.py). Nothing else has to know of a method:
values/files/dequantized.py makes plain parameters of all. Scales that hold for a block, a row or a matrix are in
scales.py; a tiny model with quantized weights is made by tests/values/quantized_models.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys, short
from mmviz.values.families.keys import Key
from mmviz.values.quantized import awq, bitsandbytes, compressed_tensors, fp8, gptq, modelopt, mxfp4, torchao
from mmviz.values.quantized.conv1d import has_conv1d, with_conv1d
from mmviz.values.quantized.packed import Find
from mmviz.values.quantized.said_in import OLD_KEY, SAID_IN

OLD_METHOD = "compressed-tensors"
"""The method of OLD_KEY."""


@dataclass(frozen=True, slots=True)
class Method:
    """A way to store weights in fewer bits."""

    keys: Mapping[str, Key]
    read: Callable[[Keys], Find]
    turns: bool = False  # modules that transformers stores as (inputs, outputs) are packed the other way round


METHODS: Mapping[str, Method] = {
    "fp8": Method(fp8.KEYS, fp8.read_fp8),
    "compressed-tensors": Method(compressed_tensors.KEYS, compressed_tensors.read_compressed_tensors),
    "modelopt": Method(modelopt.KEYS, modelopt.read_modelopt),
    "mxfp4": Method(mxfp4.KEYS, mxfp4.read_mxfp4),
    "gptq": Method(gptq.KEYS, gptq.read_gptq, turns=True),
    "awq": Method(awq.KEYS, awq.read_awq, turns=True),
    "bitsandbytes": Method(bitsandbytes.KEYS, bitsandbytes.read_bitsandbytes, turns=True),
    "torchao": Method(torchao.KEYS, torchao.read_torchao),
}


@dataclass(frozen=True, slots=True)
class Quantization:
    """How the weights of a model are stored."""

    method: str  # by which METHODS knows it
    find: Find  # parameters among the stored tensors


def quantization_of(config: Mapping[str, Any], where: str) -> Quantization | None:
    """How the weights of a model are stored; None where they are plain.

    Args:
        config: The content of config.json.
        where: Its path, for messages.

    Raises:
        SourceError: in a way that is not known here.
    """
    key = next((key for key in SAID_IN if config.get(key)), None)
    if key is None:
        return None
    said, place = config[key], f"{where}, {key}"
    if not isinstance(said, Mapping):
        raise SourceError(f"{place}: is {short(said)}; an object is needed.")
    found = _quantization(said.get("quant_method") or _method_of_old(key, said), said, place)
    turns = METHODS[found.method].turns and has_conv1d(config)
    return Quantization(found.method, with_conv1d(found.find)) if turns else found


def _method_of_old(key: str, said: Mapping[str, Any]) -> str | None:
    """Of files that do not say it, as transformers tells it."""
    if key == OLD_KEY and "config_groups" in said:
        return OLD_METHOD
    return "bitsandbytes" if any(said.get(flag) for flag in ("load_in_8bit", "load_in_4bit")) else None


def quantization_of_modelopt(content: Mapping[str, Any], where: str) -> Quantization | None:
    """The same by the content of hf_quant_config.json, for models whose config.json says nothing."""
    said, place = content.get("quantization"), f"{where}, quantization"
    if not said:
        return None
    if not isinstance(said, Mapping):
        raise SourceError(f"{place}: is {short(said)}; an object is needed.")
    return _quantization("modelopt", said, place)


def _quantization(method: object, said: Mapping[str, Any], place: str) -> Quantization:
    if not isinstance(method, str) or method not in METHODS:
        found = "is missing" if method is None else f"{short(method)} is not read"
        raise SourceError(f"{place}, quant_method: {found}; {', '.join(METHODS)}, plain weights, or GGUF, are needed.")
    keys = Keys(said, place, METHODS[method].keys)
    keys.check_all_known(f"weights stored as {method}")
    return Quantization(method, METHODS[method].read(keys))
