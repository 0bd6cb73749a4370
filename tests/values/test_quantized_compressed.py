"""Files of compressed-tensors are decoded as the package itself decodes them, in any part; others are refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers.quantizers.auto import AutoQuantizationConfig

from mmviz.errors import SourceError
from mmviz.machine.installing import pip_install
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.bits import Packing, fp6, signed, unpacked, unpacked_rows
from mmviz.values.quantized.compressed_tensors import FORMATS
from mmviz.values.quantized.floats import Floats8, PackedFloats
from mmviz.values.quantized.integers import Integers
from mmviz.values.quantized.packed import Packed
from mmviz.values.quantized.scales import Blocks
from mmviz.values.reference import of_quantized
from mmviz.values.reference.of_quantized import why_not_by_itself
from mmviz.values.reference.reference_model import load_reference
from tests.values.quantized_models import minifloats, model_of, save_quantized
from tests.values.recorded_weights import W, X, recorded

RECORDED = recorded("compressed_tensors")
SAID, TENSORS, stored = RECORDED.said, RECORDED.tensors, RECORDED.stored
INT4, ASYMMETRIC, BY_ROW, INT8, FP8, NVFP4 = 1, 4, 7, 9, 13, 16
INT8_PACKED, INT3, INT7, MXFP6 = 2, 19, 22, 31
"""Cases that are changed below."""
GAPS = recorded("compressed_tensors_gaps")


def saved(
    folder: Path, tensors: Mapping[str, Tensor], said: Mapping[str, Any], key: str = "quantization_config"
) -> Path:
    save_file(dict(tensors), folder / "model.safetensors")
    config = {"quant_method": "compressed-tensors", "quantization_status": "compressed", "version": "0.20.1", **said}
    (folder / "config.json").write_text(json.dumps({key: config}))
    return folder


def of_weights(case: int, **keys: Any) -> dict[str, Any]:
    group = SAID[case]["config_groups"]["group_0"]
    return {**SAID[case], "config_groups": {"group_0": {**group, "weights": {**group["weights"], **keys}}}}


@pytest.mark.parametrize("case", range(len(SAID)))
def test_any_part_is_what_the_package_makes_of_the_whole(tmp_path: Path, case: int) -> None:
    expected, checkpoint = TENSORS[f"{case}.expected"], Checkpoint.open(saved(tmp_path, stored(case), SAID[case]))
    assert checkpoint.names == (W,)
    assert checkpoint.shape(W) == tuple(expected.shape)
    rounded = 2**-8 if case in (NVFP4, MXFP6) else 0  # the package's own is in bfloat16
    for rows in (None, slice(3, 4), slice(7, 18)):
        for columns in (None, slice(9, 10), slice(5, 40)):
            part = checkpoint.slice(W, rows, columns)
            assert part.dtype == torch.float32
            theirs = expected[rows or slice(None), columns or slice(None)].float()
            torch.testing.assert_close(part, theirs, rtol=rounded, atol=0)
    assert checkpoint.stored_bytes(W) == sum(each.nbytes for each in stored(case).values())


@pytest.mark.parametrize("case", range(len(GAPS.said)))
def test_of_older_versions_too_which_left_gaps_in_words(tmp_path: Path, case: int) -> None:
    checkpoint = Checkpoint.open(saved(tmp_path, GAPS.stored(case), GAPS.said[case]))
    assert torch.equal(checkpoint.slice(W), GAPS.expected(case))
    assert torch.equal(checkpoint.slice(W, slice(7, 18), slice(5, 40)), GAPS.expected(case)[7:18, 5:40])
    newer = INT3 + case
    assert torch.equal(GAPS.expected(case), TENSORS[f"{newer}.expected"])
    assert GAPS.stored(case)[f"{X}.weight_packed"].shape != stored(newer)[f"{X}.weight_packed"].shape


def test_rows_too_short_to_show_whether_there_are_gaps_are_refused(tmp_path: Path) -> None:
    short = {"weight_packed": torch.zeros(20, 2, dtype=torch.int32), "weight_shape": torch.tensor([20, 20])}
    scale = {"weight_scale": torch.ones(20, 1)}
    tensors = {f"{X}.{name}": each for name, each in (short | scale).items()}
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(saved(tmp_path, tensors, SAID[INT3]))
    assert str(caught.value) == (
        f"{tmp_path / 'model.safetensors'}, {W}_packed: has rows of 2 words, which 20 numbers of 3 bits take with gaps "
        "as well as without; wider rows, which show which it is, are needed."
    )


def test_words_that_fit_two_groups_of_other_bits_are_refused(tmp_path: Path) -> None:
    """As 64 numbers of 7 bits with gaps take as many as of 8."""
    groups = {str(case): SAID[case]["config_groups"]["group_0"] for case in (INT7, INT8_PACKED, INT4)}
    said = {"format": "pack-quantized", "config_groups": groups}
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(saved(tmp_path, stored(INT8_PACKED), said))
    assert str(caught.value) == (
        f"{tmp_path / 'model.safetensors'}, {W}_packed: fits several of config_groups, of 7 with gaps and 8 bits; one "
        "is needed."
    )
    assert torch.equal(Checkpoint.open(saved(tmp_path, stored(INT4), said)).slice(W), TENSORS[f"{INT4}.expected"])


def test_floats_of_6_bits_are_those_of_their_definition() -> None:
    codes = torch.arange(64)
    word = codes[0::4] | codes[1::4] << 6 | codes[2::4] << 12 | codes[3::4] << 18
    triples = torch.stack((word & 255, word >> 8 & 255, word >> 16), -1).reshape(1, -1).to(torch.uint8)
    np.testing.assert_array_equal(fp6(triples).numpy()[0], minifloats(codes, 2, 3, 1))


def test_every_format_that_is_read_is_held_against_the_package() -> None:
    assert {said["format"] for said in SAID} == set(FORMATS) - {"mixed-precision"}


def test_what_a_weight_is_stored_as_is_said_in_short(tmp_path: Path) -> None:
    kinds = {}
    for case in (INT4, ASYMMETRIC, INT8, FP8, NVFP4, INT3, MXFP6):
        kinds[case] = Checkpoint.open(saved(tmp_path, stored(case), SAID[case])).dtype(W)
    assert kinds == {
        INT4: "INT4 (blocks of 32)",
        ASYMMETRIC: "INT4 (blocks of 32, with zero points)",
        INT8: "INT8 (a scale a row)",
        FP8: "FP8 E4M3 (a scale a row)",
        NVFP4: "NVFP4 (blocks of 16)",
        INT3: "INT3 (blocks of 32)",
        MXFP6: "MXFP6 E2M3",
    }


def test_weights_of_several_groups_are_told_apart_by_their_tensors(tmp_path: Path) -> None:
    other = {name.replace("up_proj", "down_proj"): each for name, each in stored(INT4).items()}
    groups = {f"group_{case}": SAID[case]["config_groups"]["group_0"] for case in (FP8, INT4)}
    said = {"format": "mixed-precision", "config_groups": groups}
    checkpoint = Checkpoint.open(saved(tmp_path, {**stored(FP8), **other}, said))
    assert torch.equal(checkpoint.slice(W), TENSORS[f"{FP8}.expected"])
    assert torch.equal(checkpoint.slice(W.replace("up_proj", "down_proj")), TENSORS[f"{INT4}.expected"])


def test_zero_points_of_older_files_that_are_not_packed_are_subtracted(tmp_path: Path) -> None:
    zeros = {f"{X}.weight_zero_point": torch.full((20, 2), 3, dtype=torch.int8)}
    checkpoint = Checkpoint.open(saved(tmp_path, stored(INT4) | zeros, SAID[INT4]))
    scale = stored(INT4)[f"{X}.weight_scale"].repeat_interleave(32, 1)
    expected = (TENSORS[f"{INT4}.expected"] / scale).round() - 3
    assert torch.equal(checkpoint.slice(W), expected * scale)


@pytest.mark.parametrize("case", [INT4, ASYMMETRIC])
def test_columns_may_be_in_groups_of_another_order(tmp_path: Path, case: int) -> None:
    """As actorder: group stored them until compressed-tensors 0.19: the weight in its own order, groups by an index."""
    order = torch.randint(0, 2, (64,), generator=torch.Generator().manual_seed(0), dtype=torch.int32)
    swapped, expected = 1 - order, TENSORS[f"{case}.expected"]
    saved(tmp_path, stored(case) | {f"{X}.weight_g_idx": order}, of_weights(case, actorder="group"))
    one = Checkpoint.open(tmp_path).slice(W)
    saved(tmp_path, stored(case) | {f"{X}.weight_g_idx": swapped}, of_weights(case, actorder="group"))
    other = Checkpoint.open(tmp_path).slice(W)
    side_by_side = torch.arange(64) // 32
    assert torch.equal(torch.where(order == side_by_side, one, other), expected)
    assert torch.equal(Checkpoint.open(tmp_path).slice(W, slice(2, 9), slice(30, 41)), other[2:9, 30:41])
    assert not torch.equal(one, expected)
    unused = torch.full((64,), -1, dtype=torch.int32)
    saved(tmp_path, stored(case) | {f"{X}.weight_g_idx": unused}, SAID[case])
    assert torch.equal(Checkpoint.open(tmp_path).slice(W), expected)


def test_a_group_that_is_not_there_is_refused(tmp_path: Path) -> None:
    order = torch.arange(64, dtype=torch.int32) // 16
    checkpoint = Checkpoint.open(saved(tmp_path, stored(INT4) | {f"{X}.weight_g_idx": order}, SAID[INT4]))
    with pytest.raises(SourceError) as caught:
        checkpoint.slice(W)
    assert str(caught.value) == (
        f"{tmp_path / 'model.safetensors'}, {W}_g_idx: names group 3; the weight has 2, 0 to 1."
    )


def test_the_old_key_of_config_json_says_the_same(tmp_path: Path) -> None:
    said = {**SAID[INT8], "quant_method": None, "sparsity_config": {"format": "dense", "global_sparsity": 0.1}}
    checkpoint = Checkpoint.open(saved(tmp_path, stored(INT8), said, "compression_config"))
    assert torch.equal(checkpoint.slice(W), TENSORS[f"{INT8}.expected"])


def test_of_a_row_no_more_is_read_than_its_own(tmp_path: Path) -> None:
    checkpoint = Checkpoint.open(saved(tmp_path, stored(INT4), SAID[INT4]))
    assert checkpoint.bytes_read == 0  # the shape counts as a part of the header
    checkpoint.slice(W, slice(5, 6), slice(0, 32))
    assert checkpoint.bytes_read == 32 // 2 + 2 * 4  # its numbers, and the scales of a row


def test_numbers_of_few_bits_are_taken_apart_from_the_lowest_bits_on() -> None:
    word = torch.tensor([[0x76543210, -1]], dtype=torch.int32)
    assert unpacked(word, 4).tolist() == [[0, 1, 2, 3, 4, 5, 6, 7, *[15] * 8]]
    assert signed(unpacked_rows(word, 8), 8).tolist() == [
        [0x10 - 128, 127],
        [0x32 - 128, 127],
        [0x54 - 128, 127],
        [0x76 - 128, 127],
    ]
    assert {PackedFloats.__slots__[0], Integers.__slots__[0]} == {"weight"}


def test_every_parameter_names_all_tensors_that_it_is_made_of() -> None:
    scale, other = Blocks("s", (1, 1), (2, 2)), Blocks("z", (1, 1), (2, 2))
    made: list[Packed] = [
        Floats8("w", (2, 2), scale, ""),
        PackedFloats("w", (2, 2), scale, "", other),
        Integers("w", (2, 2), scale, "", Packing(4), other, ("shape",)),
    ]
    assert [each.stored for each in made] == [("w", "s"), ("w", "s", "z"), ("w", "s", "z", "shape")]


@pytest.mark.parametrize(
    ("groups", "key", "why"),
    [
        (
            ("A", "B"),
            "quantization_config",
            "transformers 5 goes by one of the 2 config_groups for all weights outside of experts",
        ),
        (("A",), "compression_config", "transformers 5 does not read weights that are stored as compressed-tensors"),
        (("A",), "quantization_config", f"transformers 5 rounds {W} to bfloat16"),
    ],
)
def test_it_is_told_what_transformers_would_read_otherwise(
    tmp_path: Path, groups: tuple[str, ...], key: str, why: str
) -> None:
    said = {**SAID[NVFP4], "config_groups": dict.fromkeys(groups, SAID[NVFP4]["config_groups"]["group_0"])}
    assert why_not_by_itself(Checkpoint.open(saved(tmp_path, stored(NVFP4), said, key)), "transformers 5") == why


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (INT3, f"transformers 5 reads {W}, of 3 bits, with gaps or without, as its version of compressed-tensors does"),
        (MXFP6, f"transformers 5 reads {W}, of 6 bits, by new versions of compressed-tensors alone"),
    ],
)
def test_it_is_told_what_transformers_reads_by_some_versions_of_the_package(
    tmp_path: Path, case: int, why: str
) -> None:
    assert why_not_by_itself(Checkpoint.open(saved(tmp_path, stored(case), SAID[case])), "transformers 5") == why


@pytest.mark.parametrize("case", [INT4, ASYMMETRIC, INT8, FP8])
def test_what_transformers_reads_as_it_is_stored_it_reads_by_itself(
    tmp_path: Path, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Checkpoint.open(saved(tmp_path, stored(case), SAID[case]))
    monkeypatch.setattr(of_quantized, "find_spec", bool)
    assert why_not_by_itself(checkpoint, "transformers 5") == ""
    monkeypatch.setattr(of_quantized, "find_spec", {"compressed_tensors": None}.get)
    assert why_not_by_itself(checkpoint, "transformers 5") == (
        "transformers 5 needs compressed-tensors>=0.15 to read them, which is not there "
        f"({pip_install('compressed-tensors>=0.15')})"
    )


def test_the_package_that_transformers_needs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {**SAID[INT8], "quant_method": "compressed-tensors"}
    save_quantized(tmp_path, said, lambda name, weight: {name: weight})

    def without_package(_: Any) -> Any:
        raise ImportError("compressed-tensors>=0.15.0 is required.")

    monkeypatch.setattr(AutoQuantizationConfig, "from_dict", without_package)
    monkeypatch.setattr(of_quantized, "find_spec", bool)  # which is there, and too old
    with pytest.raises(SourceError) as caught:
        load_reference(model_of(tmp_path))
    install = pip_install("mmviz[verify]", "compressed-tensors>=0.15")
    assert str(caught.value) == (
        f"verify needs more for these weights: {install} (compressed-tensors>=0.15.0 is required)"
    )


# What is refused.


@pytest.mark.parametrize(
    ("case", "said", "message"),
    [
        (INT4, {"format": "marlin-24"}, "format: 'marlin-24' is not supported; one of {formats} is needed."),
        (INT4, {"format": "dense"}, "format: 'dense' is not supported; one of {formats} is needed."),
        (INT4, {"format": None}, "format: None is not supported; one of {formats} is needed."),
        (
            INT4,
            {"sparsity_config": {"format": "sparse-24-bitmask"}},
            "sparsity_config, format: is 'sparse-24-bitmask'; 'dense' is needed.",
        ),
        (
            INT4,
            {"transform_config": {"config_groups": {"R1": {}}}},
            "transform_config: {{'config_groups': {{'R1': {{}}}}}} is not supported; {{}} is needed.",
        ),
        (
            INT4,
            {"config_groups": {}},
            "config_groups: says of no weights how they are quantized; a group that does is needed.",
        ),
        (INT4, {"config_groups": {"W4A16": ["Linear"]}}, "config_groups, W4A16: is ['Linear']; an object is needed."),
        (
            INT4,
            {"rotated": True},
            "rotated: is True; weights stored as compressed-tensors have no such key that is known here, and it may "
            "change them.",
        ),
        (
            INT4,
            of_weights(INT4, num_bits="4"),
            "config_groups, group_0, weights, num_bits: is '4'; a whole number from 1 up is needed.",
        ),
        (
            INT4,
            of_weights(INT4, type="nf"),
            "config_groups, group_0, weights, type: 'nf' is not supported; one of int, float is needed.",
        ),
        (
            FP8,
            of_weights(FP8, block_structure="16xy"),
            "config_groups, group_0, weights, block_structure: is [16, 'y']; rows and columns are needed.",
        ),
        (
            INT4,
            of_weights(INT4, codebook=[1, 2]),
            "config_groups, group_0, weights, codebook: is [1, 2]; weights have no such key that is known here, and it "
            "may change them.",
        ),
    ],
)
def test_a_configuration_that_is_not_understood_is_refused(
    tmp_path: Path, case: int, said: Mapping[str, Any], message: str
) -> None:
    saved(tmp_path, stored(case), {**SAID[case], **said})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    where = f"{tmp_path / 'config.json'}, quantization_config, "
    assert str(caught.value) == where + message.format(formats=", ".join(FORMATS))


@pytest.mark.parametrize(
    ("case", "change", "message"),
    [
        (INT4, {"weight_scale": None}, f"{X}.weight_packed: its scale, {W}_scale, is not there; both are needed."),
        (INT4, {"weight_shape": None}, f"{X}.weight_packed: its shape, {W}_shape, is not there; both are needed."),
        (
            INT4,
            {"weight_shape": torch.tensor([20, 65])},
            f"{W}_shape: is 20x65, but {W}_packed has 20 rows of 8 words of numbers of 4 bits.",
        ),
        (
            INT4,
            {"weight_shape": torch.tensor([20.0, 64.0])},
            f"{W}_shape: is 2 as F32; a shape, as whole numbers, is needed.",
        ),
        (
            INT4,
            {"weight_scale": torch.ones(20, 3)},
            f"{W}_scale: is 20x3, over {W}, which is 20x64; one number, or one for each of its 20 rows, or for each "
            "block of 1x32, is needed.",
        ),
        (
            INT4,
            {"weight_scale": torch.ones(20, 2, dtype=torch.int8)},
            f"{W}_scale: is stored as I8; one of F32, BF16, F16, F8_E4M3 is needed.",
        ),
        (
            INT4,
            {"weight_packed": torch.ones(20, 8)},
            f"{W}_packed: is stored as F32, and config_groups says whole numbers of 4 bits; the two do not fit.",
        ),
        (
            INT4,
            {"weight_packed": torch.ones(8, dtype=torch.int32)},
            f"{W}_packed: is quantized and has 1 axes; a matrix is needed.",
        ),
        (
            INT4,
            {"weight": torch.ones(20, 64)},
            f"{W}: is there, and made of {W}_packed, {W}_scale, {W}_shape, too; one of both is needed.",
        ),
        (
            INT4,
            {"weight_g_idx": torch.zeros(63, dtype=torch.int32)},
            f"{W}_g_idx: is 63 as I32; 64 as I32, one a column, is needed.",
        ),
        (
            ASYMMETRIC,
            {"weight_zero_point": None},
            f"{W}_scale: its zero points, {W}_zero_point, are not there; they are needed, as config_groups says that "
            "it is not symmetric.",
        ),
        (
            ASYMMETRIC,
            {"weight_zero_point": torch.ones(20, 2, dtype=torch.int32)},
            f"{W}_zero_point: is 20x2; 3x2, as many as there are scales, is needed.",
        ),
        (
            BY_ROW,
            {"weight_zero_point": torch.ones(3, dtype=torch.int32)},
            f"{W}_zero_point: is 3; 3x1, as many as there are scales, is needed.",
        ),
        (
            ASYMMETRIC,
            {"weight_zero_point": torch.ones(3, 2)},
            f"{W}_zero_point: is stored as F32; I32 or I8 is needed.",
        ),
        (
            FP8,
            {"weight_zero_point": torch.ones(20, 1)},
            f"{W}_zero_point: zero points of floats are not read here; none are needed.",
        ),
        (
            NVFP4,
            {"weight_global_scale": None},
            f"{W}_packed: the scale of its scales, {W}_global_scale, is not there; it is needed.",
        ),
        (
            NVFP4,
            {"weight_global_scale": torch.ones(2)},
            f"{W}_global_scale: is 2 as F32; one number is needed.",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused(tmp_path: Path, case: int, change: dict[str, Any], message: str) -> None:
    tensors = stored(case) | {f"{X}.{name}": each for name, each in change.items()}
    saved(tmp_path, {name: each for name, each in tensors.items() if each is not None}, SAID[case])
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'model.safetensors'}, {message}"
