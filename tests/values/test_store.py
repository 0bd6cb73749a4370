"""What a checkpoint needs of weights, held against each kind of store with the same numbers in it."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
import torch
from gguf import GGUFWriter
from safetensors.torch import save_file

from mmviz.values.files import dequantized
from mmviz.values.files.dequantized import DequantizedStore
from mmviz.values.files.gguf_file import GGUFStore
from mmviz.values.files.safetensors_file import SafetensorsStore
from mmviz.values.files.store import FLOATS, Store
from mmviz.values.quantized.packed import Packed, Read
from tests.values.gguf_writer import finish, write_value
from tests.values.memory_store import MemoryStore

MATRIX, VECTOR = torch.arange(24, dtype=torch.float32).reshape(6, 4) / 8, torch.arange(6, dtype=torch.float32)
WEIGHTS = {"model.embed_tokens.weight": MATRIX, "model.norm.weight": VECTOR}
SIZES = ("block_count", "embedding_length", "feed_forward_length", "context_length", "attention.head_count")
SPANS = (None, slice(None), slice(0, 1), slice(2, 5), slice(1, None), slice(-2, None), slice(3, 3), slice(0, 99))


def of_safetensors(folder: Path) -> Store:
    save_file(WEIGHTS, folder / "model.safetensors")
    return SafetensorsStore.open(folder / "model.safetensors")


def of_gguf(folder: Path) -> Store:
    writer = GGUFWriter(str(folder / "m.gguf"), "llama")
    for key in SIZES:
        write_value(writer, f"llama.{key}", 1)
    write_value(writer, "llama.attention.layer_norm_rms_epsilon", 1e-5)
    names = ("token_embd.weight", "output_norm.weight")
    for name, weight in zip(names, WEIGHTS.values(), strict=True):
        writer.add_tensor(name, weight.numpy())
    writer.add_tensor("blk.0.attn_norm.weight", VECTOR.numpy())
    finish(writer)
    return GGUFStore.open(folder / "m.gguf")


class Halves:
    """A parameter in two tensors, the upper rows and the lower ones."""

    stored = ("upper", "lower")
    shape = (6, 4)
    kind = "F32"

    def check(self, read: Read) -> None:
        pass

    def numbers(self, read: Read, rows: range, columns: range | None) -> torch.Tensor:
        halves = range(rows.start, min(rows.stop, 2)), range(max(rows.start - 2, 0), max(rows.stop - 2, 0))
        return torch.cat([read(name, part, columns) for name, part in zip(self.stored, halves, strict=True) if part])


def of_several_tensors(folder: Path) -> Store:
    weights = {"upper": MATRIX[:2].clone(), "lower": MATRIX[2:].clone(), "model.norm.weight": VECTOR}
    save_file(weights, folder / "model.safetensors")
    halves: Packed = Halves()
    return DequantizedStore(SafetensorsStore.open(folder / "model.safetensors"), {"model.embed_tokens.weight": halves})


def in_memory(_: Path) -> Store:
    return MemoryStore(WEIGHTS)


KINDS: tuple[Callable[[Path], Store], ...] = (of_safetensors, of_gguf, of_several_tensors, in_memory)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    made: Store = request.param(tmp_path)
    return made


def test_names_shapes_and_sizes_are_known_before_anything_is_read(store: Store) -> None:
    assert set(store.names) >= set(WEIGHTS)
    for name, weight in WEIGHTS.items():
        assert store.shape(name) == tuple(weight.shape)
        assert (store.dtype(name), store.stored_bytes(name)) == ("F32", weight.nbytes)
    assert store.bytes_read == 0
    assert [file.is_file() for file in store.files] == [True] * (not isinstance(store, MemoryStore))


def test_a_part_is_what_torch_cuts_out_and_as_much_is_counted(store: Store) -> None:
    for rows, columns in product(SPANS, SPANS):
        expected = MATRIX[rows or slice(None), columns or slice(None)]
        before = store.bytes_read
        found = store.read("model.embed_tokens.weight", rows, columns)
        torch.testing.assert_close(found, expected, rtol=0, atol=0)
        assert store.bytes_read - before == expected.nbytes
    for rows in SPANS:
        found = store.read("model.norm.weight", rows, None)
        torch.testing.assert_close(found, VECTOR[rows or slice(None)], rtol=0, atol=0)


def test_what_is_read_is_ones_own(store: Store) -> None:
    store.read("model.norm.weight", None, None).fill_(7)
    assert torch.equal(store.read("model.norm.weight", None, None), VECTOR)


def test_what_is_lent_is_whole_and_is_there_again_after_a_release(store: Store) -> None:
    assert torch.equal(store.lend("model.embed_tokens.weight"), MATRIX)
    store.release()
    assert torch.equal(store.lend("model.embed_tokens.weight"), MATRIX)
    assert store.bytes_read == 2 * MATRIX.nbytes


@pytest.mark.parametrize("at_once", [1, 8, 9, 20, 1000])
def test_a_large_weight_of_several_tensors_is_decoded_a_few_rows_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(dequantized, "AT_ONCE", at_once)
    store = of_several_tensors(tmp_path)
    assert torch.equal(store.lend("model.embed_tokens.weight"), MATRIX)
    assert torch.equal(store.read("model.embed_tokens.weight", slice(1, 6), slice(1, 3)), MATRIX[1:6, 1:3])
    assert store.bytes_read == MATRIX.nbytes + 5 * 2 * 4


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_weights_of_every_float_are_read_bit_by_bit(tmp_path: Path, dtype: torch.dtype) -> None:
    stored = MATRIX.to(dtype)
    save_file({"x": stored}, tmp_path / "x.safetensors")
    store = SafetensorsStore.open(tmp_path / "x.safetensors")
    assert store.dtype("x") in FLOATS
    found = store.read("x", None, None)
    assert (found.dtype, torch.equal(found, stored)) == (dtype, True)
