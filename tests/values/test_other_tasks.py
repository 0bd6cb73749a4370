"""Checkpoints of other tasks and with other settings of a run: the same model as transformers' own, up to its head."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from mmviz.pipeline import Scene
from mmviz.values.families.registry import KINDS as ALL_KINDS
from mmviz.values.files.checkpoint import Checkpoint, bare_name
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from tests.examples import examples
from tests.inspecting import Inspect, Report
from tests.values.variants import VARIANTS, changed, save_variant, silently

TOKENS = (3, 1, 4, 1, 5)
KINDS = {"llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2", "gpt2": "GPT2"}
HEADS = (
    "ForCausalLM",
    "LMHeadModel",
    "DoubleHeadsModel",
    "Model",
    "ForSequenceClassification",
    "ForTokenClassification",
    "ForQuestionAnswering",
)
MODELS = [
    (kind, f"{name}{head}") for kind, name in KINDS.items() for head in HEADS if hasattr(transformers, name + head)
]
"""All that transformers has of these families, 5.24.0: 21."""
SETTINGS: dict[str, list[Any]] = {
    "return_dict": [False, True, None],
    "output_attentions": [True],
    "output_hidden_states": [True],
    "torchscript": [True],
    "use_cache": [False],
    "_attn_implementation": ["sdpa", "flash_attention_2"],
    "attn_implementation": ["flash_attention_2"],
    "torch_dtype": ["float16", "bfloat16"],
    "dtype": ["float16"],
    "pad_token_id": [0, 95, -1],
    "num_labels": [7],
    "id2label": [{"0": "bad", "1": "good"}],
    "problem_type": ["regression", "single_label_classification"],
    "gradient_checkpointing": [True],
    "auto_map": [{"AutoModel": "modeling.Model"}],
    "pretraining_tp": [2],
    "_name_or_path": ["/nowhere/at/all"],
}
LAYOUTS = {
    "model": "model.safetensors",
    "capitals": "MODEL.SAFETENSORS",
    "no ending": "weights",
    "one shard": "model-00001-of-00001.safetensors",
}


def save(folder: Path, kind: str, architecture: str) -> Any:
    """Save a model of an architecture with random weights."""
    said = {**VARIANTS[kind].to_dict(), "pad_token_id": 0, "layer_types": None}
    said["n_layer" if kind == "gpt2" else "num_hidden_layers"] = 1
    config = type(VARIANTS[kind]).from_dict(said)
    torch.manual_seed(0)
    model = getattr(transformers, architecture)(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.2)
    silently(model.save_pretrained, folder)
    return model.eval()


@pytest.mark.slow
@given(
    model=st.sampled_from(MODELS),
    said=st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in SETTINGS.items()}),
    layout=st.sampled_from(list(LAYOUTS.values())),
)
@examples(21)
def test_any_head_under_any_settings_agrees_with_transformers_own_model(
    model: tuple[str, str], said: dict[str, Any], layout: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("m")
    theirs = save(folder, *model)
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | said))
    (folder / "model.safetensors").rename(folder / layout)
    ours = Model(Checkpoint.open(folder), "cpu")
    assert not compare(ours, TOKENS).exceeding
    with torch.no_grad():
        hidden = theirs.base_model(torch.tensor([TOKENS])).last_hidden_state[0]
    found = ours.activation(TOKENS, "ln_final.hook_normalized")
    torch.testing.assert_close(found, hidden, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kind", "architecture"), MODELS)
def test_a_model_with_any_head_is_whole(inspect: Inspect, report: Report, kind: str, architecture: str) -> None:
    theirs = save(Path("m"), kind, architecture)
    found = report("m")
    assert (found["tensors"]["missing"], found["tensors"]["wrong_shape"]) == ([], [])
    assert {extra["meaning"] for extra in found["tensors"]["extra"]} <= {
        "a head for another task; it is no part of the model that is shown"
    }
    has_head = hasattr(theirs, "lm_head")
    head = theirs.lm_head.weight.numel() if has_head and not theirs.config.tie_word_embeddings else 0
    assert found["parameters"]["total"] == theirs.base_model.num_parameters() + head
    assert found["architecture"]["unembeds"] or not has_head


@pytest.mark.parametrize(
    ("variant", "architecture", "prefix"),
    [("biogpt", "BioGptModel", "biogpt."), ("llama4", "Llama4TextModel", "model.")],
)
def test_a_model_without_a_head_is_whole_whatever_its_names_begin_with(
    tmp_path: Path, variant: str, architecture: str, prefix: str
) -> None:
    def without_head(weights: dict[str, torch.Tensor]) -> None:
        kept = {name.removeprefix(prefix): each for name, each in weights.items() if name.startswith(prefix)}
        weights.clear()
        weights.update(kept)

    folder = save_variant(tmp_path, variant)
    changed(folder, without_head)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": [architecture]}))
    model = Model(Checkpoint.open(folder), "cpu")
    model.check_parameters()
    found = compare(model, TOKENS)
    assert not found.exceeding


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_names_are_found_without_what_transformers_puts_before_them(kind: str) -> None:
    for each in (ALL_KINDS[kind], ALL_KINDS[kind].decoder):
        if each is not None:
            first, _, rest = f"{each.names.prefix}norm".partition(".")
            assert bare_name(f"{first}.{rest}") == bare_name(rest) or not each.names.prefix


@pytest.mark.parametrize(
    "architecture", ["LlamaForSequenceClassification", "LlamaModel", "Qwen2ForTokenClassification"]
)
def test_the_architecture_alone_says_the_kind_of_a_model(tmp_path: Path, architecture: str) -> None:
    kind = architecture.partition("F" if "For" in architecture else "M")[0].lower()
    save(tmp_path, kind, architecture)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["model_type"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    model = Model(Checkpoint.open(tmp_path), "cpu")
    assert (model.config.kind, model.config.unembeds) == (kind, False)


def test_the_checks_of_a_scene_do_not_depend_on_settings(tmp_path: Path) -> None:
    save(tmp_path / "m", "llama", "LlamaForSequenceClassification")
    config = tmp_path / "m" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"return_dict": False, "output_attentions": True}))
    source = {"activation": "blocks.0.attn.hook_pattern", "head": 1}
    scene = Scene("A", {"A": source}, folder=tmp_path, model={"path": "m", "tokens": TOKENS}, checks={"A": source})
    assert scene.certificate.holds


# An unembedding that is said to be the embedding, and is not.

TIED = {"gpt2": "transformer.wte.weight", "llama one key for all, tied": "model.embed_tokens.weight"}


@pytest.mark.parametrize("variant", TIED)
@pytest.mark.parametrize("stored", ["none", "equal", "another", "its last row is another", "of another shape"])
def test_what_is_tied_is_what_transformers_ties(inspect: Inspect, report: Report, variant: str, stored: str) -> None:
    save_variant(Path("m"), variant)
    embedding = load_file("m/model.safetensors")[TIED[variant]]
    heads = {"equal": embedding.clone(), "another": 2 * embedding, "of another shape": embedding[:-1].clone()}
    heads["its last row is another"] = embedding.clone()
    heads["its last row is another"][-1] += 1
    if stored in heads:
        changed(Path("m"), lambda weights: weights.update({"lm_head.weight": heads[stored]}))
    if stored == "of another shape":
        assert inspect("m")[0] == 1
        return
    loaded: Any = silently(transformers.AutoModelForCausalLM.from_pretrained, "m", local_files_only=True)
    tied = loaded.get_output_embeddings().weight is loaded.get_input_embeddings().weight
    assert tied == (stored in ("none", "equal"))
    found = report("m")
    assert (found["architecture"]["tied"], found["parameters"]["total"]) == (tied, loaded.num_parameters())
    assert found["tensors"]["extra"] == []
    said = ["tied", "the unembedding is the same matrix"]
    if not tied:
        said = ["not tied", "though the configuration says so: the files have an unembedding of their own"]
    lines = [line.strip() for line in inspect("m")[1].splitlines() if line.startswith("  embedding ")]
    assert next(re.split(r" {2,}", line)[1:] for line in lines) == said


def test_an_adapter_of_an_unembedding_that_is_not_tied_is_merged(tmp_path: Path) -> None:
    import peft

    from mmviz.values.model.adapter import Adapter

    variant = "llama one key for all, tied"
    save_variant(tmp_path / "m", variant)
    other = torch.randn(96, 48)
    changed(tmp_path / "m", lambda weights: weights.update({"lm_head.weight": other}))
    base: Any = silently(transformers.AutoModelForCausalLM.from_pretrained, tmp_path / "m", local_files_only=True)
    config = peft.LoraConfig(r=2, target_modules=["lm_head", "q_proj"], init_lora_weights=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tied embedding, which this one is not
        adapted: Any = silently(peft.get_peft_model, base, config)
    silently(adapted.save_pretrained, tmp_path / "a", save_embedding_layers=False)
    model = Model(Checkpoint.open(tmp_path / "m"), "cpu", "float32", Adapter.open(tmp_path / "a"))
    with torch.no_grad():
        logits = adapted(torch.tensor([TOKENS])).logits[0]
    torch.testing.assert_close(model.activation(TOKENS, "logits"), logits, rtol=1e-4, atol=1e-4)
    assert not compare(model, TOKENS).exceeding
