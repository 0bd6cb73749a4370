"""The numbers of a scene's tensors; a head's matrices are those that transformers computes."""

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama import modeling_llama

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import MmvizError, SourceError
from mmviz.pipeline import Scene
from mmviz.scene.document import from_mapping
from mmviz.values.origin.locate import locate_model
from mmviz.values.tensors.sources import Sources

ASSET = Path(__file__).resolve().parents[2] / "assets" / "smollm2-135m-2layers"
WORDS = ("the", "cat", "sat", "on", "a", "mat", "and", "sang")
PROMPT = "the cat sat on a mat and the cat sang"
SIZES = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}
Matrix = NDArray[np.float32]


def save_tiny(folder: Path, **sizes: Any) -> Path:
    """A random Llama with sharp attention, and a tokenizer that knows eight words."""
    config = LlamaConfig(
        vocab_size=len(WORDS),
        intermediate_size=20,
        initializer_range=0.3,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
        **{**SIZES, **sizes},
    )
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="the"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"))


def reference(
    folder: Path, token_ids: tuple[int, ...], layer: int, head: int, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Matrix]:
    """Each matrix of a head as transformers computes it, by the path of the scene's matrix."""
    load: Any = LlamaForCausalLM.from_pretrained
    model = load(folder, attn_implementation="eager").float().eval()
    attention = model.model.layers[layer].self_attn
    kept: dict[str, Any] = {}
    plain = modeling_llama.eager_attention_forward

    def keep(module: Any, query: Any, key: Any, value: Any, *rest: Any, **options: Any) -> Any:
        z, pattern = plain(module, query, key, value, *rest, **options)
        if module is attention:
            kept.update(q=query, k=key, v=value, pattern=pattern, z=z)  # (1, heads, tokens, d_head); z: tokens first
        return z, pattern

    monkeypatch.setattr(modeling_llama, "eager_attention_forward", keep)
    attention.register_forward_pre_hook(
        lambda _, __, options: kept.update(input=options["hidden_states"]), with_kwargs=True
    )
    with torch.inference_mode():
        model(torch.tensor([token_ids]))
        group = model.config.num_attention_heads // model.config.num_key_value_heads
        z = kept["z"][0, :, head]  # (tokens, d_head)
        size = z.shape[1]
        output = attention.o_proj.weight[:, head * size : (head + 1) * size]  # (d_model, d_head)
        found = {
            "left.left.left.left": kept["input"][0],
            "left.left.left": kept["q"][0, head],
            "left.left.right": kept["k"][0, head // group].mT,
            "left.left": kept["pattern"][0, head],
            "left.right": kept["v"][0, head // group],
            "left": z,
            "": z @ output.mT,
        }
        return {path: matrix.numpy() for path, matrix in found.items()}


def hold_against(scene: Scene, expected: dict[str, Matrix]) -> None:
    values = scene.values()
    for path, matrix in expected.items():
        np.testing.assert_allclose(values[path], matrix, rtol=0, atol=1e-5, err_msg=path)
    causal = np.triu(np.ones(values["left.left"].shape, bool), 1)
    np.testing.assert_array_equal(scene.evaluated.masked["left.left"], causal)


def test_the_shipped_head_is_what_transformers_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene.load("attention_head")
    hold_against(scene, reference(ASSET, scene.sources.token_ids, 1, 2, monkeypatch))


def test_the_shipped_head_is_what_the_models_hooks_say() -> None:
    scene = Scene.load("attention_head")
    hooks = {
        "left.left.left": "hook_rot_q",
        "left.left": "hook_pattern",
        "left.right": "hook_v",
        "left": "hook_z",
        "": "hook_result",
    }
    names = {path: f"blocks.1.attn.{hook}" for path, hook in hooks.items()}
    llama = scene.sources.model
    found = llama.activations(scene.sources.token_ids, set(names.values()))
    expected = {path: llama.of_head(name, found[name], 2).cpu().numpy() for path, name in names.items()}
    hold_against(scene, expected)


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (1, 1), (1, 3)])
def test_any_head_of_a_random_llama_is_what_transformers_computes(
    tiny: Path, layer: int, head: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = head_scene(Reading(str(tiny), PROMPT), layer, head)
    assert scene.sources.token_ids == tuple(WORDS.index(word) for word in PROMPT.split())
    assert scene.sources.token_texts == tuple(PROMPT.split())
    hold_against(scene, reference(tiny, scene.sources.token_ids, layer, head, monkeypatch))


def test_a_model_with_one_layer_and_one_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_tiny(tmp_path, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1)
    scene = head_scene(Reading(str(tmp_path), PROMPT), 0, 0)
    hold_against(scene, reference(tmp_path, scene.sources.token_ids, 0, 0, monkeypatch))
    for number, kind in ((1, "layer"), (-1, "layer"), (1, "head"), (-1, "head")):
        with pytest.raises(SourceError) as caught:
            head_scene(Reading(str(tmp_path), PROMPT), number * (kind == "layer"), number * (kind == "head"))
        assert str(caught.value) == f"{tmp_path}: has 1 {kind}, 0; got {kind} {number}."


def test_shapes_and_axes_read_no_weights() -> None:
    scene = Scene.load("attention_head")
    assert scene.shapes.of[""] == (64, 576)
    assert scene.shapes.axes[""] == ("tokens", "d_model")
    assert scene.shapes.axes["left.left"] == ("tokens", "tokens")
    assert scene.sources.model.checkpoint.bytes_read == 0


def test_only_the_weights_of_the_head_and_of_what_comes_before_it_are_read(tiny: Path) -> None:
    scene = head_scene(Reading(str(tiny), PROMPT), 0, 1)
    scene.values()
    embedding, norm, head = len(set(PROMPT.split())) * 24, 24, 4 * 24 * 8
    assert scene.sources.model.checkpoint.bytes_read == 4 * (embedding + norm + head)


# Sources one by one.


def sources(folder: Path, tensors: dict[str, Any], **parts: Any) -> Sources:
    document = from_mapping({"expr": " @ ".join(tensors), "tensors": tensors, **parts}, "x.yaml")
    return Sources(document, folder, "x.yaml")


def test_each_kind_of_source_gives_its_shape_and_its_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "c.npy", np.arange(6.0).reshape(2, 3))
    (tmp_path / "deep").mkdir()
    save_file({"weights": torch.ones(5, 4, dtype=torch.bfloat16)}, tmp_path / "deep" / "e.safetensors")
    found = sources(
        tmp_path,
        {
            "A": {"init": "eye", "shape": [None, 2]},
            "B": {"values": [[1, 2], [3, math.inf]]},
            "C": {"file": "c.npy"},
            "D": {"formula": "i * w + j", "shape": [3, None]},
            "E": {"file": "deep/e.safetensors", "key": "weights"},
        },
    )
    shapes = found.shapes()
    assert shapes == {"A": (None, 2), "B": (2, 2), "C": (2, 3), "D": (3, None), "E": (5, 4)}
    assert found.axes() == dict.fromkeys("ABCDE", ("", ""))
    tensors = found.tensors({"A": (2, 2), "B": (2, 2), "C": (2, 3), "D": (3, 5), "E": (5, 4)})
    np.testing.assert_array_equal(tensors["A"], np.eye(2))
    np.testing.assert_array_equal(tensors["B"], [[1, 2], [3, np.inf]])
    np.testing.assert_array_equal(tensors["C"], np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(tensors["D"], np.arange(15).reshape(3, 5))
    np.testing.assert_array_equal(tensors["E"], np.ones((5, 4)))
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}


def test_a_scene_without_a_prompt_has_no_tokens() -> None:
    plain = sources(Path(), {"A": {"init": "eye", "shape": [2, 2]}})
    assert (plain.token_ids, plain.token_texts) == ((), ())


def test_token_ids_may_be_given_and_need_no_tokenizer(tiny: Path, tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        shutil.copy(tiny / name, tmp_path)
    found = sources(
        tmp_path, {"x": {"activation": "hook_embed"}}, model={"path": ".", "tokens": [3, 1, 7], "device": "cpu"}
    )
    assert found.shapes() == {"x": (3, 24)}
    assert found.token_texts == ()
    weights: Any = LlamaForCausalLM.from_pretrained(tiny)
    embedding = weights.model.embed_tokens.weight.detach()
    assert torch.equal(found.tensors({"x": (3, 24)})["x"], embedding[[3, 1, 7]])


def refuse(folder: Path, tensor: dict[str, Any], **model: Any) -> str:
    parts = {"model": model} if model else {}
    with pytest.raises(MmvizError) as caught:
        sources(folder, {"x": tensor}, **parts).shapes()
    return str(caught.value)


EMBEDDING = {"activation": "hook_embed"}


def test_a_prompt_without_tokens_is_refused(tiny: Path) -> None:
    assert refuse(tiny, EMBEDDING, path=".", prompt="  ") == (
        "x.yaml, model.prompt: the prompt has no tokens; at least one is needed."
    )


def test_a_token_outside_the_vocabulary_is_refused_before_anything_is_computed(tiny: Path) -> None:
    assert refuse(tiny, EMBEDDING, path=".", tokens=[7, 8]) == (
        f"x.yaml, model.tokens: {tiny}: token 8 is not in the vocabulary; ids go from 0 to 7."
    )


@pytest.mark.parametrize(
    ("tensor", "found"),
    [
        ({"weight": "blocks.0.attn.W_q", "head": 0}, "unknown weight; close names: blocks.0.attn.W_"),
        ({"weight": "blocks.2.attn.W_Q", "head": 0}, "the model has 2 layers, 0 to 1; got layer 2."),
        ({"weight": "blocks.0.attn.W_Q", "head": 4}, "the model has 4 heads, 0 to 3; got head 4."),
        ({"weight": "rotary.stretch", "head": 0}, "has no heads; leave the head out."),
        ({"activation": "hook_embedding"}, "unknown activation; close names: hook_embed."),
        ({"activation": "blocks.9.hook_mlp_out"}, "the model has 2 layers, 0 to 1; got layer 9."),
        ({"activation": "blocks.0.hook_mlp_out", "head": 1}, "has no heads; leave the head out."),
    ],
)
def test_what_a_model_does_not_have_is_named_with_scene_tensor_and_place(
    tiny: Path, tensor: dict[str, Any], found: str
) -> None:
    name = tensor.get("weight") or tensor["activation"]
    assert refuse(tiny, tensor, path=".", prompt="a cat").startswith(f"x.yaml, tensors.x: {tiny}, {name}: {found}")


def test_an_activation_with_heads_needs_one_of_them(tiny: Path) -> None:
    assert refuse(tiny, {"activation": "blocks.0.attn.hook_pattern"}, path=".", prompt="a cat sat") == (
        "x.yaml, tensors.x: blocks.0.attn.hook_pattern is 4x3x3, one matrix for each head; give a head."
    )


def test_other_broken_sources_are_named_too(tmp_path: Path) -> None:
    assert refuse(tmp_path, {"file": "x.npy"}) == f"x.yaml, tensors.x: {tmp_path}/x.npy: there is no such file."
    assert refuse(tmp_path, EMBEDDING, path="./nowhere", prompt="a") == (
        f"{tmp_path}/nowhere: no such file or folder; a folder with config.json and model.safetensors, "
        "or a .safetensors or .gguf file, is needed."
    )


def test_a_model_is_found_beside_the_scene_first_then_among_those_that_come_with_mmviz(tmp_path: Path) -> None:
    assert locate_model(ASSET.name, tmp_path) == ASSET
    (tmp_path / ASSET.name).mkdir()
    (tmp_path / ASSET.name / "config.json").touch()
    assert locate_model(ASSET.name, tmp_path) == tmp_path / ASSET.name
    assert locate_model(str(ASSET), tmp_path) == ASSET


def test_a_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    np.save(tmp_path / "x.npy", np.ones((1, 2)))
    (tmp_path / "model").mkdir()
    assert locate_model("~/model", Path("elsewhere")) == tmp_path / "model"
    assert sources(Path("elsewhere"), {"A": {"file": "~/x.npy"}}).shapes() == {"A": (1, 2)}
