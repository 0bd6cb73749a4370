"""FP8 and NVFP4 of NVIDIA's Model Optimizer: the numbers of the formats, by config.json or hf_quant_config.json."""

import json
import re
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
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.modelopt import ALGORITHMS
from mmviz.values.quantized.said_in import FILE
from mmviz.values.reference.comparison import compare
from tests.values.quantized_models import TOKENS, Floats, minifloats, model_of, save_quantized, say
from tests.values.variants import changed

Q, DOWN = "model.layers.0.self_attn.q_proj.weight", "model.layers.1.mlp.down_proj.weight"
IN_CONFIG: dict[str, Any] = {"quant_method": "modelopt", "producer": {"name": "modelopt", "version": "0.33.0"}}


def fp8(name: str, weight: Tensor) -> dict[str, Tensor]:
    scale = weight.abs().max() / 448
    bare = name.removesuffix(".weight")
    return {
        name: (weight / scale).to(torch.float8_e4m3fn),
        f"{name}_scale": scale,
        f"{bare}.input_scale": torch.ones(()),
        **({f"{bare}.k_scale": torch.ones(())} if "k_proj" in name else {}),
    }


def nvfp4(name: str, weight: Tensor) -> dict[str, Tensor]:
    """Any bits are numbers; blocks of 16 with a scale that has one of its own."""
    random, (rows, columns) = torch.Generator().manual_seed(len(name)), weight.shape
    return {
        name: torch.randint(0, 256, (rows, columns // 2), dtype=torch.uint8, generator=random),
        f"{name}_scale": (torch.rand(rows, columns // 16, generator=random) * 400).to(torch.float8_e4m3fn),
        f"{name}_scale_2": torch.tensor(1e-4),
    }


def in_float64(stored: dict[str, Tensor], name: str) -> Floats:
    scale = stored[f"{name}_scale"].double().numpy()
    if f"{name}_scale_2" not in stored:
        number: Floats = minifloats(stored[name].view(torch.uint8), 4, 3, 7) * scale
        return number
    pairs = stored[name]
    numbers = minifloats(torch.stack((pairs & 15, pairs >> 4), -1).flatten(-2), 2, 1, 1)
    product: Floats = numbers * scale.repeat(16, 1) * stored[f"{name}_scale_2"].double().item()
    return product


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("beside", [False, True])
def test_numbers_are_those_of_the_format(tmp_path: Path, algorithm: str, *, beside: bool) -> None:
    four = "NVFP4" in algorithm
    quantize, kind = (nvfp4, "NVFP4 (blocks of 16)") if four else (fp8, "FP8 E4M3 (one scale)")
    said = {"quant_algo": algorithm, "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]}
    save_quantized(tmp_path, {**IN_CONFIG, **said}, quantize)
    if beside:
        say(tmp_path, quantization_config=None)
        (tmp_path / FILE).write_text(json.dumps({"producer": IN_CONFIG["producer"], "quantization": said}))
    stored, checkpoint = load_file(tmp_path / "model.safetensors"), Checkpoint.open(tmp_path)
    assert checkpoint.dequantized_from == kind
    for name in (Q, DOWN):
        whole = in_float64(stored, name)
        found = checkpoint.slice(name)
        assert (checkpoint.shape(name), found.dtype) == (whole.shape, torch.float32)
        np.testing.assert_allclose(found.numpy(), whole, rtol=2**-22, atol=0)
        assert torch.equal(checkpoint.slice(name, slice(5, 9), slice(3, 30)), found[5:9, 3:30])
    head_scene(Reading(str(tmp_path), tokens=TOKENS), 1, 0)


def test_transformers_computes_with_our_numbers_as_it_does_not_read_them(tmp_path: Path) -> None:
    save_quantized(tmp_path, {**IN_CONFIG, "quant_algo": "FP8"}, fp8)
    for content in (None, {"quantization": {"quant_algo": "FP8"}}):
        if content is not None:
            say(tmp_path, quantization_config=None)
            (tmp_path / FILE).write_text(json.dumps(content))
        found = compare(model_of(tmp_path), TOKENS)
        why = f"transformers {version('transformers')} does not read weights that are stored as modelopt"
        assert (found.handed_over, found.exceeding) == (why, ())


# What is refused.


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"quant_algo": "W4A16_AWQ"},
            ", quant_algo: 'W4A16_AWQ' is not supported; one of FP8, FP8_PER_CHANNEL_PER_TOKEN, NVFP4, W4A16_NVFP4 is "
            "needed.",
        ),
        ({"quant_algo": "NVFP4", "group_size": 32}, ", group_size: 32 is not supported; 16 is needed."),
        (
            {"quant_algo": "NVFP4", "pre_quant_scale": True},
            ", pre_quant_scale: True is not supported; False is needed.",
        ),
        ([1], ": is [1]; an object is needed."),
    ],
)
def test_a_configuration_that_is_not_understood_is_refused(tmp_path: Path, said: Any, message: str) -> None:
    save_quantized(tmp_path, {}, fp8)
    (tmp_path / FILE).write_text(json.dumps({"quantization": said}))
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / FILE}, quantization{message}"


def test_a_file_without_a_word_on_weights_leaves_scales_unread_which_are_refused(tmp_path: Path) -> None:
    save_quantized(tmp_path, {}, fp8)
    (tmp_path / FILE).write_text(json.dumps({"producer": {}}))
    with pytest.raises(SourceError, match=r"weight_scale says how the numbers of .* are meant, which is not known"):
        Checkpoint.open(tmp_path)


@pytest.mark.parametrize(
    ("algorithm", "change", "message"),
    [
        (
            "FP8",
            {f"{Q}_scale": None},
            f"{Q}: is stored as F8_E4M3, and its scale, {Q}_scale, is not there; both are needed.",
        ),
        (
            "FP8",
            {f"{Q}_scale": torch.ones(2)},
            f"{Q}_scale: is 2, over {Q}, which is 96x48; one number, or one for each of its 96 rows, is needed.",
        ),
        (
            "NVFP4",
            {f"{Q}_scale_2": None},
            f"{Q}: is stored as U8, and its scale, {Q}_scale_2, is not there; both are needed.",
        ),
        (
            "NVFP4",
            {f"{Q}_scale": torch.ones(96, 3)},
            f"{Q}_scale: is stored as F32; one of F8_E4M3 is needed.",
        ),
        (
            "NVFP4",
            {f"{Q}_scale": torch.ones(96, 1).to(torch.float8_e4m3fn)},
            f"{Q}_scale: is 96x1, over {Q}, which is 96x48; 96x3, one number for each 16 of a row, is needed.",
        ),
        ("NVFP4", {f"{Q}_scale_2": torch.ones(2)}, f"{Q}_scale_2: is 2; one number is needed."),
        (
            "NVFP4",
            {Q: torch.ones(4, dtype=torch.uint8)},
            f"{Q}: is quantized and has 1 axes; a matrix is needed.",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused(
    tmp_path: Path, algorithm: str, change: dict[str, Any], message: str
) -> None:
    save_quantized(tmp_path, {**IN_CONFIG, "quant_algo": algorithm}, fp8 if algorithm == "FP8" else nvfp4)

    def change_all(stored: dict[str, Tensor]) -> None:
        for name, tensor in change.items():
            stored.pop(name) if tensor is None else stored.update({name: tensor})

    changed(tmp_path, change_all)
    with pytest.raises(SourceError) as caught:
        head_scene(Reading(str(tmp_path), tokens=TOKENS), 1, 0)
    assert re.sub(r"^.*model\.safetensors, ", "", str(caught.value)) == message
