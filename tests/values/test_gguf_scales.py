"""Weights of GGUF files that have more beside them in other tensors, held against gguf-py times the scale."""

import re
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf.quants import dequantize
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.reports.model_report import model_report
from mmviz.reports.verification import Wish, model_verification
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_file import GGUFStore
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.variants import silently

SCALES = {"attn_q": 2.5e-5, "attn_v": 3.0, "ffn_up": 0.125}
NAMES = {
    "attn_q": "self_attn.q_proj", "attn_v": "self_attn.v_proj", "ffn_up": "mlp.up_proj", "attn_k": "self_attn.k_proj"
}  # fmt: skip


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama whose rows have 64 numbers, as a block of NVFP4 has."""
    sizes: dict[str, Any] = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    config = LlamaConfig(vocab_size=50, max_position_embeddings=16, **sizes)
    return write_gguf(tmp_path_factory.mktemp("m") / "m.gguf", silently(AutoModelForCausalLM.from_config, config))


def blocks(rows: int, columns: int, seed: int) -> np.ndarray[Any, Any]:
    """Random NVFP4: 4 scales of 16 numbers, none of them NaN, and 32 bytes of numbers, in each block of 64."""
    random = np.random.default_rng(seed)
    made = random.integers(0, 256, (rows, columns // 64, 36), dtype=np.uint8)
    made[:, :, :4] = random.integers(0x30, 0x48, (rows, columns // 64, 4), dtype=np.uint8)
    return made.reshape(rows, -1)


def scaled(path: Path, spelling: str, **more: Any) -> tuple[Path, dict[str, np.ndarray[Any, Any]]]:
    """The same file with matrices in NVFP4 and their scales; and what gguf-py makes of them, times the scale."""
    shapes = {tensor.name: tuple(tensor.data.shape) for tensor in gguf.GGUFReader(path).tensors}
    tensors: dict[str, tuple[np.ndarray[Any, Any], Kind]] = {}
    expected = {}
    for number, short in enumerate(NAMES):
        stored = f"blk.0.{short}"
        rows, columns = shapes[f"{stored}.weight"]
        part = blocks(rows, columns, number)
        tensors[f"{stored}.weight"] = (part, Kind.NVFP4)
        if short in SCALES:
            tensors[f"{stored}{spelling}.scale"] = (np.array([SCALES[short]], np.float32), Kind.F32)
        tensors[f"{stored}{spelling}.input_scale"] = (np.array([7.0], np.float32), Kind.F32)
        expected[short] = dequantize(part, Kind.NVFP4) * np.float32(SCALES.get(short, 1.0))
    return rewritten(path, {**tensors, **more}), expected


def in_order(numbers: np.ndarray[Any, Any], short: str) -> torch.Tensor:
    """Rows as Hugging Face has them."""
    if short not in ("attn_q", "attn_k"):
        return torch.from_numpy(numbers)
    heads = 2
    return torch.from_numpy(
        numbers.reshape(heads, -1, 2, numbers.shape[1]).swapaxes(1, 2).reshape(numbers.shape).copy()
    )


@pytest.mark.parametrize("spelling", ["", ".weight"])
def test_a_scale_in_another_tensor_multiplies_the_weight(plain: Path, spelling: str) -> None:
    path, expected = scaled(plain, spelling)
    checkpoint = Checkpoint.open(path)
    for short, numbers in expected.items():
        name = f"model.layers.0.{NAMES[short]}.weight"
        torch.testing.assert_close(checkpoint.slice(name), in_order(numbers, short), rtol=0, atol=0)
        part = checkpoint.slice(name, slice(3, 9), slice(5, 40))
        torch.testing.assert_close(part, in_order(numbers, short)[3:9, 5:40], rtol=0, atol=0)
        assert checkpoint.dtype(name) == "NVFP4"
    assert not any("scale" in name for name in checkpoint.names)


def test_a_head_is_drawn_and_a_model_inspected_with_its_scales(plain: Path) -> None:
    path, expected = scaled(plain, "")
    model = {"path": str(path), "device": "cpu"}
    for short, weight in (("attn_q", "W_Q"), ("attn_v", "W_V")):
        scene = Scene("W", {"W": {"weight": f"blocks.0.attn.{weight}", "head": 1}}, model=model)
        drawn = torch.tensor(scene.values()[""])  # (d_model, d_head)
        torch.testing.assert_close(drawn, in_order(expected[short], short)[32:].T, rtol=0, atol=0)
    scene = head_scene(Reading(str(path), tokens=(1, 2, 3), device="cpu"), 0, 1)
    assert np.isfinite(np.asarray(scene.values()[""])).all()
    report = model_report(str(path))
    assert report["parameters"] == model_report(str(plain))["parameters"]


def test_transformers_computes_with_our_numbers_as_it_does_not_read_scales(plain: Path) -> None:
    path, _ = scaled(plain, "")
    report = model_verification(Wish(str(path), tokens=(1, 2, 3), device="cpu"))
    why = report["why_decoding_is_not_compared"]
    assert re.fullmatch(r"transformers \S+ does not read the scale of model\.layers\.0\.\S+ in a GGUF file", why)
    assert report["ok"]


@pytest.mark.parametrize(
    ("name", "numbers", "message"),
    [
        (
            "blk.0.attn_k.zero_point",
            [1.0],
            "belongs to blk.0.attn_k.weight in a way that is not known here; a weight with nothing beside it but scale "
            "and input_scale is needed.",
        ),
        (
            "blk.0.attn_k.weight_absmax",
            [1.0],
            "belongs to blk.0.attn_k.weight in a way that is not known here; a weight with nothing beside it but scale "
            "and input_scale is needed.",
        ),
        ("blk.0.attn_k.scale", [1.0, 2.0], "is 2 numbers as F32; one number is needed."),
        ("blk.0.attn_q.weight.scale", [1.0], "blk.0.attn_q.weight has a scale already; one is needed."),
    ],
)
def test_what_else_stands_beside_a_weight_is_refused_by_name(
    plain: Path, name: str, numbers: list[float], message: str
) -> None:
    path, _ = scaled(plain, "", **{name: (np.array(numbers, np.float32), Kind.F32)})
    with pytest.raises(SourceError) as raised:
        GGUFStore.open(path)
    assert str(raised.value) == f"{path}, {name}: {message}"


@pytest.mark.parametrize("end", ["_scale", "_scale_inv", ".absmax", "_zero_point"])
def test_safetensors_with_scales_are_refused_by_name(tmp_path: Path, end: str) -> None:
    weight = "model.layers.0.self_attn.q_proj.weight"
    save_file({weight: torch.ones(2, 2), f"{weight}{end}": torch.ones(1)}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    message = (
        f"{tmp_path}: {weight}{end} says how the numbers of {weight} are meant, which is not known here; weights that "
        "are not quantized, or a .gguf file, are needed."
    )
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        Checkpoint.open(tmp_path)
