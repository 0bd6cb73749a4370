"""FP8 of fine grain: numbers of 8 bits, and a scale for each block, row or matrix; opens no file.

What is stored as X.weight and X.weight_scale_inv, or under another of the names in SCALES, is their product: the scale
is the one that dequantizes, whatever its name says. It is multiplied in float32, once, so that each number is that of
the format, rounded as a float32; no library is asked, as it is one product, and transformers (its Fp8Dequantize) makes
blocks as large as they would be without one that is cut short: see findings/fp8-blocks-cut-short.sh.

Source: the models of DeepSeek-V3 and Qwen3-FP8, their config.json and inference code; transformers 5.24.0,
integrations/finegrained_fp8.py; modelopt's hf_quant_config.json.
"""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys, short
from mmviz.values.families.keys import Key
from mmviz.values.quantized.floats import Floats8
from mmviz.values.quantized.packed import Find, Headers, Packed
from mmviz.values.quantized.scales import blocks_in, misfit

NUMBERS: Mapping[str, str] = {"F8_E4M3": "FP8 E4M3", "F8_E5M2": "FP8 E5M2"}
"""What weights are stored as, and how people call it."""
SCALES = ("{}_scale_inv", "{}_scale", "{bare}.scale", "{bare}.qscale_weight")
"""Where the scale of X.weight, or of X, may be stored."""
SCALE_DTYPES = ("F32", "BF16", "F16", "F8_E8M0")
SCALE_FORMATS: Mapping[str, str] = {"float": "numbers", "ue8m0": "exponents"}
MOST_OF_BLOCK = 1 << 20
DEFAULT_BLOCK = (128, 128)
"""Where config.json says none, as in transformers."""

KEYS: Mapping[str, Key] = {
    "quant_method": Key("which method it is"),
    "weight_block_size": Key("rows and columns of a block; null: scales of a row or a matrix", default=DEFAULT_BLOCK),
    "scale_fmt": Key("ue8m0: scales are powers of 2; as bytes they are exponents", default="float"),
    "fmt": Key("the number's format, which its dtype says, too", "harmless"),
    "weight_dtype": Key("the same", "harmless"),
    "expert_dtype": Key("that of experts, which fp4 packs by two", "only", "fp8"),
    "dequantize": Key("of a run", "harmless"),
    **dict.fromkeys(
        ("activation_scheme", "kv_cache_scheme", "kv_cache_quant_algo"),
        Key("how activations would be rounded, which are not here", "harmless"),
    ),
    **dict.fromkeys(
        ("modules_to_not_convert", "ignored_layers", "exclude_modules", "ignore"),
        Key("whose weights are plain, which their dtype says, too", "harmless"),
    ),
    "modules_to_convert": Key("whose weights are not, which their dtype says, too", "harmless"),
}


def read_fp8(keys: Keys) -> Find:
    """What the configuration says, as a way to find every weight of 8 bits with its scale.

    Raises:
        SourceError: a key says what is not supported.
    """
    block, exponents = _block(keys), keys.one_of("scale_fmt", SCALE_FORMATS) == "exponents"

    def find(headers: Headers) -> dict[str, Packed]:
        eights = (name for name in headers.names if headers.dtype(name) in NUMBERS)
        return {name: _scaled(name, headers, block, exponents=exponents) for name in eights}

    return find


def _block(keys: Keys) -> tuple[int, int] | None:
    said = keys.given("weight_block_size")
    if said is None:
        return None
    sides = list(said) if isinstance(said, list | tuple) else []
    if len(sides) != 2 or not all(type(side) is int and 1 <= side <= MOST_OF_BLOCK for side in sides):
        raise keys.problem("weight_block_size", f"is {short(said)}; two whole numbers, rows and columns, are needed.")
    return sides[0], sides[1]


def _scaled(name: str, headers: Headers, block: tuple[int, int] | None, *, exponents: bool) -> Floats8:
    shape, places = headers.shape(name), [form.format(name, bare=name.removesuffix(".weight")) for form in SCALES]
    scale = next((place for place in places if place in headers.names), None)
    if scale is None:
        raise SourceError(
            f"{headers.place(name)}: is stored as {headers.dtype(name)}, and its scale, such as {places[0]}, is not "
            "there; both are needed."
        )
    if len(shape) < 2:
        raise SourceError(f"{headers.place(name)}: is quantized and has {len(shape)} axes; a matrix is needed.")
    dtype, found = headers.dtype(scale), headers.shape(scale)
    if dtype not in SCALE_DTYPES and not (dtype == "U8" and exponents):
        raise SourceError(f"{headers.place(scale)}: is stored as {dtype}; one of {', '.join(SCALE_DTYPES)} is needed.")
    blocks = blocks_in(scale, found, shape, block)
    if blocks is None:
        raise misfit(headers.place(scale), found, name, shape, block)
    return Floats8(name, shape, replace(blocks, exponents=dtype == "U8"), f"{NUMBERS[headers.dtype(name)]} ({blocks})")
