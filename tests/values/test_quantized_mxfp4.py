"""Experts of gpt-oss in blocks of 4-bit floats: the numbers of the format, as transformers converts them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.quantized.bits import FP4, fp4
from mmviz.values.quantized.mxfp4 import GROUP
from tests.values.quantized_models import minifloats
from tests.values.tiny_transformers import TOKENS, by_transformers, tiny

X = "model.layers.0.mlp.experts.gate_up_proj"
EXPERTS, OUTS, INS = 3, 10, 96


def tensors() -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    blocks = torch.randint(0, 256, (EXPERTS, OUTS, INS // GROUP, GROUP // 2), dtype=torch.uint8, generator=random)
    scales = torch.randint(110, 130, (EXPERTS, OUTS, INS // GROUP), dtype=torch.uint8, generator=random)
    return {f"{X}_blocks": blocks, f"{X}_scales": scales, f"{X}_bias": torch.ones(EXPERTS, OUTS)}


def opened(folder: Path, stored: dict[str, torch.Tensor]) -> Checkpoint:
    save_file(stored, folder / "model.safetensors")
    said = {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn"]}
    (folder / "config.json").write_text(json.dumps({"quantization_config": said}))
    return Checkpoint.open(folder)


def test_four_bits_are_the_number_that_their_definition_says() -> None:
    codes = torch.arange(16, dtype=torch.uint8)
    both = minifloats(codes, 2, 1, 1)
    np.testing.assert_array_equal(both, [*FP4, *(-each for each in FP4)])
    np.testing.assert_array_equal(fp4(codes << 4 | codes.flip(0)).numpy()[0::2], both[::-1])
    np.testing.assert_array_equal(fp4(codes << 4 | codes.flip(0)).numpy()[1::2], both)


def test_experts_are_those_that_transformers_converts_and_of_which_any_part_is_read(tmp_path: Path) -> None:
    stored = tensors()
    checkpoint = opened(tmp_path, stored)
    theirs = convert_moe_packed_tensors(stored[f"{X}_blocks"], stored[f"{X}_scales"], dtype=torch.float32)
    assert checkpoint.names == (X, f"{X}_bias")
    assert (checkpoint.shape(X), checkpoint.dtype(X)) == ((EXPERTS, INS, OUTS), "MXFP4")
    assert checkpoint.stored_bytes(X) == EXPERTS * OUTS * (INS // 2 + INS // GROUP)
    for rows in (None, slice(1, 2), slice(0, 2)):
        for columns in (None, slice(31, 33), slice(5, 7), slice(64, None)):
            found = checkpoint.slice(X, rows, columns)
            assert torch.equal(found, theirs[rows or slice(None), columns or slice(None)])
    assert torch.equal(checkpoint.lend(X), theirs)


def test_experts_are_numbers_of_four_bits_times_a_power_of_two(tmp_path: Path) -> None:
    stored = tensors()
    pairs = stored[f"{X}_blocks"]
    numbers = minifloats(torch.stack((pairs & 15, pairs >> 4), -1).flatten(-2), 2, 1, 1)
    powers = 2.0 ** (stored[f"{X}_scales"].numpy().astype(np.float64) - 127)
    whole = (numbers * powers[..., None]).reshape(EXPERTS, OUTS, INS).transpose(0, 2, 1)
    np.testing.assert_array_equal(opened(tmp_path, stored).slice(X).numpy(), whole)


def test_of_one_expert_no_other_is_read(tmp_path: Path) -> None:
    checkpoint = opened(tmp_path, tensors())
    checkpoint.slice(X, slice(2, 3))
    assert checkpoint.bytes_read == checkpoint.stored_bytes(X) // EXPERTS


def test_a_gpt_oss_in_blocks_computes_as_the_same_in_plain_numbers_does_in_transformers(tmp_path: Path) -> None:
    said = tiny("gpt_oss", hidden_size=64, intermediate_size=32, head_dim=8)
    theirs = by_transformers(said)
    stored = {name: weight.detach().contiguous() for name, weight in theirs.state_dict().items()}
    random = torch.Generator().manual_seed(0)
    for name, stack in theirs.named_parameters():
        if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            experts, ins, outs = stack.shape
            shape = experts, outs, ins // GROUP, GROUP // 2
            blocks = torch.randint(0, 256, shape, dtype=torch.uint8, generator=random)
            scales = torch.randint(122, 126, shape[:3], dtype=torch.uint8, generator=random)
            stack.data = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
            del stored[name]
            stored |= {f"{name}_blocks": blocks, f"{name}_scales": scales}
    save_file(stored, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({**said, "quantization_config": {"quant_method": "mxfp4"}}))
    ours = Model(Checkpoint.open(tmp_path), "cpu")
    ours.check_parameters()
    with torch.no_grad():
        expected = theirs(torch.tensor([TOKENS]), output_hidden_states=True)
    found = ours.activations(TOKENS, ["blocks.1.hook_resid_pre", "logits"])
    for name, each in (("blocks.1.hook_resid_pre", expected.hidden_states[1][0]), ("logits", expected.logits[0])):
        assert (found[name] - each).abs().max() / each.abs().max() < 1e-5, name
    read = ours.checkpoint.bytes_read
    weight = ours.weight("blocks.1.mlp.experts.2.W_out")
    assert torch.equal(weight, theirs.model.layers[1].mlp.experts.down_proj[2])
    assert ours.checkpoint.bytes_read - read == 64 * 32 // 2 + 64  # half a byte a number, and a scale for 32 of them


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({f"{X}_scales": None}, f"{X}_blocks: its scales, {X}_scales, are not there; both are needed."),
        (
            {f"{X}_scales": torch.ones(EXPERTS, OUTS, 2, dtype=torch.uint8)},
            f"{X}_scales: is 3x10x2; 3x10x3, one for each group of {X}_blocks, is needed.",
        ),
        (
            {f"{X}_scales": torch.ones(EXPERTS, OUTS, 3, dtype=torch.int8)},
            f"{X}_scales: is stored as I8; U8 is needed.",
        ),
        (
            {f"{X}_blocks": torch.ones(EXPERTS, OUTS, 3, 8, dtype=torch.uint8)},
            f"{X}_blocks: is 3x10x3x8; experts x outputs x groups x 16 is needed.",
        ),
        (
            {f"{X}_blocks": torch.ones(OUTS, 3, 16, dtype=torch.uint8)},
            f"{X}_blocks: is 10x3x16; experts x outputs x groups x 16 is needed.",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    stored = {name: tensor for name, tensor in (tensors() | change).items() if tensor is not None}
    with pytest.raises(SourceError) as caught:
        opened(tmp_path, stored)
    assert str(caught.value) == f"{tmp_path / 'model.safetensors'}, {message}"
