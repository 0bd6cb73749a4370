"""A GGUF model in several files is opened as the same model in one; what does not belong together is named."""

import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_parts import NEEDED, open_parts
from mmviz.values.model.model import Model
from mmviz.values.origin.locate import model_title
from mmviz.values.reference.comparison import compare
from tests.values.gguf_writer import in_parts, write_gguf
from tests.values.variants import load_reference, save_variant

TOKENS = (3, 1, 4, 1, 5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_variant(tmp_path_factory.mktemp("variant"), "qwen3")
    path = tmp_path_factory.mktemp("whole") / "tiny.gguf"
    in_parts(write_gguf(path, load_reference(folder)), 10)
    return path


@pytest.fixture
def parts(whole: Path, tmp_path: Path) -> list[Path]:
    shutil.copytree(whole.parent / "parts", tmp_path / "parts")
    return sorted((tmp_path / "parts").iterdir())


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    return str(caught.value).replace(str(path if path.is_dir() else path.parent), "F")


def changed(path: Path, key: str, layout: str, value: int) -> None:
    """With another number at a key of the file."""
    content = bytearray(path.read_bytes())
    place = content.index(key.encode()) + len(key) + 4
    struct.pack_into(layout, content, place, value)
    path.write_bytes(content)


def test_any_part_and_their_folder_open_the_model_that_they_are_together(whole: Path, parts: list[Path]) -> None:
    logits = Model(Checkpoint.open(whole), "cpu").activation(TOKENS, "logits")
    assert len(parts) == 4
    for path in (parts[0], parts[2], parts[0].parent):
        one, several = Checkpoint.open(whole), Checkpoint.open(path)
        assert (several.config, several.names, several.files) == (one.config, one.names, tuple(parts))
        assert (several.path, several.where) == (path, parts[0])
        for name in one.names:
            assert torch.equal(several.slice(name), one.slice(name)), name
        assert several.bytes_read == one.bytes_read
        assert torch.equal(Model(several, "cpu").activation(TOKENS, "logits"), logits)
        several.release()
    assert model_title(str(parts[0]), Path()) == "tiny"


def test_transformers_computes_with_our_numbers_as_it_does_not_read_them(parts: list[Path]) -> None:
    found = compare(Model(Checkpoint.open(parts[0]), "cpu"), TOKENS)
    why = f"transformers {transformers.__version__} does not read a GGUF file in 4 parts"
    assert (found.handed_over, found.exceeding) == (why, ())


def test_a_model_of_one_file_is_no_part(whole: Path) -> None:
    assert open_parts(whole).paths == (whole,)


def test_a_message_about_a_weight_names_the_part_that_it_lies_in(parts: list[Path]) -> None:
    content = bytearray(parts[3].read_bytes())
    name = b"output_norm.weight" if b"output_norm.weight" in content else b"blk.2.ffn_down.weight"
    assert name in content
    place = content.index(name) + len(name)
    axes = struct.unpack_from("<I", content, place)[0]
    struct.pack_into("<Q", content, place + 4 + 8 * axes + 4, 1 << 40)  # where its numbers begin
    parts[3].write_bytes(content)
    assert refusal(parts[0]).startswith(f"F/{parts[3].name}, {name.decode()}: is cut off (")


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ((1,), "tiny-00002-of-00004.gguf is"),
        ((1, 3), "tiny-00002-of-00004.gguf and tiny-00004-of-00004.gguf are"),
        ((1, 2, 3), "tiny-00002-of-00004.gguf, tiny-00003-of-00004.gguf and tiny-00004-of-00004.gguf are"),
    ],
)
def test_parts_that_are_missing_are_named(parts: list[Path], missing: tuple[int, ...], said: str) -> None:
    for number in missing:
        parts[number].unlink()
    message = f"F/tiny-00001-of-00004.gguf: is one of 4 parts of a model, and {said} not beside it; {NEEDED}"
    assert refusal(parts[0]) == refusal(parts[0].parent) == message


def test_of_many_missing_parts_three_are_named(parts: list[Path]) -> None:
    changed(parts[0], "split.count", "<H", 9)
    path = parts[0].rename(parts[0].with_name("m-00001-of-00009.gguf"))
    assert re.search(r"and m-00002.*, m-00003.*, m-00004-of-00009.gguf and 5 more are not beside it", refusal(path))


def called_otherwise(parts: list[Path]) -> Path:
    return parts[0].rename(parts[0].with_name("blob"))


def called_one_of_five(parts: list[Path]) -> Path:
    return parts[0].rename(parts[0].with_name("tiny-00001-of-00005.gguf"))


def third_as_second(parts: list[Path]) -> Path:
    shutil.copy(parts[2], parts[1])
    return parts[0]


def third_twice(parts: list[Path]) -> Path:
    third_as_second(parts)
    changed(parts[1], "split.no", "<H", 1)
    return parts[0]


def too_few_tensors(parts: list[Path]) -> Path:
    changed(parts[0], "split.tensors.count", "<i", 77)
    return parts[0]


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (called_otherwise, "blob: is one of 4 parts of a model, but is not called so, as name-00001-of-00004.gguf"),
        (
            called_one_of_five,
            "tiny-00001-of-00005.gguf: is one of 4 parts of a model, but is not called so, as name-00001-of-00004.gguf",
        ),
        (
            third_as_second,
            "tiny-00002-of-00004.gguf: says that it is part 2 of 4, counted from 0, and its name another",
        ),
        (third_twice, "tiny-00003-of-00004.gguf, NAME: is in tiny-00002-of-00004.gguf, too"),
        (too_few_tensors, "tiny-00001-of-00004.gguf, split.tensors.count: is 77, but the parts hold 36"),
    ],
)
def test_what_does_not_belong_together_is_named(
    parts: list[Path], spoiled: Callable[[list[Path]], Path], message: str
) -> None:
    found = re.sub(r", (blk|output|token)[\w.]+:", ", NAME:", refusal(spoiled(parts)))
    assert found == f"F/{message}; {NEEDED}"
