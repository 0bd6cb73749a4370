"""A model's parameters as it computes with them, and whether its unembedding is its embedding."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.tying import ROWS, described
from mmviz.values.model.weights import Weights
from tests.values.memory_store import GPT2, LLAMA, MemoryStore, checkpoint_of, weights_of

EMBEDDING, UNEMBEDDING = "model.embed_tokens.weight", "lm_head.weight"
TIED = {**LLAMA, "tie_word_embeddings": True}


def weights(config: Mapping[str, Any], store: MemoryStore, dtype: torch.dtype = torch.float64) -> Weights:
    checkpoint = checkpoint_of(config, store)
    lookup = Lookup(read_model_config(config, "config.json"), checkpoint)
    return Weights(checkpoint, lookup, torch.device("cpu"), dtype)


# Weights.


def test_a_parameter_comes_in_the_dtype_that_is_computed_with_and_as_what_goes_in_by_what_comes_out() -> None:
    stored = weights_of(LLAMA)
    found = weights(LLAMA, MemoryStore({name: weight.half() for name, weight in stored.items()}))
    layer = stored["model.layers.1.self_attn.k_proj.weight"].half().double()
    assert torch.equal(found.part("blocks.1.attn.W_K"), layer.mT)
    assert torch.equal(found.part("embed.W_E"), stored[EMBEDDING].half().double())
    assert torch.equal(found.part("unembed.W_U"), stored[UNEMBEDDING].half().double().mT)
    assert found.part("unembed.W_U").dtype == torch.float64


def test_what_a_file_holds_side_by_side_comes_apart() -> None:
    stored = weights_of(GPT2)
    found = weights(GPT2, MemoryStore(stored))
    joined, offsets = (stored[f"transformer.h.1.attn.c_attn.{kind}"].double() for kind in ("weight", "bias"))
    width = len(joined)
    for number, kind in enumerate("QKV"):
        span = slice(number * width, (number + 1) * width)
        assert torch.equal(found.part(f"blocks.1.attn.W_{kind}"), joined[:, span])
        assert torch.equal(found.part(f"blocks.1.attn.b_{kind}"), offsets[span])


def test_a_parameter_is_read_each_time_but_for_a_few_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore(weights_of(LLAMA))
    found = weights(LLAMA, store)
    for _ in range(3):
        kept = found.part("ln_final.w")
    assert store.asked == ["model.norm.weight"]
    assert torch.equal(kept, store.weights["model.norm.weight"].double())
    monkeypatch.setattr("mmviz.values.model.weights.SMALL", 0)
    for _ in range(3):
        found.part("blocks.0.ln1.w")
    assert store.asked[1:] == ["model.layers.0.input_layernorm.weight"] * 3


def test_no_more_small_parameters_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmviz.values.model.weights.MOST_KEPT", 12 * 8)  # one norm's in float64
    store = MemoryStore(weights_of(LLAMA))
    found = weights(LLAMA, store)
    for _ in range(2):
        found.part("blocks.0.ln1.w")
        found.part("blocks.0.ln2.w")
    names = [name.removeprefix("model.layers.0.") for name in store.asked]
    assert names == ["input_layernorm.weight", *["post_attention_layernorm.weight"] * 2]


def test_rows_come_in_the_order_that_is_asked_for_and_each_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmviz.values.model.weights.SMALL", 0)
    store = MemoryStore(weights_of(GPT2))
    numbers = (5, 0, 5, 8, 5)
    found = weights(GPT2, store, torch.float32).rows("embed.W_E", numbers)
    assert torch.equal(found, store.weights["transformer.wte.weight"][list(numbers)])
    assert store.asked == ["transformer.wte.weight"] * 3
    assert store.bytes_read == 3 * 12 * 4


def test_a_parameter_of_another_shape_is_refused_before_it_is_read() -> None:
    store = MemoryStore({**weights_of(LLAMA), EMBEDDING: torch.zeros(9, 11), "model.norm.weight": torch.zeros(3)})
    found = weights(LLAMA, store)
    asks: tuple[Callable[[], torch.Tensor], ...] = (
        lambda: found.part("embed.W_E"),
        lambda: found.rows("embed.W_E", [1]),
    )
    for ask in asks:
        with pytest.raises(SourceError) as caught:
            ask()
        assert str(caught.value) == f"model, {EMBEDDING}: is 9x11; config.json needs 9x12."
    with pytest.raises(SourceError) as caught:
        found.part("ln_final.w")
    assert str(caught.value) == "model, model.norm.weight: is 3; config.json needs 12."
    assert store.asked == []


# Tying.


def is_tied(config: Mapping[str, Any], store: MemoryStore) -> bool:
    return described(checkpoint_of(config, store)).tied


@pytest.mark.parametrize(
    ("embedding", "unembedding", "tied"),
    [
        (torch.float32, torch.float32, True),
        (torch.float32, torch.float64, True),  # the same numbers, whatever they are stored as
        (torch.int8, torch.int8, True),  # what cannot be read is refused where it is needed
    ],
)
def test_the_same_numbers_are_tied(embedding: torch.dtype, unembedding: torch.dtype, tied: bool) -> None:
    numbers = torch.arange(6).reshape(3, 2)
    store = MemoryStore({EMBEDDING: numbers.to(embedding), UNEMBEDDING: numbers.to(unembedding)})
    assert is_tied(TIED, store) is tied
    store.weights[UNEMBEDDING] = (numbers + 1).to(unembedding)
    assert is_tied(TIED, store) is (embedding is torch.int8)


def test_nothing_is_read_where_the_files_or_the_configuration_leave_no_choice() -> None:
    one, other = torch.zeros(3, 2), torch.ones(3, 2)
    for config, held, tied in (
        (TIED, {EMBEDDING: one}, True),
        (TIED, {UNEMBEDDING: one}, True),
        (TIED, {EMBEDDING: one, UNEMBEDDING: torch.ones(2, 3)}, False),
        (TIED, {EMBEDDING: one[0], UNEMBEDDING: one[0]}, False),
        (LLAMA, {EMBEDDING: one, UNEMBEDDING: one}, False),
        (LLAMA, {EMBEDDING: one, UNEMBEDDING: other}, False),
    ):
        store = MemoryStore(held)
        assert is_tied(config, store) is tied
        assert store.asked == []


def test_a_difference_in_the_last_row_is_found_and_one_in_the_first_ends_the_reading() -> None:
    numbers = torch.zeros(2 * ROWS + 1, 1)
    for row, read in ((2 * ROWS, 3), (ROWS, 2), (ROWS - 1, 1), (0, 1)):
        other = numbers.clone()
        other[row] = 1e-30
        store = MemoryStore({EMBEDDING: numbers, UNEMBEDDING: other})
        assert not is_tied(TIED, store)
        assert store.asked == [EMBEDDING, UNEMBEDDING] * read
    assert is_tied(TIED, MemoryStore({EMBEDDING: numbers, UNEMBEDDING: numbers.clone()}))


def test_only_the_tying_of_a_configuration_changes() -> None:
    config = {**GPT2, "tie_word_embeddings": True}
    store = MemoryStore({"transformer.wte.weight": torch.zeros(9, 12), UNEMBEDDING: torch.ones(9, 12)})
    assert described(checkpoint_of(config, store)) == read_model_config(
        {**config, "tie_word_embeddings": False}, "config.json"
    )
