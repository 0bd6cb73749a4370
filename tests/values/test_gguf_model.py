"""Names and keys of GGUF files in Hugging Face's words; the tables of the gguf package are the reference."""

from collections.abc import Mapping
from pathlib import Path
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
from mmviz.values.files.gguf_families import FIRST_WINDOW
from mmviz.values.files.gguf_gemma import LARGEST
from mmviz.values.files.gguf_header import Header, StoredTensor
from mmviz.values.files.gguf_model import read_config
from mmviz.values.files.gguf_scales import find_scales
from mmviz.values.files.gguf_weights import Weight, read_weights

PATH = Path("m.gguf")
LLAMA: Mapping[str, Any] = {
    "general.architecture": "llama",
    "llama.block_count": 1,
    "llama.embedding_length": 8,
    "llama.feed_forward_length": 12,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "llama.context_length": 64,
    "llama.attention.layer_norm_rms_epsilon": float(np.float32(1e-5)),
}
GPT2: Mapping[str, Any] = {
    "general.architecture": "gpt2",
    **{f"gpt2.{key.partition('.')[2]}": value for key, value in LLAMA.items() if key.startswith("llama.")},
    "gpt2.attention.layer_norm_epsilon": 1e-5,
}


def tensor(*shape: int, kind: str = "F32") -> StoredTensor:
    return StoredTensor(kind, shape, 1, 4, 0)


def header(metadata: Mapping[str, Any], *names: str, **tensors: StoredTensor) -> Header:
    there = {"token_embd.weight": tensor(50, 8), "blk.0.attn_norm.weight": tensor(8)}
    return Header(metadata, {**there, **{name: tensor(8, 8) for name in names}, **tensors})


def config(*names: str, factors: list[float] | None = None, **metadata: Any) -> dict[str, Any]:
    """Of a Llama with other metadata, by keys without their beginning; None: without that key."""
    changed = {**LLAMA, **{f"llama.{key}": value for key, value in metadata.items()}}
    said = {key: value for key, value in changed.items() if value is not None}
    return read_config(header(said, *names), PATH, lambda _: factors or [])


def refusal(*names: str, factors: list[float] | None = None, **metadata: Any) -> str:
    with pytest.raises(SourceError) as caught:
        config(*names, factors=factors, **metadata)
    return str(caught.value)


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
    heads = {name.rpartition("self_attn.")[2]: weight.heads for name, weight in llama.items() if "self_attn" in name}
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
    assert found["model.layers.0.mlp.up_proj.weight"].scale is one
    assert not any("scale" in name for name in found)


# Gemma, of which llama.cpp knows by heart what the file leaves out.


def of_gemma(kind: str, metadata: Mapping[str, Any], layers: int = 3) -> dict[str, Any]:
    """The configuration of a Gemma of heads of 2, with other metadata."""
    sizes = {f"{kind}.{key.partition('.')[2]}": value for key, value in LLAMA.items() if key.startswith("llama.")}
    said = {**sizes, f"{kind}.block_count": layers, **{f"{kind}.{key}": value for key, value in metadata.items()}}
    there = [f"blk.{layer}.attn_q.weight" for layer in range(layers)]
    return read_config(header({"general.architecture": kind, **said}, *there), PATH, lambda _: [])


@pytest.mark.parametrize(
    ("kind", "layers", "metadata", "full"),
    [
        ("gemma2", 5, {}, {1, 3}),
        ("gemma3", 14, {"attention.sliding_window": 4}, {5, 11}),
        ("gemma3", 3, {}, {0, 1, 2}),  # no window, no layer that looks back one only
        ("gemma3", 3, {"attention.sliding_window": 0}, {0, 1, 2}),
        ("gemma3", 5, {"attention.sliding_window": 4, "attention.sliding_window_pattern": 3}, {2}),
        ("gemma3", 2, {"attention.sliding_window": 4, "attention.sliding_window_pattern": 1}, {0, 1}),
        ("gemma2", 3, {"attention.sliding_window_pattern": [False, False, True]}, {0, 1}),
    ],
)
def test_which_layers_see_all(kind: str, layers: int, metadata: dict[str, Any], full: set[int]) -> None:
    types = of_gemma(kind, metadata, layers)["layer_types"]
    assert len(types) == layers
    assert {layer for layer, word in enumerate(types) if word == "full_attention"} == full


@pytest.mark.parametrize(
    ("kind", "layers", "metadata", "scalar"),
    [
        ("gemma2", 3, {}, 2),  # d_model / heads and the size of a head are the same
        ("gemma2", 26, {"attention.key_length": 256}, 256),
        ("gemma2", 46, {"embedding_length": 4608, "attention.head_count": 32, "attention.key_length": 128}, 144),
        ("gemma3", 26, {"attention.key_length": 256}, 256),
        ("gemma3", 62, {"embedding_length": 5376, "attention.head_count": 32, "attention.key_length": 128}, 168),
    ],
)
def test_whose_root_divides_the_scores(kind: str, layers: int, metadata: dict[str, Any], scalar: int) -> None:
    assert of_gemma(kind, metadata, layers)["query_pre_attn_scalar"] == scalar
    assert (layers == LARGEST[kind]) == (scalar in (144, 168))


@pytest.mark.parametrize(
    ("kind", "metadata", "message"),
    [
        (
            "gemma2",
            {"attention.key_length": 128},
            "gemma2.attention.key_length: is 128; by what scores are divided is not in the file, and is known of heads "
            "of 256 and of models of 46 layers only; the model's safetensors are needed.",
        ),
        (
            "gemma3",
            {"attention.sliding_window": 4, "attention.sliding_window_pattern": [True]},
            "gemma3.attention.sliding_window_pattern: is [True]; 3 times true or false is needed.",
        ),
        ("gemma3", {"attention.sliding_window": "x"}, "gemma3.attention.sliding_window: is x; a whole number from 1 up "
         "is needed."),
        (
            "gemma2",
            {"rope.freq_base_swa": 500.0},
            "gemma2.rope.freq_base_swa: is 500; the same as rope.freq_base, 10000, is needed.",
        ),
        ("gemma2", {"final_logit_softcapping": -1.0}, "gemma2.final_logit_softcapping: is -1.0; a number above 0 is "
         "needed."),
        *(
            (
                kind,
                {key: 4.0},
                f"{kind}.{key}: is 4.0; by its name it would change what is computed, and it is not known here; a file "
                "without it is needed.",
            )
            for kind, key in (
                ("gemma", "attention.sliding_window"),
                ("gemma", "final_logit_softcapping"),
                ("gemma2", "attention.scale"),
                ("gemma3", "attn_logit_softcapping"),
                ("gemma3", "rope.local.freq_base"),
            )
        ),
    ],
)  # fmt: skip
def test_what_a_gemma_says_that_is_not_followed_is_refused(kind: str, metadata: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError) as caught:
        of_gemma(kind, metadata)
    assert str(caught.value) == f"m.gguf, {message}"


def test_layers_that_slide_have_rotary_positions_of_their_own() -> None:
    scaled = {"rope.freq_base": 1e6, "rope.scaling.type": "linear", "rope.scaling.factor": 8.0}
    full = {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0}
    for more, base in (({}, 10000.0), ({"rope.freq_base_swa": 500.0}, 500.0)):
        said = of_gemma("gemma3", {"attention.sliding_window": 4, **scaled, **more})
        sliding = {"rope_type": "default", "rope_theta": base}
        assert said["rope_parameters"] == {"full_attention": full, "sliding_attention": sliding}
    assert of_gemma("gemma2", scaled)["rope_parameters"] == full


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


# Families whose layers are put together otherwise than Llama's.

SIZES = {
    "block_count": 1,
    "embedding_length": 8,
    "feed_forward_length": 12,
    "attention.head_count": 1,
    "context_length": 64,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "attention.layer_norm_epsilon": 1e-5,
}
FACTORS = {"rope_factors_short.weight": [1.0], "rope_factors_long.weight": [4.0]}


def of(
    architecture: str,
    *names: str,
    factors: Mapping[str, list[float]] | None = None,
    said: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a file of another architecture says."""
    of_logits = {"logit_scale": 0.5} if architecture in ("command-r", "cohere2") else {}
    keys = {
        f"{architecture}.{key}": value
        for key, value in {**SIZES, **of_logits, **(said or {})}.items()
        if value is not None
    }
    metadata = {"general.architecture": architecture, **keys}
    return read_config(header(metadata, *names), PATH, lambda name: (factors or {}).get(name, []))


@pytest.mark.parametrize(
    ("context", "layers", "said", "window"),
    [(64, 1, None, None), (4096, 32, None, FIRST_WINDOW), (4096, 32, 0, None), (4096, 32, 262144, 262144)],
)
def test_a_phi3_of_4096_tokens_that_says_no_window_has_that_of_the_first_files(
    context: int, layers: int, said: int | None, window: int | None
) -> None:
    last = f"blk.{layers - 1}.ffn_norm.weight"
    keys = {"context_length": context, "block_count": layers, "attention.sliding_window": said}
    assert of("phi3", last, said=keys)["sliding_window"] == window
    assert FIRST_WINDOW == 2047


def test_longrope_of_a_phi3_is_read_with_its_factor_of_attention() -> None:
    keys = {"rope.scaling.attn_factor": 1.25, "rope.scaling.original_context_length": 16, "rope.dimension_count": 2}
    said = of("phi3", factors=FACTORS, said=keys)
    assert said["original_max_position_embeddings"] == 16
    assert said["rope_parameters"] == {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "short_factor": [1.0],
        "long_factor": [4.0],
        "attention_factor": 1.25,
        "partial_rotary_factor": 0.25,
    }


@pytest.mark.parametrize(("size", "d_head"), [(2, 2), (64, 128), (96, 128), (30, 44), (2, 49)])
def test_the_share_of_a_head_that_turns_is_that_of_the_file_whatever_its_size(size: int, d_head: int) -> None:
    said = of("glm4", said={"rope.dimension_count": size, "attention.key_length": d_head})
    assert int(d_head * said["rope_parameters"]["partial_rotary_factor"]) == size


@pytest.mark.parametrize(
    ("architecture", "factors", "said", "message"),
    [
        (
            "phi3",
            {"rope_factors_short.weight": [1.0]},
            {},
            "phi3.rope.scaling.type: needs rope_factors_short.weight and rope_factors_long.weight; only one of them is "
            "there.",
        ),
        ("phi3", FACTORS, {}, "phi3.rope.scaling.attn_factor: is missing; a number above 0 is needed."),
        (
            "phi3",
            {},
            {"rope.scaling.type": "yarn"},
            "phi3.rope.scaling.type: is 'yarn'; of a Phi 3, longrope or none without a factor is needed.",
        ),
        (
            "phi3",
            {},
            {"rope.scaling.attn_factor": 1.5},
            "phi3.rope.scaling.attn_factor: is 1.5; 1, or none, is needed.",
        ),
        ("command-r", {}, {"logit_scale": None}, "command-r.logit_scale: is missing; a number above 0 is needed."),
        (
            "cohere2",
            {},
            {"rope.freq_base_swa": 500.0, "attention.sliding_window": 4},
            "cohere2.rope.freq_base_swa: is 500; the same as rope.freq_base, 10000, is needed.",
        ),
        ("cohere2", {}, {}, "cohere2.attention.sliding_window: is missing; a whole number from 1 up is needed."),
        (
            "stablelm",
            {},
            {"use_parallel_residual": False},
            "stablelm.use_parallel_residual: is False, and the norms of layers say True; the same is needed.",
        ),
        (
            "glm4",
            {},
            {"rope.dimension_sections": [8, 8, 8, 0]},
            "glm4.rope.dimension_sections: is [8, 8, 8, 0]; by its name it would change what is computed, and it is "
            "not known here; a file without it is needed.",
        ),
    ],
)
def test_what_a_family_does_not_follow_is_refused(
    architecture: str, factors: Mapping[str, list[float]], said: dict[str, Any], message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        of(architecture, factors=factors, said=said)
    assert str(caught.value) == f"m.gguf, {message}"


def test_norms_of_each_heads_queries_are_refused_of_a_stablelm() -> None:
    with pytest.raises(SourceError) as caught:
        of("stablelm", "blk.0.attn_q_norm.weight")
    assert str(caught.value) == (
        "m.gguf, stablelm.attn_q_norm: norms of queries and keys are not read from GGUF files; the model's safetensors "
        "are needed."
    )


def test_a_norm_with_a_bias_is_no_bias_of_attention() -> None:
    norms = ("blk.0.attn_norm.bias", "blk.0.ffn_norm.bias", "blk.0.ffn_norm.weight")
    assert not of("stablelm", *norms)["use_qkv_bias"]
    assert of("stablelm", *norms, "blk.0.attn_q.bias")["use_qkv_bias"]
    assert not of("starcoder2", *norms)["use_bias"]
    assert of("starcoder2", *norms, "blk.0.attn_output.bias")["use_bias"]
