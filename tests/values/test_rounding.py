"""How large rounding errors are said to be, against the errors of numbers that were rounded here."""

from math import sqrt
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind

from mmviz.values.files.rounding import rounding_errors

ROWS, COLUMNS, HEADS = 512, 64, 3


def weights() -> torch.Tensor:
    """(heads, rows, columns), of elements of different sizes."""
    torch.manual_seed(1)
    return 0.03 * torch.randn(HEADS, ROWS, COLUMNS, dtype=torch.float64) * torch.tensor([1.0, 3.0, 10.0])[:, None, None]


def said(rounded: torch.Tensor, kind: str, along: int) -> torch.Tensor:
    """(heads,), of an element, root mean square."""
    return rounding_errors(rounded, kind, along).square().mean((1, 2)).sqrt()


def error(rounded: torch.Tensor) -> torch.Tensor:
    return (rounded.double() - weights()).square().mean((1, 2)).sqrt()


@pytest.mark.parametrize(
    ("dtype", "kind", "sums"),
    [(torch.bfloat16, "BF16", 1), (torch.float16, "F16", 1), (torch.float32, "F32", COLUMNS)],
    ids=str,
)
def test_the_error_of_floats_is_that_of_rounding_as_often_as_they_were_rounded(
    dtype: torch.dtype, kind: str, sums: int
) -> None:
    rounded = weights().to(dtype)
    np.testing.assert_allclose(said(rounded, kind, 1), sqrt(sums) * error(rounded), rtol=0.02)


@pytest.mark.parametrize("kind", ["Q8_0", "Q5_0", "Q5_1", "Q4_0", "Q4_1"])
@pytest.mark.parametrize("along", [1, 2])
def test_the_error_of_quantized_weights_is_about_that_of_quantizing(kind: str, along: int) -> None:
    lines = weights().transpose(along, 2).float().contiguous().numpy()  # blocks go along the last axis
    blocks: Any = gguf.quants.quantize(lines, Kind[kind])
    rounded = torch.from_numpy(gguf.quants.dequantize(blocks, Kind[kind])).transpose(along, 2)
    np.testing.assert_allclose(said(rounded, kind, along), error(rounded), rtol=0.15)


def by_scale(lines: torch.Tensor, block: int, largest: float) -> torch.Tensor:
    """What a block is divided by so that its largest number is the format's."""
    return lines.reshape(*lines.shape[:2], -1, block).abs().amax(-1, keepdim=True).expand(-1, -1, -1, block) / largest


@pytest.mark.parametrize("along", [1, 2])
@pytest.mark.parametrize(
    ("kind", "bits", "block"),
    [("INT4 (blocks of 16)", 4, 16), ("INT8 (blocks of 64)", 8, 64), ("INT8 (a scale a row)", 8, 0)],
)
def test_the_error_of_whole_numbers_with_scales_is_about_that_of_rounding(
    kind: str, bits: int, block: int, along: int
) -> None:
    lines = weights().transpose(along, 2)
    scale = by_scale(lines, block or lines.shape[2], 2 ** (bits - 1) - 0.5).reshape(lines.shape)
    rounded = ((lines / scale).round() * scale).transpose(along, 2)
    np.testing.assert_allclose(said(rounded, kind, along), error(rounded), rtol=0.15)


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [(torch.float8_e4m3fn, "FP8 E4M3 (blocks of 64x64)"), (torch.float8_e5m2, "FP8 E5M2 (one scale)")],
)
def test_the_error_of_floats_of_8_bits_is_about_that_of_rounding_whatever_their_scale_is(
    dtype: torch.dtype, kind: str
) -> None:
    scale = by_scale(weights(), 64, 448.0).reshape(weights().shape)
    rounded = (weights() / scale).float().to(dtype).double() * scale
    np.testing.assert_allclose(said(rounded, kind, 1), error(rounded), rtol=0.1)


def test_the_noise_of_a_slice_is_about_the_spectral_norm_of_its_rounding_errors() -> None:
    rounded = weights().to(torch.bfloat16)
    noise = torch.linalg.svdvals(rounded.double() - weights())[:, 0]
    supposed = said(rounded, "BF16", 1) * (sqrt(ROWS) + sqrt(COLUMNS))
    np.testing.assert_allclose(supposed, noise, rtol=0.06)


def test_of_zeros_the_error_is_next_to_nothing() -> None:
    assert float(said(torch.zeros(1, 4, 4, dtype=torch.float16), "F16", 1)) < 1e-7
    assert float(said(torch.zeros(1, 32, 4), "Q4_0", 1)) == 0
