"""Quantized safetensors with other tensors or keys than they should have are decoded right or refused in a line."""

import json
import random
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.compressed_tensors import FORMATS, GROUP_KEYS, WEIGHT_KEYS
from mmviz.values.quantized.methods import METHODS
from tests.fuzz.attempts import attempt
from tests.values import test_quantized_bitsandbytes, test_quantized_by_inputs, test_quantized_compressed

DTYPES = (
    *(torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e8m0fnu, torch.uint8, torch.int8, torch.int32, torch.int64),
    *(torch.float64, torch.float32, torch.bfloat16, torch.float16, torch.bool),
)
SIDES = (0, 1, 2, 3, 5, 8, 16, 20, 32, 64)
ENDS = (
    *(".weight", ".weight_packed", ".weight_scale", ".weight_scale_inv", ".weight_shape", ".weight_zero_point"),
    *(".weight_global_scale", ".weight_scale_2", ".weight_g_idx", ".scale", ".qscale_weight", "_blocks", "_scales"),
    *(".qweight", ".qzeros", ".scales", ".g_idx", ".SCB", ".weight_format", ".weight.absmax", ".weight.quant_map"),
    *(".weight.quant_state.bitsandbytes__nf4", ".weight.nested_absmax", ".weight.nested_quant_map"),
    *("._weight_qdata", "._weight_scale", "._weight_zero_point"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 4, 8, 2**70, 1.5, float("nan"), "fp8", "ue8m0", "group", "16x16", "16x", "x" * 300),
    *([], [4, 4], [128, 128], [0, 0], [1, 2, 3], ["a"], {}, {"a": 1}, {"format": "dense"}, *FORMATS, "FP8", "NVFP4", 3),
)
FILES: tuple[tuple[Callable[[int], dict[str, Tensor]], list[Any]], ...] = (
    (test_quantized_compressed.stored, test_quantized_compressed.SAID),
    (test_quantized_by_inputs.stored, test_quantized_by_inputs.SAID),
    (test_quantized_bitsandbytes.stored, [{"quant_method": "bitsandbytes"}] * len(test_quantized_bitsandbytes.SAID)),
)
"""What files hold, by the number of a case, and what their configuration says."""
KEYS = (*(key for method in METHODS.values() for key in method.keys), *GROUP_KEYS, *WEIGHT_KEYS, "mine")


def some_tensor(chance: random.Random) -> Tensor:
    """Of any bits and few sides."""
    dtype = chance.choice(DTYPES)
    sides = [chance.choice(SIDES) for _ in range(chance.choice((0, 1, 2, 2, 2, 3, 4)))]
    random_bits = torch.Generator().manual_seed(chance.randrange(1 << 30))
    count = 2 if dtype is torch.bool else 256
    whole = torch.randint(0, count, [*sides, dtype.itemsize], dtype=torch.uint8, generator=random_bits)
    return whole.view(dtype).reshape(sides)


def of_a_format(chance: random.Random) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """A file of compressed-tensors, or of another method, with a change or two."""
    stored, configs = chance.choice(FILES)
    case = chance.randrange(len(configs))
    tensors, said = stored(case), {"quant_method": "compressed-tensors", **json.loads(json.dumps(configs[case]))}
    for _ in range(chance.randrange(3)):
        tensors[chance.choice((*tensors, f"model.layers.0.mlp.up_proj{chance.choice(ENDS)}"))] = some_tensor(chance)
    if chance.random() < 0.3:
        del tensors[chance.choice(list(tensors))]
    parts = [said]
    if "config_groups" in said:
        group = said["config_groups"]["group_0"]
        parts += [group, group["weights"]]
    for part in chance.sample(parts, chance.randint(0, min(2, len(parts)))):
        part[chance.choice(KEYS)] = chance.choice(VALUES)
    return tensors, said


def of_any_method(chance: random.Random) -> tuple[dict[str, Tensor], Any]:
    """Tensors whose names say that they belong together, by any of the methods."""
    names = (f"model.{chance.choice('ab')}{end}" for end in chance.sample(ENDS, chance.randint(1, 7)))
    said = {chance.choice(KEYS): chance.choice(VALUES) for _ in range(chance.randrange(3))}
    said |= {"quant_method": chance.choice(list(METHODS))}
    return {name: some_tensor(chance) for name in names}, said if chance.random() < 0.95 else chance.choice(VALUES)


def read_all(folder: Path) -> None:
    """A part is that of the whole, whatever the bits are."""
    checkpoint = Checkpoint.open(folder)
    for name, parameter in checkpoint.quantized.packed.items():
        whole = checkpoint.slice(name)
        assert (tuple(whole.shape), whole.dtype) == (parameter.shape, torch.float32)
        part = checkpoint.slice(name, slice(1, 3), slice(1, 9))
        assert torch.equal(part.nan_to_num(), whole[1:3, 1:9].nan_to_num())
        assert checkpoint.stored_bytes(name) >= 0
    assert "\n" not in checkpoint.dequantized_from


def tried(folder: Path, tensors: Mapping[str, Tensor], said: Any) -> None:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"quantization_config": said}))
    read_all(folder)


def test_tensors_and_keys_that_do_not_fit_are_refused_in_a_line(tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        for made in (of_a_format, of_any_method):
            tensors, said = made(random.Random(f"quantized {seed}"))
            attempt(partial(tried, tmp_path, tensors, said), f"quantized {seed}, {made.__name__}")
