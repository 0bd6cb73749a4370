"""GPTQ: whole numbers of 2, 3, 4 or 8 bits with a scale and a zero point for each group of inputs; opens no file.

A module has X.qweight, words that hold numbers of a column below each other, X.qzeros, words that hold zero points of a
row beside each other, X.scales, and X.g_idx, the group of each input, which may be left out where they lie side by
side. In 3 bits a number may lie across two words. The first format of checkpoints, gptq, stores zero points one less;
gptq_v2 as they are. GPT-QModel takes the ones away from whole words, so that 0 borrows from the number beside it, and
adds them to words again; AutoGPTQ breaks that of 0 and makes 16 of what is left, so that files of others with such a
number are refused. No library is asked: GPT-QModel, which transformers needs for it, makes whole matrices of 16 bits.

Source: GPT-QModel 7.7.0, nn_modules/qlinear/__init__.py (pack_original, dequantize_weight) and utils/model.py
(convert_gptq_v1_to_v2_format_module); AutoGPTQ 0.7.1, nn_modules/qlinear/qlinear_cuda.py; transformers 5.24.0,
utils/quantization_config.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.quantized.bits import WORD
from mmviz.values.quantized.by_inputs import (
    PACKED,
    Groups,
    IntegersByInputs,
    ZeroPoints,
    by,
    check,
    matrix,
    needed_words,
    parts_of,
)
from mmviz.values.quantized.packed import Find, Headers, Packed

WIDTHS = (2, 3, 4, 8)
FORMATS: Mapping[str, str] = {"gptq": "less", "gptq_v2": "as they are"}
"""How zero points are stored."""

OF_MAKING: Mapping[str, Key] = {
    **dict.fromkeys(
        (
            *("damp_percent", "damp_auto_increment", "static_groups", "true_sequential", "act_group_aware", "mse"),
            *("model_name_or_path", "model_file_base_name", "tokenizer", "dataset", "batch_size", "pad_token_id"),
            *("block_name_to_quantize", "module_name_preceding_first_block", "modules_in_block_to_quantize"),
            *("cache_block_outputs", "model_seqlen", "quantizer", "uri", "gptaq", "foem", "rotation", "v2"),
        ),
        Key("how it was made", "harmless"),
    ),
    **dict.fromkeys(
        ("backend", "use_cuda_fp16", "use_exllama", "disable_exllama", "exllama_config", "max_input_length"),
        Key("by which program the same numbers are computed", "harmless"),
    ),
    "lm_head": Key("the unembedding is quantized, which its tensors say, too", "harmless"),
    "adapter": Key("matrices that are added", "only"),
    "pack_dtype": Key("words of how many bits", "only", "int32"),
}
"""Keys that AWQ has, too, where the same package wrote them."""
KEYS: Mapping[str, Key] = {
    **OF_MAKING,
    "quant_method": Key("which method it is"),
    "method": Key("the same", "only", "gptq"),
    "bits": Key("bits of a number"),
    "group_size": Key("how many inputs share a scale; -1: all", default=128),
    "checkpoint_format": Key("how zero points are stored"),
    "format": Key("the same, where checkpoint_format says nothing", default="gptq"),
    "dynamic": Key("modules with other bits and groups, which their tensors say, too", default={}),
    "meta": Key("which program wrote it, by quantizer", default={}),
    "desc_act": Key("g_idx is in another order", default=False),
    "sym": Key("all zero points are in the middle, where they are stored, too", "harmless"),
    "is_marlin_format": Key("words are in the order of one program", "only", False),
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the weights of a model are quantized, as far as the configuration says it."""

    bits: int
    group: int | None  # inputs that share a scale; None: all
    varied: bool  # some modules have other bits and groups
    lessened: bool  # zero points are stored one less
    borrowed: bool  # by GPT-QModel
    ordered: bool  # g_idx is needed


def read_gptq(keys: Keys) -> Find:
    """What the configuration says, as a way to find every weight that is packed.

    Raises:
        SourceError: a key says what is not supported.
    """
    scheme = scheme_of(keys)

    def find(headers: Headers) -> dict[str, Packed]:
        modules = (name.removesuffix(PACKED) for name in headers.names if name.endswith(PACKED))
        return {f"{bare}.weight": _parameter(bare, headers, scheme) for bare in modules}

    return find


def scheme_of(keys: Keys) -> Scheme:
    """What the keys say.

    Raises:
        SourceError: they say what is not supported.
    """
    bits, said = (
        keys.whole("bits", most=8),
        "format" if keys.given("checkpoint_format") is None else "checkpoint_format",
    )
    if bits not in WIDTHS:
        raise keys.problem("bits", f"is {bits}; one of {', '.join(map(str, WIDTHS))} is needed.")
    writers = keys.part("meta", {}).config.get("quantizer")
    return Scheme(
        bits=bits,
        group=group_of(keys),
        varied=bool(keys.part("dynamic", {}).config),
        lessened=keys.one_of(said, FORMATS) == "less",
        borrowed="gptqmodel" in str(writers).lower(),
        ordered=keys.flag("desc_act"),
    )


def group_of(keys: Keys) -> int | None:
    """How many inputs share a scale; None where all do.

    Raises:
        SourceError: it is no whole number.
    """
    return None if keys.given("group_size") == -1 else keys.whole("group_size")


def _parameter(bare: str, headers: Headers, scheme: Scheme) -> IntegersByInputs:
    parts = parts_of(bare, headers)
    words, outs = headers.shape(parts["qweight"])
    count = matrix(parts["scales"], headers)[0]
    bits = _bits(parts, outs, headers, scheme)
    index = f"{bare}.g_idx"
    indexed = index in headers.names
    if not indexed and scheme.ordered:
        raise SourceError(
            f"{headers.place(parts['qweight'])}: its order, {index}, is not there; it is needed, as desc_act says that "
            "inputs are in another one."
        )
    ins = _inputs(index, headers) if indexed else words * WORD // bits
    if ins < 1 or words != needed_words(ins, bits):
        raise SourceError(
            f"{headers.place(parts['qweight'])}: is {words}x{outs}; {needed_words(ins, bits)} words of {bits} bits a "
            f"column are needed for {ins} inputs."
        )
    size = _size(ins, count, scheme)
    check(parts["scales"], headers, (-(-ins // size), outs))
    check(parts["qzeros"], headers, (-(-ins // size), needed_words(outs, bits)))
    zeros = ZeroPoints(parts["qzeros"], headers.place(parts["qzeros"]), scheme.lessened, scheme.borrowed)
    groups = Groups(size, count, index if indexed else "", headers.place(index) if indexed else "")
    return IntegersByInputs(
        parts["qweight"], (outs, ins), bits, parts["scales"], zeros, groups, f"GPTQ INT{bits} ({groups})"
    )


def _bits(parts: Mapping[str, str], outs: int, headers: Headers, scheme: Scheme) -> int:
    """Of this module: where they vary, what the zero points have room for."""
    if not scheme.varied:
        return scheme.bits
    words = headers.shape(parts["qzeros"])[1]
    return next((bits for bits in (scheme.bits, *WIDTHS) if needed_words(outs, bits) == words), scheme.bits)


def _size(ins: int, count: int, scheme: Scheme) -> int:
    """Inputs of a group of this module: where they vary, as many as make so many groups."""
    size = scheme.group or ins
    if not scheme.varied or -(-ins // size) == count or ins % count:
        return size
    return ins // count


def _inputs(index: str, headers: Headers) -> int:
    shape, dtype = headers.shape(index), headers.dtype(index)
    if len(shape) != 1 or dtype not in ("I32", "I64"):
        raise SourceError(f"{headers.place(index)}: is {by(shape)} as {dtype}; one number a column, as I32, is needed.")
    return shape[0]
