"""Files of torchao that are plain tensors are decoded as the package itself decodes them; others are refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.torchao import DTYPES
from tests.values.quantized_models import GROUPED, most_off, save_quantized, save_with

FILE = Path(__file__).with_name("torchao.safetensors")
"""See make_torchao.py."""
with safe_open(FILE, framework="pt") as opened:
    SAID: list[str] = json.loads(opened.metadata()["cases"])
    TENSORS: Mapping[str, Tensor] = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
X = "model.layers.0.mlp.up_proj"
W = f"{X}.weight"
CONFIG = {"quantization_config": {"quant_method": "torchao", "quant_type": {"default": {}}}}
INT8, FP8, INT4 = 0, 2, 4
"""Cases that are changed below."""


def stored(case: int) -> dict[str, Tensor]:
    start = f"{case}."
    own = {name.removeprefix(start): each for name, each in TENSORS.items() if name.startswith(start)}
    return {f"{X}.{name}": each for name, each in own.items() if name != "expected"}


def saved(folder: Path, tensors: Mapping[str, Tensor], said: str | None) -> Path:
    save_file(dict(tensors), folder / "model.safetensors", {"format": "pt", **({} if said is None else {W: said})})
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return folder


def saying(case: int, **keys: Any) -> str:
    """What the metadata says, with something else."""
    said = json.loads(SAID[case])
    return json.dumps(
        {**said, **{key: each for key, each in keys.items() if key in said}}
        | {"_data": said["_data"] | {key: each for key, each in keys.items() if key not in said}}
    )


@pytest.mark.parametrize("case", range(len(SAID)))
def test_any_part_is_what_the_package_makes_of_the_whole(tmp_path: Path, case: int) -> None:
    expected, checkpoint = TENSORS[f"{case}.expected"], Checkpoint.open(saved(tmp_path, stored(case), SAID[case]))
    assert checkpoint.names == (W,)
    for rows in (None, slice(3, 4), slice(7, 18)):
        for columns in (None, slice(9, 10), slice(5, 40)):
            part = checkpoint.slice(W, rows, columns)
            assert torch.equal(part, expected[rows or slice(None), columns or slice(None)])
    assert checkpoint.stored_bytes(W) == sum(each.nbytes for each in stored(case).values())


def test_every_class_that_is_read_is_held_against_the_package() -> None:
    assert {json.loads(said)["_type"] for said in SAID} == set(DTYPES)


def test_what_a_weight_is_stored_as_is_said_in_short(tmp_path: Path) -> None:
    kinds = [Checkpoint.open(saved(tmp_path, stored(case), SAID[case])).dtype(W) for case in (INT8, FP8, INT4, 5)]
    assert kinds == ["INT8 (a scale a row)", "FP8 E4M3 (a scale a row)", "INT4 (blocks of 32)", "INT3 (blocks of 32)"]


def test_a_scale_may_hold_for_a_block_or_for_all(tmp_path: Path) -> None:
    numbers = stored(FP8)[f"{X}._weight_qdata"]
    for sides, grid in (([20, 64], (1, 1)), ([10, 32], (2, 2))):
        scale = torch.rand(grid, generator=torch.Generator().manual_seed(0))
        tensors = {f"{X}._weight_qdata": numbers, f"{X}._weight_scale": scale}
        over = scale.repeat_interleave(20 // grid[0], 0).repeat_interleave(64 // grid[1], 1)
        checkpoint = Checkpoint.open(saved(tmp_path, tensors, saying(FP8, block_size=sides)))
        np.testing.assert_array_equal(checkpoint.slice(W).numpy(), (numbers.float() * over).numpy())


def test_a_model_computes_what_transformers_computes_with_what_its_numbers_mean(tmp_path: Path) -> None:
    meant: dict[str, Tensor] = {}

    def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
        scale = weight.abs().amax(1, keepdim=True) / 127
        whole = (weight / scale).round()
        meant[name] = whole * scale
        bare = name.removesuffix("weight")
        return {f"{bare}_weight_qdata": whole.to(torch.int8), f"{bare}_weight_scale": scale}

    quantized = save_quantized(tmp_path / "packed", CONFIG["quantization_config"], quantize)
    file = quantized / "model.safetensors"
    said = {
        name: json.dumps({"_type": "Int8Tensor", "_data": {"block_size": [1, each.shape[1]]}})
        for name, each in meant.items()
    }
    save_file(load_file(file), file, {"format": "pt", **said})
    assert most_off(quantized, save_with(tmp_path / "plain", meant, GROUPED, 2)) < 1e-5


# What is refused.


@pytest.mark.parametrize(
    ("case", "said", "message"),
    [
        (
            INT8,
            None,
            "the metadata of the file says nothing of {W}; what torchao wrote is needed.",
        ),
        (
            INT8,
            "[",
            "the metadata of {W} is no JSON (Expecting value: line 1 column 2 (char 1)); what torchao wrote is needed.",
        ),
        (
            INT8,
            saying(INT8, _type="Int4TilePackedTo4dTensor"),
            "{W} is stored as 'Int4TilePackedTo4dTensor', which is not read; one of Int8Tensor, "
            "IntxUnpackedToInt8Tensor, Float8Tensor is needed.",
        ),
        (
            INT8,
            saying(INT8, _type="Float8Tensor"),
            "is stored as I8; F8_E4M3, as of Float8Tensor, is needed.",
        ),
        (
            INT8,
            saying(INT8, _tensor_data_names=["qdata", "scale", "act_pre_scale"]),
            "{W} has act_pre_scale, too, which is not known here.",
        ),
        (INT8, saying(INT8, block_size=[64]), "block_size is [64]; a whole number for each axis is needed."),
        (INT8, saying(INT8, block_size=None), "block_size is None; a whole number for each axis is needed."),
    ],
)
def test_what_metadata_does_not_say_as_is_needed_is_refused(
    tmp_path: Path, case: int, said: str | None, message: str
) -> None:
    saved(tmp_path, stored(case), said)
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'model.safetensors'}, {X}._weight_qdata: {message.format(W=W)}"


@pytest.mark.parametrize(
    ("case", "change", "message"),
    [
        (INT8, {"scale": None}, f"qdata: its scale, {X}._weight_scale, is not there; both are needed."),
        (
            INT8,
            {"scale": torch.ones(20, 1, dtype=torch.int8)},
            "scale: is stored as I8; one of F32, BF16, F16 is needed.",
        ),
        (
            INT4,
            {"scale": torch.ones(20, 3)},
            f"scale: is 20x3, over {X}._weight_qdata, which is 20x64; one number, or one for each of its 20 rows, or "
            "for each block of 1x32, is needed.",
        ),
        (
            INT4,
            {"scale": torch.ones(20, 1)},
            f"scale: is 20x1, over {X}._weight_qdata, which is 20x64; one number, or one for each of its 20 rows, or "
            "for each block of 1x32, is needed.",
        ),
        (INT4, {"zero_point": torch.ones(20, 2)}, "zero_point: is 20x2 as F32; 20x2 as I8 is needed."),
        (
            INT4,
            {"zero_point": torch.ones(20, 1, dtype=torch.int8)},
            "zero_point: is 20x1 as I8; 20x2 as I8 is needed.",
        ),
        (
            FP8,
            {"zero_point": torch.ones(20, 1, dtype=torch.int8)},
            "zero_point: zero points of floats are not read here; none are needed.",
        ),
        (
            INT8,
            {"qdata": torch.ones(20, dtype=torch.int8)},
            "qdata: is quantized and has 1 axes; a matrix is needed.",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused(tmp_path: Path, case: int, change: dict[str, Any], message: str) -> None:
    tensors = stored(case) | {f"{X}._weight_{name}": each for name, each in change.items()}
    saved(tmp_path, {name: each for name, each in tensors.items() if each is not None}, SAID[case])
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'model.safetensors'}, {X}._weight_{message}"
