import re

import pytest
import torch

from mmviz.errors import SourceError
from mmviz.values.arithmetic import device as device_module
from mmviz.values.arithmetic.device import choose_device, full_precision


@pytest.mark.parametrize(("present", "best"), [({"cuda", "mps"}, "cuda"), ({"mps"}, "mps"), (set(), "cpu")])
def test_auto_takes_the_best_device_there_is(monkeypatch: pytest.MonkeyPatch, present: set[str], best: str) -> None:
    monkeypatch.setattr(device_module, "_device_count", lambda kind: int(kind in {*present, "cpu"}))
    assert choose_device("auto").type == best


def test_a_named_device_is_taken_as_it_is() -> None:
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("device", ["gpu", "", "meta", "cuda:x", "xpu"])
def test_an_unknown_device_is_refused(device: str) -> None:
    message = f"device {device!r}: unknown; auto, cpu, cuda or mps is needed."
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        choose_device(device)


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps"])
def test_an_absent_device_is_refused(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.setattr(device_module, "_device_count", lambda kind: int(kind == "cpu"))
    message = f"device {device!r}: torch finds none on this machine; auto or cpu is needed."
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        choose_device(device)


def test_products_are_exact_float32_and_the_callers_precision_comes_back() -> None:
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        with full_precision():
            assert torch.get_float32_matmul_precision() == "highest"
            assert torch.is_inference_mode_enabled()
        assert torch.get_float32_matmul_precision() == "medium"
        assert not torch.is_inference_mode_enabled()
    finally:
        torch.set_float32_matmul_precision(before)
