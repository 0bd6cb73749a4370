"""FP8 and NVFP4 as NVIDIA's Model Optimizer exports them; opens no file.

FP8 is X.weight with X.weight_scale, a number for all or for each row, which multiplies. NVFP4 is X.weight of two
numbers a byte, the lower half first, X.weight_scale of 8-bit floats for each 16 numbers of a row, and X.weight_scale_2,
which multiplies the scales. hf_quant_config.json says the same as config.json, in older exports alone.

Source: NVIDIA Model Optimizer, torch/export/convert_hf_config.py and torch/quantization/qtensor/nvfp4_tensor.py.
"""

from collections.abc import Mapping

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.quantized.floats import Floats8, PackedFloats
from mmviz.values.quantized.packed import Find, Headers, Packed
from mmviz.values.quantized.scales import ONE_FOR_ALL, blocks_in, misfit

ALGORITHMS: Mapping[str, str] = {
    "FP8": "FP8",
    "FP8_PER_CHANNEL_PER_TOKEN": "FP8",
    "NVFP4": "NVFP4",
    "W4A16_NVFP4": "NVFP4",
}
GROUP = 16
SCALES = ("F32", "BF16", "F16")

KEYS: Mapping[str, Key] = {
    "quant_method": Key("which method it is"),
    "quant_algo": Key("how weights are stored"),
    "group_size": Key("how many numbers of a row share a scale", "only", GROUP),
    "has_zero_point": Key("there are zero points", "only", False),
    "pre_quant_scale": Key("activations are scaled before", "only", False),
    "quantized_layers": Key("which layers are stored otherwise", "only", {}),
    **dict.fromkeys(("producer", "config_groups"), Key("how it was made, which the tensors say, too", "harmless")),
    **dict.fromkeys(
        ("kv_cache_quant_algo", "kv_cache_scheme"),
        Key("how keys and values would be rounded, which are not here", "harmless"),
    ),
    **dict.fromkeys(("exclude_modules", "ignore"), Key("whose weights are plain, as their dtype says", "harmless")),
}


def read_modelopt(keys: Keys) -> Find:
    """What the configuration says, as a way to find every weight that is not plain.

    Raises:
        SourceError: a key says what is not supported.
    """
    algorithm = keys.one_of("quant_algo", ALGORITHMS)
    dtype, parameter = ("F8_E4M3", _floats8) if algorithm == "FP8" else ("U8", _floats4)

    def find(headers: Headers) -> dict[str, Packed]:
        names = (name for name in headers.names if name.endswith(".weight") and headers.dtype(name) == dtype)
        return {name: parameter(name, headers) for name in names}

    return find


def _floats8(name: str, headers: Headers) -> Floats8:
    scale, shape = _beside(name, "scale", headers, SCALES), _matrix(name, headers)
    blocks = blocks_in(scale, headers.shape(scale), shape, None)
    if blocks is None:
        raise misfit(headers.place(scale), headers.shape(scale), name, shape, None)
    return Floats8(name, shape, blocks, f"FP8 E4M3 ({blocks})")


def _floats4(name: str, headers: Headers) -> PackedFloats:
    scale, second = _beside(name, "scale", headers, ("F8_E4M3",)), _beside(name, "scale_2", headers, SCALES)
    rows, pairs = _matrix(name, headers)
    shape, block = (rows, 2 * pairs), (1, GROUP)
    blocks, whole = (blocks_in(each, headers.shape(each), shape, block) for each in (scale, second))
    if blocks is None or blocks.sizes != block:
        found, needed = _by(headers.shape(scale)), f"{rows}x{-(-shape[1] // GROUP)}"
        raise SourceError(
            f"{headers.place(scale)}: is {found}, over {name}, which is {_by(shape)}; {needed}, one number for each "
            f"{GROUP} of a row, is needed."
        )
    if whole is None or whole.word != ONE_FOR_ALL:
        raise SourceError(f"{headers.place(second)}: is {_by(headers.shape(second))}; one number is needed.")
    return PackedFloats(name, shape, blocks, f"NVFP4 ({blocks})", whole)


def _beside(name: str, what: str, headers: Headers, dtypes: tuple[str, ...]) -> str:
    place = f"{name}_{what}"
    if place not in headers.names:
        raise SourceError(
            f"{headers.place(name)}: is stored as {headers.dtype(name)}, and its scale, {place}, is not there; both "
            "are needed."
        )
    if headers.dtype(place) not in dtypes:
        raise SourceError(
            f"{headers.place(place)}: is stored as {headers.dtype(place)}; one of {', '.join(dtypes)} is needed."
        )
    return place


def _matrix(name: str, headers: Headers) -> tuple[int, int]:
    shape = headers.shape(name)
    if len(shape) != 2:
        raise SourceError(f"{headers.place(name)}: is quantized and has {len(shape)} axes; a matrix is needed.")
    return shape[0], shape[1]


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "one number"
