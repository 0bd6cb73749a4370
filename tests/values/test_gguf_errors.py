import random
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from transformers import AutoModelForCausalLM, LlamaConfig

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_architectures import ARCHITECTURES
from mmviz.values.text.tokens import has_tokenizer, open_tokenizer
from tests.values.gguf_writer import finish, rewritten, write_gguf
from tests.values.variants import LLAMA3, silently

TINY = LlamaConfig(
    vocab_size=64,
    hidden_size=64,
    intermediate_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    rope_parameters=LLAMA3,
)
LETTERS = [chr(letter) for letter in range(ord("!"), ord("!") + 56)]
MERGES = [f"{left} {right}" for left, right in zip("abcd", "efgh", strict=True)]
VOCABULARIES: dict[str, dict[str, Any]] = {
    "gpt2": {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": [
            *(chr(letter) for letter in range(ord("A"), ord("A") + 59)),
            "ae",
            "bf",
            "cg",
            "dh",
            "Ġ",
        ],
        "tokenizer.ggml.token_type": [1] * 64,
        "tokenizer.ggml.merges": MERGES,
    },
    "llama": {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": ["<unk>", "<s>", "</s>", "▁", "a", "▁a", *LETTERS[:56], "ab", "▁ab"],
        "tokenizer.ggml.scores": [0.0, 0.0, 0.0, *(-1.0 * number for number in range(61))],
        "tokenizer.ggml.token_type": [2, 3, 3, *[1] * 61],
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return write_gguf(tmp_path / "m.gguf", silently(AutoModelForCausalLM.from_config, TINY), "Q4_0")


def refusal(path: Path, act: Callable[[Path], object] = Checkpoint.open) -> str:
    with pytest.raises(SourceError) as raised:
        act(path)
    return str(raised.value).replace(str(path), "F")


def test_what_is_no_gguf_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"")
    assert refusal(path) == "F: is empty; a .gguf file is needed."
    path.write_bytes(b"PK\3\4 and more")
    assert refusal(path) == "F: does not begin with GGUF; a .gguf file is needed."
    path.write_bytes(b"GGUF")
    assert refusal(path) == "F: is cut off, at byte 4; a whole .gguf file is needed."


@pytest.mark.parametrize(
    ("version", "found"),
    [
        (struct.pack("<I", 1), "is of GGUF version 1"),
        (struct.pack("<I", 4), "is of GGUF version 4"),
        (struct.pack(">I", 3), "is written for big-endian machines"),
    ],
)
def test_another_version_is_refused(file: Path, version: bytes, found: str) -> None:
    file.write_bytes(b"GGUF" + version + file.read_bytes()[8:])
    assert refusal(file) == f"F: {found}; version 2 or 3, little-endian, is needed."


def test_version_2_is_read_as_version_3_is(file: Path) -> None:
    newer = Checkpoint.open(file)
    older_file = file.with_name("older.gguf")
    older_file.write_bytes(b"GGUF" + struct.pack("<I", 2) + file.read_bytes()[8:])
    older = Checkpoint.open(older_file)
    assert older.config == newer.config
    assert all(torch.equal(older.slice(name), newer.slice(name)) for name in newer.names)


def test_a_file_that_cannot_be_read_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert refusal(file) == "F: cannot be read (Permission denied); a readable file is needed."


@pytest.mark.parametrize(
    ("added", "dropped", "message"),
    [
        (
            {"general.architecture": "rwkv6"},
            "$^",
            f"F, general.architecture: 'rwkv6' is not supported; {', '.join(ARCHITECTURES)} are.",
        ),
        ({}, "block_count", "F, llama.block_count: is missing; a whole number from 1 up is needed."),
        ({}, "embedding_length", "F, llama.embedding_length: is missing; a whole number from 1 up is needed."),
        ({}, "context_length", "F, llama.context_length: is missing; a whole number from 1 up is needed."),
        ({}, "feed_forward", "F, llama.feed_forward_length: is missing; a whole number from 1 up is needed."),
        ({}, "rms_epsilon", "F, llama.attention.layer_norm_rms_epsilon: is missing; a number above 0 is needed."),
        (
            {"llama.attention.head_count": [4, 4]},
            "$^",
            "F, llama.attention.head_count: is [4, 4]; a whole number from 1 up is needed.",
        ),
        (
            {"llama.attention.head_count": 0},
            "$^",
            "F, llama.attention.head_count: is 0; a whole number from 1 up is needed.",
        ),
        (
            {"llama.rope.freq_base": float("nan")},
            "$^",
            "F, llama.rope.freq_base: is nan; a number above 0 is needed.",
        ),
        (
            {"llama.block_count": 4000000000},
            "$^",
            "F, llama.block_count: is 4000000000, but the file has the weights of 2 layers.",
        ),
        (
            {"llama.attention.head_count": 5},
            "$^",
            "F, blk.0.attn_q.weight: has 64 rows; 5 heads of an even size are needed.",
        ),
        (
            {"llama.rope.scaling.type": "yarn"},
            "$^",
            "F, llama.rope.scaling.type: is 'yarn' beside rope_freqs.weight; only one of them can hold.",
        ),
        ({"general.alignment": 48}, "$^", "F, general.alignment: is 48; a power of 2 is needed."),
        (
            {"split.count": 3},
            "$^",
            "F: is one of 3 parts of a model, but is not called so, as name-00001-of-00003.gguf; all parts of one "
            "model, side by side, are needed.",
        ),
        ({"split.count": 100_000}, "$^", "F, split.count: is 100000; a whole number from 1 to 99999 is needed."),
        ({"split.count": "x"}, "$^", "F, split.count: is 'x'; a whole number from 1 to 99999 is needed."),
        ({}, "token_embd", "F: has no token_embd.weight, the embedding; a whole model is needed."),
    ],
)
def test_broken_metadata_are_named(file: Path, added: dict[str, Any], dropped: str, message: str) -> None:
    if "general.architecture" in added:
        writer = gguf.GGUFWriter(str(file), added["general.architecture"])
        writer.add_tensor("token_embd.weight", np.zeros((2, 2), np.float32))
        finish(writer)
        assert refusal(file) == message
    else:
        assert refusal(rewritten(file, {}, added, dropped)) == message


def test_linear_scaling_and_factors_multiply(file: Path) -> None:
    plain = Checkpoint.open(file).config["rope_parameters"]
    scaled = Checkpoint.open(rewritten(file, {}, {"llama.rope.scaling.factor": 2.0})).config["rope_parameters"]
    assert scaled["factors"] == [2 * factor for factor in plain["factors"]]


@pytest.mark.parametrize("factors", [[1.0, -1.0], [1.0, float("inf")], [[1.0, 1.0]]])
def test_broken_rotary_factors_are_named(file: Path, factors: list[Any]) -> None:
    path = rewritten(file, {"rope_freqs.weight": (np.array(factors, np.float32), Kind.F32)})
    assert refusal(path) == (
        "F, rope_freqs.weight: is broken; a vector of divisors of rotary frequencies, all above 0, is needed."
    )


# Tensors that cannot be read; the others still can.


@pytest.mark.parametrize("kind", ["Q8_1", "Q8_K"])
def test_a_quantization_that_cannot_be_undone_is_named_when_it_is_read(file: Path, kind: str) -> None:
    block, size = gguf.GGML_QUANT_SIZES[Kind[kind]]
    blocks = np.zeros((4, 256 // block * size), np.uint8)
    checkpoint = Checkpoint.open(rewritten(file, {"blk.0.odd.weight": (blocks, Kind[kind])}))
    assert checkpoint.shape("blk.0.odd.weight") == (4, 256)
    message = (
        f"{checkpoint.path}, blk.0.odd.weight: is quantized as {kind}, which the gguf package cannot undo; "
        "another quantization, such as Q8_0, is needed."
    )
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        checkpoint.slice("blk.0.odd.weight")
    checkpoint.slice("model.norm.weight")


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (
            np.zeros((2, 2, 2), np.float32),
            "F, odd: has 3 axes; a vector or a matrix is needed.",
        ),
        (
            np.zeros((2, 2), np.int32),
            "F, odd: is stored as I32; F64, F32, F16, BF16 or a quantization is needed.",
        ),
    ],
)
def test_what_is_no_matrix_of_numbers_is_named_when_it_is_read(file: Path, odd: Any, message: str) -> None:
    path = rewritten(file, {"odd": (odd, Kind.F32 if odd.dtype == np.float32 else Kind.I32)})
    assert refusal(path, lambda file: Checkpoint.open(file).slice("odd")) == message


def test_an_unknown_weight_is_answered_with_close_names(file: Path) -> None:
    message = f"{file}: has no weight 'model.norms.weight'; close names: model.norm.weight, "
    with pytest.raises(SourceError, match=f"^{re.escape(message)}"):
        Checkpoint.open(file).slice("model.norms.weight")


def patched(file: Path, find: bytes, offset: int, replacement: bytes) -> Path:
    content = bytearray(file.read_bytes())
    start = content.index(find) + offset
    content[start : start + len(replacement)] = replacement
    file.write_bytes(bytes(content))
    return file


def test_a_broken_table_of_tensors_is_named(file: Path) -> None:
    name = b"blk.0.attn_q.weight"  # then: axes (4 bytes), 2 sizes (8 bytes each), type (4 bytes), offset (8 bytes)
    whole = file.read_bytes()
    for offset, replacement, message in [
        (0, b"blk.1", "F, blk.1.attn_q.weight: is there twice; a whole .gguf file is needed."),
        (len(name), struct.pack("<I", 5), "F: has a tensor of 5 axes, 'blk.0.attn_q.weight', at byte "),
        (
            len(name) + 4,
            struct.pack("<Q", 65),
            "F, blk.0.attn_q.weight: is 64 by 65; as Q4_0, rows of a multiple of 32 numbers are needed.",
        ),
        (
            len(name) + 4,
            struct.pack("<Q", 0),
            "F, blk.0.attn_q.weight: is 64 by 0; as Q4_0, rows of a multiple of 32 numbers are needed.",
        ),
        (len(name) + 12, struct.pack("<Q", 2**60), "F, blk.0.attn_q.weight: is cut off (it ends at byte "),
        (
            len(name) + 20,
            struct.pack("<I", 4),
            "F, blk.0.attn_q.weight: is of the unknown type 4; one that the gguf package knows is needed.",
        ),
        (len(name) + 24, struct.pack("<Q", 2**63), "F, blk.0.attn_q.weight: is cut off (it ends at byte "),
        (0, b"\xff", "F: has a tensor's name that is no UTF-8, at byte "),
    ]:
        file.write_bytes(whole)
        assert refusal(patched(file, name, offset, replacement)).startswith(message)


def test_broken_values_are_named(file: Path) -> None:
    key = b"llama.block_count"  # then: type (4 bytes), value
    whole = file.read_bytes()
    for kind, message in [
        (struct.pack("<I", 77), "F: has the unknown value type 77 at 'llama.block_count', at byte "),
        (
            struct.pack("<IIQ", 9, 9, 1),
            "F: has an array of the unknown element type 9 at 'llama.block_count', at byte ",
        ),
        (struct.pack("<IIQ", 9, 0, 2**60), f"F: is cut off or broken (announces {2**60} entries), at byte "),
        (struct.pack("<IQ", 8, 2**60), f"F: is cut off or broken (announces {2**60} entries), at byte "),
    ]:
        file.write_bytes(whole)
        assert refusal(patched(file, key, len(key), kind)).startswith(message)
    file.write_bytes(whole)
    twice = patched(file, b"llama.rope.freq_base", 0, b"llama.context_length")
    assert refusal(twice).startswith("F: has the metadata key 'llama.context_length' twice, at byte ")


# Whatever the bytes, there is one message, soon.


def use(path: Path) -> None:
    """Everything that can be asked of a file; a part that is refused does not hide the next."""
    checkpoint = Checkpoint.open(path)
    for name in checkpoint.names:
        read = checkpoint.slice(name)
        assert read.shape == checkpoint.shape(name)
    if has_tokenizer(checkpoint):
        tokenizer = open_tokenizer(checkpoint)
        assert "\ufffd" not in "".join(tokenizer.strings(range(tokenizer.size)))
        tokenizer.encode("a ab é")


def outcome(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    try:
        use(path)
    except SourceError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_file_that_is_cut_off_anywhere_is_refused(file: Path, vocabulary: str) -> None:
    path = rewritten(file, {}, VOCABULARIES[vocabulary])
    use(path)
    whole = path.read_bytes()
    header = whole.index(b"blk.1.ffn_up.weight")
    for kept in (*range(0, header, 41), *range(header, len(whole), 3001), len(whole) - 40):
        assert outcome(path, whole[:kept]), kept


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_end_in_one_message_or_none(file: Path, vocabulary: str, seed: int) -> None:
    path = rewritten(file, {}, VOCABULARIES[vocabulary])
    whole = path.read_bytes()
    header = whole.index(b"blk.1.ffn_up.weight") + 60
    choose = random.Random(seed)
    messages = set()
    for _ in range(75):
        content = bytearray(whole)
        for _ in range(choose.choice([1, 1, 2, 4])):
            place = choose.randrange(header)
            width = choose.choice([1, 1, 4, 8])
            content[place : place + width] = choose.choice([choose.randbytes(width), b"\xff" * width, b"\0" * width])
        messages.add(outcome(path, bytes(content)))
    assert len(messages) > 10  # the bytes that were changed do matter
