"""All that the numbers of a forward pass depend on, as one word: two passes with the same word give the same bits.

Whatever is not known to leave every bit as it is belongs into the word: that a pass is computed once more is no harm.
"""

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from mmviz.values.arithmetic.threads import LITTLE
from mmviz.values.families.costs import forward_operations
from mmviz.values.files.file_state import states_of
from mmviz.values.model.model import Model

ROOMS = ("scene", "values")
"""The rooms of mmviz whose source decides about numbers."""
SWITCHES = ("ATEN_", "CUBLAS", "CUDA_", "DNNL_", "KMP_", "MKL_", "NVIDIA_", "OMP_", "ONEDNN_", "PYTORCH_", "TORCH_")
"""How variables of the environment begin that libraries of arithmetic heed."""


class PassKeys:
    """The words of the passes of one model; none where its files were written to lately, or since they were opened."""

    def __init__(self, model: Model) -> None:
        """Read a few bytes of its files.

        Args:
            model: On its device.
        """
        self._model = model
        self._of_model = _of_model(model)

    def of(self, token_ids: Sequence[int]) -> str | None:
        """The word of the pass on a prompt; None where nothing may be kept of it."""
        if self._of_model is None or not self.files_are_the_same():
            return None
        little = forward_operations(self._model.config, len(token_ids)).total <= LITTLE
        threads = 1 if little else torch.get_num_threads()  # see arithmetic/threads.py
        return _word({"model": self._of_model, "tokens": list(token_ids), "threads": threads})

    def files_are_the_same(self) -> bool:
        """Whether nothing was written to the model's files since they were opened."""
        then = self._model.opened_as
        return bool(then) and states_of(Path(state.path) for state in then) == then


def _of_model(model: Model) -> str | None:
    try:
        files = [(repr(state), state.sample()) for state in model.opened_as]
        source = _source()
    except OSError:
        return None
    if not files or not all(state.settled for state in model.opened_as):
        return None
    return _word(
        {
            "files": files,
            "config": [repr(model.config), model.checkpoint.config],
            "adapter": str(model.adapter),
            "encoder reads": None if model.source is None else list(model.source.token_ids),
            "dtype": str(model.dtype),
            "machine": _machine(model.device),
            "source": source,
        }
    )


def _word(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=repr).encode()).hexdigest()


def _machine(device: torch.device) -> list[Any]:
    """What computes, and with which settings."""
    return [
        str(device),
        torch.cuda.get_device_name(device) if device.type == "cuda" else _processor(),
        torch.__version__,
        torch.version.cuda,
        torch.backends.cpu.get_cpu_capability(),
        torch.backends.mkldnn.enabled,
        torch.are_deterministic_algorithms_enabled(),
        sorted((name, value) for name, value in os.environ.items() if name.startswith(SWITCHES)),
    ]


@cache
def _processor() -> str:
    """Its name, since libraries choose by it how they add up."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        lines = []
    named = [line for line in lines if line.startswith(("model name", "CPU part", "Model"))]
    return "; ".join([*named[:1], platform.processor(), platform.machine()])


@cache
def _source() -> str:
    """What computes the numbers, by its text, so that no change of it is forgotten.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256(repr([version(library) for library in ("gguf", "numpy", "safetensors")]).encode())
    package = Path(__file__).parents[2]
    for room in ROOMS:
        files = sorted((package / room).rglob("*.py"))
        if not files:
            raise FileNotFoundError(package / room)
        for file in files:
            digest.update(file.read_bytes())
    return digest.hexdigest()
