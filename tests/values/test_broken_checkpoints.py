"""What is no checkpoint, or a broken one: each is refused with one message that names the file."""

import json
import os
import random
import struct
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from tests.values.tiny_checkpoints import NORM, WEIGHTS, refusal, write_config


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes with a path")
@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_pipe_is_refused_and_not_waited_for(whole: Path, name: str) -> None:
    (whole / name).unlink()
    os.mkfifo(whole / name)
    assert refusal(whole) == f"F/{name}: is a pipe or a device; a plain file is needed."


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == (
        "F/none: no such file or folder; a folder with config.json and model.safetensors, or a .gguf file, is needed."
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


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    write_config(tmp_path)
    assert refusal(tmp_path) == (
        "F: no safetensors file; model.safetensors, or model.safetensors.index.json with its shards, "
        "or a .gguf file, is needed."
    )


CONVERT = (
    "take the model's model.safetensors, or write it in an environment that you trust: "
    "AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)."
)


@pytest.mark.parametrize(
    "name",
    ["pytorch_model.bin", "model-00001.pth", "model.pt", "last.ckpt", "model.pkl", "pytorch_model-00001-of-2.bin"],
)
def test_a_pickle_is_never_opened(tmp_path: Path, name: str) -> None:
    write_config(tmp_path)
    (tmp_path / name).write_bytes(b"\x80")
    (tmp_path / ("args.bin" if "model" in name else "z.bin")).write_bytes(b"\x80")  # a model goes before its trifles
    reason = f"{name} is a pickle, which can run code and is never opened; {CONVERT}"
    assert refusal(tmp_path) == f"F: {reason}"
    assert refusal(tmp_path / name) == f"F/{name}: {reason}"


@pytest.mark.parametrize(("name", "framework"), [("tf_model.h5", "TensorFlow"), ("flax_model.msgpack", "Flax")])
def test_weights_of_other_frameworks_are_refused(tmp_path: Path, name: str, framework: str) -> None:
    (tmp_path / name).write_bytes(b"\x80")
    reason = f"{name} holds weights of {framework}, which are not read; {CONVERT}"
    assert refusal(tmp_path) == f"F: {reason}"
    assert refusal(tmp_path / name) == f"F/{name}: {reason}"


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"?")
    assert refusal(tmp_path / "model.onnx") == (
        "F/model.onnx: no safetensors file; model.safetensors, or model.safetensors.index.json "
        "with its shards, or a .gguf file, is needed."
    )


def test_one_of_several_models_in_a_folder_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    (tmp_path / "one.safetensors").write_bytes(b"")
    (tmp_path / "two.safetensors").write_bytes(b"")
    assert refusal(tmp_path) == "F: has no model.safetensors but one.safetensors; give the path of that file."
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    assert refusal(tmp_path) == "F: has 2 .gguf files (a.gguf, b.gguf); give the path of one of them."


@pytest.mark.parametrize("path", ["x" * 300, "x\0y", "config.json/x"])
def test_an_impossible_path_is_refused(whole: Path, path: str) -> None:
    with pytest.raises(SourceError, match=r"x+.*: cannot be opened \(.+\); a model that can be read is needed\.$"):
        Checkpoint.open(whole / path)


@pytest.mark.parametrize("kept", [0, 5, 200, -1])
def test_a_cut_off_file_is_refused(whole: Path, kept: int) -> None:
    path = whole / "model.safetensors"
    content = path.read_bytes()[:kept]
    path.write_bytes(content)
    reason = (
        {200: "header"}.get(kept, "header too small") if kept >= 0 else "incomplete metadata, file not fully covered"
    )
    message = refusal(whole)
    assert message.startswith(f"F/model.safetensors: is cut off or no safetensors file ({len(content)} bytes; ")
    assert message.endswith("); a whole one is needed.")
    assert reason in message


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b'{"a": ', "invalid JSON in header"),
        (b"\xff\xff", "invalid UTF-8 in header"),
        (b'{"a": {"dtype": "Q9", "shape": [4], "data_offsets": [0, 16]}}', "unknown variant `Q9`"),
        (b'{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 12]}}', "invalid shape, data type, or offset"),
        (b'{"a": {"dtype": "F32", "shape": [1099511627776, 1099511627776], "data_offsets": [0, 16]}}', "overflow"),
    ],
)
def test_a_broken_header_is_named(whole: Path, header: bytes, reason: str) -> None:
    (whole / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(16))
    assert reason in refusal(whole)


def test_flipped_bytes_of_a_header_end_in_one_message_or_none(whole: Path) -> None:
    path = whole / "model.safetensors"
    content = path.read_bytes()
    choose, refused = random.Random(0), 0
    for _ in range(400):
        broken = bytearray(content)
        broken[choose.randrange(8 + int.from_bytes(content[:8], "little"))] = choose.randrange(256)
        path.write_bytes(bytes(broken))
        try:
            checkpoint = Checkpoint.open(whole)
            for name in checkpoint.names:
                checkpoint.slice(name)
        except SourceError:
            refused += 1
    assert 100 < refused < 400


def test_a_folder_in_place_of_the_weights_is_refused(whole: Path) -> None:
    (whole / "model.safetensors").unlink()
    (whole / "model.safetensors").mkdir()
    assert refusal(whole) == "F/model.safetensors: cannot be read (Is a directory); a readable file is needed."


@pytest.mark.parametrize("denied", ["model.safetensors", "config.json"])
def test_a_file_that_may_not_be_read_is_named(whole: Path, denied: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of_path = Path.open

    def deny(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == denied:
            raise PermissionError(13, "Permission denied", str(path))
        return of_path(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", deny)  # the superuser, as whom tests may run, is denied nothing
    assert refusal(whole) == f"F/{denied}: cannot be read (Permission denied); a readable file is needed."


# Shards.


def test_shards_without_an_index_are_refused(sharded: Path) -> None:
    (sharded / "model.safetensors.index.json").unlink()
    assert refusal(sharded) == (
        "F: has shards, such as model-00001-of-00002.safetensors, but no model.safetensors.index.json; "
        "the model's own is needed."
    )


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


@pytest.mark.parametrize("name", ["../x.safetensors", "/etc/x.safetensors", "a/../../x", "..\\x", "C:\\x", ""])
def test_an_index_that_leaves_its_folder_is_refused(sharded: Path, name: str) -> None:
    save_file(WEIGHTS, sharded.parent / "x.safetensors")
    (sharded / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"model.norm.weight": name}}))
    assert refusal(sharded) == (
        f"F/model.safetensors.index.json, weight_map: names the file {name!r}; "
        "a file in the index's own folder is needed."
    )


def test_a_cut_off_shard_is_named(sharded: Path) -> None:
    shard = sharded / "model-00002-of-00002.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    assert refusal(sharded).startswith("F/model-00002-of-00002.safetensors: is cut off or no safetensors file (")
