"""MXFP4 as gpt-oss stores its experts: floats of 4 bits, and an exponent for each 32 of them; opens no file.

X_blocks is (experts, outs, groups, 16), bytes of two numbers, the lower half first, and X_scales (experts, outs,
groups), bytes e that mean 2^(e - 127). The parameter X is (experts, ins, outs), as transformers has it. Each number is
exact in float32. No library is asked: transformers' own decoder (convert_moe_packed_tensors) makes all experts at once,
and is the reference in the tests.

Source: the config.json and files of openai/gpt-oss; OCP Microscaling Formats 1.0; transformers 5.24.0,
integrations/mxfp4.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.quantized.bits import fp4
from mmviz.values.quantized.packed import Find, Headers, Packed, Read

BLOCKS, SCALES = "_blocks", "_scales"
GROUP = 32
KEYS: Mapping[str, Key] = {
    "quant_method": Key("which method it is"),
    "modules_to_not_convert": Key("whose weights are plain, which their dtype says, too", "harmless"),
    "dequantize": Key("of a run", "harmless"),
}


@dataclass(frozen=True, slots=True)
class Experts:
    """A stack of matrices in blocks of 32 along the axis that is multiplied."""

    blocks: str
    scales: str
    shape: tuple[int, ...]
    kind: str = "MXFP4"

    @property
    def stored(self) -> tuple[str, ...]:
        """Both tensors."""
        return self.blocks, self.scales

    def check(self, read: Read) -> None:
        """As `Packed`: any numbers will do."""

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`; an expert is read as a whole."""
        ins = columns or range(self.shape[1])
        groups = slice(ins.start // GROUP, (ins.stop - 1) // GROUP + 1)
        pairs, exponents = read(self.blocks, rows)[:, :, groups], read(self.scales, rows)[:, :, groups]
        powers = exponents.contiguous().view(torch.float8_e8m0fnu).to(torch.float32)
        numbers = (fp4(pairs) * powers.unsqueeze(-1)).flatten(2)  # (experts, outs, ins of these groups)
        first = groups.start * GROUP
        return numbers[:, :, ins.start - first : ins.stop - first].mT


def read_mxfp4(keys: Keys) -> Find:
    """A way to find every stack of experts in blocks."""
    del keys  # none of them says anything of the numbers

    def find(headers: Headers) -> dict[str, Packed]:
        bare = (name.removesuffix(BLOCKS) for name in headers.names if name.endswith(BLOCKS))
        return {name: _experts(name, headers) for name in bare}

    return find


def _experts(name: str, headers: Headers) -> Experts:
    blocks, scales = f"{name}{BLOCKS}", f"{name}{SCALES}"
    place, shape = headers.place(blocks), headers.shape(blocks)
    if scales not in headers.names:
        raise SourceError(f"{place}: its scales, {scales}, are not there; both are needed.")
    for each in (blocks, scales):
        if headers.dtype(each) != "U8":
            raise SourceError(f"{headers.place(each)}: is stored as {headers.dtype(each)}; U8 is needed.")
    if len(shape) != 4 or shape[3] != GROUP // 2:
        raise SourceError(f"{place}: is {_by(shape)}; experts x outputs x groups x {GROUP // 2} is needed.")
    if headers.shape(scales) != shape[:3]:
        raise SourceError(
            f"{headers.place(scales)}: is {_by(headers.shape(scales))}; {_by(shape[:3])}, one for each group of "
            f"{blocks}, is needed."
        )
    return Experts(blocks, scales, (shape[0], shape[2] * GROUP, shape[1]))


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
