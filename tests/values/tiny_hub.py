"""A hub with one model, an empty cache, and the message that a model which cannot be had ends with."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmviz.errors import SourceError
from mmviz.values.origin.locate import locate_model
from tests.values.fake_hub import Hub, serving

SHIPPED = "smollm2-135m-2layers"
CONFIG = {"config.json": b'{"model_type": "llama"}'}
TOKENIZER = {"tokenizer.json": b"{}"}
WHOLE = {**CONFIG, **TOKENIZER, "model.safetensors": b"weights"}
SHARDS = {"model-00001-of-00002.safetensors": b"one", "model-00002-of-00002.safetensors": b"two"}
WEIGHT_MAP = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
INDEX = {"model.safetensors.index.json": json.dumps({"weight_map": WEIGHT_MAP}).encode()}
SHARDED = {**CONFIG, **TOKENIZER, **INDEX, **SHARDS}
UNREAD = {
    "README.md": b"# Tiny",
    "generation_config.json": b"{}",
    "model.fp16.safetensors": b"twice",
    "onnx/model.onnx": b"onnx",
    "pytorch_model.bin": b"pickle",
    "tf_model.h5": b"h5",
}
OFFLINE = "HF_HUB_OFFLINE is set, so nothing is downloaded. Unset it, or name a local folder."
BARE = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no token, offline."""
    for name in (*BARE, "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_PROGRESS_BARS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "mmviz"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path / "hub"


@pytest.fixture
def server(empty_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub with one model, org/tiny, that can be reached."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)  # it has read its environment
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(Hub({"org/tiny": WHOLE})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def refusal(name: str, folder: Path) -> str:
    with pytest.raises(SourceError) as raised:
        locate_model(name, folder)
    return str(raised.value)
