"""What weights were dequantized from is told in the picture, the certificate, `verify` and `inspect`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Kind
from gguf.quants import quantize

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.pipeline import Scene
from mmviz.reports.model_report import model_report
from mmviz.reports.model_text import model_text
from mmviz.reports.verification import Wish, model_verification, scene_verification, verification_text
from mmviz.values.files.checkpoint import Checkpoint
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.quantized_models import GROUPED, TOKENS, save_quantized
from tests.values.test_quantized_fp8 import by_blocks
from tests.values.tiny_transformers import by_transformers, tiny
from tests.values.variants import load_reference, save_variant

FP8: dict[str, Any] = {"quant_method": "fp8", "weight_block_size": [16, 8]}
KINDS = "FP8 E4M3 (blocks of 16x8)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_quantized(tmp_path_factory.mktemp("fp8"), FP8, by_blocks(16, 8))


def test_the_picture_and_its_certificate_say_from_what(folder: Path) -> None:
    scene = head_scene(Reading(str(folder), tokens=TOKENS), 1, 2, badge=True)
    assert scene.composition.subtitle.startswith(f"dequantized from {KINDS}   ·   ")
    assert scene.certificate.dequantized == f"dequantized from {KINDS}"
    assert scene.certificate.holds
    assert scene.sources.sizes.dequantized_from == KINDS
    report = scene_verification(scene)
    assert report["dequantized_from"] == KINDS
    assert f"weights: dequantized from {KINDS}, on both sides" in verification_text(report).splitlines()


def test_verify_says_from_what(folder: Path) -> None:
    report = model_verification(Wish(str(folder), tokens=TOKENS))
    assert (report["ok"], report["dequantized_from"]) == (True, KINDS)
    assert f"weights: dequantized from {KINDS}, on both sides" in verification_text(report).splitlines()


def test_inspect_says_by_which_method_with_weights_and_without(folder: Path, tmp_path: Path) -> None:
    whole = model_report(str(folder))
    assert whole["quantized_by"] == "fp8"
    assert model_text(whole).splitlines()[0].endswith(" parameters, quantized (fp8)")
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    assert model_report(str(tmp_path / "config.json"))["quantized_by"] == "fp8"
    plain = load_reference(save_variant(tmp_path / "plain", GROUPED, layers=2))
    assert whole["parameters"]["total"] == sum(weight.numel() for weight in plain.parameters())


def test_scenes_of_plain_weights_say_nothing_nor_do_those_of_other_numbers(tmp_path: Path, folder: Path) -> None:
    plain = save_variant(tmp_path, "llama", layers=1)
    assert "dequantized" not in head_scene(Reading(str(plain), tokens=TOKENS), 0, 0).composition.subtitle
    other = Scene("x @ y", {name: {"init": "eye", "shape": [2, 2]} for name in "xy"}, model={"path": str(folder)})
    assert other.composition.subtitle == ""


def test_a_gguf_file_says_it_too_the_most_bytes_first(tmp_path: Path) -> None:
    model = by_transformers(tiny("llama", hidden_size=32, intermediate_size=128, num_hidden_layers=1))
    assert Checkpoint.open(write_gguf(tmp_path / "plain.gguf", model)).dequantized_from == ""
    file = write_gguf(tmp_path / "model.gguf", model, "Q4_0")
    assert Checkpoint.open(file).dequantized_from == "Q4_0"
    down = quantize(np.ones((32, 128), np.float32), Kind.Q8_0)
    mixed = rewritten(file, {"blk.0.ffn_down.weight": (down, Kind.Q8_0)})
    assert Checkpoint.open(mixed).dequantized_from == "Q4_0 and Q8_0"
    scene = head_scene(Reading(str(mixed), tokens=(1, 2)), 0, 0)
    assert scene.composition.subtitle.startswith("dequantized from Q4_0 and Q8_0   ·   ")
