"""Models with adapters held against transformers, where peft merges the adapter: so a wrong reading of it shows."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from mmviz.errors import MmvizError, SourceError
from mmviz.reports.verification import Wish, check_verified, model_verification, verification_text
from mmviz.values.model.adapter_config import AdapterConfig
from tests.values.tiny_adapters import peft_model
from tests.values.variants import load_reference, save_variant, silently

OPTIONS: dict[str, Any] = {
    "rank_pattern": {".*\\.1\\..*(q|v)_proj": 2, "c_attn": 5},
    "alpha_pattern": {"[vd].*_proj": 11, "^transformer.h.0.attn.c_proj": 9},
}
FILE = "adapter_model.safetensors"


def verified(base: Path, adapter: Path, dtype: str = "float32") -> dict[str, Any]:
    return model_verification(Wish(str(base), tokens=[3, 1, 4, 1, 5], device="cpu", dtype=dtype, adapter=str(adapter)))


def bare(adapter: Path) -> None:
    """Rename all that is in an adapter of a LlamaForCausalLM as that of a LlamaModel has it."""
    start = "base_model.model."
    weights = {name.replace(f"{start}model.", start): weight for name, weight in load_file(adapter / FILE).items()}
    save_file(weights, adapter / FILE)


@pytest.mark.parametrize("variant", ["llama grouped, wide heads", "gpt2", "gpt_neox"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_model_with_an_adapter_agrees_with_what_peft_merges(variant: str, dtype: str, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft")
    base = save_variant(tmp_path / "base", variant)
    peft_model(base, variant, tmp_path / "adapter", **OPTIONS)
    report = verified(base, tmp_path / "adapter", dtype)
    check_verified(report)
    assert report["reference"].endswith(f" and peft {peft.__version__}")
    assert (report["adapter"], report["note"]) == (str(tmp_path / "adapter"), None)


@pytest.mark.parametrize(("method", "wrong"), [("scale_of", 1.0), ("rank_of", None)])
def test_an_adapter_that_we_read_wrongly_is_found(
    method: str, wrong: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = save_variant(tmp_path / "base", "gpt2")
    peft_model(base, "gpt2", tmp_path / "adapter", **OPTIONS)
    right = AdapterConfig.rank_of
    if wrong is None:  # as if alpha were divided by the default rank
        monkeypatch.setattr(AdapterConfig, "scale_of", lambda self, _: self.alpha / self.rank)
    else:
        monkeypatch.setattr(AdapterConfig, method, lambda *_: wrong)
    assert AdapterConfig.rank_of is right
    with pytest.raises(MmvizError, match=r"differ from transformers \S+ and peft \S+ by more than"):
        check_verified(verified(base, tmp_path / "adapter"))


def test_an_adapter_of_the_bare_model_is_checked_and_told(tmp_path: Path) -> None:
    """PeftModel.from_pretrained of peft 0.21.2 warns of missing keys, and changes nothing of a LlamaForCausalLM."""
    peft = pytest.importorskip("peft")
    base, folder = save_variant(tmp_path / "base", "llama"), tmp_path / "adapter"
    peft_model(base, "llama", folder, target_modules=["q_proj"])
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"init_lora_weights": True}))
    bare(folder)
    with pytest.warns(UserWarning, match="missing adapter keys"):
        theirs = silently(peft.PeftModel.from_pretrained, load_reference(base), str(folder)).merge_and_unload()
    for name, weight in load_reference(base).named_parameters():
        assert torch.equal(theirs.get_parameter(name), weight), "peft has changed it"
    report = verified(base, folder)
    check_verified(report)
    assert report["note"] == (
        f"{folder}: peft {peft.__version__} applies none of it to a LlamaForCausalLM; it is an adapter of the bare "
        "LlamaModel, as it is read here."
    )
    assert f"adapter: {report['note']}" in verification_text(report).splitlines()


def test_without_peft_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = save_variant(tmp_path / "base", "llama")
    peft_model(base, "llama", tmp_path / "adapter")
    monkeypatch.setitem(sys.modules, "peft", None)
    message = f'verify of an adapter needs peft: {sys.executable} -m pip install "mmviz[verify]".'
    with pytest.raises(SourceError, match=rf"^{re.escape(message)}$"):
        verified(base, tmp_path / "adapter")
