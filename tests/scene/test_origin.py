"""Where numbers come from, in words, for every kind of source."""

import pytest
from pydantic import TypeAdapter

from mmviz.scene.keys.hook_words import MEANINGS, place_of
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.keys.origin import in_short, in_words
from mmviz.scene.keys.sources import SOURCES, FileSource, Initializer, TensorSource, WeightSource, part_told
from mmviz.values.families.names import EXPERT_ACTIVATIONS, layer_activations, model_activations
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import KINDS
from tests.values.tiny_transformers import tiny

WORDS: list[tuple[dict[str, object], str]] = [
    ({"init": "uniform", "min": -2, "seed": 7}, "random numbers 'uniform', from -2 to 1, seed 7"),
    ({"init": "eye"}, "the pattern 'eye'"),
    ({"init": "full", "value": 0.5}, "the pattern 'full', value 0.5"),
    ({"init": "alibi", "head": 2}, "the pattern 'alibi', head 2, heads 8"),
    ({"init": "t5 buckets"}, "the pattern 't5 buckets'"),
    ({"init": "t5 buckets", "causal": True}, "the pattern 't5 buckets', causal"),
    ({"formula": "i + j"}, "the formula i + j"),
    ({"values": [[1]]}, "numbers written in the scene"),
    ({"file": "a.npy"}, "the file a.npy"),
    ({"file": "a.safetensors", "key": "w"}, "the file a.safetensors, tensor w"),
    ({"file": "a.npz", "key": "w", "index": [0, 3]}, "the file a.npz, tensor w, index [0, 3]"),
    ({"url": "http://x/y.csv"}, "the address http://x/y.csv, which is not fetched"),
    ({"weight": "blocks.0.attn.W_Q", "head": 2}, "layer 0, head 2, W_Q of gpt (blocks.0.attn.W_Q): makes queries"),
    ({"weight": "h.3.mlp.c_fc.weight"}, "layer 3, mlp.c_fc.weight of gpt (h.3.mlp.c_fc.weight)"),
    ({"weight": "W", "lora": "A"}, "W of gpt, matrix A of its adapter"),
    ({"weight": "W", "lora": "base"}, "W of gpt, without its adapter"),
    ({"activation": "hook_embed"}, "hook_embed of gpt: the tokens' vectors"),
    (
        {"activation": "blocks.1.hook_resid_mid"},
        "layer 1, hook_resid_mid of gpt (blocks.1.hook_resid_mid): the residual stream between attention and MLP",
    ),
    ({"weight": "W", "svd": {"part": "S"}}, "singular values of W of gpt"),
]


@pytest.mark.parametrize(("source", "words"), WORDS)
def test_a_source_is_told_in_words(source: dict[str, object], words: str) -> None:
    read: TensorSource = TypeAdapter(TensorSource).validate_python(source)
    assert in_words(read, "gpt") == words


def test_the_seed_that_is_told_follows_from_the_name() -> None:
    source = Initializer(init="pt linear")
    assert in_words(source, name="123456789") == "random numbers 'pt linear', seed 3421780262"  # CRC-32's check value


def test_every_kind_of_source_is_told() -> None:
    assert {kind for source, _ in WORDS for kind in source if kind in SOURCES} == set(SOURCES)


def test_two_matrices_of_one_stack_are_told_apart() -> None:
    first, second = (FileSource(file="a.npy", index=(0, head)) for head in (3, 4))
    assert (part_told(first), part_told(second)) == (", index [0, 3]", ", index [0, 4]")
    assert part_told(FileSource(file="a.npy")) == ""


@pytest.mark.parametrize(
    ("name", "head", "share"),
    [
        ("W_Q", 2, ", columns 128 to 191"),
        ("W_O", 8, ", rows 512 to 575"),
        ("W_K", 2, ", columns 0 to 63, which heads 0 to 2 share"),
        ("W_V", 3, ", columns 64 to 127, which heads 3 to 5 share"),
    ],
)
def test_the_part_of_a_weight_that_a_head_has_is_told(name: str, head: int, share: str) -> None:
    sizes = ModelSizes("smol", 2, 9, 3, 576, 64, 8192, layers_alike=True, arithmetic=None)
    source = WeightSource(weight=f"blocks.1.attn.{name}", head=head)
    assert f"(blocks.1.attn.{name}){share}: " in in_words(source, "smol", sizes=sizes)


def test_what_a_source_is_in_short_fits_beside_a_name() -> None:
    read = [TypeAdapter(TensorSource).validate_python(source) for source, _ in WORDS]
    assert [in_short(source) for source in read] == [
        "random, uniform",
        "pattern eye",
        "pattern full",
        "pattern alibi",
        "pattern t5 buckets",
        "pattern t5 buckets",
        "formula i + j",
        "numbers of the scene",
        "file a.npy",
        "file a.safetensors, w",
        "file a.npz, w",
        "address http://x/y.csv",
        "layer 0, head 2, W_Q",
        "layer 3, mlp.c_fc.weight",
        "W, matrix A of its adapter",
        "W, without its adapter",
        "hook_embed",
        "layer 1, hook_resid_mid",
        "S of W",
    ]


def test_every_name_of_a_weight_or_an_activation_has_a_meaning() -> None:
    known = {
        name
        for kind in KINDS.values()
        for part in (kind.names.model_weights, kind.names.layer_weights)
        for name in part
    }
    for kind in KINDS:
        config = read_model_config(tiny(kind), "")
        known |= {*model_activations(config), *layer_activations(config, 0)}
    of_experts = {name for name in known if ".experts." in name}
    of_experts |= {f"mlp.experts.0.{name}" for name in EXPERT_ACTIVATIONS}
    assert known - of_experts <= set(MEANINGS)
    assert all(place_of(f"blocks.0.{name.format(3)}", None).meaning for name in of_experts)
