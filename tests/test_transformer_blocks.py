"""The blocks of a transformer that scenes are written for, against transformers and torch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812
from transformers import LlamaForCausalLM

import mmviz
from mmviz.pipeline import Scene
from mmviz.reports.scene_report import scene_report, scene_text

ASSET = Path(__file__).resolve().parents[1] / "assets" / "smollm2-135m-2layers"


@pytest.fixture(scope="module")
def llama() -> Any:
    load: Any = LlamaForCausalLM.from_pretrained
    return load(ASSET, dtype=torch.float32, attn_implementation="eager").eval()


def hooked(llama: Any, token_ids: tuple[int, ...], module: Any) -> torch.Tensor:
    """What a module of transformers' model gives for a prompt; (tokens, its size)."""
    found: list[torch.Tensor] = []
    handle = module.register_forward_hook(lambda _module, _inputs, output: found.append(output))
    with torch.inference_mode():
        llama(torch.tensor([token_ids]))
    handle.remove()
    return found[0][0]


def relative(found: np.ndarray[Any, Any], expected: torch.Tensor) -> float:
    """The largest difference as a share of the largest number."""
    return float(np.abs(found - expected.numpy()).max() / expected.abs().max())


def test_the_gated_mlp_scene_is_the_mlp_of_transformers(llama: Any) -> None:
    scene = Scene.load("gated_mlp")
    expected = hooked(llama, scene.sources.token_ids, llama.model.layers[0].mlp)
    assert len(expected) == 24
    assert relative(scene.values()[""], expected) < 1e-5


def test_the_gated_mlp_scene_ends_at_the_activation_of_that_name() -> None:
    scene = Scene.load("gated_mlp")
    model = scene.sources.model
    for path, name in (("left.right", "mlp.hook_pre_linear"), ("left", "mlp.hook_post"), ("", "hook_mlp_out")):
        expected = model.activation(scene.sources.token_ids, f"blocks.0.{name}")
        assert relative(scene.values()[path], expected.cpu()) < 1e-5


def test_a_whole_residual_block_with_the_weight_of_its_norm_is_that_of_transformers(llama: Any) -> None:
    """x + MLP(norm(x)): what layer 0 passes on, from what its attention has left."""
    scene = Scene(
        "out = x + (silu((h = rmsnorm(x, w, 1e-5)) @ G) * (rmsnorm(x, w, 1e-5) @ U)) @ D",
        {
            "x": {"activation": "blocks.0.hook_resid_mid"},
            "w": {"weight": "model.layers.0.post_attention_layernorm.weight"},
            "G": {"weight": "blocks.0.mlp.W_gate"},
            "U": {"weight": "blocks.0.mlp.W_in"},
            "D": {"weight": "blocks.0.mlp.W_out"},
        },
        model={"path": str(ASSET), "tokens": [5, 6, 7, 800]},
    )
    assert scene.shapes.tensors["w"] == (1, 576)
    assert llama.config.rms_norm_eps == 1e-5
    assert relative(scene.values()[""], hooked(llama, (5, 6, 7, 800), llama.model.layers[0])) < 1e-5


def test_the_lora_scene_is_a_linear_layer_with_its_update() -> None:
    values = Scene.load("lora").values()
    paths = ("left", "right.left", "right.right.left", "right.right.right")
    x, w, b, a = (torch.tensor(values[path]).double() for path in paths)
    expected = F.linear(x, w.mT) + F.linear(F.linear(x, b.mT), a.mT) * 0.05
    assert relative(values[""], expected) < 1e-6
    assert np.linalg.matrix_rank(values["right.right"].astype(float), tol=1e-4) == 4


def test_the_residual_scene_is_that_block_in_torch() -> None:
    scene = Scene.load("residual")
    tensors = {name: tensor.double() for name, tensor in scene.sources.tensors(scene.shapes.tensors).items()}
    x, w, w1, w2 = (tensors[name] for name in ("x", "w", "W1", "W2"))
    normed = F.rms_norm(x, (x.shape[1],), w[0], eps=1e-6)
    assert relative(scene.values()[""], x + F.relu(normed @ w1) @ w2) < 1e-6


@pytest.mark.parametrize(("scene", "steps"), [("residual", 32), ("gated_mlp", 24), ("lora", 4 + 24)])
def test_a_block_is_one_sweep_where_its_rows_can_go_through(scene: str, steps: int) -> None:
    assert Scene.load(scene).timeline().steps == steps


def test_a_report_tells_sums_from_products_and_names_the_vectors() -> None:
    tensors = {name: {"init": "eye", "shape": [3, 3]} for name in "ABCD"} | {"w": {"init": "rows"}}
    report = scene_report(Scene("rmsnorm(A + B * C - D, w, 1e-5)", tensors))
    kinds = {matrix["path"]: matrix["kind"] for matrix in report["matrices"] if matrix["kind"] != "matrix"}
    assert kinds == {"": "difference", "left": "sum", "left.right": "elementwise product"}
    assert report["matrices"][0]["functions"] == ["rmsnorm(w, 1e-05)"]
    assert report["multiply_adds"] == 0
    assert "rmsnorm(w, 1e-05)" in scene_text(report)


def test_a_scene_is_written_in_python_with_norms_and_elementwise_products() -> None:
    x, w, gate, up = mmviz.names("x w gate up")
    normed = mmviz.rmsnorm(x, w, 1e-5)
    expression = x + mmviz.silu(normed @ gate) * (normed @ up)
    assert str(expression) == "x + silu(rmsnorm(x, w, 1e-05) @ gate) * (rmsnorm(x, w, 1e-05) @ up)"
    square = {"init": "gaussian", "shape": [4, 4]}
    scene = Scene(expression, {"x": square, "gate": square, "up": square, "w": {"init": "cols"}})
    assert scene.values()[""].shape == (4, 4)
