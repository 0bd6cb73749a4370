"""`mmviz inspect MODEL --weight` tells of a weight from its own bytes alone; and what `mmviz inspect` refuses."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import mmviz
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.weight_summary import summarize
from tests.inspecting import Inspect, Report, rows
from tests.values.variants import changed, save_variant

ASSET = Path(mmviz.__file__).resolve().parents[1] / "assets" / "smollm2-135m-2layers"


def test_a_head_is_described_by_its_own_bytes_alone(inspect: Inspect, report: Report) -> None:
    save_variant(Path("model"), "llama grouped, wide heads", torch.bfloat16)
    stored = load_file("model/model.safetensors")
    expected = stored["model.layers.1.self_attn.o_proj.weight"][:, 48:64].double().numpy()  # head 3 of 16
    found = report("model", "--weight", "blocks.1.attn.W_O", "--head", "3")
    assert (found["shape"], found["axes"], found["dtype"]) == ([16, 48], ["d_head", "d_model"], "BF16")
    assert (found["smallest"], found["largest"]) == (expected.min(), expected.max())
    assert found["mean"] == pytest.approx(expected.mean(), rel=1e-12)
    assert found["bytes_read"] == 16 * 48 * 2
    assert found["bytes_stored"] == sum(weight.nbytes for weight in stored.values())
    code, text, _ = inspect("model", "--weight", "blocks.1.attn.W_O", "--head", "3")
    table = rows(text)
    assert code == 0
    assert text.startswith("model: blocks.1.attn.W_O, head 3\n")
    assert table["shape"] == ["16 x 48", "d_head x d_model"]
    assert table["stored as"] == ["BF16", "in model.layers.1.self_attn.o_proj.weight"]
    assert float(table["largest"][0]) == pytest.approx(expected.max(), rel=1e-5)
    assert text.endswith(f"\nread 1,536 of {found['bytes_stored']:,} bytes\n")


def test_a_second_weight_of_an_open_model_is_told_by_its_own_bytes() -> None:
    checkpoint = Checkpoint.open(ASSET)
    first = summarize(checkpoint, "blocks.1.attn.W_Q", 2)
    assert summarize(checkpoint, "blocks.1.attn.W_Q", 2) == first
    assert first.bytes_read == 576 * 64 * 2


def test_nan_and_infinities_of_a_weight_are_counted_and_left_out_of_its_mean(inspect: Inspect, report: Report) -> None:
    save_variant(Path("model"), "gpt2")
    name = "transformer.h.0.mlp.c_fc.bias"

    def spoil(weights: dict[str, torch.Tensor]) -> None:
        weights[name] = torch.cat([torch.arange(189.0), torch.tensor([math.nan, math.inf, -math.inf])])
        weights["transformer.ln_f.bias"] = torch.full((48,), math.nan)

    changed(Path("model"), spoil)
    for weight in (name, "blocks.0.mlp.b_in"):
        found = report("model", "--weight", weight)
        assert (found["smallest"], found["largest"], found["mean"]) == (0, 188, 94)
        assert (found["nan"], found["infinite"], found["bytes_read"]) == (1, 2, 192 * 4)
    table = rows(inspect("model", "--weight", name)[1])
    assert (table["NaN"], table["infinite"]) == (["1 of 192"], ["2 of 192"])
    nothing = report("model", "--weight", "ln_final.b")
    assert (nothing["smallest"], nothing["largest"], nothing["mean"], nothing["nan"]) == (None, None, None, 48)
    assert rows(inspect("model", "--weight", "ln_final.b")[1])["mean"] == ["none"]


def test_a_large_weight_is_summed_up_in_parts(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    save_variant(Path("model"), "llama")
    monkeypatch.setattr("mmviz.values.model.weight_summary.AT_ONCE", 100)  # two rows of 48
    expected = load_file("model/model.safetensors")["model.embed_tokens.weight"].double().numpy()
    found = report("model", "--weight", "embed.W_E")
    assert (found["smallest"], found["largest"]) == (expected.min(), expected.max())
    assert found["mean"] == pytest.approx(expected.mean(), rel=1e-9)


def test_what_is_computed_is_not_said_to_be_stored(report: Report) -> None:
    found = report("smollm2-135m-2layers", "--weight", "rotary.stretch")
    assert (found["dtype"], found["parameter"], found["bytes_read"]) == (None, None, 0)
    assert (found["smallest"], found["largest"]) == (1, 1)


# What is refused.


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": None}, "hidden_size: is missing; a whole number from 1 up is needed."),
        ({"num_hidden_layers": "two"}, "num_hidden_layers: is 'two'; a whole number from 1 up is needed."),
        (
            {"model_type": "mamba"},
            "model_type: 'mamba' is not supported: layers that keep a running state",
        ),
        ({"model_type": None, "architectures": None}, "model_type: is missing;"),
        ({"quantization_config": {"quant_method": "aqlm"}}, "quantization_config, quant_method: 'aqlm' is not read;"),
        ({"rope_scaling": {"rope_type": "su"}}, "rope_scaling, rope_type: rotary scaling 'su' is not supported;"),
    ],
)
def test_a_config_that_is_broken_or_not_supported_ends_in_1(
    inspect: Inspect, change: dict[str, Any], message: str
) -> None:
    config = {**json.loads((ASSET / "config.json").read_text()), **change}
    Path("config.json").write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    Path("model.safetensors").write_bytes((ASSET / "model.safetensors").read_bytes())
    for arguments in (["config.json"], ["model.safetensors"], ["."], [".", "--weight", "embed.W_E"]):
        code, out, err = inspect(*arguments)
        assert (code, out) == (1, "")
        assert err.startswith(f"mmviz: config.json, {message}")
        assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tokens", "8193"], "the model reads at most 8192 tokens; got 8193."),
        (["--weight", "blocks.0.attn.W_X"], "blocks.0.attn.W_X: unknown weight; close names: "),
        (["--weight", "blocks.2.attn.W_Q"], "blocks.2.attn.W_Q: the model has 2 layers, 0 to 1; got layer 2."),
        (["--weight", "blocks.0.attn.W_Q", "--head", "9"], "the model has 9 heads, 0 to 8; got head 9."),
        (["--weight", "embed.W_E", "--head", "0"], "embed.W_E: has no heads; leave the head out."),
    ],
)
def test_what_the_model_does_not_have_ends_in_1(inspect: Inspect, arguments: list[str], message: str) -> None:
    code, out, err = inspect("smollm2-135m-2layers", *arguments)
    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_weight_of_a_model_without_weights_ends_in_1(inspect: Inspect) -> None:
    Path("config.json").write_bytes((ASSET / "config.json").read_bytes())
    code, out, err = inspect(".", "--weight", "embed.W_E")
    assert (code, out) == (1, "")
    assert "no safetensors file; model.safetensors" in err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["smollm2-135m-2layers", "--head", "1"], "--weight"),
        (["smollm2-135m-2layers", "--tokens", "0"], "--tokens"),
        (["smollm2-135m-2layers", "--tokens", "3", "--weight", "embed.W_E"], "choose one of them"),
        (["matmul", "--tokens", "3"], "matmul is a scene"),
        (["matmul", "--weight", "A"], "matmul is a scene"),
    ],
)
def test_wrong_usage_ends_in_2(inspect: Inspect, arguments: list[str], named: str) -> None:
    code, out, err = inspect(*arguments)
    assert (code, out) == (2, "")
    assert named in " ".join(err.replace("│", " ").split())
