"""Names and keys of GGUF files in Hugging Face's words; the tables of the gguf package are the reference."""

from typing import Any

import gguf
import numpy as np
import pytest
from gguf.constants import MODEL_ARCH, MODEL_ARCH_NAMES

from mmviz.errors import SourceError
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.gguf_architectures import ARCHITECTURES
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_header import Header, StoredTensor
from mmviz.values.files.gguf_model import read_config
from mmviz.values.files.gguf_scales import find_scales
from mmviz.values.files.gguf_weights import Weight, read_weights
from tests.values.gguf_headers import GPT2, LLAMA, PATH, config, header, refusal, tensor


@pytest.mark.parametrize(
    ("architecture", "arch", "family"),
    [
        ("llama", MODEL_ARCH.LLAMA, "llama"),
        ("qwen2", MODEL_ARCH.QWEN2, "llama"),
        ("qwen3", MODEL_ARCH.QWEN3, "llama"),
        ("gemma", MODEL_ARCH.GEMMA, "gemma"),
        ("gemma2", MODEL_ARCH.GEMMA2, "gemma2"),
        ("gemma3", MODEL_ARCH.GEMMA3, "gemma2"),
        ("gpt2", MODEL_ARCH.GPT2, "gpt2"),
    ],
)
def test_every_parameter_has_the_name_that_the_gguf_package_maps_to_it(
    architecture: str, arch: MODEL_ARCH, family: str
) -> None:
    metadata = {key.replace("llama", architecture): value for key, value in LLAMA.items()}
    metadata |= {"general.architecture": architecture, **(GPT2 if architecture == "gpt2" else {})}
    tied = architecture in ("gemma", "gemma2")  # always: the package has no name for their unembedding
    said = read_config(header(metadata, *(() if tied else ("output.weight",))), PATH, lambda _: [])
    ours = read_model_config(
        said | ({"attention_bias": True, "mlp_bias": True} if architecture == "llama" else {}), "m"
    )
    mapping = gguf.get_tensor_name_map(arch, 1)
    stored = {name: str(mapping.get_name(name, try_suffixes=(".weight", ".bias"))) for name in parameters(ours)}
    found = read_weights(header(metadata, *stored.values()), said, PATH)
    prefix = "transformer." if family == "gpt2" else ""
    assert set(found) >= {name.removeprefix(prefix) for name in stored if "None" not in stored[name]}
    assert "None" not in "".join(stored.values())


def test_every_architecture_of_ours_is_one_of_the_gguf_packages() -> None:
    assert set(ARCHITECTURES) < set(MODEL_ARCH_NAMES.values())


def test_a_config_says_what_the_metadata_say() -> None:
    assert config() == {
        "model_type": "llama",
        "vocab_size": 50,
        "tie_word_embeddings": True,
        "num_hidden_layers": 1,
        "hidden_size": 8,
        "intermediate_size": 12,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 2,
        "max_position_embeddings": 64,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "attention_bias": False,
        "mlp_bias": False,
    }


def test_a_config_of_gpt2() -> None:
    assert read_config(header(GPT2, "output.weight"), PATH, lambda _: []) == {
        "model_type": "gpt2",
        "vocab_size": 50,
        "tie_word_embeddings": False,
        "n_layer": 1,
        "n_embd": 8,
        "n_inner": 12,
        "n_head": 4,
        "n_positions": 64,
        "layer_norm_epsilon": 1e-5,
        "activation_function": "gelu_new",
    }


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"attention.head_count_kv": None}, {"num_key_value_heads": 4}),
        ({"attention.key_length": 6}, {"head_dim": 6, "partial_rotary_factor": None}),
        ({"attention.head_count": 9, "attention.head_count_kv": 9}, {"head_dim": 1}),
        ({"rope.dimension_count": 1}, {"partial_rotary_factor": 0.5}),
        ({"rope.dimension_count": 2}, {"partial_rotary_factor": None}),
        ({"rope.freq_base": 5000}, {"rope_theta": 5000.0}),
        ({"expert_count": 0}, {"model_type": "llama"}),
    ],
)
def test_what_a_key_changes_in_a_config(metadata: dict[str, Any], found: dict[str, Any]) -> None:
    said = config(**metadata)
    assert {key: said.get(key) for key in found} == found


def test_biases_are_told_of_what_lies_there() -> None:
    assert config("blk.0.attn_q.bias")["attention_bias"] is True
    assert config("blk.0.ffn_up.bias")["mlp_bias"] is True
    said = config("blk.0.attn_q.weight", "blk.0.bias")
    assert (said["attention_bias"], said["mlp_bias"]) == (False, False)


@pytest.mark.parametrize(
    ("metadata", "factors", "found"),
    [
        ({"rope.scaling.factor": 4.0}, None, {"rope_type": "linear", "factor": 4.0}),
        ({"rope.scale_linear": 4.0}, None, {"rope_type": "linear", "factor": 4.0}),
        ({"rope.scale_linear": 4.0, "rope.scaling.factor": 2.0}, None, {"rope_type": "linear", "factor": 2.0}),
        ({"rope.scaling.factor": 4.0, "rope.scaling.type": "none"}, None, {"rope_type": "default"}),
        ({"rope.scaling.factor": 1.0}, None, {"rope_type": "default"}),
        ({"rope.scaling.factor": 0.0}, None, {"rope_type": "default"}),
        ({}, [1.0, 3.0], {"rope_type": "factors", "factors": [1.0, 3.0]}),
        ({"rope.scaling.factor": 4.0}, [1.0, 3.0], {"rope_type": "factors", "factors": [4.0, 12.0]}),
        ({"rope.scaling.type": "none"}, [1.0, 3.0], {"rope_type": "factors", "factors": [1.0, 3.0]}),
    ],
)
def test_how_rotary_positions_are_scaled(
    metadata: dict[str, Any], factors: list[float] | None, found: dict[str, Any]
) -> None:
    names = () if factors is None else ("rope_freqs.weight",)
    assert config(*names, factors=factors, **metadata)["rope_parameters"] == {"rope_theta": 10000.0, **found}


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"block_count": True}, "block_count: is True; a whole number from 1 up is needed."),
        ({"block_count": 2}, "block_count: is 2, but the file has the weights of 1 layers."),
        ({"context_length": "x" * 100}, f"context_length: is {'x' * 80}; a whole number from 1 up is needed."),
        ({"rope.scaling.factor": -2.0}, "rope.scaling.factor: is -2.0; a number above 0 is needed."),
        ({"rope.freq_base": 3.5e38}, "rope.freq_base: is 3.5e+38; a number above 0 is needed."),
        ({"rope.freq_base": True}, "rope.freq_base: is True; a number above 0 is needed."),
        ({"attention.key_length": 0}, "attention.key_length: is 0; a whole number from 1 up is needed."),
    ],
)
def test_a_key_that_is_broken_is_named(metadata: dict[str, Any], message: str) -> None:
    assert refusal(**metadata) == f"m.gguf, llama.{message}"


def test_a_scaling_whose_numbers_are_taken_otherwise_than_in_safetensors_is_refused() -> None:
    metadata: dict[str, Any] = {"rope.scaling.type": "longrope", "rope.scaling.factor": 4.0}
    assert refusal(**metadata) == (
        "m.gguf, llama.rope.scaling.type: 'longrope' is not supported in GGUF files; the model's safetensors are "
        "needed."
    )


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        (
            {"rope.scaling.factor": 4.0},
            {"factor": 4.0, "original_max_position_embeddings": 64, "beta_fast": 32.0, "beta_slow": 1.0},
        ),
        (
            {
                "rope.scaling.factor": 2.5,
                "rope.scaling.original_context_length": 16,
                "rope.scaling.attn_factor": 1.0,
                "rope.scaling.yarn_beta_fast": 16.0,
                "rope.scaling.yarn_beta_slow": 2.0,
            },
            {"factor": 2.5, "original_max_position_embeddings": 16, "beta_fast": 16.0, "beta_slow": 2.0},
        ),
    ],
)
def test_yarn_has_hugging_faces_words(metadata: dict[str, Any], found: dict[str, Any]) -> None:
    yarn: dict[str, Any] = {"rope.scaling.type": "yarn"}
    said = config(**yarn, **metadata)["rope_parameters"]
    assert said == {"rope_type": "yarn", "rope_theta": 10000.0, **found}
    assert config(**yarn)["rope_parameters"]["rope_type"] == "default"  # by no factor


@pytest.mark.parametrize(
    ("key", "value", "needed"),
    [
        ("attn_factor", 0.5, "1"),
        ("yarn_attn_factor", 0.0, "1"),
        ("yarn_ext_factor", 0.0, "1"),
        ("yarn_log_multiplier", 0.1, "0"),
    ],
)
def test_yarn_with_another_factor_of_scores_is_refused(key: str, value: float, needed: str) -> None:
    metadata: dict[str, Any] = {"rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, f"rope.scaling.{key}": value}
    assert refusal(**metadata) == f"m.gguf, llama.rope.scaling.{key}: is {value}; {needed}, or none, is needed."


def test_scaling_in_two_ways_at_once_is_refused() -> None:
    assert refusal("rope_freqs.weight", factors=[1.0], **{"rope.scaling.type": "yarn"}) == (
        "m.gguf, llama.rope.scaling.type: is 'yarn' beside rope_freqs.weight; only one of them can hold."
    )


def test_what_is_no_model_of_ours_is_told() -> None:
    with pytest.raises(SourceError) as caught:
        Facts({}, PATH)
    assert str(caught.value) == f"m.gguf, general.architecture: is missing; {', '.join(ARCHITECTURES)} are."
    with pytest.raises(SourceError) as caught:
        read_config(Header(LLAMA, {}), PATH, lambda _: [])
    assert str(caught.value) == "m.gguf: has no token_embd.weight, the embedding; a whole model is needed."


def test_a_number_is_as_short_as_its_32_bits_can_be_written() -> None:
    facts = Facts({**LLAMA, "llama.a": float(np.float32(1e-6)), "llama.b": 3}, PATH)
    assert (facts.number("a"), facts.number("b"), facts.number("c", missing=0.5)) == (1e-6, 3.0, 0.5)


def test_gpt2s_matrices_are_turned_and_a_llamas_queries_and_keys_have_heads() -> None:
    stored = {f"blk.0.{short}.weight": tensor(8, 24) for short in ("attn_qkv", "attn_output", "ffn_up", "ffn_down")}
    stored |= {"blk.0.attn_qkv.bias": tensor(24), "token_embd.weight": tensor(50, 8)}
    weights = read_weights(header(GPT2, **stored), {"model_type": "gpt2"}, PATH)
    turned = {name for name, weight in weights.items() if weight.transposed}
    assert turned == {f"h.0.{name}.weight" for name in ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")}
    assert weights["h.0.attn.c_attn.weight"].shape == (24, 8)
    assert weights["wte.weight"] == Weight(tensor(50, 8))
    names = [f"blk.0.attn_{letter}.{end}" for letter in "qkv" for end in ("weight", "bias")]
    llama = read_weights(header(LLAMA, *names), config(), PATH)
    heads = {
        name.rpartition("self_attn.")[2]: getattr(weight, "heads", 0)
        for name, weight in llama.items()
        if "self_attn" in name
    }
    assert heads == {
        "q_proj.weight": 4, "q_proj.bias": 4, "k_proj.weight": 2, "k_proj.bias": 2, "v_proj.weight": 0, "v_proj.bias": 0
    }  # fmt: skip


def test_rows_that_do_not_divide_into_heads_are_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read_weights(header(LLAMA, **{"blk.0.attn_q.weight": tensor(12, 8)}), config(), PATH)
    assert str(caught.value) == "m.gguf, blk.0.attn_q.weight: has 12 rows; 4 heads of an even size are needed."


def test_what_is_unknown_keeps_its_name_and_divisors_are_no_weight() -> None:
    found = read_weights(
        header(LLAMA, "rope_freqs.weight", "probe", "blk.00.attn_q.weight", "blk.0.odd.weight"), config(), PATH
    )
    assert set(found) == {
        "model.embed_tokens.weight",
        "model.layers.0.input_layernorm.weight",
        "probe",
        "blk.00.attn_q.weight",
        "blk.0.odd.weight",
    }


def test_a_scale_goes_with_its_weight() -> None:
    one = tensor(1)
    found = read_weights(header(LLAMA, "blk.0.ffn_up.weight", **{"blk.0.ffn_up.scale": one}), config(), PATH)
    weight = found["model.layers.0.mlp.up_proj.weight"]
    assert isinstance(weight, Weight)
    assert weight.scale is one
    assert not any("scale" in name for name in found)


# Tensors beside weights.


@pytest.mark.parametrize("stem", ["blk.0.attn_q", "output"])
@pytest.mark.parametrize("spelling", ["", ".weight"])
def test_a_scale_belongs_to_the_weight_of_its_name(stem: str, spelling: str) -> None:
    one = tensor(1, kind="F16")
    there = {f"{stem}.weight": tensor(4, 4), f"{stem}.bias": tensor(4), f"{stem}{spelling}.scale": one}
    scales, beside = find_scales(Header({}, {**there, f"{stem}{spelling}.input_scale": tensor(7)}), PATH)
    assert scales == {f"{stem}.weight": f"{stem}{spelling}.scale"}
    assert beside == {f"{stem}{spelling}.scale", f"{stem}{spelling}.input_scale"}


def test_what_belongs_to_no_weight_is_a_tensor_of_its_own() -> None:
    names = ("rope_freqs.weight", "blk.0.attn_q.scale", "a.bias", "b.weight.scale", "c.weights", "weight")
    assert find_scales(Header({}, {name: tensor(3) for name in names}), PATH) == ({}, set())


@pytest.mark.parametrize("kind", ["F64", "F32", "F16", "BF16"])
@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_scale_is_one_number_of_any_float(kind: str, shape: tuple[int, ...]) -> None:
    there = {"x.weight": tensor(4, 4), "x.scale": tensor(*shape, kind=kind)}
    assert find_scales(Header({}, there), PATH)[0] == {"x.weight": "x.scale"}


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (tensor(2), "is 2 numbers as F32; one number is needed."),
        (tensor(1, 4), "is 1 by 4 numbers as F32; one number is needed."),
        (tensor(1, kind="I8"), "is 1 numbers as I8; one number is needed."),
    ],
)
def test_a_scale_that_is_no_number_is_refused(scale: StoredTensor, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        find_scales(Header({}, {"x.weight": tensor(4, 4), "x.scale": scale}), PATH)
    assert str(caught.value) == f"m.gguf, x.scale: {message}"


def test_two_scales_of_one_weight_are_refused() -> None:
    there = {"x.weight": tensor(4, 4), "x.weight.scale": tensor(1), "x.scale": tensor(1)}
    with pytest.raises(SourceError) as caught:
        find_scales(Header({}, there), PATH)
    assert str(caught.value) == "m.gguf, x.scale: x.weight has a scale already; one is needed."


@pytest.mark.parametrize("name", ["x.zero_point", "x.weight.absmax", "x.weight_scale_inv"])
def test_what_says_more_in_an_unknown_way_is_refused(name: str) -> None:
    with pytest.raises(SourceError) as caught:
        find_scales(Header({}, {"x.weight": tensor(4, 4), name: tensor(1)}), PATH)
    assert str(caught.value) == (
        f"m.gguf, {name}: belongs to x.weight in a way that is not known here; a weight with nothing beside it but "
        "scale and input_scale is needed."
    )
