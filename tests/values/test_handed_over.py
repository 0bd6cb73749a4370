"""Transformers computes the same with our weights as with those that it reads itself, a layer at a time in memory."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.reports.verification import Wish, model_verification, scene_verification, verification_text
from mmviz.values.families.names import activation_names
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.adapter import Adapter
from mmviz.values.model.model import Model
from mmviz.values.reference import recording, reference_model
from mmviz.values.reference.handed_over import with_our_weights
from mmviz.values.reference.recording import Reference
from tests.values.quantized_models import GROUPED, TOKENS, model_of, save_quantized
from tests.values.test_quantized_by_inputs import INT4_OF_4, packed_by_inputs
from tests.values.tiny_adapters import save_adapter
from tests.values.variants import changed, save_variant

HANDED = "transformers would make other numbers of them"


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain weights are handed over, too."""
    for module in (recording, reference_model):
        monkeypatch.setattr(module, "why_handed_over", lambda _: HANDED)


@pytest.mark.parametrize(
    "variant",
    [
        *("llama one key for all, tied", "gpt2", "gpt_neox", "mixtral", "qwen3_moe", "granitemoe", "gpt_oss", "bert"),
        *("t5", "glm4_moe", "minimax_m2", "ernie4_5_moe"),
    ],
)
def test_it_computes_what_it_computes_with_the_weights_that_it_reads(
    tmp_path: Path, variant: str, request: pytest.FixtureRequest
) -> None:
    """Bit by bit: of tied weights, of experts that files have each apart or call otherwise, and in encoders, too."""
    model = model_of(save_variant(tmp_path, variant))
    names = activation_names(model.config)
    by_itself = Reference(model).activations(TOKENS, names)
    request.getfixturevalue("handed")
    reference = Reference(model)
    assert reference.handed_over == HANDED
    for _ in range(2):  # weights are read again for every run
        found = reference.activations(TOKENS, names)
        assert all(torch.equal(found[name], value) for name, value in by_itself.items())


@pytest.mark.usefixtures("handed")
def test_one_layer_is_in_memory_beside_what_is_of_no_layer(tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, "llama"))
    reference = Reference(model)
    theirs: Any = reference._theirs
    layers = theirs.model.layers

    def there() -> list[int]:
        return [number for number, layer in enumerate(layers) if any(each.numel() for each in layer.parameters())]

    assert (len(layers), there()) == (3, [])
    seen = []
    for layer in layers:
        layer.register_forward_hook(lambda *_: seen.append(there()))
    reference.activations(TOKENS, ["logits"])
    assert seen == [[0], [1], [2]]
    assert theirs.lm_head.weight.numel()


@pytest.mark.usefixtures("handed")
def test_a_matrix_that_makes_logits_is_taken_though_the_configuration_ties_it(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama")
    said = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**said, "tie_word_embeddings": True}))
    changed(folder, lambda weights: weights.update({"lm_head.weight": 2 - weights["model.embed_tokens.weight"]}))
    model = model_of(folder)
    assert torch.allclose(
        Reference(model).activations(TOKENS, ["logits"])["logits"],
        model.activations(TOKENS, ["logits"])["logits"],
        atol=1e-4,
    )


@pytest.mark.usefixtures("handed")
def test_an_adapter_is_merged_by_peft_into_the_weights_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = save_variant(tmp_path / "base", "llama", layers=2)
    folder = save_adapter(tmp_path / "adapter")
    model = Model(Checkpoint.open(base), "cpu", adapter=Adapter.open(folder))
    names = activation_names(model.config)
    found = Reference(model).activations(TOKENS, names)
    monkeypatch.undo()
    by_itself = Reference(model).activations(TOKENS, names)
    assert all(torch.equal(found[name], value) for name, value in by_itself.items())
    assert not torch.equal(found["logits"], model_of(base).activations(TOKENS, ["logits"])["logits"])


def test_the_parameters_that_there_are_no_weights_for_are_given_back(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama")
    changed(folder, lambda weights: weights.pop("model.layers.2.mlp.up_proj.weight"))
    config = LlamaConfig.from_pretrained(folder)
    options = {"dtype": torch.float32, "output_loading_info": True}
    theirs, missing = with_our_weights(model_of(folder), LlamaForCausalLM, config, options)
    assert missing == {"model.layers.2.mlp.up_proj.weight"}
    assert not theirs.model.layers[2].mlp.up_proj.weight.any(), "which nobody has made up"


@pytest.mark.usefixtures("handed")
def test_a_weight_that_is_not_there_or_of_another_shape_is_named(tmp_path: Path) -> None:
    name, file = "model.layers.1.mlp.up_proj.weight", save_variant(tmp_path, "llama") / "model.safetensors"
    weights = load_file(file)
    save_file({each: weight for each, weight in weights.items() if each != name}, file, {"format": "pt"})
    with pytest.raises(SourceError, match=rf"finds no {re.escape(name)} in this model, and would make up random"):
        Reference(model_of(tmp_path))
    save_file(weights | {name: weights[name][1:].clone()}, file, {"format": "pt"})
    with pytest.raises(SourceError) as caught:
        Reference(model_of(tmp_path)).activations(TOKENS, ["logits"])
    assert str(caught.value) == f"{tmp_path}, {name}: is 79x48; transformers needs 80x48."


def test_what_is_proven_is_said_and_no_more(tmp_path: Path) -> None:
    folder = save_quantized(tmp_path, {"quant_method": "gptq", **INT4_OF_4}, packed_by_inputs("gptq", {}), GROUPED)
    report = model_verification(Wish(str(folder), tokens=TOKENS))
    why = report["why_decoding_is_not_compared"]
    assert why.endswith(" needs another package for weights that are stored as gptq, which rounds them")
    lines = verification_text(report).splitlines()
    assert lines[-2] == (
        "weights: as mmviz decodes them from GPTQ INT4 (groups of 4), on both sides; the decoding is not compared, as "
        f"{why}"
    )
    assert lines[-1].endswith(", 8 tokens, weights as mmviz decodes them)")
    scene = head_scene(Reading(str(folder), tokens=TOKENS), 1, 2, badge=True)
    assert (scene.certificate.holds, scene.certificate.handed_over) == (True, why)
    assert " from transformers · decoding not compared · float32 · " in scene.certificate.badge
    of_scene = scene_verification(scene)
    assert of_scene["why_decoding_is_not_compared"] == why
    assert lines[-2] in verification_text(of_scene).splitlines()
