"""LoRA adapters against peft, where it is there, and against numpy; adapters that are broken or of another model."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.adapter import Adapter, Lora
from mmviz.values.model.model import Model
from tests.values.tiny_adapters import MODULE, A, B, peft_model, save_adapter
from tests.values.variants import save_variant

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6)
PARTS: tuple[Lora, ...] = ("base", "A", "B")
BY_MODULE: dict[str, Any] = {
    "rank_pattern": {"q_proj": 2, "c_attn": 5},
    "alpha_pattern": {"model.layers.1.self_attn.v_proj": 11, "^transformer.h.0.attn.c_proj": 9, "c_fc": 0.5},
}
ADAPTERS: list[tuple[str, dict[str, Any]]] = [
    ("llama grouped, wide heads", {}),
    ("llama grouped, wide heads", BY_MODULE),
    ("llama biased", {"use_rslora": True}),
    ("gpt2", BY_MODULE),
    ("gpt2 untied, unscaled", {"layers_to_transform": [1]}),
    ("gpt_neox", {"rank_pattern": {"query_key_value": 5}}),
    ("phi3", {"rank_pattern": {"qkv_proj": 5}}),
]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("llama"), "llama")


def adapted(base: Path, adapter: Path, dtype: str = "float64") -> Model:
    return Model(Checkpoint.open(base), "cpu", dtype, Adapter.open(adapter))


@pytest.mark.parametrize(("variant", "options"), ADAPTERS)
def test_a_model_with_an_adapter_computes_what_peft_computes(
    variant: str, options: dict[str, Any], tmp_path: Path
) -> None:
    base = save_variant(tmp_path / "base", variant)
    theirs = peft_model(base, variant, tmp_path / "adapter", **options)
    with torch.inference_mode():
        said = theirs(torch.tensor([TOKENS]), output_hidden_states=True, output_attentions=True)
    ours = adapted(base, tmp_path / "adapter")
    names = [f"blocks.{layer}.hook_resid_pre" for layer in range(3)]
    names += [f"blocks.{layer}.attn.hook_pattern" for layer in range(3)] + ["ln_final.hook_normalized", "logits"]
    found = ours.activations(TOKENS, names)
    expected = [*said.hidden_states[:3], *said.attentions, said.hidden_states[3], said.logits]
    within = 1e-12 if variant.startswith("gpt2") else 2e-5  # Llama's norms and angles are float32 in transformers
    for name, value in zip(names, expected, strict=True):
        assert (found[name] - value[0]).abs().max() < within * value.abs().max(), name
    plain = Model(Checkpoint.open(base), "cpu", "float64").activation(TOKENS, "logits")
    assert (plain - said.logits[0]).abs().max() > 0.1  # the adapter does something


@pytest.mark.parametrize("variant", ["llama grouped, wide heads", "gpt2", "gpt_neox", "phi3"])
def test_weights_of_heads_are_those_that_peft_merges(variant: str, tmp_path: Path) -> None:
    base = save_variant(tmp_path / "base", variant)
    merged = peft_model(base, variant, tmp_path / "adapter").merge_and_unload()
    ours, plain = adapted(base, tmp_path / "adapter"), Model(Checkpoint.open(base), "cpu", "float64")
    for name, parameter in merged.named_parameters():
        if parameter.ndim == 2:
            found = ours.weight("unembed.W_U").mT if name == "lm_head.weight" else ours.weight(name)
            assert (found - parameter.detach()).abs().max() < 1e-6, name
    for kind in "QKVO":
        name, head = f"blocks.1.attn.W_{kind}", 4
        all_heads = [ours.weight(name, None, part).double() for part in PARTS]
        added = 6 / 4 * (all_heads[2] @ all_heads[1]).mT
        assert (all_heads[0] + added - ours.weight(name).double()).abs().max() < 1e-6
        base_part, a, b = (ours.weight(name, head, part).double() for part in PARTS)
        whole = ours.weight(name, head).double()
        assert torch.equal(base_part, plain.weight(name, head).double())
        assert (base_part + 6 / 4 * (b @ a).mT - whole).abs().max() < 1e-6
        shapes = tuple(ours.weight_shape(name, head, part) for part in PARTS)
        assert shapes == (base_part.shape, a.shape, b.shape)
        axes = ours.weight_axes(name, head)
        assert ours.weight_axes(name, head, "A") == ("rank", axes[0])
        assert ours.weight_axes(name, head, "B") == (axes[1], "rank")


def test_the_merged_weight_is_w_plus_scale_times_b_a_by_numpy(llama: Path, tmp_path: Path) -> None:
    adapter = save_adapter(tmp_path, {"lora_alpha": 7})
    ours, given = adapted(llama, adapter), load_file(adapter / "adapter_model.safetensors")
    w = load_file(llama / "model.safetensors")[f"{MODULE}.weight"].astype(float)
    expected = w + 7 / 3 * given[B].astype(float) @ given[A].astype(float)
    np.testing.assert_allclose(ours.weight(f"{MODULE}.weight").numpy(), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ours.weight("blocks.1.attn.W_Q", 2).numpy(), expected[16:24].T, rtol=1e-6, atol=1e-6)
    assert torch.equal(ours.weight(f"{MODULE}.weight", None, "B"), torch.from_numpy(given[B]))


def test_nothing_before_the_adapted_layer_changes(llama: Path, tmp_path: Path) -> None:
    ours, plain = adapted(llama, save_adapter(tmp_path)), Model(Checkpoint.open(llama), "cpu", "float64")
    same, other = "blocks.1.hook_resid_pre", "blocks.1.attn.hook_q"
    assert torch.equal(ours.activation(TOKENS, same), plain.activation(TOKENS, same))
    assert not torch.equal(ours.activation(TOKENS, other), plain.activation(TOKENS, other))
    assert ours.checkpoint.bytes_read > plain.checkpoint.bytes_read
    ours.checkpoint.release()
    assert torch.isfinite(ours.activation(TOKENS, other)).all()


BROKEN: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "other kind": (
        {"peft_type": "IA3"},
        {},
        "/adapter_config.json, peft_type: 'IA3' is not supported; 'LORA' is needed.",
    ),
    "dora": (
        {"use_dora": True},
        {},
        "/adapter_config.json, use_dora: DoRA, which also scales the rows of the sum: not supported; "
        "W + scale * B A alone is.",
    ),
    "saved modules": (
        {"modules_to_save": ["lm_head"]},
        {},
        "/adapter_config.json, modules_to_save: whole modules that replace those of the base: not supported; "
        "W + scale * B A alone is.",
    ),
    "biases": (
        {"bias": "all"},
        {},
        "/adapter_config.json, bias: 'all', biases that were trained, is not supported; 'none' is.",
    ),
    "base changed": (
        {"init_lora_weights": "pissa"},
        {},
        "/adapter_config.json, init_lora_weights: 'pissa' changes the base when the adapter is loaded, which is not "
        "supported; write a plain LoRA with peft's save_pretrained(..., path_initial_model_for_weight_conversion).",
    ),
    "no rank": ({"r": 0}, {}, "/adapter_config.json, r: is 0; a whole number from 1 up is needed."),
    "alpha": ({"lora_alpha": "8"}, {}, "/adapter_config.json, lora_alpha: is '8'; a number is needed."),
    "no expression": (
        {"rank_pattern": {"q_proj)": 2}},
        {},
        "/adapter_config.json, rank_pattern: 'q_proj)' "
        "is no regular expression that is read here; one of names, points, classes of letters, groups, | and counts is "
        "needed.",
    ),
    "looks ahead": (
        {"alpha_pattern": {"q(?=_proj).*": 2}},
        {},
        "/adapter_config.json, alpha_pattern: 'q(?=_proj).*' "
        "is no regular expression that is read here; one of names, points, classes of letters, groups, | and counts is "
        "needed.",
    ),
    "looks back": (
        {"target_modules": r"(.).*\1"},
        {},
        "/adapter_config.json, target_modules: '(.).*\\\\1' "
        "is no regular expression that is read here; one of names, points, classes of letters, groups, | and counts is "
        "needed.",
    ),
    "long": (
        {"rank_pattern": {401 * "a": 2}},
        {},
        f"/adapter_config.json, rank_pattern: {40 * 'a'!r}... has 401 letters; 400 are read.",
    ),
    "excluded": (
        {"exclude_modules": r".*\.1\..*"},
        {},
        f": has matrices for {MODULE}, which is left out by exclude_modules of adapter_config.json; "
        "both of one adapter are needed.",
    ),
    "other layer": (
        {"layers_to_transform": [0, 2]},
        {},
        f": has matrices for {MODULE}, which is left out by layers_to_transform of adapter_config.json; "
        "both of one adapter are needed.",
    ),
    "layers beside a text": (
        {"target_modules": "all-linear", "layers_to_transform": 1},
        {},
        "/adapter_config.json, layers_to_transform: peft refuses it beside target_modules that are one text, "
        "'all-linear'; a list of names is needed.",
    ),
    "names of lists alone": (
        {"layers_pattern": "layers"},
        {},
        "/adapter_config.json, layers_pattern: peft refuses it alone; layers_to_transform is needed.",
    ),
    "no targets": (
        {"target_modules": None},
        {},
        "/adapter_config.json, target_modules: is missing; a list of names is needed.",
    ),
    "newer than peft here": (
        {"use_something": True},
        {},
        "/adapter_config.json, use_something: is no key of LoRA that is known here, and may change more than "
        "W + scale * B A; an adapter without it is needed.",
    ),
    "words for truth": (
        {"use_rslora": "false"},
        {},
        "/adapter_config.json, use_rslora: is 'false'; true or false is needed.",
    ),
    "targets": (
        {"target_modules": ["k_proj"]},
        {},
        f": has matrices for {MODULE}, which is none of the target_modules of adapter_config.json; "
        "both of one adapter are needed.",
    ),
    "no B": ({}, {"B": None}, f"/adapter_model.safetensors: has no '{B}'; lora_A and lora_B of a module are needed."),
    "rank": (
        {"r": 4},
        {},
        f"/adapter_model.safetensors, {A}: is 3x48; adapter_config.json needs 4 rows, its rank.",
    ),
    "magnitudes": (
        {},
        {"base_model.model.x.lora_magnitude_vector": np.ones(3)},
        "/adapter_model.safetensors: has 'base_model.model.x.lora_magnitude_vector', which is neither a lora_A nor a "
        "lora_B of a linear layer; W + scale * B A alone is supported.",
    ),
}


@pytest.mark.parametrize(("config", "tensors", "end"), BROKEN.values(), ids=BROKEN)
def test_an_adapter_that_is_broken_or_more_than_lora_is_refused(
    config: dict[str, Any], tensors: dict[str, Any], end: str, tmp_path: Path
) -> None:
    folder = save_adapter(tmp_path, config, tensors)
    with pytest.raises(SourceError, match=f"^{re.escape(f'{folder}{end}')}$"):
        Adapter.open(folder)


def test_an_adapter_of_another_model_is_refused(llama: Path, tmp_path: Path) -> None:
    wide = save_adapter(tmp_path / "wide", tensors={"A": np.ones((3, 50), np.float32)})
    deep = MODULE.replace("1", "7")
    names = {f"base_model.model.{deep}.lora_{which}.weight": value for which, value in zip("AB", (A, B), strict=True)}
    given = load_file(wide / "adapter_model.safetensors")
    moved = {name: given[old] for name, old in names.items()}
    layer = save_adapter(tmp_path / "deep", tensors={"A": None, "B": None, **moved})
    end = "an adapter of this very model is needed."
    for folder, said in (
        (wide, f"adds a matrix of 48x50 to {MODULE}, which in {llama} is 48x48; {end}"),
        (layer, f"changes {deep}, which {llama} does not have; {end}"),
    ):
        with pytest.raises(SourceError, match=f"^{re.escape(f'{folder}: {said}')}$"):
            adapted(llama, folder)


def test_an_adapter_of_a_tied_unembedding_is_refused(tmp_path: Path) -> None:
    base = save_variant(tmp_path / "base", "llama one key for all, tied")
    key = "base_model.model.lm_head.lora_{}.weight"
    matrices = {key.format("A"): np.ones((3, 48), np.float32), key.format("B"): np.ones((96, 3), np.float32)}
    folder = save_adapter(tmp_path / "adapter", {"target_modules": ["lm_head"]}, {"A": None, "B": None, **matrices})
    with pytest.raises(SourceError, match="changes lm_head, which"):
        adapted(base, folder)


def test_a_pickled_adapter_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "adapter_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(SourceError) as caught:
        Adapter.open(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: adapter_model.bin is a pickle, which can run code and is never opened; write "
        "adapter_model.safetensors in an environment that you trust: "
        "PeftModel.from_pretrained(MODEL, FOLDER).save_pretrained(NEW_FOLDER)."
    )


@pytest.mark.parametrize(
    ("files", "end"),
    [
        (None, ": cannot be opened as an adapter (No such file or directory); "),
        ({}, ": has no adapter_config.json, so it is no adapter of peft; "),
    ],
)
def test_what_is_no_adapter_is_told(files: dict[str, str] | None, end: str, tmp_path: Path) -> None:
    folder = tmp_path / "adapter"
    if files is not None:
        folder.mkdir()
    needed = "a folder with adapter_config.json and adapter_model.safetensors is needed."
    with pytest.raises(SourceError, match=f"^{re.escape(f'{folder}{end}{needed}')}$"):
        Adapter.open(folder)


@pytest.mark.parametrize("content", ["[]", "{", json.dumps({"peft_type": "LORA", "r": True})])
def test_broken_configurations_give_one_message(content: str, tmp_path: Path) -> None:
    folder = save_adapter(tmp_path)
    (folder / "adapter_config.json").write_text(content)
    with pytest.raises(SourceError, match=f"^{re.escape(str(folder / 'adapter_config.json'))}"):
        Adapter.open(folder)


def test_parts_of_an_adapter_that_is_not_there_are_refused(llama: Path, tmp_path: Path) -> None:
    ours = adapted(llama, save_adapter(tmp_path))
    for model, said in (
        (ours, "the adapter does not change it"),
        (Model(Checkpoint.open(llama), "cpu"), "has no adapter"),
    ):
        for part in PARTS:
            with pytest.raises(SourceError, match=said):
                model.weight("blocks.0.attn.W_Q", 1, part)
