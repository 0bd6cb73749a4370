import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from mmviz.errors import SourceError
from mmviz.values.checkpoint import Checkpoint

EMBEDDING = torch.arange(12, dtype=torch.float16).reshape(4, 3)
QUERY = torch.arange(24, dtype=torch.bfloat16).reshape(6, 4)
NORM = torch.ones(3)
WEIGHTS = {
    "model.embed_tokens.weight": EMBEDDING,
    "model.layers.0.self_attn.q_proj.weight": QUERY,
    "model.norm.weight": NORM,
}
SHARDS = {
    "model-00001-of-00002.safetensors": ["model.embed_tokens.weight"],
    "model-00002-of-00002.safetensors": ["model.layers.0.self_attn.q_proj.weight", "model.norm.weight"],
}


def write_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "llama"}')


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    write_config(tmp_path)
    save_file(WEIGHTS, tmp_path / "model.safetensors")
    return tmp_path


@pytest.fixture
def sharded(tmp_path: Path) -> Path:
    write_config(tmp_path)
    weight_map = {}
    for shard, names in SHARDS.items():
        save_file({name: WEIGHTS[name] for name in names}, tmp_path / shard)
        weight_map.update(dict.fromkeys(names, shard))
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return tmp_path


@pytest.fixture(params=["whole", "sharded"])
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def refusal(path: Path) -> str:
    """The message that opening ends with, the folder written as F."""
    with pytest.raises(SourceError) as raised:
        Checkpoint.open(path)
    folder = path if path.is_dir() else path.parent
    return str(raised.value).replace(str(folder), "F")


def test_opening_reads_shapes_but_no_weights(folder: Path) -> None:
    checkpoint = Checkpoint.open(folder)
    assert checkpoint.names == tuple(WEIGHTS)
    assert {name: checkpoint.shape(name) for name in checkpoint.names} == {
        name: tuple(weight.shape) for name, weight in WEIGHTS.items()
    }
    assert checkpoint.config == {"model_type": "llama"}
    assert (checkpoint.path, checkpoint.folder, checkpoint.bytes_read) == (folder, folder, 0)


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


def test_one_file_opens_with_the_config_beside_it(whole: Path) -> None:
    renamed = (whole / "model.safetensors").rename(whole / "tuned.safetensors")
    checkpoint = Checkpoint.open(renamed)
    assert (checkpoint.path, checkpoint.folder) == (renamed, whole)
    assert torch.equal(checkpoint.slice("model.embed_tokens.weight"), EMBEDDING)


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


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == (
        "F/none: no such file or folder; a folder with config.json and model.safetensors is needed."
    )


def test_a_missing_config_is_named(whole: Path) -> None:
    (whole / "config.json").unlink()
    assert refusal(whole) == "F/config.json: no such file; the model's config.json is needed."


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            b'{"model_type": ',
            "broken JSON (Expecting value: line 1 column 16 (char 15)); a whole config.json is needed.",
        ),
        (b"[]", "is a JSON list; an object is needed."),
        (
            b"\xff",
            "broken JSON ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte); "
            "a whole config.json is needed.",
        ),
    ],
)
def test_a_broken_config_is_named(whole: Path, content: bytes, found: str) -> None:
    (whole / "config.json").write_bytes(content)
    assert refusal(whole) == f"F/config.json: {found}"


def test_a_config_that_is_a_folder_is_named(whole: Path) -> None:
    (whole / "config.json").unlink()
    (whole / "config.json").mkdir()
    assert refusal(whole) == "F/config.json: cannot be read (Is a directory); a readable file is needed."


def test_a_folder_without_safetensors_is_refused(tmp_path: Path) -> None:
    write_config(tmp_path)
    assert refusal(tmp_path) == (
        "F: no safetensors file; model.safetensors, or model.safetensors.index.json with its shards, is needed."
    )


@pytest.mark.parametrize("name", ["pytorch_model.bin", "consolidated.00.pth"])
def test_a_pickle_is_never_opened(tmp_path: Path, name: str) -> None:
    write_config(tmp_path)
    (tmp_path / name).write_bytes(b"\x80")
    reason = f"{name} is a pickle, which can run code and is never opened; convert it to safetensors."
    assert refusal(tmp_path) == f"F: {reason}"
    assert refusal(tmp_path / name) == f"F/{name}: {reason}"


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    assert refusal(tmp_path / "model.gguf") == (
        "F/model.gguf: no safetensors file; model.safetensors, or model.safetensors.index.json "
        "with its shards, is needed."
    )


@pytest.mark.parametrize("kept", [0, 5, 200, -1])
def test_a_cut_off_file_is_refused(whole: Path, kept: int) -> None:
    path = whole / "model.safetensors"
    content = path.read_bytes()[:kept]
    path.write_bytes(content)
    assert refusal(whole) == (
        f"F/model.safetensors: is cut off or no safetensors file ({len(content)} bytes); a whole one is needed."
    )


def test_a_folder_in_place_of_the_weights_is_refused(tmp_path: Path) -> None:
    write_config(tmp_path)
    (tmp_path / "model.safetensors").mkdir()
    message = refusal(tmp_path)  # in brackets stand the system's own words
    assert re.sub(r"\(.*\)", "()", message) == ("F/model.safetensors: cannot be read (); a readable file is needed.")


def test_a_missing_shard_is_named(sharded: Path) -> None:
    (sharded / "model-00002-of-00002.safetensors").unlink()
    assert refusal(sharded) == (
        "F/model-00002-of-00002.safetensors: no such file; "
        "every shard that model.safetensors.index.json names is needed."
    )


def test_a_shard_of_another_model_is_named(sharded: Path) -> None:
    save_file({"other.weight": NORM}, sharded / "model-00002-of-00002.safetensors")
    assert refusal(sharded) == (
        "F/model-00002-of-00002.safetensors: has no weight 'model.layers.0.self_attn.q_proj.weight', "
        "which model.safetensors.index.json names; shards of one model are needed."
    )


@pytest.mark.parametrize("content", ["{}", '{"weight_map": []}', '{"weight_map": {"x": 1}}'])
def test_a_broken_index_is_named(sharded: Path, content: str) -> None:
    (sharded / "model.safetensors.index.json").write_text(content)
    assert refusal(sharded) == (
        "F/model.safetensors.index.json, weight_map: is missing or broken; weight names with file names are needed."
    )
