"""GGUF files with experts: what they say, what is read of them, and what is refused."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf.quants import dequantize, quantize
from transformers import (
    AutoModelForCausalLM,
    Glm4MoeConfig,
    GptOssConfig,
    GraniteMoeConfig,
    HunYuanMoEV1Config,
    Llama4TextConfig,
    MixtralConfig,
    Qwen2MoeConfig,
    Qwen3MoeConfig,
)
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import layer_scene
from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_experts import OF, ROUTERS
from mmviz.values.files.gguf_model import read_config
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from tests.values.gguf_headers import LLAMA, PATH, header, tensor
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.variants import silently

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)
WIDE: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 64,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "num_experts_per_tok": 2,
}
"""Rows that divide into blocks of 32."""
MODELS: Mapping[str, Any] = {
    "mixtral": MixtralConfig(**WIDE, num_local_experts=4),
    "qwen3_moe": Qwen3MoeConfig(
        **{**WIDE, "intermediate_size": 96}, moe_intermediate_size=32, num_experts=5, norm_topk_prob=True, head_dim=16
    ),
    "granitemoe": GraniteMoeConfig(**WIDE, num_local_experts=4, attention_multiplier=0.25),
    "qwen2_moe": Qwen2MoeConfig(
        **WIDE, moe_intermediate_size=32, shared_expert_intermediate_size=96, num_experts=4, norm_topk_prob=False
    ),
    "glm4_moe": Glm4MoeConfig(
        **{**WIDE, "num_hidden_layers": 3}, moe_intermediate_size=32, n_routed_experts=4, head_dim=16, pad_token_id=0
    ),
    "hunyuan_v1_moe": HunYuanMoEV1Config(
        **{key: each for key, each in WIDE.items() if key != "num_experts_per_tok"},
        num_experts=4,
        moe_topk=2,
        head_dim=16,
    ),
    "llama4": Llama4TextConfig(
        **{**WIDE, "num_hidden_layers": 4, "num_experts_per_tok": 1},
        intermediate_size_mlp=96,
        num_local_experts=4,
        head_dim=16,
        interleave_moe_layer_step=2,
        pad_token_id=0,
    ),
    "gpt_oss": GptOssConfig(**WIDE, num_local_experts=4, head_dim=16, sliding_window=5),
}
EXPERTS = {
    "mixtral": ("model.layers.1.block_sparse_moe.experts.{}.w1.weight", "blk.1.ffn_gate_exps.weight"),
    "qwen3_moe": ("model.layers.1.mlp.experts.{}.down_proj.weight", "blk.1.ffn_down_exps.weight"),
}
"""A parameter of an expert, and the tensor that holds those of all."""


@cache
def made(name: str) -> Any:
    """A model of transformers whose tokens choose experts by far."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        eager = {"attn_implementation": "eager", "experts_implementation": "eager"}
        model: Any = silently(AutoModelForCausalLM.from_config, MODELS[name], **eager)
        with torch.no_grad():
            for of, parameter in model.named_parameters():
                parameter.uniform_(0.5, 2.0) if "norm" in of else parameter.normal_(0, 0.2)
    return model.eval()


def written(folder: Path, name: str, kind: str = "F32") -> Path:
    return write_gguf(folder / "tiny.gguf", made(name), kind)


def logits_of(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        logits: torch.Tensor = model(torch.tensor([TOKENS])).logits[0]
        return logits


def test_every_architecture_that_may_have_experts_is_read() -> None:
    assert set(ROUTERS) == set(OF)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_computes_what_the_model_does_that_was_converted(name: str, tmp_path: Path) -> None:
    found = Model(Checkpoint.open(written(tmp_path, name)), "cpu").activation(TOKENS, "logits")
    expected = logits_of(made(name))
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()


# Of experts only those are read that are asked for.


@pytest.mark.parametrize("kind", ["F32", "Q8_0", "Q4_0", "MXFP4"])
@pytest.mark.parametrize("name", EXPERTS)
def test_an_expert_is_a_slice_of_what_the_package_decodes(name: str, kind: str, tmp_path: Path) -> None:
    path, (parameter, stored) = written(tmp_path, name, kind), EXPERTS[name]
    checkpoint = Checkpoint.open(path)
    tensor = next(each for each in gguf.GGUFReader(path).tensors if each.name == stored)
    whole = torch.tensor(dequantize(tensor.data, Kind[kind])).reshape(
        len(tensor.data), *checkpoint.shape(parameter.format(0))
    )
    for expert in range(len(whole)):
        before = checkpoint.bytes_read
        assert torch.equal(checkpoint.slice(parameter.format(expert)), whole[expert])
        assert checkpoint.bytes_read - before == checkpoint.stored_bytes(parameter.format(expert))
        assert torch.equal(
            checkpoint.slice(parameter.format(expert), slice(3, 7), slice(1, 9)), whole[expert, 3:7, 1:9]
        )
    assert sum(checkpoint.stored_bytes(parameter.format(each)) for each in range(len(whole))) == tensor.n_bytes


@pytest.mark.parametrize("kind", ["F16", "Q8_0", "MXFP4"])
def test_stacks_of_experts_are_what_the_package_decodes_of_both_tensors(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, "gpt_oss", kind)
    checkpoint, tensors = Checkpoint.open(path), {each.name: each for each in gguf.GGUFReader(path).tensors}
    gate, up = (
        torch.from_numpy(dequantize(tensors[f"blk.1.ffn_{of}_exps.weight"].data, Kind[kind])).reshape(4, 32, 64)
        for of in ("gate", "up")
    )
    stack = torch.empty(4, 64, 64)  # (experts, in, out), gates and the others by turns
    stack[:, :, ::2], stack[:, :, 1::2] = gate.mT, up.mT
    name = "model.layers.1.mlp.experts.gate_up_proj"
    assert (checkpoint.shape(name), checkpoint.dtype(name)) == ((4, 64, 64), kind)
    assert torch.equal(checkpoint.slice(name), stack)
    before = checkpoint.bytes_read
    assert torch.equal(checkpoint.slice(name, slice(2, 3)), stack[2:3])
    assert checkpoint.bytes_read - before == checkpoint.stored_bytes(name) // 4
    assert torch.equal(checkpoint.slice(name, slice(1, 3), slice(5, 20)), stack[1:3, 5:20])
    assert checkpoint.slice(name, slice(2, 2)).shape == (0, 64, 64)


def test_of_experts_that_no_token_chooses_nothing_is_read(tmp_path: Path) -> None:
    model = Model(Checkpoint.open(written(tmp_path, "qwen3_moe", "Q8_0")), "cpu")
    chosen = model.activation(TOKENS[:1], "blocks.0.mlp.hook_expert_indices")
    before = model.checkpoint.bytes_read
    model.activation(TOKENS[:1], "blocks.0.hook_resid_post")
    of_layer = [name for name in model.checkpoint.names if name.startswith("model.layers.0.")]
    of_others = sum(
        model.checkpoint.stored_bytes(name)
        for name in of_layer
        if ".experts." in name and int(name.split(".experts.")[1].split(".")[0]) not in chosen.flatten().tolist()
    )
    everything = sum(map(model.checkpoint.stored_bytes, of_layer))
    assert of_others > 0
    assert model.checkpoint.bytes_read - before <= everything - of_others + 16 * 64  # and a row of the embedding


def test_numbers_of_mxfp4_are_those_of_gpt_oss_whatever_file_they_lie_in(tmp_path: Path) -> None:
    rounded = silently(AutoModelForCausalLM.from_config, MODELS["gpt_oss"], attn_implementation="eager")
    rounded.load_state_dict(made("gpt_oss").state_dict())
    with torch.no_grad():
        for name, weight in rounded.named_parameters():
            if name.endswith(("gate_up_proj", "down_proj")):
                turned = np.ascontiguousarray(weight.mT.numpy())  # blocks go along what goes in
                blocks = quantize(turned, Kind.MXFP4)
                weight.copy_(torch.from_numpy(dequantize(blocks, Kind.MXFP4).reshape(turned.shape)).mT)
    tensors = {}
    path = write_gguf(tmp_path / "tiny.gguf", rounded)
    for each in gguf.GGUFReader(path).tensors:
        if each.name.endswith("exps.weight"):
            tensors[each.name] = (quantize(np.array(each.data), Kind.MXFP4), Kind.MXFP4)
    checkpoint = Checkpoint.open(rewritten(path, tensors))
    assert checkpoint.dequantized_from == "MXFP4"
    expected = logits_of(rounded)
    assert (Model(checkpoint, "cpu").activation(TOKENS, "logits") - expected).abs().max() < 1e-5 * expected.abs().max()


def test_old_files_of_mixtral_have_a_tensor_for_each_expert(tmp_path: Path) -> None:
    path = written(tmp_path, "mixtral")
    apart = {}
    for each in gguf.GGUFReader(path).tensors:
        if "_exps" in each.name:
            for expert, numbers in enumerate(np.array(each.data)):
                apart[each.name.replace("_exps", f".{expert}")] = (numbers, Kind.F32)
    old = Checkpoint.open(rewritten(path, apart, dropped="_exps"))
    assert old.names == Checkpoint.open(path).names
    expected = logits_of(made("mixtral"))
    assert (Model(old, "cpu").activation(TOKENS, "logits") - expected).abs().max() < 1e-5 * expected.abs().max()


def test_layers_that_guess_the_token_after_the_next_are_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, "glm4_moe")
    layer = {
        each.name.replace("blk.2.", "blk.3."): (np.array(each.data), Kind.F32)
        for each in gguf.GGUFReader(path).tensors
        if each.name.startswith("blk.2.")
    }
    layer["blk.3.nextn.eh_proj.weight"] = (np.ones((64, 128), np.float32), Kind.F32)
    longer = rewritten(path, layer, {"glm4moe.block_count": 4, "glm4moe.nextn_predict_layers": 1})
    model = Model(Checkpoint.open(longer), "cpu")
    assert model.config.layers == 3
    expected = logits_of(made("glm4_moe"))
    assert (model.activation(TOKENS, "logits") - expected).abs().max() < 1e-5 * expected.abs().max()
    layer_scene(Reading(str(longer), tokens=TOKENS), 2, "mlp")


def test_maverick_is_known_by_its_experts() -> None:
    keys = {**LLAMA, "llama.expert_count": 128, "llama.expert_used_count": 1, "llama.expert_feed_forward_length": 8}
    keys |= {"llama.interleave_moe_layer_step": 1}
    said = {key.replace("llama.", "llama4."): each for key, each in keys.items()} | {"general.architecture": "llama4"}
    tensors = {f"blk.0.ffn_{of}_exps.weight": tensor(128, 8, 8) for of in ("gate", "up", "down")}
    for count, normalized in ((128, False), (16, True)):
        shapes = {name: tensor(count, *each.shape[1:]) for name, each in tensors.items()}
        file = header({**said, "llama4.expert_count": count}, "blk.0.ffn_gate_inp.weight", **shapes)
        assert read_config(file, PATH, lambda _: [])["use_qk_norm"] is normalized


# By transformers.


def test_experts_are_those_that_transformers_reads_of_a_qwen3_moe(tmp_path: Path) -> None:
    path = written(tmp_path, "qwen3_moe", "Q8_0")
    read = silently(load_gguf_checkpoint, str(path), return_tensors=True, model_to_load=made("qwen3_moe"))["tensors"]
    checkpoint = Checkpoint.open(path)
    stack = read["model.layers.1.mlp.experts.gate_up_proj"]  # (experts, gates and then the others, in)
    for expert in range(5):
        own = [checkpoint.slice(f"model.layers.1.mlp.experts.{expert}.{of}_proj.weight") for of in ("gate", "up")]
        assert torch.equal(torch.cat(own), stack[expert])


@pytest.mark.parametrize(
    ("name", "told"),
    [("qwen3_moe", "moe_intermediate_size"), ("qwen2_moe", "moe_intermediate_size, shared_expert_intermediate_size")],
)
def test_experts_of_qwen_are_verified_by_transformers_own_reading(name: str, told: str, tmp_path: Path) -> None:
    report = compare(Model(Checkpoint.open(written(tmp_path, name, "Q8_0")), "cpu"), TOKENS)
    assert not report.exceeding
    assert report.reference.endswith(f"(told {told}, which it does not read in a GGUF file)")


def test_a_llama_4_is_verified_with_our_weights(tmp_path: Path) -> None:
    report = compare(Model(Checkpoint.open(written(tmp_path, "llama4")), "cpu"), TOKENS)
    assert not report.exceeding
    assert report.handed_over.endswith("does not read GGUF files of llama4")


# What is refused.


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        layer_scene(Reading(str(path), tokens=TOKENS), 0, "mlp")
    return str(caught.value).removeprefix(f"{path}, ")


@pytest.mark.parametrize(
    ("name", "added", "dropped", "end"),
    [
        (
            "mixtral",
            {"llama.expert_used_count": 5},
            "$^",
            "llama.expert_used_count: is 5; at most expert_count, which is 4, is needed.",
        ),
        (
            "mixtral",
            {},
            "expert_used_count",
            "llama.expert_used_count: is missing; a whole number from 1 up is needed.",
        ),
        ("mixtral", {}, "_exps", "llama.expert_count: is 4, but layer 0 has no experts, as blk.0.ffn_gate_exps."),
        (
            "mixtral",
            {},
            r"blk\.1\.ffn_gate_inp",
            "llama.expert_count: is 4, but layer 1 has no router, blk.1.ffn_gate_inp.weight.",
        ),
        (
            "mixtral",
            {"llama.expert_count": 8},
            "$^",
            "llama.expert_count: is 8, but blk.0.ffn_gate_exps.weight holds 4 experts.",
        ),
        ("qwen3_moe", {}, "expert_count", "qwen3moe.expert_count: is missing; a whole number from 1 up is needed."),
        ("mixtral", {"llama.expert_gating_func": 2}, "$^", "llama.expert_gating_func: is 2; 1, or none, is needed."),
        (
            "qwen3_moe",
            {"qwen3moe.expert_weights_norm": False},
            "$^",
            "qwen3moe.expert_weights_norm: is False; True, or none, is needed.",
        ),
        (
            "granitemoe",
            {"granitemoe.expert_weights_scale": 2.5},
            "$^",
            "granitemoe.expert_weights_scale: is 2.5; 1, or none, is needed.",
        ),
        (
            "qwen3_moe",
            {"qwen3moe.expert_shared_feed_forward_length": 16},
            "$^",
            "qwen3moe.expert_shared_feed_forward_length: is 16; by its name it would change what is computed, and it "
            "is not known here; a file without it is needed.",
        ),
        (
            "glm4_moe",
            {"glm4moe.expert_group_count": 4},
            "$^",
            "glm4moe.expert_group_count: is 4; 1, or none, is needed.",
        ),
        ("glm4_moe", {}, "expert_gating_func", "glm4moe.expert_gating_func: is missing; 2 is needed."),
        ("glm4_moe", {}, "expert_weights_norm", "glm4moe.expert_weights_norm: is missing; true or false is needed."),
        (
            "glm4_moe",
            {},
            "expert_shared_count",
            "glm4moe.expert_shared_count: is missing; a whole number from 1 up is needed.",
        ),
        (
            "glm4_moe",
            {"glm4moe.leading_dense_block_count": 3},
            "$^",
            "glm4moe.leading_dense_block_count: is 3, so that none of 3 layers has experts; fewer are needed.",
        ),
        (
            "llama4",
            {"llama4.attention.sliding_window": 0},
            "$^",
            "llama4.attention.sliding_window: is 0; 8192, or none, is needed.",
        ),
        (
            "hunyuan_v1_moe",
            {"hunyuan-moe.expert_shared_count": 2},
            "$^",
            "hunyuan-moe.expert_shared_count: is 2; 1, or none, is needed.",
        ),
        (
            "hunyuan_v1_moe",
            {"hunyuan-moe.expert_shared_feed_forward_length": 16},
            "$^",
            "hunyuan-moe.expert_shared_feed_forward_length: is 16; the same as expert_feed_forward_length, 32, is "
            "needed.",
        ),
        (
            "gpt_oss",
            {"gpt-oss.expert_feed_forward_length": 16},
            "$^",
            "gpt-oss.expert_feed_forward_length: is 16; the same as feed_forward_length, 32, is needed.",
        ),
    ],
)
def test_keys_and_experts_that_do_not_fit_are_told(
    name: str, added: dict[str, Any], dropped: str, end: str, tmp_path: Path
) -> None:
    assert refusal(rewritten(written(tmp_path, name), added=added, dropped=dropped)) == end


def test_experts_of_an_architecture_that_is_read_without_them_are_refused() -> None:
    qwen2 = {key.replace("llama", "qwen2"): value for key, value in LLAMA.items()}
    said = {**qwen2, "general.architecture": "qwen2", "qwen2.expert_count": 8}
    with pytest.raises(SourceError) as caught:
        read_config(header(said), PATH, lambda _: [])
    assert str(caught.value) == (
        "m.gguf, qwen2.expert_count: is 8; experts of this architecture are not read; the model's safetensors are "
        "needed."
    )
