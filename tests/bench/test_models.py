"""Speed of the forward pass, measured by hand: `pytest tests/bench/test_models.py --benchmark-only`.

Compare figures by their ratios within one run. On two CPU cores, SmolLM2-135M in float32: all activations take 1.1
times as long as transformers' eager forward pass that keeps hidden states and attentions, 1.2 times with each head's
result, which transformers does not compute. Ours takes its weights from the files each time, and holds no more of them
than it computes with.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from mmviz.values.arithmetic.primitives import KeyValueCache
from mmviz.values.families.names import activation_names
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.values.variants import load_reference

TOKENS = tuple((7919 * number) % 49152 for number in range(256))
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no cuda"))]


def _theirs(folder: Path, device: str) -> Callable[[], Any]:
    model = load_reference(folder).to(device)
    ids = torch.tensor([TOKENS], device=device)

    def run() -> Any:
        with torch.inference_mode():
            return model(ids, output_hidden_states=True, output_attentions=True, use_cache=False).logits.cpu()

    return run


def _ours(folder: Path, device: str, *, results: bool) -> Callable[[], Any]:
    model = Model(Checkpoint.open(folder), device)
    names = [name for name in activation_names(model.config) if results or not name.endswith("hook_result")]

    def run() -> Any:
        return model.activations(TOKENS, names)["logits"].cpu()

    return run


@pytest.mark.network
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("by", ["transformers", "mmviz", "mmviz with each head's result"])
@pytest.mark.benchmark(group="all activations of SmolLM2-135M at 256 tokens")
def test_all_activations(benchmark: BenchmarkFixture, smollm2: Path, by: str, device: str) -> None:
    """Ours at most 1.3 times as long as transformers'."""
    run = _theirs(smollm2, device) if by == "transformers" else _ours(smollm2, device, results="result" in by)
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)


@pytest.mark.network
def test_decoding_a_token(benchmark: BenchmarkFixture, smollm2: Path) -> None:
    """One token after 256: the time to read all weights."""
    model = Model(Checkpoint.open(smollm2), "cpu")
    before = KeyValueCache()
    model.activations(TOKENS, [], before)

    def fresh() -> tuple[tuple[KeyValueCache], dict[str, Any]]:
        return (KeyValueCache(dict(before.keys), dict(before.values)),), {}

    benchmark.pedantic(lambda cache: model.activations((1,), ["logits"], cache), setup=fresh, rounds=5)
