"""Files of bitsandbytes are decoded as the package decodes them, in any part and in models; others are refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.bitsandbytes import NUMBERS, Named4, NestedScales, Rows8
from tests.values.quantized_models import GROUPED, TOKENS, most_off, save_quantized, save_with
from tests.values.recorded_weights import W, X, recorded

RECORDED = recorded("bitsandbytes")
SAID, TENSORS, stored = RECORDED.said, RECORDED.tensors, RECORDED.stored
STATE = f"{W}.quant_state.bitsandbytes__nf4"
NF4, NESTED, FP4, UNEVEN, LARGE, IN_FLOATS, INT8 = 0, 1, 2, 4, 5, 6, 7
"""Cases that are changed below."""


def saved(folder: Path, tensors: Mapping[str, Tensor], said: Mapping[str, Any] | None = None) -> Path:
    save_file(dict(tensors), folder / "model.safetensors")
    config = {"quantization_config": {"quant_method": "bitsandbytes"} if said is None else said}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def with_state(case: int, **keys: Any) -> dict[str, Tensor]:
    """A case whose text says something else; None takes a key out."""
    tensors = stored(case)
    said = json.loads(bytes(tensors[STATE].tolist())) | keys
    text = json.dumps({key: value for key, value in said.items() if value is not None})
    return {**tensors, STATE: torch.tensor(list(text.encode()), dtype=torch.uint8)}


@pytest.mark.parametrize("case", range(len(SAID)))
def test_any_part_is_what_the_package_makes_of_the_whole(tmp_path: Path, case: int) -> None:
    expected, checkpoint = TENSORS[f"{case}.expected"], Checkpoint.open(saved(tmp_path, stored(case)))
    assert checkpoint.names == (W,)
    assert checkpoint.shape(W) == tuple(expected.shape)
    again = SAID[case].get("compress_statistics") == "True" or case == INT8  # there it rounds scales, too
    for rows in (None, slice(3, 4), slice(2, 7)):
        for columns in (None, slice(9, 10), slice(5, 40)):
            part = checkpoint.slice(W, rows, columns)
            assert part.dtype == torch.float32
            theirs = expected[rows or slice(None), columns or slice(None)]
            torch.testing.assert_close(part, theirs, rtol=2**-21 if again else 0, atol=0)
    assert checkpoint.stored_bytes(W) == sum(each.nbytes for each in stored(case).values())


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (NF4, "NF4 (blocks of 64)"),
        (NESTED, "NF4 (blocks of 64, scales quantized)"),
        (FP4, "FP4 (blocks of 64)"),
        (INT8, "LLM.int8 (a scale a row)"),
    ],
)
def test_what_a_weight_is_stored_as_is_said_in_short(tmp_path: Path, case: int, kind: str) -> None:
    assert Checkpoint.open(saved(tmp_path, stored(case))).dtype(W) == kind


def test_the_sixteen_numbers_are_those_of_the_package() -> None:
    for case, kind in ((NF4, "nf4"), (FP4, "fp4")):
        torch.testing.assert_close(TENSORS[f"{case}.weight.quant_map"], torch.tensor(NUMBERS[kind]), rtol=0, atol=0)


def test_nf4_is_as_likely_in_each_of_its_parts_of_a_normal_distribution() -> None:
    """Its positive half, by its definition: quantiles in even steps, as a share of the largest (QLoRA, section 3)."""
    offset = 0.9677083
    normal = torch.distributions.Normal(0.0, 1.0)
    quantiles = normal.icdf(torch.linspace(0.5, offset, 9).double())
    positive = (quantiles / quantiles[-1])[1:].numpy()
    np.testing.assert_allclose(NUMBERS["nf4"][8:], positive, atol=2e-6)


def test_old_files_say_the_method_by_another_key(tmp_path: Path) -> None:
    said = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "llm_int8_threshold": 6.0}
    checkpoint = Checkpoint.open(saved(tmp_path, stored(NF4), said))
    assert torch.equal(checkpoint.slice(W), TENSORS[f"{NF4}.expected"])


def test_matrices_of_8_bits_need_not_say_in_which_order_they_are(tmp_path: Path) -> None:
    tensors = stored(INT8)
    del tensors[f"{X}.weight_format"]
    rows = Checkpoint.open(saved(tmp_path, tensors)).slice(W)
    torch.testing.assert_close(rows, TENSORS[f"{INT8}.expected"], rtol=2**-21, atol=0)


def test_of_a_few_rows_no_more_is_read_than_their_own(tmp_path: Path) -> None:
    checkpoint = Checkpoint.open(saved(tmp_path, stored(NF4)))
    assert checkpoint.bytes_read == 0  # what says the shape counts as a part of the header
    checkpoint.slice(W, slice(5, 7))
    assert (
        checkpoint.bytes_read == 2 * 64 // 2 + 2 * 4
    )  # numbers and scales; which numbers there are was looked at before
    other = Checkpoint.open(saved(tmp_path, stored(INT8)))
    other.slice(W, slice(5, 7), slice(0, 10))
    assert other.bytes_read == 2 * 10 + 2 * 4


def test_a_parameter_names_all_tensors_that_it_is_made_of() -> None:
    plain = Named4("w", (2, 2), 2, "nf4", "map", "", "absmax", 64, "state")
    nested = Named4("w", (2, 2), 2, "nf4", "map", "", "absmax", 64, "state", NestedScales("m", "a", 256, 0.0))
    assert plain.stored == ("w", "absmax", "map", "state")
    assert nested.stored == ("w", "absmax", "map", "m", "a", "state")
    assert Rows8("w", (2, 2), "s", ("form",)).stored == ("w", "s", "form")


# In models.


def packed_by_law(kind: str, meant: dict[str, Tensor], *, turned: bool) -> Any:
    """Stores numbers at random by the documented layout, in numpy, and keeps what they are in `meant`."""

    def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
        outs, ins = weight.T.shape if turned else weight.shape
        chance = np.random.default_rng(ins * outs)
        if kind == "int8":
            whole, largest = chance.integers(-127, 128, (outs, ins)), chance.uniform(0.05, 0.2, outs).astype(np.float32)
            numbers = whole * (largest.astype(np.float64) / 127)[:, None]
            made = {
                name: torch.from_numpy(whole.astype(np.int8)),
                f"{name.removesuffix('.weight')}.SCB": torch.from_numpy(largest),
            }
        else:
            names = chance.integers(0, 16, outs * ins)
            scales = chance.uniform(0.05, 0.2, -(-len(names) // 64)).astype(np.float32)
            numbers = np.array(NUMBERS[kind], np.float32)[names].astype(np.float64) * scales.repeat(64)[: len(names)]
            said = {"quant_type": kind, "blocksize": 64, "dtype": "bfloat16", "shape": [outs, ins]}
            made = {
                name: torch.from_numpy((names[::2] << 4 | names[1::2]).astype(np.uint8)[:, None]),
                f"{name}.absmax": torch.from_numpy(scales),
                f"{name}.quant_map": torch.tensor(NUMBERS[kind]),
                f"{name}.quant_state.bitsandbytes__{kind}": torch.tensor(list(json.dumps(said).encode())).to(
                    torch.uint8
                ),
            }
        matrix = torch.from_numpy(numbers.astype(np.float32)).reshape(outs, ins)
        meant[name] = matrix.T.contiguous() if turned else matrix
        return made

    return quantize


@pytest.mark.parametrize(("kind", "variant"), [("nf4", GROUPED), ("int8", GROUPED), ("fp4", "gpt2"), ("int8", "gpt2")])
def test_a_model_computes_what_transformers_computes_with_what_its_numbers_mean(
    tmp_path: Path, kind: str, variant: str
) -> None:
    """Also in modules of GPT-2, whose weights are stored the other way round."""
    meant: dict[str, Tensor] = {}
    pack = packed_by_law(kind, meant, turned=variant == "gpt2")
    quantized = save_quantized(tmp_path / "packed", {"quant_method": "bitsandbytes"}, pack, variant)
    assert most_off(quantized, save_with(tmp_path / "plain", meant, variant, 2)) < 1e-5
    checkpoint = Checkpoint.open(quantized)
    assert len(meant) >= 8
    for name, weight in meant.items():
        assert torch.equal(checkpoint.slice(name, slice(3, 9), slice(2, 11)), weight[3:9, 2:11])


def test_a_picture_says_from_what_weights_were_dequantized(tmp_path: Path) -> None:
    pack = packed_by_law("nf4", {}, turned=False)
    folder = save_quantized(tmp_path, {"quant_method": "bitsandbytes"}, pack)
    scene = head_scene(Reading(str(folder), tokens=TOKENS), 1, 2)
    assert scene.composition.subtitle.startswith("dequantized from NF4 (blocks of 64)   ·   ")


# What is refused.


def test_a_key_that_is_not_known_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, stored(NF4), {"quant_method": "bitsandbytes", "bnb_4bit_codebook": [1.0]})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'config.json'}, quantization_config, bnb_4bit_codebook: is [1.0]; weights stored as bitsandbytes "
        "have no such key that is known here, and it may change them."
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"quant_type": "af4"}, "quant_type: 'af4' is not supported; one of nf4, fp4 is needed."),
        ({"quant_type": "fp4"}, "quant_type: is fp4, and the name of the tensor says another one."),
        ({"blocksize": 0}, "blocksize: is 0; a whole number from 1 up is needed."),
        ({"blocksize": None}, "blocksize: is missing; a whole number from 1 up is needed."),
        ({"shape": [1280]}, "shape: is [1280]; rows and columns are needed."),
        ({"shape": [20, 64.0]}, "shape: is [20, 64.0]; rows and columns are needed."),
        ({"nested_offset": "1"}, "nested_offset: is '1'; a number is needed."),
        ({"nested_offset": 10**400}, f"nested_offset: is {'1' + 79 * '0'}...; a number is needed."),
        (
            {"rotated": True},
            "rotated: is True; weights of bitsandbytes have no such key that is known here, and it may change them.",
        ),
    ],
)
def test_a_text_that_does_not_say_what_is_needed_is_refused(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    saved(tmp_path, with_state(NESTED, **keys))
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'model.safetensors'}, {STATE}, {message}"


@pytest.mark.parametrize(
    ("case", "change", "message"),
    [
        (NF4, {"weight": None}, f"{STATE}: belongs to {W}, which is not there; both are needed."),
        (NF4, {"weight.absmax": None}, f"{STATE}: belongs to {W}.absmax, which is not there; both are needed."),
        (NF4, {"weight.quant_map": None}, f"{STATE}: belongs to {W}.quant_map, which is not there; both are needed."),
        (
            NESTED,
            {"weight.nested_absmax": None},
            f"{STATE}: belongs to {W}.nested_absmax, which is not there; both are needed.",
        ),
        (NF4, {"weight.absmax": torch.ones(19)}, f"{W}.absmax: is 19; 20 is needed."),
        (
            NF4,
            {"weight.absmax": torch.ones(20, dtype=torch.uint8)},
            f"{W}.absmax: is stored as U8; F32 or F16 or BF16 is needed.",
        ),
        (NESTED, {"weight.absmax": torch.ones(20)}, f"{W}.absmax: is stored as F32; U8 is needed."),
        (LARGE, {"weight.nested_absmax": torch.ones(1)}, f"{W}.nested_absmax: is 1; 2 is needed."),
        (NF4, {"weight": torch.ones(639, 1, dtype=torch.uint8)}, f"{W}: is 639x1; 640x1 is needed."),
        (IN_FLOATS, {"weight": torch.ones(640, 1).bfloat16()}, f"{W}: is 640x1; 320x1 is needed."),
        (
            NF4,
            {"weight": torch.ones(640, 1, dtype=torch.int32)},
            f"{W}: is stored as I32; U8 or I8 or BF16 or F16 or F32 or F64 is needed.",
        ),
        (
            NF4,
            {"weight.quant_state.bitsandbytes__nf4": torch.ones(5)},
            f"{STATE}: is 5 as F32; a short text, as U8, is needed.",
        ),
        (
            NF4,
            {"weight.quant_state.bitsandbytes__nf4": torch.tensor([91, 93], dtype=torch.uint8)},
            f"{STATE}: is []; an object is needed.",
        ),
        (
            NF4,
            {"weight.quant_state.bitsandbytes__nf4": torch.tensor([91], dtype=torch.uint8)},
            f"{STATE}: is no JSON (Expecting value: line 1 column 2 (char 1)); what bitsandbytes wrote is needed.",
        ),
        (
            NF4,
            {"weight.quant_state.bitsandbytes__fp4": TENSORS[f"{FP4}.weight.quant_state.bitsandbytes__fp4"]},
            f"{W}.quant_state.bitsandbytes__nf4: {W} has another one, too; one is needed.",
        ),
        (INT8, {"weight": None}, f"{X}.SCB: belongs to {W}, which is not there; both are needed."),
        (INT8, {"weight": torch.ones(20, 44)}, f"{W}: is stored as F32; I8 is needed."),
        (INT8, {"SCB": torch.ones(19)}, f"{X}.SCB: is 19; 20 is needed."),
        (
            INT8,
            {"weight_format": torch.tensor(2, dtype=torch.uint8)},
            f"{X}.weight_format: is 2, an order of numbers of old programs; 0, one row after the other, is needed.",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused(tmp_path: Path, case: int, change: dict[str, Any], message: str) -> None:
    tensors = stored(case) | {f"{X}.{name}": each for name, each in change.items()}
    saved(tmp_path, {name: each for name, each in tensors.items() if each is not None})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'model.safetensors'}, {message}"


def test_weights_without_what_says_what_they_mean_are_refused_when_they_are_asked_for(tmp_path: Path) -> None:
    checkpoint = Checkpoint.open(saved(tmp_path, {W: stored(INT8)[W]}))
    with pytest.raises(SourceError, match="is stored as I8, as quantized weights and masks are"):
        checkpoint.check(W)
    with pytest.raises(SourceError, match=r"says how the numbers of .* are meant, which is not known here"):
        Checkpoint.open(saved(tmp_path, {name: each for name, each in stored(NF4).items() if name != STATE}))


def test_other_numbers_than_those_of_the_kind_are_refused(tmp_path: Path) -> None:
    """The package's programs do not look at them, but have their own."""
    others = stored(NF4) | {f"{W}.quant_map": torch.linspace(-1, 1, 16)}
    checkpoint = Checkpoint.open(saved(tmp_path, others))
    with pytest.raises(SourceError) as caught:
        checkpoint.slice(W)
    assert str(caught.value) == (
        f"{tmp_path / 'model.safetensors'}, {W}.quant_map: has other numbers than those of nf4, which is not supported."
    )
