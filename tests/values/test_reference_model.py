"""How the model of transformers is loaded: in silence, from the same files, and each failure as one line."""

import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.reference import merged_by_peft
from mmviz.values.reference.reference_model import (
    LONGEST_REASON,
    in_short,
    load_reference,
    quietly,
    transformers_library,
)
from tests.values.variants import changed, save_variant

NAME = f"transformers {transformers.__version__}"


def model_of(folder: Path) -> Model:
    return Model(Checkpoint.open(folder), "cpu")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("m"), "gpt2", layers=1)


def test_it_has_the_weights_of_the_files_and_eager_attention(saved: Path) -> None:
    theirs, name, note = load_reference(model_of(saved))
    assert (name, note, theirs.training) == (NAME, "", False)
    assert theirs.config._attn_implementation == "eager"
    stored = load_file(saved / "model.safetensors")
    assert stored
    assert all(torch.equal(theirs.state_dict()[key], weight) for key, weight in stored.items())


def test_a_weight_that_transformers_does_not_find_is_named(saved: Path, tmp_path: Path) -> None:
    for file in saved.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    changed(tmp_path, lambda weights: weights.pop("transformer.h.0.ln_1.weight"))
    with pytest.raises(SourceError) as caught:
        load_reference(model_of(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}: {NAME} finds no transformer.h.0.ln_1.weight in this model, and would make up random numbers for "
        "it; a whole model is needed."
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ImportError("No module named\n  'accelerate'."), "{needed} (No module named 'accelerate')"),
        (ValueError("odd."), "{path}: {name} cannot load this model (odd)."),
        (KeyError(), "{path}: {name} cannot load this model (KeyError)."),
    ],
)
def test_what_transformers_raises_becomes_one_line(
    saved: Path, error: Exception, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", fail)
    with pytest.raises(SourceError) as caught:
        load_reference(model_of(saved))
    needed = f'verify needs transformers: {sys.executable} -m pip install "mmviz[verify]"'
    assert str(caught.value) == message.format(needed=needed, path=saved, name=NAME)


def test_without_transformers_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SourceError) as caught:
        transformers_library()
    assert str(caught.value) == f'verify needs transformers: {sys.executable} -m pip install "mmviz[verify]".'


def fail_noisily(settings: Any) -> None:
    with quietly():
        sys.stdout.write("out")
        sys.stderr.write("err")
        warnings.warn("careful", stacklevel=1)
        assert settings.get_verbosity() == settings.CRITICAL
        assert not settings.is_progress_bar_enabled()
        _ = 1 / 0


def test_nothing_is_said_inside_and_all_is_as_before_outside(capsys: pytest.CaptureFixture[str]) -> None:
    settings: Any = transformers.utils.logging
    level, bars = settings.get_verbosity(), settings.is_progress_bar_enabled()
    try:
        for verbosity, shows in ((settings.INFO, True), (settings.ERROR, False)):
            settings.set_verbosity(verbosity)
            (settings.enable_progress_bar if shows else settings.disable_progress_bar)()
            with pytest.raises(ZeroDivisionError):
                fail_noisily(settings)
            assert (settings.get_verbosity(), settings.is_progress_bar_enabled()) == (verbosity, shows)
            assert capsys.readouterr() == ("", "")
    finally:
        settings.set_verbosity(level)
        (settings.enable_progress_bar if bars else settings.disable_progress_bar)()


def test_a_reason_is_one_line_of_bounded_length() -> None:
    assert in_short(ValueError(" a\n\tb  c... ")) == "a b c"
    assert in_short(RuntimeError()) == "RuntimeError"
    assert in_short(ValueError("x" * LONGEST_REASON)) == "x" * LONGEST_REASON
    assert in_short(ValueError("x" * (LONGEST_REASON + 1))) == "x" * LONGEST_REASON + "..."


# What peft merges, told by a peft that is made up; the real one is tried in test_merged_by_peft.py.


class Layer(torch.nn.Module):
    """A linear layer with an update, as peft wraps one: what it becomes is counted in its own dtype."""

    def __init__(self, weight: torch.Tensor, update: torch.Tensor) -> None:
        super().__init__()
        self.base = torch.nn.Linear(1, 1, bias=False, dtype=weight.dtype)
        self.base.weight = torch.nn.Parameter(weight)
        self.update = torch.nn.Parameter(update)

    def get_base_layer(self) -> torch.nn.Linear:
        return self.base

    def merge(self) -> None:
        with torch.no_grad():
            self.base.weight += self.update


@dataclass
class Result:
    unexpected_keys: list[str]


def peft_that(layer: Layer, *passed_over: str, weights: tuple[str, ...] = ()) -> Any:
    class Wrapped(torch.nn.Module):
        def __init__(self, within: torch.nn.Module, _: object) -> None:
            super().__init__()
            self.layer = layer
            self.within = within
            wrapped.append(within)

        def unload(self) -> None:
            wrapped.append("unloaded")

    class Peft:
        __version__ = "9.9"
        PeftConfig = type("PeftConfig", (), {"from_pretrained": staticmethod(lambda _: None)})
        PeftModel = Wrapped
        tuners = type("T", (), {"lora": type("L", (), {"LoraLayer": Layer})})
        load_peft_weights = staticmethod(lambda _, device: dict.fromkeys(weights) if device == "cpu" else None)
        set_peft_model_state_dict = staticmethod(lambda *_: Result(list(passed_over)))

    wrapped: list[Any] = []
    Peft.wrapped = wrapped  # type: ignore[attr-defined]
    return Peft


class Whole(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model: torch.nn.Module = torch.nn.Sequential(torch.nn.Linear(1, 1))

    @property
    def base_model(self) -> torch.nn.Module:
        bare: torch.nn.Module = self.model
        return bare


def test_weights_are_merged_in_float64_and_rounded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 + 2**-8 + 2**-20 is nearest to 1 + 2**-7 in bfloat16; with the update rounded first it would stay 1."""
    weight, update = torch.tensor([[1.0]]).bfloat16(), torch.tensor([[2.0**-8 + 2.0**-20]])
    layer = Layer(weight, update)
    peft = peft_that(layer, weights=("base_model.model.model.0.lora_A.weight",))
    monkeypatch.setattr(merged_by_peft, "_peft", lambda: peft)
    whole = Whole()
    assert merged_by_peft.merge_by_peft(Path("A"), whole) == ("peft 9.9", "")
    assert layer.base.weight.dtype == torch.bfloat16
    assert layer.base.weight.item() == 1 + 2.0**-7
    assert peft.wrapped == [whole, "unloaded"]


def test_an_adapter_of_the_bare_model_is_merged_into_it_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer(torch.ones(1, 1), torch.ones(1, 1))
    peft = peft_that(layer, weights=("base_model.model.0.lora_B.weight",))
    monkeypatch.setattr(merged_by_peft, "_peft", lambda: peft)
    whole = Whole()
    assert merged_by_peft.merge_by_peft(Path("A"), whole) == (
        "peft 9.9",
        "A: peft 9.9 applies none of it to a Whole; it is an adapter of the bare Sequential, as it is read here.",
    )
    assert peft.wrapped == [whole.model, "unloaded"]


def test_what_peft_passes_over_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer(torch.ones(1, 1), torch.ones(1, 1))
    monkeypatch.setattr(
        merged_by_peft, "_peft", lambda: peft_that(layer, "b.lora_A", "a.lora_A", weights=("x.lora_A",))
    )
    with pytest.raises(SourceError) as caught:
        merged_by_peft.merge_by_peft(Path("A"), Whole())
    assert (
        str(caught.value) == "A: peft 9.9 passes over 'a.lora_A' in a Whole; an adapter of this very model is needed."
    )
    assert layer.base.weight.item() == 1
