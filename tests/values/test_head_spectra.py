"""Singular values of head slices, against numpy's and against transformers' own modules."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import repeat_kv

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.head_spectra import MATRICES, LayerSpectra, Matrix, SpectraReader
from tests.values.gguf_writer import write_gguf
from tests.values.kinds.cases import SIZES
from tests.values.variants import changed, load_reference, save_variant, silently

Floats = NDArray[np.float64]
Slices = dict[Matrix, Floats]

RELATIVE, SMALLEST = 1e-5, 1e-6
FAMILIES = [
    "llama",
    "llama grouped, wide heads",
    "llama one key for all, tied",
    "llama biased",
    "qwen2",
    "gpt2",
    "gpt_neox",
]


def reader(path: Path, heads: Sequence[int] | None = None, matrices: Sequence[Matrix] = MATRICES) -> SpectraReader:
    checkpoint = Checkpoint.open(path)
    config = read_model_config(checkpoint.config, "config.json")
    return SpectraReader(checkpoint, config, range(config.heads) if heads is None else heads, matrices, "cpu")


def modules_slices(model: Any, layer: int) -> list[Slices]:
    """Each head's matrices as transformers' modules multiply with them: what comes out for rows of the identity."""
    model = model.double()
    config = model.config
    eye = torch.eye(config.hidden_size, dtype=torch.float64)
    with torch.inference_mode():
        if config.model_type == "gpt2":
            attention = model.transformer.h[layer].attn
            parts = (attention.c_attn(eye) - attention.c_attn.bias).split(config.hidden_size, dim=1)
            size, out = config.hidden_size // config.num_attention_heads, attention.c_proj
            q, k, v = (part.view(-1, config.num_attention_heads, size).transpose(0, 1) for part in parts)
        elif config.model_type == "gpt_neox":
            attention = model.gpt_neox.layers[layer].attention
            size, out = attention.head_size, attention.dense
            fused = attention.query_key_value(eye) - attention.query_key_value.bias
            heads = fused.view(-1, config.num_attention_heads, 3 * size).transpose(0, 1)
            q, k, v = heads.chunk(3, dim=-1)
        else:
            attention = model.model.layers[layer].self_attn
            size, out = attention.head_dim, attention.o_proj
            found = []
            for name in ("q_proj", "k_proj", "v_proj"):
                module = getattr(attention, name)
                part = module(eye) - (0 if module.bias is None else module.bias)
                heads = part.view(1, -1, part.shape[1] // size, size).transpose(1, 2)
                found.append(repeat_kv(heads, config.num_attention_heads // heads.shape[1])[0])
            q, k, v = found
        wide = torch.eye(config.num_attention_heads * size, dtype=torch.float64)
        o = (out(wide) - (0 if out.bias is None else out.bias)).view(config.num_attention_heads, size, -1)
    return [
        {"q": q[h].numpy(), "k": k[h].numpy(), "v": v[h].numpy(), "o": o[h].numpy()}
        for h in range(config.num_attention_heads)
    ]


def with_products(slices: Slices) -> Slices:
    return {**slices, "qk": slices["q"] @ slices["k"].T, "ov": slices["v"] @ slices["o"]}


def check_head(found: LayerSpectra, place: int, slices: Slices) -> None:
    for matrix, spectra in found.items():
        values = spectra.values[place]
        expected = np.linalg.svd(slices[matrix], compute_uv=False)
        assert np.all(np.diff(values) <= 0)
        assert np.all(expected[len(values) :] <= 1e-12 * expected[0]), "a product has no more than its factors"
        expected = expected[: len(values)]
        large = expected > SMALLEST * expected[0]
        np.testing.assert_allclose(values[large], expected[large], rtol=RELATIVE)
        assert np.all(values[~large] <= 2 * SMALLEST * max(expected[0], 1e-300))


@pytest.mark.parametrize("variant", FAMILIES)
def test_values_of_every_head_are_numpys_of_what_transformers_modules_multiply_with(
    tmp_path: Path, variant: str
) -> None:
    folder = save_variant(tmp_path, variant)
    model = load_reference(folder)
    ours = reader(folder)
    for layer in range(model.config.num_hidden_layers):
        found = ours.layer(layer)
        assert set(found) == set(MATRICES)
        slices = modules_slices(model, layer)
        assert all(len(spectra.values) == len(slices) for spectra in found.values())
        for head, one in enumerate(slices):
            check_head(found, head, with_products(one))


def of_rank(rank: int) -> Callable[[torch.Tensor], torch.Tensor]:
    def make(weight: torch.Tensor) -> torch.Tensor:
        return torch.randn(weight.shape[0], rank) @ torch.randn(rank, weight.shape[1])

    return make


def graded(weight: torch.Tensor) -> torch.Tensor:
    """Singular values from 1 to 1e-8."""
    left, _ = torch.linalg.qr(torch.randn(weight.shape[0], weight.shape[0], dtype=torch.float64))
    right, _ = torch.linalg.qr(torch.randn(weight.shape[1], weight.shape[1], dtype=torch.float64))
    least = min(weight.shape)
    values = torch.logspace(0, -8, least, dtype=torch.float64)
    made: torch.Tensor = left[:, :least] * values @ right[:least]
    return made


def replaced(folder: Path, make: Callable[[torch.Tensor], torch.Tensor], dtype: torch.dtype) -> None:
    def change(weights: dict[str, torch.Tensor]) -> None:
        for name, weight in weights.items():
            if "self_attn" in name:
                weights[name] = make(weight).to(dtype).contiguous()

    changed(folder, change)


@pytest.mark.parametrize("make", [of_rank(1), of_rank(5), graded, torch.zeros_like], ids=["1", "5", "graded", "zeros"])
def test_values_of_slices_that_are_not_of_full_rank_are_numpys_of_the_stored_numbers(
    tmp_path: Path, make: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    folder = save_variant(tmp_path, "llama grouped, wide heads")
    replaced(folder, make, torch.float64)
    checkpoint = Checkpoint.open(folder)
    ours = reader(folder).layer(1)
    stored = {
        kind: checkpoint.slice(f"model.layers.1.self_attn.{kind}_proj.weight").double().numpy() for kind in "qkvo"
    }
    for head in range(6):
        rows, kv = slice(16 * head, 16 * head + 16), slice(16 * (head // 3), 16 * (head // 3) + 16)
        slices: Slices = {
            "q": stored["q"][rows].T,
            "k": stored["k"][kv].T,
            "v": stored["v"][kv].T,
            "o": stored["o"][:, rows].T,
        }
        check_head(ours, head, with_products(slices))


def test_heads_that_are_wider_than_the_model_have_as_many_values_as_the_model(tmp_path: Path) -> None:
    config = LlamaConfig(**SIZES, head_dim=64)
    torch.manual_seed(0)
    silently(LlamaForCausalLM(config).save_pretrained, tmp_path)
    found = reader(tmp_path).layer(0)
    assert {spectra.values.shape for spectra in found.values()} == {(6, 48)}
    for head, one in enumerate(modules_slices(load_reference(tmp_path), 0)):
        check_head(found, head, with_products(one))


def test_the_energy_of_the_values_is_that_of_the_weights(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama", torch.bfloat16)
    checkpoint = Checkpoint.open(folder)
    found = reader(folder).layer(2)
    for matrix in ("q", "k", "v", "o"):
        whole = checkpoint.slice(f"model.layers.2.self_attn.{matrix}_proj.weight").double()
        spectra = found[matrix]
        assert np.square(spectra.values).sum() == pytest.approx(float(whole.square().sum()), rel=1e-12)
        assert np.square(spectra.rms).mean() == pytest.approx(float(whole.square().mean()), rel=1e-12)


def test_some_heads_and_matrices_have_the_values_that_they_have_among_all(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama grouped, wide heads")
    everything = reader(folder).layer(1)
    some = reader(folder, [1, 5], ["k", "ov"]).layer(1)
    assert list(some) == ["k", "ov"]
    for matrix, spectra in some.items():
        np.testing.assert_array_equal(spectra.values, everything[matrix].values[[1, 5]])
        np.testing.assert_array_equal(spectra.noise, everything[matrix].noise[[1, 5]])


def test_layers_can_be_computed_in_any_order_and_again(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "gpt2", shard_size="30kB")
    one, other = reader(folder), reader(folder)
    forwards = {layer: one.layer(layer) for layer in (0, 1, 2)}
    backwards = {layer: other.layer(layer) for layer in (2, 1, 0, 1)}
    for layer, spectra in forwards.items():
        for matrix in MATRICES:
            np.testing.assert_array_equal(spectra[matrix].values, backwards[layer][matrix].values)


def test_heads_of_a_group_share_what_was_computed_once(tmp_path: Path) -> None:
    found = reader(save_variant(tmp_path, "llama grouped, wide heads")).layer(0)
    for matrix, shared in (("k", True), ("v", True), ("q", False), ("o", False), ("qk", False)):
        values = found[matrix].values  # type: ignore[index]
        assert np.array_equal(values[0], values[2]) == shared
        assert not np.array_equal(values[2], values[3])


def test_a_head_with_odd_numbers_is_left_out_with_all_that_is_made_of_it(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama grouped, wide heads")
    whole = reader(folder).layer(1)

    def spoil(weights: dict[str, torch.Tensor]) -> None:
        weights["model.layers.1.self_attn.q_proj.weight"][16 * 4 + 3, 7] = torch.nan
        weights["model.layers.1.self_attn.v_proj.weight"][16 + 2, 1:3] = torch.inf

    changed(folder, spoil)
    found = reader(folder).layer(1)
    expected: dict[Matrix, list[int]] = {"q": [4], "k": [], "v": [3, 4, 5], "o": [], "qk": [4], "ov": [3, 4, 5]}
    for matrix, heads in expected.items():
        spectra = found[matrix]
        assert np.flatnonzero(np.isnan(spectra.values).all(1)).tolist() == heads
        kept = [head for head in range(6) if head not in heads]
        np.testing.assert_array_equal(spectra.values[kept], whole[matrix].values[kept])
        assert np.flatnonzero(spectra.odd.sum(1)).tolist() == heads
    assert found["qk"].odd[4].tolist() == [1, 0]
    assert found["ov"].odd[3].tolist() == [0, 2]


@pytest.mark.parametrize("variant", ["llama grouped, wide heads", "gpt2"])
@pytest.mark.parametrize("kind", ["F32", "Q8_0", "BF16"])
def test_values_of_a_gguf_file_are_numpys_of_its_dequantized_numbers(tmp_path: Path, variant: str, kind: str) -> None:
    model = load_reference(save_variant(tmp_path / "plain", variant))
    if kind == "Q8_0" and model.config.hidden_size % 32:
        model = load_reference(wide_enough(tmp_path / "wide", variant))
    path = write_gguf(tmp_path / "x.gguf", model, kind)
    checkpoint = Checkpoint.open(path)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(checkpoint.slice(name) if name in checkpoint else parameter)
    found = reader(path).layer(0)
    for head, one in enumerate(modules_slices(model, 0)):
        check_head(found, head, with_products(one))


def wide_enough(folder: Path, variant: str) -> Path:
    """A model of the variant's family with sides that blocks of 32 divide."""
    sizes = {**SIZES, "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4}
    config = (
        GPT2Config(vocab_size=96, n_embd=64, n_layer=2, n_head=4, n_positions=32)
        if variant == "gpt2"
        else LlamaConfig(**{**sizes, "num_key_value_heads": 2})
    )
    silently(silently(AutoModelForCausalLM.from_config, config).save_pretrained, folder)
    return folder


def test_a_layer_without_its_weight_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama")
    changed(folder, lambda weights: weights.pop("model.layers.2.self_attn.k_proj.weight"))
    ours = reader(folder, matrices=["q", "k"])
    ours.check([0, 1])
    with pytest.raises(SourceError, match=r"has no weight 'model\.layers\.2\.self_attn\.k_proj\.weight'"):
        ours.check([0, 1, 2])
    reader(folder, matrices=["q", "ov"]).check([0, 1, 2])
