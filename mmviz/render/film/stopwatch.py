"""How long each stage of a film takes; knows no film."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

STAGES = ("schedule", "upload", "draw", "read back", "encode")
"""What is at a time, its way to the graphics card, its picture, the picture's way back, and its way into the film."""


class Stopwatch:
    """Adds up seconds by stage. Stages may run in several threads, each stage in one."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done under it."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += perf_counter() - start

    def add(self, seconds: Mapping[str, float]) -> None:
        """Count what another one has measured."""
        for name, amount in seconds.items():
            self.seconds[name] += amount


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time of a film went."""

    frames: int
    wall: float  # seconds from the first frame to the finished file
    workers: int = 1
    seconds: Mapping[str, float] = field(default_factory=dict)  # by stage, those of all workers added up

    def text(self) -> str:
        """A line for each stage: seconds, and milliseconds a frame."""
        lines = [f"{'stage':<10} {'seconds':>9} {'ms a frame':>11}"]
        lines += [_line(name, amount, self.frames) for name, amount in self.seconds.items()]
        lines.append(_line("film", self.wall, self.frames))
        share = f", {self.workers} workers" if self.workers > 1 else ""
        lines.append(f"{self.frames:,} frames{share}; stages overlap: a frame is encoded while the next one is drawn")
        return "\n".join(lines)


def _line(name: str, seconds: float, frames: int) -> str:
    return f"{name:<10} {seconds:>9.2f} {1000 * seconds / max(frames, 1):>11.2f}"
