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
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

from mmviz.values.arithmetic.primitives import KeyValueCache
from mmviz.values.families.names import activation_names
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.values.variants import load_reference, silently

TOKENS = tuple((7919 * number) % 49152 for number in range(256))
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no cuda"))]


def _theirs(folder: Path, device: str, tokens: tuple[int, ...] = TOKENS) -> Callable[[], Any]:
    model = load_reference(folder).to(device)
    ids = torch.tensor([tokens], device=device)

    def run() -> Any:
        with torch.inference_mode():
            return model(ids, output_hidden_states=True, output_attentions=True, use_cache=False).logits.cpu()

    return run


def _ours(folder: Path, device: str, tokens: tuple[int, ...] = TOKENS, *, results: bool) -> Callable[[], Any]:
    model = Model(Checkpoint.open(folder), device)
    names = [name for name in activation_names(model.config) if results or not name.endswith("hook_result")]

    def run() -> Any:
        return model.activations(tokens, names)["logits"].cpu()

    return run


@pytest.mark.network
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("by", ["transformers", "mmviz", "mmviz with each head's result"])
@pytest.mark.benchmark(group="all activations of SmolLM2-135M at 256 tokens")
def test_all_activations(benchmark: BenchmarkFixture, smollm2: Path, by: str, device: str) -> None:
    """Ours at most 1.3 times as long as transformers'."""
    run = _theirs(smollm2, device) if by == "transformers" else _ours(smollm2, device, results="result" in by)
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)


DEEP: dict[str, Any] = {
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 30,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "head_dim": 16,
}
FAMILIES = ("gpt2", "llama", "mistral", "qwen3", "gemma3_text")
SHORT = tuple(token % 512 for token in TOKENS[:128])


@pytest.fixture(scope="module", params=FAMILIES)
def deep(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of many small layers, in which what is not arithmetic counts most."""
    said = {"vocab_size": 512, "n_embd": 64, "n_layer": 30, "n_head": 4} if request.param == "gpt2" else DEEP
    folder = tmp_path_factory.mktemp(request.param)
    model: Any = silently(AutoModelForCausalLM.from_config, CONFIG_MAPPING[request.param](**said))
    silently(model.save_pretrained, folder)
    return folder


@pytest.mark.parametrize("by", ["transformers", "mmviz"])
@pytest.mark.benchmark(group="all activations of 30 small layers at 128 tokens")
def test_many_small_layers(benchmark: BenchmarkFixture, deep: Path, by: str) -> None:
    """Ours at most 1.3 times as long as transformers' of the same family."""
    run = _theirs(deep, "cpu", SHORT) if by == "transformers" else _ours(deep, "cpu", SHORT, results=False)
    benchmark.pedantic(run, rounds=20, warmup_rounds=3)


@pytest.mark.network
def test_decoding_a_token(benchmark: BenchmarkFixture, smollm2: Path) -> None:
    """One token after 256: the time to read all weights."""
    model = Model(Checkpoint.open(smollm2), "cpu")
    before = KeyValueCache()
    model.activations(TOKENS, [], before)

    def fresh() -> tuple[tuple[KeyValueCache], dict[str, Any]]:
        return (KeyValueCache(dict(before.keys), dict(before.values)),), {}

    benchmark.pedantic(lambda cache: model.activations((1,), ["logits"], cache), setup=fresh, rounds=5)
