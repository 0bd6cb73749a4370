"""The formats of compressed-tensors: whole numbers, packed or not, and floats of 8 and 4 bits; opens no file.

A module has X.weight_packed, of words or bytes that hold several numbers, or X.weight of one number a byte, and beside
it X.weight_scale, X.weight_zero_point and X.weight_global_scale. What each tensor is, its dtype and shape say; one of
config_groups has to say the same, and its targets, which may be patterns, are not needed for that. The package itself
is not asked, though it decodes on a CPU: it makes whole matrices, in the dtype of the scales, so that numbers are
rounded twice, and it brings along more than is read here. Its own files are what the tests hold this against.

Source: compressed-tensors 0.20.1, compressors/ and quantization/lifecycle/forward_helpers.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys, short
from mmviz.values.families.keys import Key
from mmviz.values.quantized.bits import WORD, Packing
from mmviz.values.quantized.floats import Floats8, PackedFloats
from mmviz.values.quantized.integers import Integers
from mmviz.values.quantized.packed import Find, Headers, Packed
from mmviz.values.quantized.scales import ONE_FOR_ALL, Blocks, Order, bare_shape, blocks_in, misfit

FORMATS: Mapping[str, str] = {
    each: each
    for each in (
        *("pack-quantized", "int-quantized", "float-quantized", "naive-quantized", "mixed-precision"),
        *("nvfp4-pack-quantized", "mxfp4-pack-quantized", "mxfp6-pack-quantized", "mxfp8-quantized"),
    )
}
WIDTHS = range(1, 9)
"""Bits of packed numbers. Where a word has room for some and a part of another, versions of the package up to 0.17
leave a gap, and later ones do not; how many words there are says which."""
PACKED, PLAIN = ".weight_packed", ".weight"
SCALE_DTYPES = ("F32", "BF16", "F16", "F8_E4M3")

KEYS: Mapping[str, Key] = {
    "quant_method": Key("which method it is"),
    "format": Key("how numbers are laid out, which their tensors say, too"),
    "config_groups": Key("how many bits the numbers of some modules have", default={}),
    "sparsity_config": Key("whether zeros are left out", default={}),
    "transform_config": Key("rotations of weights and activations", "only", {}),
    "moe_sparsity_config": Key("experts that are left out", "only"),
    **dict.fromkeys(
        ("quantization_status", "global_compression_ratio", "version", "run_compressed", "dequantize"),
        Key("how it was made, or is run", "harmless"),
    ),
    "kv_cache_scheme": Key("how keys and values would be rounded, which are not here", "harmless"),
    "ignore": Key("whose weights are plain, which their dtype says, too", "harmless"),
}
GROUP_KEYS: Mapping[str, Key] = {
    "weights": Key("how weights are quantized"),
    "format": Key("the format of these modules, where it is not that of all"),
    "targets": Key("of which modules, which their tensors say, too", "harmless"),
    **dict.fromkeys(
        ("input_activations", "output_activations"),
        Key("how activations would be rounded, which are not here", "harmless"),
    ),
}
WEIGHT_KEYS: Mapping[str, Key] = {
    "num_bits": Key("bits of a number", default=8),
    "type": Key("int or float", default="int"),
    "symmetric": Key("there is no zero point", default=True),
    "group_size": Key("how many numbers of a row share a scale; -1: all"),
    "block_structure": Key("rows and columns that share a scale"),
    "dynamic": Key("scales are found when it is run", "only", False),
    **dict.fromkeys(("strategy", "actorder", "scale_dtype", "zp_dtype"), Key("which the tensors say, too", "harmless")),
    **dict.fromkeys(("observer", "observer_kwargs"), Key("how it was made", "harmless")),
}
TYPES: Mapping[str, str] = {"int": "int", "float": "float"}


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the weights of some modules are quantized."""

    bits: int
    floats: bool
    symmetric: bool
    block: tuple[int, int] | None

    def __str__(self) -> str:
        return f"{'floats' if self.floats else 'whole numbers'} of {self.bits} bits"


def read_compressed_tensors(keys: Keys) -> Find:
    """What the configuration says, as a way to find every weight that is packed or has a scale.

    Raises:
        SourceError: a key says what is not supported.
    """
    keys.one_of("format", FORMATS)
    sparsity = keys.part("sparsity_config", {}).config
    if sparsity.get("format", "dense") != "dense":
        raise keys.problem("sparsity_config, format", f"is {short(sparsity['format'])}; 'dense' is needed.")
    groups = keys.part("config_groups", {}).config
    schemes = [scheme for name, group in groups.items() if (scheme := _scheme(name, group, keys)) is not None]
    if not schemes:
        raise keys.problem("config_groups", "says of no weights how they are quantized; a group that does is needed.")

    def find(headers: Headers) -> dict[str, Packed]:
        return {f"{bare}{PLAIN}": _parameter(bare, headers, schemes) for bare in _modules(headers)}

    return find


def _scheme(name: str, said: object, keys: Keys) -> Scheme | None:
    where = f"{keys.where}, config_groups, {name}"
    if not isinstance(said, Mapping):
        raise SourceError(f"{where}: is {short(said)}; an object is needed.")
    group = Keys(said, where, GROUP_KEYS)
    group.check_all_known("groups")
    if group.given("format") is not None:
        group.one_of("format", FORMATS)
    if group.given("weights") is None:
        return None
    weights = group.part("weights", WEIGHT_KEYS)
    weights.check_all_known("weights")
    return Scheme(
        bits=weights.whole("num_bits", most=16),
        floats=weights.one_of("type", TYPES) == "float",
        symmetric=weights.flag("symmetric"),
        block=_block(weights),
    )


def _block(weights: Keys) -> tuple[int, int] | None:
    sides = weights.given("block_structure")
    if sides is None:
        size = weights.given("group_size")
        return None if size in (None, -1) else (1, weights.whole("group_size"))
    if isinstance(sides, str):
        sides = [int(side) if side.isdecimal() else side for side in sides[:40].split("x")]
    if not isinstance(sides, list) or len(sides) != 2 or not all(type(side) is int and side > 0 for side in sides):
        raise weights.problem("block_structure", f"is {short(sides)}; rows and columns are needed.")
    return sides[0], sides[1]


def _modules(headers: Headers) -> list[str]:
    """The modules whose weights are not plain, by their names without that of the weight."""
    packed = [name.removesuffix(PACKED) for name in headers.names if name.endswith(PACKED)]
    small = (name for name in headers.names if name.endswith(PLAIN) and headers.dtype(name) in ("I8", "F8_E4M3"))
    return [*packed, *(name.removesuffix(PLAIN) for name in small)]


def _parameter(bare: str, headers: Headers, schemes: Sequence[Scheme]) -> Packed:
    """By the first scheme that it fits; what does not fit in the first of all is told if there is none."""
    failed: SourceError | None = None
    fitting: dict[Packing | None, Packed] = {}
    for scheme in schemes:
        try:
            found = _by_scheme(bare, headers, scheme)
            fitting.setdefault(found.packing if isinstance(found, Integers) else None, found)
        except SourceError as error:
            failed = failed or error
    if len(fitting) > 1:
        bits = " and ".join(f"{way.bits}{' with gaps' * way.gaps}" for way in fitting if way is not None)
        raise SourceError(
            f"{headers.place(f'{bare}{PACKED}')}: fits several of config_groups, of {bits} bits; one is needed."
        )
    if failed is not None and not fitting:
        raise failed
    return next(iter(fitting.values()))


def _by_scheme(bare: str, headers: Headers, scheme: Scheme) -> Packed:
    weight = f"{bare}{PACKED}" if f"{bare}{PACKED}" in headers.names else f"{bare}{PLAIN}"
    place, dtype, stored = headers.place(weight), headers.dtype(weight), headers.shape(weight)
    if len(stored) != 2:
        raise SourceError(f"{place}: is quantized and has {len(stored)} axes; a matrix is needed.")
    kinds = {"I32": (False, WIDTHS), "I8": (False, range(1, 9)), "F8_E4M3": (True, (8,)), "U8": (True, (4, 6))}
    if dtype not in kinds or kinds[dtype][0] != scheme.floats or scheme.bits not in kinds[dtype][1]:
        raise SourceError(f"{place}: is stored as {dtype}, and config_groups says {scheme}; the two do not fit.")
    shape, packing = _shape(bare, weight, headers, scheme)
    scale = _scale(bare, weight, shape, headers, scheme)
    if dtype == "F8_E4M3":
        _no_zero_point(bare, headers)
        return Floats8(weight, shape, scale, f"FP8 E4M3 ({scale})")
    if dtype == "U8":
        _no_zero_point(bare, headers)
        return _packed_floats(bare, weight, shape, headers, scale, sixes=scheme.bits == 6)
    scale = replace(scale, order=_order(bare, shape, headers))
    zero = _zero_point(bare, headers, scheme, scale, packing)
    kind = f"INT{scheme.bits} ({scale}{'' if zero is None else ', with zero points'})"
    beside = tuple(name for name in (f"{bare}.weight_shape",) if name in headers.names)
    return Integers(weight, shape, scale, kind, packing, zero, beside)


def _shape(bare: str, weight: str, headers: Headers, scheme: Scheme) -> tuple[tuple[int, int], Packing | None]:
    """That of the parameter, which a tensor says where words may have room for more numbers, and how these lie."""
    rows, columns = headers.shape(weight)
    if headers.dtype(weight) == "U8":
        if columns * 8 % scheme.bits:
            raise SourceError(
                f"{headers.place(weight)}: has rows of {columns} bytes; three for each four numbers are needed."
            )
        return (rows, columns * 8 // scheme.bits), None
    if headers.dtype(weight) != "I32":
        return (rows, columns), None
    said = f"{bare}.weight_shape"
    if said not in headers.names:
        raise SourceError(f"{headers.place(weight)}: its shape, {said}, is not there; both are needed.")
    shape = headers.sizes(said)
    ways = [Packing(scheme.bits), *([Packing(scheme.bits, gaps=True)] if WORD % scheme.bits else [])]
    fitting = [way for way in ways if len(shape) == 2 and min(shape) > 0 and way.words(shape[1]) == columns]
    if not fitting or shape[0] != rows:
        found = "x".join(map(str, shape))
        raise SourceError(
            f"{headers.place(said)}: is {found}, but {weight} has {rows} rows of {columns} words of numbers of "
            f"{scheme.bits} bits."
        )
    if len(fitting) > 1 and columns > 1:
        raise SourceError(
            f"{headers.place(weight)}: has rows of {columns} words, which {shape[1]} numbers of {scheme.bits} bits "
            "take with gaps as well as without; wider rows, which show which it is, are needed."
        )
    return (shape[0], shape[1]), fitting[0]


def _scale(bare: str, weight: str, shape: tuple[int, int], headers: Headers, scheme: Scheme) -> Blocks:
    name = f"{bare}.weight_scale"
    if name not in headers.names:
        raise SourceError(f"{headers.place(weight)}: its scale, {name}, is not there; both are needed.")
    dtype, found = headers.dtype(name), headers.shape(name)
    exponents = dtype == "U8" and scheme.floats
    if dtype not in SCALE_DTYPES and not exponents:
        raise SourceError(f"{headers.place(name)}: is stored as {dtype}; one of {', '.join(SCALE_DTYPES)} is needed.")
    blocks = blocks_in(name, found, shape, scheme.block)
    if blocks is None:
        raise misfit(headers.place(name), found, f"{bare}.weight", shape, scheme.block)
    return replace(blocks, exponents=exponents)


def _zero_point(bare: str, headers: Headers, scheme: Scheme, scale: Blocks, packing: Packing | None) -> Blocks | None:
    """As the scale lies over the weight, packed along columns or not; older files have zeros where there are none."""
    name = f"{bare}.weight_zero_point"
    if name not in headers.names:
        if not scheme.symmetric:
            raise SourceError(
                f"{headers.place(scale.stored)}: its zero points, {name}, are not there; they are needed, as "
                "config_groups says that it is not symmetric."
            )
        return None
    dtype, found = headers.dtype(name), headers.shape(name)
    ways = (packing or Packing(scheme.bits), Packing(scheme.bits, gaps=True), Packing(scheme.bits))
    fitting = (
        way for way in ways if way.words(scale.grid[0]) == sum(found[:1])
    )  # where rows of one word do not say it
    packing = next(fitting, ways[0]) if dtype == "I32" and scheme.bits in WIDTHS else None
    grid = scale.grid if packing is None else (packing.words(scale.grid[0]), *scale.grid[1:])
    if packing is None and dtype != "I8":
        raise SourceError(f"{headers.place(name)}: is stored as {dtype}; I32 or I8 is needed.")
    if bare_shape(found) != bare_shape(grid) if packing is None else found != grid:
        needed, has = ("x".join(map(str, sizes)) or "one number" for sizes in (grid, found))
        raise SourceError(f"{headers.place(name)}: is {has}; {needed}, as many as there are scales, is needed.")
    return replace(scale, stored=name, packing=packing, exponents=False)


def _order(bare: str, shape: tuple[int, int], headers: Headers) -> Order | None:
    """Which group each column is in, where they were sorted by activations and put back (actorder: group)."""
    name = f"{bare}.weight_g_idx"
    if name not in headers.names:
        return None
    dtype, found = headers.dtype(name), headers.shape(name)
    if dtype not in ("I32", "I64") or found != shape[1:]:
        has = "x".join(map(str, found)) or "one number"
        raise SourceError(f"{headers.place(name)}: is {has} as {dtype}; {shape[1]} as I32, one a column, is needed.")
    return Order(name, headers.place(name))


def _packed_floats(
    bare: str, weight: str, shape: tuple[int, int], headers: Headers, scale: Blocks, *, sixes: bool
) -> PackedFloats:
    """MXFP4 and MXFP6, with exponents; or NVFP4, whose scales are divided by one for all."""
    name = f"{bare}.weight_global_scale"
    if scale.exponents:
        return PackedFloats(weight, shape, scale, "MXFP6 E2M3" if sixes else "MXFP4", sixes=sixes)
    if sixes:
        place, dtype = headers.place(scale.stored), headers.dtype(scale.stored)
        raise SourceError(f"{place}: is stored as {dtype}; U8, exponents of floats of 6 bits, is needed.")
    if name not in headers.names:
        raise SourceError(f"{headers.place(weight)}: the scale of its scales, {name}, is not there; it is needed.")
    dtype, found = headers.dtype(name), headers.shape(name)
    whole = blocks_in(name, found, shape, None)
    if whole is None or whole.word != ONE_FOR_ALL or dtype not in SCALE_DTYPES:
        raise SourceError(f"{headers.place(name)}: is {'x'.join(map(str, found))} as {dtype}; one number is needed.")
    return PackedFloats(weight, shape, scale, f"NVFP4 ({scale})", whole, divides=True)


def _no_zero_point(bare: str, headers: Headers) -> None:
    if (name := f"{bare}.weight_zero_point") in headers.names:
        raise SourceError(f"{headers.place(name)}: zero points of floats are not read here; none are needed.")
