"""Where numbers are computed and how exactly; no numbers of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from mmviz.errors import SourceError


def choose_device(device: str) -> torch.device:
    """The torch device of a name.

    Args:
        device: auto, cpu, cuda, cuda:1 and so on, or mps; auto is the first of cuda, mps, cpu that is there.

    Raises:
        SourceError: the name is unknown, or this machine has no such device.
    """
    if device == "auto":
        return torch.device(_best_kind())
    try:
        chosen = torch.device(device)
    except RuntimeError:
        chosen = torch.device("meta")
    if chosen.type not in ("cpu", "cuda", "mps"):
        raise SourceError(f"device {device!r}: unknown; auto, cpu, cuda or mps is needed.")
    if (chosen.index or 0) >= _device_count(chosen.type):
        raise SourceError(f"device {device!r}: torch finds none on this machine; auto or cpu is needed.")
    return chosen


def found_devices() -> list[str]:
    """Every device that torch finds here, the one that `auto` takes first, such as 'cpu (2 threads)'."""
    cuda = [f"cuda:{index} ({torch.cuda.get_device_name(index)})" for index in range(_device_count("cuda"))]
    mps = ["mps"] * _device_count("mps")
    return [*cuda, *mps, f"cpu ({torch.get_num_threads()} threads)"]


def _best_kind() -> str:
    return next(kind for kind in ("cuda", "mps", "cpu") if _device_count(kind))


def _device_count(kind: str) -> int:
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    return int(kind == "cpu" or torch.backends.mps.is_available())


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """What to compute with.

    Args:
        name: float32 or float64.
        device: Where.

    Raises:
        SourceError: another name; or the device has no float64.
    """
    if name not in ("float32", "float64"):
        raise SourceError(f"dtype {name!r}: unknown; float32 or float64 is needed.")
    if name == "float64" and device.type == "mps":
        raise SourceError("dtype 'float64': mps has none; float32, or device cpu, is needed.")
    return torch.float64 if name == "float64" else torch.float32


@contextmanager
def full_precision() -> Iterator[None]:
    """Inference mode with true float32 products (no TF32, no bfloat16), whatever the caller has set."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_float32_matmul_precision(before)
