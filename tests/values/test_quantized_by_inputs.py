"""Files of GPTQ and AWQ are decoded as GPT-QModel decodes them, in any part and in models; others are refused."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.reports.model_report import model_report
from mmviz.reports.verification import Wish, model_verification
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.awq import BACKENDS
from mmviz.values.quantized.bits import unpacked, words_of
from mmviz.values.quantized.by_inputs import Groups, IntegersByInputs, ZeroPoints
from mmviz.values.quantized.conv1d import Transposed, has_conv1d
from mmviz.values.quantized.gptq import WIDTHS
from tests.values.quantized_models import GROUPED, TOKENS, most_off, save_quantized, save_with
from tests.values.recorded_weights import W, X, recorded

RECORDED = recorded("gptq_awq")
SAID, TENSORS, stored = RECORDED.said, RECORDED.tensors, RECORDED.stored
expected = RECORDED.expected
INT3, INT4, BORROWED, ORDERED, BY_ROW, AWQ = 1, 2, 10, 12, 14, 15
"""Cases that are changed below."""


def saved(folder: Path, tensors: Mapping[str, Tensor], said: Mapping[str, Any]) -> Path:
    save_file(dict(tensors), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"quantization_config": said}))
    return folder


@pytest.mark.parametrize("case", range(len(SAID)))
def test_any_part_is_what_the_package_makes_of_the_whole(tmp_path: Path, case: int) -> None:
    checkpoint = Checkpoint.open(saved(tmp_path, stored(case), SAID[case]))
    assert checkpoint.names == (W,)
    assert checkpoint.shape(W) == (32, 64)
    for rows in (None, slice(3, 4), slice(7, 18)):
        for columns in (None, slice(9, 10), slice(5, 40), slice(33, 64)):
            part = checkpoint.slice(W, rows, columns)
            assert part.dtype == torch.float32
            assert torch.equal(part, expected(case)[rows or slice(None), columns or slice(None)])
    assert checkpoint.stored_bytes(W) == sum(each.nbytes for each in stored(case).values())


def test_every_width_and_format_is_held_against_the_package() -> None:
    formats = {(said["bits"], said["checkpoint_format"]) for said in SAID if said["quant_method"] == "gptq"}
    assert formats == {(bits, form) for bits in WIDTHS for form in ("gptq", "gptq_v2")}
    assert sum(said.get("desc_act", False) for said in SAID) == 2


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (INT3, "GPTQ INT3 (groups of 32)"),
        (BY_ROW, "GPTQ INT4 (a scale a row)"),
        (AWQ, "AWQ INT4 (groups of 32)"),
    ],
)
def test_what_a_weight_is_stored_as_is_said_in_short(tmp_path: Path, case: int, kind: str) -> None:
    assert Checkpoint.open(saved(tmp_path, stored(case), SAID[case])).dtype(W) == kind


def test_inputs_lie_side_by_side_where_no_tensor_says_in_which_group_they_are(tmp_path: Path) -> None:
    tensors = stored(INT4)
    del tensors[f"{X}.g_idx"]
    assert torch.equal(Checkpoint.open(saved(tmp_path, tensors, SAID[INT4])).slice(W), expected(INT4))


def test_modules_with_other_bits_and_groups_are_told_by_their_tensors(tmp_path: Path) -> None:
    other = {name.replace("up_proj", "down_proj"): each for name, each in stored(BY_ROW).items()}
    said = {**SAID[INT3], "dynamic": {r"+:.*\.down_proj": {"bits": 4, "group_size": 64}, "-:lm_head": {}}}
    checkpoint = Checkpoint.open(saved(tmp_path, {**stored(INT3), **other}, said))
    down = W.replace("up_proj", "down_proj")
    assert torch.equal(checkpoint.slice(W), expected(INT3))
    assert torch.equal(checkpoint.slice(down), expected(BY_ROW))
    assert checkpoint.dequantized_from == "GPTQ INT4 (a scale a row) and GPTQ INT3 (groups of 32)"


def test_the_name_of_a_format_is_also_read_under_the_newer_key(tmp_path: Path) -> None:
    said = {key: value for key, value in SAID[6].items() if key != "checkpoint_format"}
    newer = saved(tmp_path, stored(6), {**said, "format": "gptq_v2"})
    assert torch.equal(Checkpoint.open(newer).slice(W), expected(6))


def test_layouts_of_awq_may_be_named_in_capitals(tmp_path: Path) -> None:
    said = {**SAID[AWQ], "version": "GEMM", "backend": "autoawq", "modules_to_not_convert": ["lm_head"]}
    assert torch.equal(Checkpoint.open(saved(tmp_path, stored(AWQ), said)).slice(W), expected(AWQ))


def test_of_a_few_rows_no_more_is_read_than_their_own(tmp_path: Path) -> None:
    checkpoint = Checkpoint.open(saved(tmp_path, stored(INT4), SAID[INT4]))
    assert checkpoint.bytes_read == 0
    checkpoint.slice(W, slice(8, 16), slice(0, 32))
    numbers, scales, points, groups = 8 * 32 // 2, 8 * 2, 8 // 2, 32 * 4
    assert checkpoint.bytes_read == numbers + scales + points + groups


def test_numbers_that_lie_across_words_are_taken_apart_from_the_lowest_bits_on() -> None:
    numbers = [(7 * each + each // 5) % 8 for each in range(64)]
    streams = [sum(each << 3 * place for place, each in enumerate(numbers[start : start + 32])) for start in (0, 32)]
    words = [stream >> 32 * place & 0xFFFFFFFF for stream in streams for place in range(3)]
    packed = torch.tensor(words, dtype=torch.int64).to(torch.int32)
    assert unpacked(packed, 3).tolist() == numbers
    assert words_of(range(40, 50), 3) == (range(3, 6), 32)
    assert words_of(range(40, 50), 4) == (range(5, 7), 40)


def test_a_parameter_names_all_tensors_that_it_is_made_of() -> None:
    zeros = ZeroPoints("z", "")
    side_by_side = IntegersByInputs("w", (2, 2), 4, "s", zeros, Groups(2, 1), "")
    assert side_by_side.stored == ("w", "z", "s")
    assert IntegersByInputs("w", (2, 2), 4, "s", zeros, Groups(2, 1, "g"), "").stored == ("w", "z", "s", "g")
    assert Transposed(side_by_side).stored == side_by_side.stored


# In models.


def packed_by_inputs(method: str, plain: dict[str, Tensor], *, turned: bool = False) -> Any:
    """Stores whole numbers at random by their documented layout, in numpy, and keeps what they are in `plain`."""

    def words(numbers: NDArray[Any], order: tuple[int, ...]) -> NDArray[np.int32]:
        padded = np.pad(numbers, ((0, 0), (0, -numbers.shape[1] % 8))).astype(np.uint32)
        by_word = padded.reshape(len(numbers), -1, 8)[..., list(order)]
        packed: NDArray[np.int32] = np.bitwise_or.reduce(by_word << np.arange(0, 32, 4, dtype=np.uint32), -1).view("i4")
        return packed

    def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
        outs, ins = weight.T.shape if turned else weight.shape
        chance = np.random.default_rng(ins * outs)
        numbers, points = chance.integers(0, 16, (ins, outs)), chance.integers(1, 16, (ins // 4, outs))
        scales = chance.uniform(0.002, 0.02, (ins // 4, outs)).astype(np.float16)
        whole = (numbers - points.repeat(4, 0)) * scales.astype(np.float64).repeat(4, 0)
        meant = torch.from_numpy(whole.astype(np.float32))
        plain[name] = meant if turned else meant.T.contiguous()
        straight, bare = tuple(range(8)), name.removesuffix(".weight")
        made: dict[str, NDArray[Any]] = {"scales": scales}
        if method == "awq":
            order = (0, 2, 4, 6, 1, 3, 5, 7)
            made |= {"qweight": words(numbers, order), "qzeros": words(points, order)}
        else:
            made["qweight"] = np.ascontiguousarray(words(numbers.T, straight).T)
            made |= {"qzeros": words(points - 1, straight), "g_idx": np.arange(ins, dtype=np.int32) // 4}
        return {f"{bare}.{part}": torch.from_numpy(each) for part, each in made.items()}

    return quantize


INT4_OF_4 = {"bits": 4, "group_size": 4, "desc_act": False, "sym": False}


@pytest.mark.parametrize(
    ("method", "variant"),
    [("gptq", GROUPED), ("awq", GROUPED), ("gptq", "gpt2"), ("awq", "gpt2"), ("gptq", "qwen3_moe")],
)
def test_a_model_computes_what_transformers_computes_with_what_its_numbers_mean(
    tmp_path: Path, method: str, variant: str
) -> None:
    """Of any family: also in modules of GPT-2, whose weights are stored the other way round, and in experts."""
    meant: dict[str, Tensor] = {}
    pack = packed_by_inputs(method, meant, turned=variant == "gpt2")
    quantized = save_quantized(tmp_path / "packed", {"quant_method": method, **INT4_OF_4}, pack, variant, layers=None)
    assert most_off(quantized, save_with(tmp_path / "plain", meant, variant)) < 1e-5
    checkpoint = Checkpoint.open(quantized)
    assert len(meant) >= 4
    for name, weight in meant.items():
        assert torch.equal(checkpoint.slice(name), weight)
        assert torch.equal(checkpoint.slice(name, slice(3, 9), slice(2, 11)), weight[3:9, 2:11])


def test_only_modules_that_are_stored_by_inputs_are_turned() -> None:
    assert [has_conv1d({"model_type": name}) for name in ("gpt2", "gpt_bigcode", "gpt_neo", "starcoder2")] == [
        True,
        False,
        False,
        False,
    ]
    assert has_conv1d({"architectures": ["GPT2LMHeadModel"]})
    assert not has_conv1d({"architectures": ["GPTBigCodeForCausalLM"]})


def test_a_picture_says_from_what_weights_were_dequantized(tmp_path: Path) -> None:
    folder = save_quantized(tmp_path, {"quant_method": "gptq", **INT4_OF_4}, packed_by_inputs("gptq", {}))
    scene = head_scene(Reading(str(folder), tokens=TOKENS), 1, 2)
    assert scene.composition.subtitle.startswith("dequantized from GPTQ INT4 (groups of 4)   ·   ")
    assert scene.sources.sizes.dequantized_from == "GPTQ INT4 (groups of 4)"
    assert model_report(str(folder))["quantized_by"] == "gptq"


def test_transformers_computes_with_our_numbers_as_the_package_that_it_needs_rounds(tmp_path: Path) -> None:
    folder = save_quantized(tmp_path, {"quant_method": "awq", **INT4_OF_4}, packed_by_inputs("awq", {}))
    report = model_verification(Wish(str(folder), tokens=TOKENS))
    assert report["ok"]
    assert report["why_decoding_is_not_compared"] == (
        f"transformers {version('transformers')} needs another package for weights that are stored as awq, which "
        "rounds them"
    )


# What is refused.


@pytest.mark.parametrize(
    ("case", "said", "message"),
    [
        (INT4, {"bits": 5}, "bits: is 5; one of 2, 3, 4, 8 is needed."),
        (INT4, {"bits": None}, "bits: is missing; a whole number from 1 up is needed."),
        (INT4, {"group_size": 0}, "group_size: is 0; a whole number from 1 up is needed."),
        (
            INT4,
            {"checkpoint_format": "marlin"},
            "checkpoint_format: 'marlin' is not supported; one of gptq, gptq_v2 is needed.",
        ),
        (
            INT4,
            {"checkpoint_format": None, "format": "gptq_p"},
            "format: 'gptq_p' is not supported; one of gptq, gptq_v2 is needed.",
        ),
        (INT4, {"is_marlin_format": True}, "is_marlin_format: True is not supported; False is needed."),
        (INT4, {"pack_dtype": "int64"}, "pack_dtype: 'int64' is not supported; 'int32' is needed."),
        (
            INT4,
            {"adapter": {"rank": 8}},
            "adapter: {'rank': 8} is not supported; None is needed.",
        ),
        (
            INT4,
            {"codebook": 1},
            "codebook: is 1; weights stored as gptq have no such key that is known here, and it may change them.",
        ),
        (AWQ, {"bits": 8}, "bits: 8 is not supported; 4 is needed."),
        (AWQ, {"version": "gemv"}, "version: 'gemv' is not supported; one of gemm, GEMM is needed."),
        (AWQ, {"version": "gemv_fast"}, "version: 'gemv_fast' is not supported; one of gemm, GEMM is needed."),
        (AWQ, {"version": None, "format": "gemv"}, "format: 'gemv' is not supported; one of gemm, GEMM is needed."),
        (
            AWQ,
            {"backend": "llm-awq"},
            f"backend: 'llm-awq' is not supported; one of {', '.join(BACKENDS)} is needed.",
        ),
    ],
)
def test_a_configuration_that_is_not_understood_is_refused(
    tmp_path: Path, case: int, said: Mapping[str, Any], message: str
) -> None:
    saved(tmp_path, stored(case), {**SAID[case], **said})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'config.json'}, quantization_config, {message}"


@pytest.mark.parametrize(
    ("case", "change", "message"),
    [
        (
            INT4,
            {"scales": None},
            f"{X}.qweight: is packed, and {X}.scales is not there; {X}.qweight, {X}.qzeros, {X}.scales are needed.",
        ),
        (
            AWQ,
            {"qzeros": None},
            f"{X}.qweight: is packed, and {X}.qzeros is not there; {X}.qweight, {X}.qzeros, {X}.scales are needed.",
        ),
        (
            ORDERED,
            {"g_idx": None},
            f"{X}.qweight: its order, {X}.g_idx, is not there; it is needed, as desc_act says that inputs are in "
            "another one.",
        ),
        (INT4, {"scales": torch.ones(3, 32).half()}, f"{X}.scales: is 3x32; 2x32 is needed."),
        (INT4, {"scales": torch.ones(32).half()}, f"{X}.scales: is 32; a matrix is needed."),
        (
            INT4,
            {"scales": torch.ones(2, 32, dtype=torch.int8)},
            f"{X}.scales: is stored as I8; F16 or BF16 or F32 is needed.",
        ),
        (INT4, {"qzeros": torch.ones(2, 5, dtype=torch.int32)}, f"{X}.qzeros: is 2x5; 2x4 is needed."),
        (INT4, {"qzeros": torch.ones(2, 4)}, f"{X}.qzeros: is stored as F32; I32 is needed."),
        (
            INT4,
            {"g_idx": torch.zeros(48, dtype=torch.int32)},
            f"{X}.qweight: is 8x32; 6 words of 4 bits a column are needed for 48 inputs.",
        ),
        (
            INT3,
            {"qweight": torch.ones(7, 32, dtype=torch.int32), "g_idx": None},
            f"{X}.qweight: is 7x32; 9 words of 3 bits a column are needed for 74 inputs.",
        ),
        (
            INT4,
            {"g_idx": torch.zeros(64)},
            f"{X}.g_idx: is 64 as F32; one number a column, as I32, is needed.",
        ),
        (AWQ, {"qweight": torch.ones(64, 5, dtype=torch.int32)}, f"{X}.qweight: is 64x5; 64x4 is needed."),
        (
            AWQ,
            {"weight": torch.ones(32, 64)},
            f"{W}: is there, and made of {X}.qweight, {X}.qzeros, {X}.scales, too; one of both is needed.",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused(tmp_path: Path, case: int, change: dict[str, Any], message: str) -> None:
    tensors = stored(case) | {f"{X}.{name}": each for name, each in change.items()}
    saved(tmp_path, {name: each for name, each in tensors.items() if each is not None}, SAID[case])
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'model.safetensors'}, {message}"


@pytest.mark.parametrize("case", [BORROWED, 9])
def test_a_zero_point_that_programs_read_in_two_ways_is_refused(tmp_path: Path, case: int) -> None:
    """Of 0 one less is stored: GPT-QModel says that it wrote the file and means 0; AutoGPTQ made 16 of it."""
    said = {**SAID[case], "meta": {"quantizer": ["optimum:1.16.0", "auto_gptq:0.7.1"]}}
    checkpoint = Checkpoint.open(saved(tmp_path, stored(case), said))
    largest = (1 << SAID[case]["bits"]) - 1
    with pytest.raises(SourceError) as caught:
        checkpoint.slice(W)
    assert str(caught.value) == (
        f"{tmp_path / 'model.safetensors'}, {X}.qzeros: has a zero point that is stored as {largest}, of which "
        f"programs make {largest + 1}, or 0; one less is needed."
    )


@pytest.mark.parametrize("wrong", [-1, 2])
def test_a_group_that_is_not_there_is_refused(tmp_path: Path, wrong: int) -> None:
    order = torch.arange(64, dtype=torch.int32) // 32
    order[7] = wrong
    checkpoint = Checkpoint.open(saved(tmp_path, stored(INT4) | {f"{X}.g_idx": order}, SAID[INT4]))
    with pytest.raises(SourceError) as caught:
        checkpoint.slice(W)
    assert str(caught.value) == (
        f"{tmp_path / 'model.safetensors'}, {X}.g_idx: names group {wrong}; the weight has 2, 0 to 1."
    )
