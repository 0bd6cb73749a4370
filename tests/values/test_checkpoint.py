"""What an open checkpoint gives: names, shapes, and weights or slices of them, of which it reads no other bytes."""

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from tests.values.tiny_checkpoints import EMBEDDING, NORM, QUERY, WEIGHTS


@pytest.fixture(params=["whole", "sharded"])
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def test_opening_reads_shapes_but_no_weights(folder: Path) -> None:
    checkpoint = Checkpoint.open(folder)
    assert checkpoint.names == tuple(WEIGHTS)
    assert {name: checkpoint.shape(name) for name in checkpoint.names} == {
        name: tuple(weight.shape) for name, weight in WEIGHTS.items()
    }
    assert checkpoint.config == {"model_type": "llama"}
    assert (checkpoint.path, checkpoint.folder, checkpoint.bytes_read) == (folder, folder, 0)
    assert checkpoint.where == folder / "config.json"
    assert {name: checkpoint.dtype(name) for name in checkpoint.names} == {
        "model.embed_tokens.weight": "F16",
        "model.layers.0.self_attn.q_proj.weight": "BF16",
        "model.norm.weight": "F32",
    }
    assert {name: checkpoint.stored_bytes(name) for name in checkpoint.names} == {
        name: weight.nbytes for name, weight in WEIGHTS.items()
    }


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_whole_weight_comes_back_as_it_was_stored(folder: Path, name: str) -> None:
    read = Checkpoint.open(folder).slice(name)
    assert read.dtype == WEIGHTS[name].dtype
    assert torch.equal(read, WEIGHTS[name])


@pytest.mark.parametrize(
    ("rows", "columns"),
    [(slice(1, 3), None), (None, slice(2, 4)), (slice(4, 6), slice(0, 1)), (slice(None), slice(None))],
)
def test_a_slice_counts_and_holds_only_its_own_bytes(folder: Path, rows: slice | None, columns: slice | None) -> None:
    checkpoint = Checkpoint.open(folder)
    read = checkpoint.slice("model.layers.0.self_attn.q_proj.weight", rows, columns)
    expected = QUERY[rows or slice(None), columns or slice(None)]
    assert torch.equal(read, expected)
    assert checkpoint.bytes_read == expected.numel() * 2
    assert read.untyped_storage().nbytes() == expected.numel() * 2


def test_a_vector_is_sliced_by_its_rows(folder: Path) -> None:
    assert Checkpoint.open(folder).slice("model.norm.weight", slice(0, 2)).shape == (2,)


def test_names_are_found_with_and_without_the_prefix(whole: Path) -> None:
    save_file({"embed_tokens.weight": EMBEDDING, "model.norm.weight": NORM}, whole / "model.safetensors")
    checkpoint = Checkpoint.open(whole)
    for name in ("embed_tokens.weight", "model.embed_tokens.weight", "norm.weight", "model.norm.weight"):
        assert name in checkpoint
        checkpoint.slice(name)
    assert "lm_head.weight" not in checkpoint
    assert 7 not in checkpoint


def test_names_of_gpt2_are_found_with_and_without_their_prefix(whole: Path) -> None:
    for stored in ("h.0.ln_1.weight", "transformer.h.0.ln_1.weight"):
        save_file({stored: NORM, "lm_head.weight": EMBEDDING}, whole / "model.safetensors")
        checkpoint = Checkpoint.open(whole)
        for name in ("h.0.ln_1.weight", "transformer.h.0.ln_1.weight"):
            assert torch.equal(checkpoint.slice(name), NORM)
        assert "ln_1.weight" not in checkpoint


def test_names_are_found_whatever_wrappers_put_into_them(whole: Path) -> None:
    for stored in ("_orig_mod.model.norm.weight", "module.model.norm.weight", "model._orig_mod.norm.weight"):
        save_file({stored: NORM}, whole / "model.safetensors")
        checkpoint = Checkpoint.open(whole)
        assert all(torch.equal(checkpoint.slice(name), NORM) for name in ("model.norm.weight", "norm.weight", stored))


def test_one_file_opens_with_the_config_beside_it(whole: Path) -> None:
    renamed = (whole / "model.safetensors").rename(whole / "tuned.safetensors")
    checkpoint = Checkpoint.open(renamed)
    assert (checkpoint.path, checkpoint.folder) == (renamed, whole)
    assert torch.equal(checkpoint.slice("model.embed_tokens.weight"), EMBEDDING)


def linked(sharded: Path, blobs: Path) -> Path:
    """The same folder with links in place of its files, which lie elsewhere."""
    blobs.mkdir(parents=True)
    for number, file in enumerate(sorted(sharded.iterdir())):
        file.rename(blobs / f"sha{number}")
        file.symlink_to(blobs / f"sha{number}")
    return sharded


def test_shards_are_links_in_the_hubs_cache(sharded: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    model = tmp_path_factory.mktemp("hub") / "models--org--tiny"
    (model / "snapshots").mkdir(parents=True)
    snapshot = linked(sharded.rename(model / "snapshots" / "0123abcd"), model / "blobs")
    assert torch.equal(Checkpoint.open(snapshot).slice("model.norm.weight"), NORM)


def test_a_shard_is_no_link_out_of_the_folder(sharded: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("x") / "elsewhere"
    with pytest.raises(SourceError) as raised:
        Checkpoint.open(linked(sharded, elsewhere))
    first = sharded / "model-00001-of-00002.safetensors"
    assert str(raised.value) == (
        f"{first}: is a link to {elsewhere / 'sha1'}; a file in the folder of model.safetensors.index.json is needed."
    )


def test_a_shard_may_be_a_link_within_the_folder(sharded: Path) -> None:
    last = sharded / "model-00002-of-00002.safetensors"
    last.rename(sharded / "other")
    last.symlink_to(sharded / "other")
    assert torch.equal(Checkpoint.open(sharded).slice("model.norm.weight"), NORM)


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_stored_bytes_are_those_of_the_file(whole: Path, bits: int) -> None:
    dtypes = {8: torch.uint8, 16: torch.float16, 32: torch.int32, 64: torch.float64}
    weights = {"a": torch.zeros(3, 5, dtype=dtypes[bits]), "b": torch.zeros(7, dtype=torch.complex64)}
    save_file(weights, whole / "model.safetensors")
    checkpoint = Checkpoint.open(whole)
    assert checkpoint.stored_bytes("a") == 15 * bits // 8
    assert checkpoint.stored_bytes("b") == 7 * 8


@pytest.mark.parametrize(
    ("dtype", "stored", "size"),
    [(torch.int8, "I8", 12), (torch.float8_e4m3fn, "F8_E4M3", 12), (torch.bool, "BOOL", 12), (torch.int64, "I64", 96)],
)
def test_numbers_that_are_no_weights_by_themselves_are_refused(
    whole: Path, dtype: torch.dtype, stored: str, size: int
) -> None:
    save_file({**WEIGHTS, "odd": EMBEDDING.to(dtype)}, whole / "model.safetensors")
    checkpoint = Checkpoint.open(whole)
    assert (checkpoint.dtype("odd"), checkpoint.stored_bytes("odd")) == (stored, size)
    message = (
        f"{whole / 'model.safetensors'}, odd: is stored as {stored}, as quantized weights and masks are, and its "
        "numbers do not mean anything by themselves; F64, F32, F16 or BF16 is needed."
    )
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        checkpoint.slice("odd")
    assert torch.equal(checkpoint.slice("model.norm.weight"), NORM)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        (
            "model.layers.0.self_attn.q_prj.weight",
            "close names: model.layers.0.self_attn.q_proj.weight.",
        ),
        ("zzz", "3 names are known, such as model.norm.weight."),
    ],
)
def test_an_unknown_weight_is_answered_with_close_names(whole: Path, name: str, end: str) -> None:
    checkpoint = Checkpoint.open(whole)
    message = f"{whole}: has no weight '{name}'; {end}"
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        checkpoint.slice(name)
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        checkpoint.shape(name)
