"""Files of torch.save: every tensor in them by its name, and nothing of them that is run."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from mmviz.errors import SourceError
from mmviz.values.tensors.torch_file import SAFE, check_numbers, open_tensors

NO_PLAIN = "is sparse, quantized or without numbers; a plain tensor is needed."
SAVE = "save tensors alone: safetensors.torch.save_file({'name': tensor}, 'FILE.safetensors')"


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        open_tensors(path)
    return str(caught.value).replace(str(path), "F")


def test_tensors_have_the_names_of_the_places_where_they_lie(tmp_path: Path) -> None:
    one, two = torch.arange(6.0).reshape(2, 3), torch.ones(2, dtype=torch.int8)
    content: dict[Any, Any] = {"a": one, "list": [two, (one, "text")], "step": 3, 7: {"inner": two}, "none": None}
    torch.save(content, tmp_path / "x.pt")
    found = open_tensors(tmp_path / "x.pt")
    expected = {"a": one, "list.0": two, "list.1.0": one, "7.inner": two}
    assert found.keys() == expected.keys()
    for name, tensor in found.items():
        assert torch.equal(tensor, expected[name]), name


@pytest.mark.parametrize(("content", "names"), [(torch.ones(2), ["0"]), ([torch.ones(2)] * 2, ["0", "1"]), ({}, [])])
def test_what_has_no_name_is_counted(tmp_path: Path, content: Any, names: list[str]) -> None:
    torch.save(content, tmp_path / "x.pt")
    assert list(open_tensors(tmp_path / "x.pt")) == names


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"a": {"b": torch.ones(2)}, "a.b": torch.zeros(2)}, "a.b"),
        ({1: torch.ones(2), "1": torch.zeros(2)}, "1"),
        ({"": torch.ones(2), "0": torch.zeros(2)}, "0"),
    ],
)
def test_neither_of_two_tensors_that_get_one_name_is_taken(tmp_path: Path, content: Any, name: str) -> None:
    torch.save(content, tmp_path / "x.pt")
    assert refusal(tmp_path / "x.pt") == f"F: has two tensors that are both called {name!r} here; {SAVE}."


def test_what_is_trained_has_no_history_any_more(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 3).state_dict(keep_vars=True), tmp_path / "x.pt")
    assert {name: tensor.requires_grad for name, tensor in open_tensors(tmp_path / "x.pt").items()} == {
        "weight": False,
        "bias": False,
    }


def test_the_first_version_of_torch_that_is_safe_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(torch.ones(2), tmp_path / "x.pt")
    for version in ("2.10.0", "2.11.0+cpu", "3.0.0"):
        monkeypatch.setattr(torch, "__version__", version)
        assert open_tensors(tmp_path / "x.pt").keys() == {"0"}
    for version in ("2.9.1", "1.13.0"):
        monkeypatch.setattr(torch, "__version__", version)
        assert refusal(tmp_path / "x.pt") == (
            f"F: is a pickle, which can run code; torch 2.10 or later is needed to read it safely. Else {SAVE}."
        )
    assert SAFE == (2, 10)


def test_a_file_that_is_compressed_is_refused_before_it_grows(tmp_path: Path) -> None:
    torch.save(torch.zeros(1000), tmp_path / "plain.pt")
    with (
        zipfile.ZipFile(tmp_path / "plain.pt") as plain,
        zipfile.ZipFile(tmp_path / "x.pt", "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    assert refusal(tmp_path / "x.pt") == f"F: is compressed, as torch.save writes no file; {SAVE}."


def test_what_is_no_archive_and_what_holds_more_than_tensors_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(b"PK\3\4")
    assert refusal(path) == "F: is cut off or no file of torch.save (4 bytes); a whole one is needed."
    torch.save({"x": torch.ones(1), "where": tmp_path}, path)
    assert refusal(path) == (
        f"F: is broken, or a pickle of more than tensors, which can run code and is never opened; {SAVE}."
    )


@pytest.mark.filterwarnings("ignore")  # torch warns of what it will drop
@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: torch.ones(2, 2).to_sparse(), NO_PLAIN),
        (lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), NO_PLAIN),
        (lambda: torch.ones(2, device="meta"), NO_PLAIN),
        (lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]), NO_PLAIN),
        (lambda: torch.ones(2, dtype=torch.complex64), "holds complex64; real numbers are needed."),
        (lambda: torch.ones(2, dtype=torch.complex128), "holds complex128; real numbers are needed."),
    ],
)
def test_a_tensor_without_plain_numbers_is_refused(make: Callable[[], torch.Tensor], found: str) -> None:
    with pytest.raises(SourceError) as caught:
        check_numbers(make(), "x.pt, a")
    assert str(caught.value) == f"x.pt, a: {found}"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.int64, torch.bool, torch.float8_e4m3fn])
def test_plain_numbers_of_every_type_pass(dtype: torch.dtype) -> None:
    check_numbers(torch.ones(2, 3).to(dtype).mT, "x")
