import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.kinds import everything, ministral
from tests.values.variants import VARIANTS, load_reference, save_variant, silently

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)
NO_GGUF = {"gpt_neox one after the other", "gptj", *everything.NO_GGUF}
OF_THE_FILE: Mapping[str, Mapping[str, Any]] = {
    **{name: {"query_pre_attn_scalar": 8} for name in ("gemma2", "gemma3")},
    "gpt_oss": {"swiglu_limit": 7.0},
    "ministral3": {"rope_parameters": {**ministral.YARN, "mscale_all_dim": 1.0}},
}
"""What a GGUF file cannot say otherwise: the root of d_model / heads divides the scores of such a small Gemma, and
experts of gpt-oss are cut off where those of all of them are, and what turns in a Ministral 3 keeps its length."""
BEYOND_GGUF = {"gpt2 odd", "gpt2 untied, unscaled"}  # it has no words for their activation and scaling
NO_WINDOW = {"mistral", "starcoder2", "dots1"}  # nor for the window of these
NOT_BY_TRANSFORMERS = {
    **{name: name for name in ("gemma", "cohere2", "glm4", "arcee", "jais2", "ernie4_5", "exaone4")},
    "cohere": "command-r",
    "hunyuan": "hunyuan-dense",
    "phi": "phi2",
    "gpt_neox": "gptneox",
    "mpt": "mpt",
    "gpt_bigcode": "starcoder",
    "glm": "chatglm",
    "ministral3": "mistral3",
    "olmoe": "olmoe",
    "glm4_moe": "glm4moe",
    "dots1": "dots1",
    "ernie4_5_moe": "ernie4_5-moe",
    "hunyuan_v1_moe": "hunyuan-moe",
    "granitemoeshared": "granitemoe",
    "granitemoe": "granitemoe",
}
"""Variants of architectures that transformers does not read."""
OTHERWISE_BY_TRANSFORMERS = ("mixtral", "gpt_oss", "falcon 40b", "minimax_m2")
"""Variants that it takes for a Llama, cannot read, or reads with rows in the file's order. See
findings/gguf-falcon-rows.sh."""
# Rows of 256, which every quantization can divide into blocks.
WIDE: Mapping[str, Any] = {
    "llama": LlamaConfig(
        vocab_size=64,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=1,
        num_attention_heads=8,
        num_key_value_heads=2,
        attention_bias=True,
        max_position_embeddings=64,
    ),
    "gpt2": GPT2Config(vocab_size=64, n_embd=256, n_layer=1, n_head=8, n_positions=64),
}
BLOCKS = {kind: GGML_QUANT_SIZES[kind] for kind in Kind}
PLAIN: Mapping[str, torch.dtype] = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F64": torch.float64,
}


def adds_one(variant: str) -> bool:
    """Whether its norms are stored with 1 added."""
    return variant.startswith(("gemma", "nemotron"))


def plain_name(name: str) -> str:
    return name.removeprefix("transformer.")


@cache
def wide(family: str) -> Any:
    torch.manual_seed(0)
    model: Any = silently(AutoModelForCausalLM.from_config, WIDE[family])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    return model


@pytest.fixture(scope="module", params=[*(name for name in VARIANTS if name not in NO_GGUF), "qwen2 yarn"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A variant as transformers saves it, and as a GGUF file in a folder of it."""
    folder = save_variant(tmp_path_factory.mktemp("variant"), request.param)
    said = json.loads((folder / "config.json").read_text()) | OF_THE_FILE.get(request.param, {})
    (folder / "config.json").write_text(json.dumps(said))
    (folder / "gguf").mkdir()
    write_gguf(folder / "gguf" / "tiny.gguf", load_reference(folder))
    return request.param, folder


# Weights are those of the model that was converted.


def test_every_weight_is_the_models_own_to_the_bit(pair: tuple[str, Path]) -> None:
    variant, folder = pair
    own, checkpoint = Checkpoint.open(folder), Checkpoint.open(folder / "gguf" / "tiny.gguf")
    assert {plain_name(name) for name in own.names} == set(checkpoint.names)
    for name in own.names:
        assert checkpoint.shape(name) == own.shape(name)
        assert checkpoint.dtype(name) == "F32"
        needed = own.slice(name)
        if adds_one(variant) and "norm" in name and name.endswith(".weight"):  # what is left of it where 1 was added
            needed = (needed + 1) - 1
            assert (needed - own.slice(name)).abs().max() < 2e-7
        assert torch.equal(checkpoint.slice(name), needed), name


def test_weights_are_what_transformers_reads_from_the_file(pair: tuple[str, Path]) -> None:
    variant, folder = pair
    path = folder / "gguf" / "tiny.gguf"
    if variant in NOT_BY_TRANSFORMERS:
        not_supported = f"GGUF model with architecture {NOT_BY_TRANSFORMERS[variant]} is not supported yet"
        with pytest.raises(ValueError, match=not_supported):
            silently(load_gguf_checkpoint, str(path))
        return
    if variant in OTHERWISE_BY_TRANSFORMERS:
        return
    reference = load_reference(folder)
    reference.config.model_type = {"mistral": "llama"}.get(reference.config.model_type, reference.config.model_type)
    read = silently(load_gguf_checkpoint, str(path), return_tensors=True, model_to_load=reference)["tensors"]
    checkpoint = Checkpoint.open(path)
    assert {plain_name(name) for name in read} == set(checkpoint.names)
    for name, weight in read.items():
        assert torch.equal(checkpoint.slice(name), weight), name


def test_the_file_holds_queries_and_keys_of_llama_in_another_order(pair: tuple[str, Path]) -> None:
    variant, folder = pair
    path = folder / "gguf" / "tiny.gguf"
    stored = {tensor.name: tensor.data for tensor in gguf.GGUFReader(path).tensors}
    if variant.startswith(("llama", "mistral")):
        for short, name in (("attn_q", "q_proj"), ("attn_k", "k_proj")):
            read = Checkpoint.open(path).slice(f"model.layers.1.self_attn.{name}.weight").numpy()
            assert not np.array_equal(stored[f"blk.1.{short}.weight"], read)
            assert np.array_equal(np.sort(stored[f"blk.1.{short}.weight"], axis=0), np.sort(read, axis=0))


def test_the_configuration_says_what_the_models_own_says(pair: tuple[str, Path]) -> None:
    variant, folder = pair
    checkpoint = Checkpoint.open(folder / "gguf")
    own = read_model_config(Checkpoint.open(folder).config, "config.json")
    read = read_model_config(checkpoint.config, str(checkpoint.where))
    if variant in BEYOND_GGUF:
        own = replace(own, activation="gelu_tanh", score_scale=0.0, scaled_by_layer=False)
    if variant == "mistral":
        own = replace(own, kind="llama", activation="silu")
    if variant == "hunyuan":  # its base is stored in 32 bits
        assert read.rope is not None
        assert own.rope is not None
        assert read.rope.theta == pytest.approx(own.rope.theta, rel=1e-7)
        own = replace(own, rope=read.rope)
    if variant in NO_WINDOW:
        own = replace(own, window=0, sliding=frozenset())
    if own.rope is not None and own.rope.kind == "longrope":
        assert read.rope is not None
        for needed, found in ((own.rope.gain, read.rope.gain), (own.rope.factors, read.rope.factors)):
            assert found == pytest.approx(needed, rel=1e-7)  # as float32
        own = replace(
            own,
            rope=replace(own.rope, gain=read.rope.gain, factors=read.rope.factors, long_factors=read.rope.long_factors),
        )
    if variant == "llama llama3":
        assert read.rope is not None
        assert read.rope.kind == "factors"
        own = replace(own, rope=read.rope)  # the logits say whether they are right
    assert read == own


def test_logits_are_those_of_transformers(pair: tuple[str, Path]) -> None:
    variant, folder = pair
    if variant in BEYOND_GGUF:
        return
    tokens = TOKENS[:5] if variant in NO_WINDOW else TOKENS  # as many as the window has
    found = Model(Checkpoint.open(folder / "gguf"), "cpu").activation(tokens, "logits")
    with torch.inference_mode():
        expected = load_reference(folder)(torch.tensor([tokens])).logits[0]
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()


def test_the_asset_of_real_weights_survives_a_gguf_file(tmp_path: Path) -> None:
    folder = Path(__file__).resolve().parents[2] / "assets" / "smollm2-135m-2layers"
    model = silently(AutoModelForCausalLM.from_pretrained, folder, dtype=torch.float32)
    own, checkpoint = Checkpoint.open(folder), Checkpoint.open(write_gguf(tmp_path / "a.gguf", model, "F16"))
    for name in own.names:
        assert torch.equal(checkpoint.slice(name).half(), own.slice(name)), name
    read, needed = (read_model_config(each.config, "") for each in (checkpoint, own))
    assert read == needed


def test_opening_reads_no_weights(pair: tuple[str, Path]) -> None:
    _, folder = pair
    path = folder / "gguf" / "tiny.gguf"
    checkpoint = Checkpoint.open(path)
    assert (checkpoint.path, checkpoint.folder, checkpoint.where) == (path, folder / "gguf", path)
    assert [checkpoint.shape(name) for name in checkpoint.names]
    assert checkpoint.bytes_read == 0
    by_folder = Checkpoint.open(folder / "gguf")
    assert (by_folder.path, by_folder.folder, by_folder.where) == (folder / "gguf", folder / "gguf", path)


# Every type of tensor.


def dequantizable() -> list[str]:
    kinds = []
    for kind, (_, size) in BLOCKS.items():
        try:
            dequantize(np.zeros((1, size), np.uint8), kind)
        except NotImplementedError:
            continue
        kinds.append(kind.name)
    return kinds


def raw_blocks(kind: Kind, shape: tuple[int, int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Random blocks whose scales are finite: any two bytes of them are a float16 between 2^-15 and 2."""
    size, width = BLOCKS[kind]
    return np.random.default_rng(0).integers(0, 60, (shape[0], shape[1] // size * width), np.uint8)


@pytest.mark.parametrize("kind", dequantizable())
def test_quantized_weights_are_what_the_gguf_package_makes_of_the_whole_tensor(tmp_path: Path, kind: str) -> None:
    model, raw = wide("llama"), raw_blocks(Kind[kind], (256, 256))
    path = rewritten(write_gguf(tmp_path / "m.gguf", model), {"blk.0.attn_output.weight": (raw, Kind[kind])})
    checkpoint = Checkpoint.open(path)
    name = "model.layers.0.self_attn.o_proj.weight"
    whole = torch.from_numpy(dequantize(raw, Kind[kind]))
    assert (checkpoint.dtype(name), checkpoint.stored_bytes(name)) == (kind, raw.nbytes)
    assert checkpoint.slice(name).dtype == PLAIN.get(kind, torch.float32)
    assert torch.equal(checkpoint.slice(name).float(), whole)
    size, width = BLOCKS[Kind[kind]]
    before = checkpoint.bytes_read
    part = checkpoint.slice(name, slice(5, 12), slice(33, 65))
    assert torch.equal(part.float(), whole[5:12, 33:65])
    assert checkpoint.bytes_read - before == 7 * (-(-65 // size) - 33 // size) * width


@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"])
@pytest.mark.parametrize("family", WIDE)
def test_stored_types_change_no_order(tmp_path: Path, kind: str, family: str) -> None:
    state = {plain_name(name): weight for name, weight in wide(family).state_dict().items()}
    checkpoint = Checkpoint.open(write_gguf(tmp_path / "m.gguf", wide(family), kind))
    for name in checkpoint.names:
        read = checkpoint.slice(name)
        if read.dim() == 1 or kind in PLAIN:
            assert torch.equal(read, state[name].to(PLAIN["F32" if read.dim() == 1 else kind]))
        else:  # a block of 32 numbers of a normal distribution is rounded to 2^4, 2^5 or 2^8 steps
            assert (read - state[name]).square().mean().sqrt() < {"8": 0.02, "5": 0.1, "4": 0.2}[kind[1]]
            assert (read - state[name]).abs().max() < 1


SPANS = [None, slice(0, 32), slice(5, 6), slice(30, 77), slice(250, 256), slice(7, 7), slice(None, 9)]


@pytest.mark.parametrize("kind", ["F32", "BF16", "Q8_0", "Q4_1"])
@pytest.mark.parametrize("family", WIDE)
def test_a_slice_is_that_part_of_the_whole(tmp_path: Path, kind: str, family: str) -> None:
    checkpoint = Checkpoint.open(write_gguf(tmp_path / "m.gguf", wide(family), kind))
    for name in checkpoint.names:
        whole = checkpoint.slice(name)
        for spans in product(SPANS, repeat=whole.dim()):
            part = checkpoint.slice(name, *spans)
            assert part.is_contiguous()
            assert torch.equal(part, whole[tuple(span or slice(None) for span in spans)]), (name, spans)


@pytest.mark.parametrize(
    ("family", "name", "rows", "columns", "size"),
    [
        ("llama", "model.layers.0.self_attn.q_proj.weight", slice(32, 64), None, 32 * 8 * 34),  # Q8_0: 32 in 34 bytes
        ("llama", "model.layers.0.self_attn.q_proj.weight", slice(33, 35), slice(64, 96), 2 * 34),
        ("llama", "model.layers.0.self_attn.q_proj.bias", slice(32, 64), None, 256 * 4),
        ("llama", "model.layers.0.self_attn.v_proj.bias", slice(32, 64), None, 32 * 4),
        ("llama", "model.layers.0.self_attn.o_proj.weight", None, slice(32, 64), 256 * 34),
        ("llama", "model.embed_tokens.weight", slice(9, 10), None, 8 * 34),
        ("gpt2", "h.0.attn.c_attn.weight", None, slice(32, 64), 32 * 8 * 34),  # a column is a row of the file
        ("gpt2", "h.0.attn.c_proj.weight", slice(32, 64), None, 256 * 34),
        ("gpt2", "transformer.wpe.weight", slice(0, 5), None, 5 * 8 * 34),
    ],
)
def test_bytes_read_are_those_of_the_blocks_touched(
    tmp_path: Path, family: str, name: str, rows: slice | None, columns: slice | None, size: int
) -> None:
    checkpoint = Checkpoint.open(write_gguf(tmp_path / "m.gguf", wide(family), "Q8_0"))
    checkpoint.slice(name, rows, columns)
    assert checkpoint.bytes_read == size


# Rotary scaling.


@pytest.mark.parametrize(
    ("keys", "rope"),
    [
        ({"rope.freq_base": 500000.0}, {"rope_type": "default", "rope_theta": 500000.0}),
        ({"rope.scaling.type": "none", "rope.scaling.factor": 4.0}, {"rope_type": "default", "rope_theta": 10000.0}),
        ({"rope.scale_linear": 4.0}, {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}),
        ({"rope.scaling.type": "linear"}, {"rope_type": "default", "rope_theta": 10000.0}),
    ],
)
def test_rotary_scaling_has_hugging_faces_words(tmp_path: Path, keys: dict[str, Any], rope: dict[str, Any]) -> None:
    whole = write_gguf(tmp_path / "m.gguf", wide("llama"))
    path = rewritten(whole, added={f"llama.{key}": value for key, value in keys.items()})
    assert Checkpoint.open(path).config["rope_parameters"] == rope
