"""AWQ: whole numbers of 4 bits with a scale and a zero point for each group of inputs; opens no file.

Only its layout gemm is read, which nearly all files have: X.qweight, (inputs, outputs / 8), X.qzeros and X.scales. A
word holds eight outputs, first those of even numbers, then those of odd ones. The other layouts are for one program
each. No library is asked, for the reason that GPTQ gives. Activations may be divided by more tensors, X.act.scales,
which are no parameters here, so that such a model is refused.

Source: AutoAWQ 0.2.9, modules/linear/gemm.py and utils/packing_utils.py; GPT-QModel 7.7.0,
quantization/awq/utils/packing_utils.py.
"""

from collections.abc import Mapping

from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.quantized.by_inputs import (
    PACKED,
    Groups,
    IntegersByInputs,
    ZeroPoints,
    check,
    matrix,
    needed_words,
    parts_of,
)
from mmviz.values.quantized.gptq import OF_MAKING, group_of
from mmviz.values.quantized.packed import Find, Headers, Packed

BITS = 4
ORDER = (0, 4, 1, 5, 2, 6, 3, 7)
"""Where in a word each of its eight outputs lies, from the lowest bits on."""
LAYOUTS: Mapping[str, str] = {"gemm": "gemm", "GEMM": "gemm"}

KEYS: Mapping[str, Key] = {
    **OF_MAKING,
    "quant_method": Key("which method it is"),
    "method": Key("the same", "only", "awq"),
    "bits": Key("bits of a number", "only", BITS),
    "w_bit": Key("the same", "only", BITS),
    "group_size": Key("how many inputs share a scale; -1: all", default=128),
    "version": Key("in which layout numbers are packed"),
    "format": Key("the same, where version says nothing", default="gemm"),
    "checkpoint_format": Key("the same", "only", "gemm"),
    "backend": Key("by which program numbers are computed; llm-awq has a layout of its own", default="auto"),
    "dynamic": Key("modules with other bits", "only", {}),
    "zero_point": Key("whether zero points are other than in the middle, where they are stored, too", "harmless"),
    **dict.fromkeys(("sym", "desc_act", "meta"), Key("how it was made", "harmless")),
    **dict.fromkeys(
        ("modules_to_not_convert", "do_fuse", "fuse_max_seq_len", "modules_to_fuse"),
        Key("whose weights are plain, which their tensors say, too, and how it is run", "harmless"),
    ),
}
BACKENDS: Mapping[str, str] = {
    each: each
    for each in (
        *("autoawq", "auto", "auto_trainable", "machete", "marlin", "exllama_v2", "exllama_v1", "gemm"),
        *("gemm_triton", "torch_awq", "torch_fused_awq"),
    )
}
"""Those that read the layout gemm."""


def read_awq(keys: Keys) -> Find:
    """What the configuration says, as a way to find every weight that is packed.

    Raises:
        SourceError: a key says what is not supported.
    """
    keys.one_of("format" if keys.given("version") is None else "version", LAYOUTS)
    keys.one_of("backend", BACKENDS)
    group = group_of(keys)

    def find(headers: Headers) -> dict[str, Packed]:
        modules = (name.removesuffix(PACKED) for name in headers.names if name.endswith(PACKED))
        return {f"{bare}.weight": _parameter(bare, headers, group) for bare in modules}

    return find


def _parameter(bare: str, headers: Headers, group: int | None) -> IntegersByInputs:
    parts = parts_of(bare, headers)
    ins, outs = headers.shape(parts["qweight"])[0], matrix(parts["scales"], headers)[1]
    groups = Groups(group or ins, -(-ins // (group or ins)))
    words = needed_words(outs, BITS)
    check(parts["qweight"], headers, (ins, words))
    check(parts["scales"], headers, (groups.count, outs))
    check(parts["qzeros"], headers, (groups.count, words))
    zeros = ZeroPoints(parts["qzeros"], headers.place(parts["qzeros"]))
    kind = f"AWQ INT{BITS} ({groups})"
    return IntegersByInputs(parts["qweight"], (outs, ins), BITS, parts["scales"], zeros, groups, kind, ORDER)
