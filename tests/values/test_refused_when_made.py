"""What only the numbers of small tensors show to be wrong is refused when a scene is made, not when it is drawn."""

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from typer.testing import CliRunner, Result

import mmviz
from mmviz.cli import program
from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.safetensors_file import MOST_LOOKED, SafetensorsStore
from mmviz.values.quantized.bits import has_largest
from tests.values.quantized_models import save_quantized
from tests.values.test_quantized_bitsandbytes import packed_by_law
from tests.values.test_quantized_by_inputs import INT4_OF_4, packed_by_inputs

K = "model.layers.1.self_attn.k_proj"
"""A module of the second layer."""


def four_bits_by_groups(name: str, weight: Tensor) -> dict[str, Tensor]:
    """As compressed-tensors stores them with an order of groups: all numbers 0, all scales 1."""
    rows, columns = weight.shape
    return {
        f"{name}_packed": torch.zeros(rows, -(-columns // 8), dtype=torch.int32),
        f"{name}_scale": torch.ones(rows, columns // 4),
        f"{name}_shape": torch.tensor([rows, columns]),
        f"{name}_g_idx": torch.arange(columns, dtype=torch.int32) // 4,
    }


GROUPS = {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "group_size": 4, "actorder": "group"}}}
SAID: Mapping[str, Mapping[str, Any]] = {
    "gptq": {"quant_method": "gptq", **INT4_OF_4},
    "bitsandbytes": {"quant_method": "bitsandbytes"},
    "compressed-tensors": {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": GROUPS},
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Two layers in each of the methods."""
    quantize: dict[str, Callable[[str, Tensor], dict[str, Tensor]]] = {
        "gptq": packed_by_inputs("gptq", {}),
        "bitsandbytes": packed_by_law("nf4", {}, turned=False),
        "compressed-tensors": four_bits_by_groups,
    }
    return {
        method: save_quantized(tmp_path_factory.mktemp(method), SAID[method], pack) for method, pack in quantize.items()
    }


def with_number(tensor: Tensor, place: int, number: float) -> Tensor:
    changed = tensor.clone()
    changed.view(-1)[place] = number
    return changed


FAULTS: tuple[tuple[str, str, Callable[[Tensor], Tensor], str], ...] = (
    (
        "gptq",
        f"{K}.g_idx",
        lambda each: with_number(each, 5, 77),
        "names group 77; the weight has {groups}, 0 to {last}.",
    ),
    (
        "gptq",
        f"{K}.g_idx",
        lambda each: with_number(each, 9, -1),
        "names group -1; the weight has {groups}, 0 to {last}.",
    ),
    (
        "gptq",
        f"{K}.qzeros",
        lambda each: with_number(each, -1, -1),
        "has a zero point that is stored as 15, of which programs make 16, or 0; one less is needed.",
    ),
    (
        "bitsandbytes",
        f"{K}.weight.quant_map",
        lambda each: each + 0.01,
        "has other numbers than those of nf4, which is not supported.",
    ),
    (
        "compressed-tensors",
        f"{K}.weight_g_idx",
        lambda each: with_number(each, 3, 64),
        "names group 64; the weight has {groups}, 0 to {last}.",
    ),
)
"""Of each check of numbers that there is: a method, a tensor, what is wrong with it, and what is said."""


@pytest.mark.parametrize(("method", "tensor", "broken", "message"), FAULTS)
def test_a_head_is_refused_and_nothing_written(
    models: Mapping[str, Path],
    tmp_path: Path,
    method: str,
    tensor: str,
    broken: Callable[[Tensor], Tensor],
    message: str,
) -> None:
    sound = load_file(models[method] / "model.safetensors")
    folder = tmp_path / "model"
    folder.mkdir()
    save_file(sound | {tensor: broken(sound[tensor])}, folder / "model.safetensors")
    (folder / "config.json").write_text((models[method] / "config.json").read_text())
    scene = tmp_path / "scene.yaml"

    def head(layer: int) -> Result:
        said = ["--layer", str(layer), "--head", "0", "--tokens", "1,2,3", "-o", str(scene)]
        return CliRunner().invoke(program.app, ["head", str(folder), *said])

    assert head(0).exit_code == 0  # whose layer has no such fault
    scene.unlink()
    refused = head(1)
    groups = int(sound[tensor].max()) + 1
    told = message.format(groups=groups, last=groups - 1)
    assert str(refused.exception) == f"{folder / 'model.safetensors'}, {tensor}: {told}"
    assert not scene.exists()
    checkpoint = Checkpoint.open(folder)
    with pytest.raises(SourceError, match=tensor):
        checkpoint.slice(f"{K}.weight", slice(0, 1))


def test_nothing_but_a_check_is_refused_once_a_file_is_open() -> None:
    """Every `raise` in a module of a method stands in what reads keys and headers, or in a `check` of numbers."""
    by_numbers = set()
    for file in sorted((Path(mmviz.__file__).parent / "values" / "quantized").glob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if not isinstance(function, ast.FunctionDef) or not any(
                isinstance(n, ast.Raise) for n in ast.walk(function)
            ):
                continue
            takes = {argument.arg for argument in function.args.args}
            if "read" in takes:
                by_numbers.add((file.stem, function.name))
    assert by_numbers == {("bitsandbytes", "check"), ("by_inputs", "check"), ("scales", "check")}


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("numbers", [32, 37, 64])
def test_a_number_with_all_bits_set_is_found_wherever_it_is_but_in_what_fills_the_last_word(
    bits: int, numbers: int
) -> None:
    largest = (1 << bits) - 1
    room = -(-numbers // 32) * 32

    def words(place: int | None) -> Tensor:
        stream = sum(((7 * each) % largest) << bits * each for each in range(room))
        if place is not None:
            stream |= largest << bits * place
        packed = [stream >> 32 * word & 0xFFFFFFFF for word in range(room * bits // 32)]
        return torch.from_numpy(np.array([packed], np.uint32).view(np.int32))

    assert not has_largest(words(None), numbers, bits)
    assert all(has_largest(words(place), numbers, bits) for place in range(numbers))
    assert not any(has_largest(words(place), numbers, bits) for place in range(numbers, room))


def test_files_are_let_go_of_after_so_many_small_tensors(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(MOST_LOOKED // 8 * 3, dtype=torch.uint8)}, tmp_path / "x.safetensors")
    store = SafetensorsStore.open(tmp_path / "x.safetensors")
    kept = [store.look_at("x", range(9)) for _ in range(2)]
    assert all(each.data_ptr() == kept[0].data_ptr() for each in kept)
    for _ in range(4):
        whole = store.look_at("x")
    assert whole.data_ptr() != kept[0].data_ptr()  # mapped anew
    assert store.bytes_read == 0
