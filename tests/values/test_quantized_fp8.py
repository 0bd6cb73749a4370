"""Weights of 8-bit floats with scales: the numbers of the format, a model's as transformers dequantizes it."""

import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.reports.model_report import model_report
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.fp8 import SCALES
from mmviz.values.quantized.known import KNOWN
from mmviz.values.quantized.methods import METHODS
from mmviz.values.reference.comparison import compare
from mmviz.values.reference.of_quantized import dequantizing
from tests.values.quantized_models import GROUPED, TOKENS, Floats, minifloats, model_of, save_quantized, say
from tests.values.variants import changed

Q, DOWN = "model.layers.0.self_attn.q_proj.weight", "model.layers.1.mlp.down_proj.weight"  # (96, 48), (48, 80)
DOWN0 = "model.layers.0.mlp.down_proj.weight"  # the first by its name
E4M3 = torch.float8_e4m3fn


def fp8(said: Mapping[str, Any], **extra: Any) -> dict[str, Any]:
    return {"quant_method": "fp8", "activation_scheme": "dynamic", "fmt": "e4m3", **said, **extra}


def scales_of(weight: Tensor, grid: tuple[int, ...]) -> Tensor:
    """Random ones, with which most numbers are within the format."""
    return torch.rand(grid, generator=torch.Generator().manual_seed(weight.shape[0])) * 2e-2 + 1e-3


def scale_at(form: str, name: str) -> str:
    return form.format(name, bare=name.removesuffix(".weight"))


def by_blocks(rows: int, columns: int, form: str = "{}_scale_inv") -> Any:
    def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
        scales = scales_of(weight, (-(-weight.shape[0] // rows), -(-weight.shape[1] // columns)))
        over = scales.repeat_interleave(rows, 0)[: weight.shape[0]].repeat_interleave(columns, 1)[:, : weight.shape[1]]
        return {name: (weight / over).clamp(-448, 448).to(E4M3), scale_at(form, name): scales}

    return quantize


def by_grid(form: str, dtype: torch.dtype = torch.float32) -> Any:
    def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
        grid = {"row": (weight.shape[0],), "row of 1": (weight.shape[0], 1), "all": ()}[form]
        scales = scales_of(weight, grid).to(dtype)
        over = scales.reshape(*grid, *[1] * (2 - len(grid))).float()
        return {name: (weight / over).clamp(-448, 448).to(E4M3), f"{name}_scale": scales}

    return quantize


def expected(folder: Path, name: str, scale: str, block: tuple[int, int]) -> Floats:
    """The product of number and scale, in float64, from the bits in the file."""
    stored = load_file(folder / "model.safetensors")
    numbers = minifloats(stored[name].view(torch.uint8), 4, 3, 7)
    scales = stored[scale].double().numpy()
    rows, columns = (np.arange(side) // size for side, size in zip(numbers.shape, block, strict=True))
    product: Floats = numbers * scales.reshape(*scales.shape, *[1] * (2 - scales.ndim))[rows][:, columns]
    return product


def test_a_byte_is_the_number_that_its_definition_says() -> None:
    codes = torch.arange(256, dtype=torch.uint8)
    known = ~torch.isin(codes, torch.tensor([0x7F, 0xFF]))  # NaN
    np.testing.assert_array_equal(minifloats(codes, 4, 3, 7)[known], codes.view(E4M3).double().numpy()[known])


@pytest.mark.parametrize("block", [(16, 8), (32, 48), (128, 128), (7, 5)])
@pytest.mark.parametrize("form", SCALES)
def test_numbers_are_those_of_the_format_times_the_scale_of_their_block(
    tmp_path: Path, block: tuple[int, int], form: str
) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": list(block)}), by_blocks(*block, form))
    checkpoint = Checkpoint.open(tmp_path)
    for name in (Q, DOWN):
        whole = expected(tmp_path, name, scale_at(form, name), block).astype(np.float32)
        assert checkpoint.shape(name) == whole.shape
        for rows, columns in ((None, None), (slice(3, 20), None), (slice(9, 10), slice(7, 31)), (None, slice(2, 3))):
            part = checkpoint.slice(name, rows, columns)
            np.testing.assert_array_equal(part.numpy(), whole[rows or slice(None), columns or slice(None)])
        np.testing.assert_array_equal(checkpoint.lend(name).numpy(), whole)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("form", "size", "said"), [("row", (1, 80), "row"), ("row of 1", (1, 80), "row"), ("all", (96, 80), "")]
)
def test_a_scale_may_hold_for_a_row_or_for_all(
    tmp_path: Path, form: str, size: tuple[int, int], said: str, dtype: torch.dtype
) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": None}), by_grid(form, dtype))
    checkpoint = Checkpoint.open(tmp_path)
    for name in (Q, DOWN):
        whole = expected(tmp_path, name, f"{name}_scale", size).astype(np.float32)
        np.testing.assert_array_equal(checkpoint.slice(name).numpy(), whole)
        np.testing.assert_array_equal(checkpoint.slice(name, slice(5, 9), slice(1, 4)).numpy(), whole[5:9, 1:4])
        assert checkpoint.dtype(name) == f"FP8 E4M3 ({'a scale a row' if said else 'one scale'})"


def test_scales_that_are_exponents_are_powers_of_two(tmp_path: Path) -> None:
    def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
        grid = (-(-weight.shape[0] // 16), -(-weight.shape[1] // 16))
        exponents = torch.randint(115, 125, grid, generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
        scale = exponents if "down" in name else exponents.view(torch.float8_e8m0fnu)
        return {name: weight.to(E4M3), f"{name}_scale_inv": scale}

    save_quantized(tmp_path, fp8({"weight_block_size": [16, 16]}, scale_fmt="ue8m0"), quantize)
    stored, checkpoint = load_file(tmp_path / "model.safetensors"), Checkpoint.open(tmp_path)
    for name in (Q, DOWN):
        powers = 2.0 ** (stored[f"{name}_scale_inv"].view(torch.uint8).numpy().astype(np.float64) - 127)
        over = powers.repeat(16, 0).repeat(16, 1)[: checkpoint.shape(name)[0], : checkpoint.shape(name)[1]]
        whole = minifloats(stored[name].view(torch.uint8), 4, 3, 7) * over
        np.testing.assert_array_equal(checkpoint.slice(name).numpy(), whole.astype(np.float32))


@pytest.mark.parametrize("variant", [GROUPED, "gpt2", "gpt_neox", "phi3", "qwen3_moe"])
def test_a_model_computes_what_transformers_computes_with_it(tmp_path: Path, variant: str) -> None:
    """Of any family: stored the other way round, fused, and in experts of their own."""
    save_quantized(tmp_path, fp8({"weight_block_size": [4, 4]}), by_blocks(4, 4), variant, layers=None)
    model = model_of(tmp_path)
    found = compare(model, TOKENS)
    assert found.first == ""
    assert max(row.relative for row in found.rows) < 1e-5
    assert len(model.checkpoint.quantized.packed) >= 4 * model.config.layers


def test_a_part_needs_no_more_bytes_than_its_own_and_those_of_its_scales(tmp_path: Path) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": [16, 8]}), by_blocks(16, 8))
    checkpoint = Checkpoint.open(tmp_path)
    checkpoint.slice(Q, slice(20, 40))  # of two blocks of rows, each with 6 scales
    assert checkpoint.bytes_read == 20 * 48 + 2 * 6 * 4
    assert checkpoint.stored_bytes(Q) == 96 * 48 + 6 * 6 * 4


def test_what_its_files_hold_is_told_in_parameters(tmp_path: Path) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": [16, 8]}), by_blocks(16, 8))
    tensors = model_report(str(tmp_path))["tensors"]
    assert (tensors["missing"], tensors["wrong_shape"], tensors["extra"]) == ([], [], [])
    assert {kind: found["tensors"] for kind, found in tensors["dtypes"].items()} == {
        "F32": 7,
        "FP8 E4M3 (blocks of 16x8)": 14,
    }
    assert tensors["bytes"] == sum(weight.nbytes for weight in load_file(tmp_path / "model.safetensors").values())


def test_scales_of_activations_are_known_to_change_no_weight(tmp_path: Path) -> None:
    def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
        scale = {name.replace(".weight", ".input_scale"): torch.ones(())}
        return {**by_grid("all")(name, weight), **scale}

    save_quantized(tmp_path, fp8({}, activation_scheme="static"), quantize)
    head_scene(Reading(str(tmp_path), tokens=TOKENS), 1, 0)
    extra = model_report(str(tmp_path))["tensors"]["extra"]
    assert {each["meaning"] for each in extra} == {"how activations would be rounded; here they are not"}


def test_the_methods_that_are_listed_are_those_that_are_read() -> None:
    assert list(KNOWN) == list(METHODS)


@pytest.mark.parametrize(
    ("quantize", "block", "why"),
    [
        (by_blocks(16, 8, "{}_scale"), [16, 8], f"does not read {DOWN0}_scale"),
        (by_grid("all"), None, f"does not read {DOWN0}_scale"),
        (by_blocks(32, 16), [32, 16], f"makes other blocks of {DOWN0}, as the last one is cut short"),
    ],
)
def test_where_transformers_makes_other_numbers_it_has_ours(
    tmp_path: Path, quantize: Any, block: Any, why: str
) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": block}), quantize)
    found = compare(model_of(tmp_path), TOKENS)
    assert (found.handed_over, found.exceeding) == (f"transformers {version('transformers')} {why}", ())


def test_transformers_is_told_to_dequantize_wherever_it_runs(tmp_path: Path) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": [16, 8]}, modules_to_not_convert=["lm_head"]), by_blocks(16, 8))
    found = dequantizing(Checkpoint.open(tmp_path))["quantization_config"]
    assert (found.dequantize, found.weight_block_size, found.modules_to_not_convert) == (True, [16, 8], ["lm_head"])


def test_an_unembedding_that_is_quantized_is_known_to_differ_from_the_embedding(tmp_path: Path) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": [16, 8]}), by_blocks(16, 8))
    name, embedding = "lm_head.weight", load_file(tmp_path / "model.safetensors")["model.embed_tokens.weight"]
    say(tmp_path, tie_word_embeddings=True)
    changed(tmp_path, lambda stored: stored.update(by_blocks(16, 8)(name, embedding)))
    assert not model_of(tmp_path).config.tied


# What is refused, when a scene is made.


def refusal(folder: Path) -> str:
    with pytest.raises(SourceError) as caught:
        head_scene(Reading(str(folder), tokens=TOKENS), 1, 0)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda stored: stored.pop(f"{Q}_scale_inv"),
            f"{Q}: is stored as F8_E4M3, and its scale, such as {Q}_scale_inv, is not there; both are needed.",
        ),
        (
            lambda stored: stored.update({f"{Q}_scale_inv": torch.ones(5, 6)}),
            f"{Q}_scale_inv: is 5x6, over {Q}, which is 96x48; one number, or one for each of its 96 rows, or for each "
            "block of 16x8, is needed.",
        ),
        (
            lambda stored: stored.update({f"{Q}_scale_inv": torch.ones(6, 6, dtype=torch.int32)}),
            f"{Q}_scale_inv: is stored as I32; one of F32, BF16, F16, F8_E8M0 is needed.",
        ),
        (
            lambda stored: stored.update({"model.norm.weight": stored["model.norm.weight"].to(E4M3)}),
            "model.norm.weight: is stored as F8_E4M3, and its scale, such as model.norm.weight_scale_inv, is not "
            "there; both are needed.",
        ),
        (
            lambda stored: stored.update({Q: stored[Q].to(torch.int8)}),
            f"{Q}_scale_inv says how the numbers of {Q} are meant, which is not known here; weights that are not "
            "quantized, or a .gguf file, are needed.",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused_when_a_scene_is_made(tmp_path: Path, change: Any, message: str) -> None:
    save_quantized(tmp_path, fp8({"weight_block_size": [16, 8]}), by_blocks(16, 8))
    changed(tmp_path, change)
    assert re.fullmatch(rf"{re.escape(str(tmp_path))}(/model.safetensors)?[,:] {re.escape(message)}", refusal(tmp_path))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"quant_method": "aqlm"}, ", quant_method: 'aqlm' is not read; {}, plain weights, or GGUF, are needed."),
        ({"bits": 4}, ", quant_method: is missing; {}, plain weights, or GGUF, are needed."),
        ("fp8", ": is 'fp8'; an object is needed."),
        (
            fp8({"weight_block_size": [16]}),
            ", weight_block_size: is [16]; two whole numbers, rows and columns, are needed.",
        ),
        (
            fp8({"weight_block_size": [16, 0]}),
            ", weight_block_size: is [16, 0]; two whole numbers, rows and columns, are needed.",
        ),
        (
            fp8({}, power="odd"),
            ", power: is 'odd'; weights stored as fp8 have no such key that is known here, and it may change them.",
        ),
        (fp8({}, expert_dtype="fp4"), ", expert_dtype: 'fp4' is not supported; 'fp8' is needed."),
    ],
)
@pytest.mark.parametrize("key", ["quantization_config", "compression_config"])
def test_a_configuration_that_is_not_understood_is_refused(tmp_path: Path, key: str, said: Any, message: str) -> None:
    save_quantized(tmp_path, {}, lambda name, weight: {name: weight})
    say(tmp_path, **{"quantization_config": None, key: said})
    assert refusal(tmp_path) == f"{tmp_path / 'config.json'}, {key}{message.format(', '.join(METHODS))}"
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "config.json").write_text(json.dumps(json.loads((tmp_path / "config.json").read_text())))
    with pytest.raises(SourceError) as caught:
        model_report(str(alone / "config.json"))
    assert str(caught.value) == refusal(tmp_path).replace(str(tmp_path), str(alone))
