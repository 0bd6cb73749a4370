"""Where numbers come from, in words, for every kind of source."""

import pytest
from pydantic import TypeAdapter

from mmviz.scene.keys.origin import in_words
from mmviz.scene.keys.sources import SOURCES, FileSource, Initializer, TensorSource, part_told

WORDS: list[tuple[dict[str, object], str]] = [
    ({"init": "uniform", "min": -2, "seed": 7}, "random numbers 'uniform', from -2 to 1, seed 7"),
    ({"init": "eye"}, "the pattern 'eye'"),
    ({"formula": "i + j"}, "the formula i + j"),
    ({"values": [[1]]}, "written in the scene"),
    ({"file": "a.npy"}, "the file a.npy"),
    ({"file": "a.safetensors", "key": "w"}, "the file a.safetensors, tensor w"),
    ({"file": "a.npz", "key": "w", "index": [0, 3]}, "the file a.npz, tensor w, index [0, 3]"),
    ({"url": "http://x/y.csv"}, "the address http://x/y.csv, which is not fetched"),
    ({"weight": "blocks.0.attn.W_Q", "head": 2}, "a weight of the model: blocks.0.attn.W_Q, head 2"),
    ({"weight": "W", "lora": "A"}, "matrix A of the adapter of a weight of the model: W"),
    ({"activation": "hook_embed"}, "an activation of the model: hook_embed"),
    ({"weight": "W", "svd": {"part": "S"}}, "singular values of a weight of the model: W"),
]


@pytest.mark.parametrize(("source", "words"), WORDS)
def test_a_source_is_told_in_words(source: dict[str, object], words: str) -> None:
    read: TensorSource = TypeAdapter(TensorSource).validate_python(source)
    assert in_words(read) == words


def test_the_seed_that_is_told_follows_from_the_name() -> None:
    source = Initializer(init="pt linear")
    assert in_words(source, name="123456789") == "random numbers 'pt linear', seed 3421780262"  # CRC-32's check value


def test_every_kind_of_source_is_told() -> None:
    assert {kind for source, _ in WORDS for kind in source if kind in SOURCES} == set(SOURCES)


def test_two_matrices_of_one_stack_are_told_apart() -> None:
    first, second = (FileSource(file="a.npy", index=(0, head)) for head in (3, 4))
    assert (part_told(first), part_told(second)) == (", index [0, 3]", ", index [0, 4]")
    assert part_told(FileSource(file="a.npy")) == ""
