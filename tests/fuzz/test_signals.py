"""Ctrl+C and SIGTERM at random moments of real commands: one line, 130 or 143, and nothing is left.

Each signal takes seconds, so that a tenth of `--fuzz COUNT` is tried: 2 without it, 120 with `--fuzz 1200`.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import mmviz
from tests.values.variants import save_variant

ROOT = Path(mmviz.__file__).resolve().parents[1]
PATIENCE = 60.0
"""Seconds that a command gets to end after a signal."""
SOON = 3.0
"""Seconds after which no process of a command is left that has ended."""
SCENE = """\
expr: A @ B
tensors: {A: {init: rows, shape: [64, 4]}, B: {init: cols, shape: [4, 4]}}
animation: {speed: 2}
export: {width: 64, height: 48}
"""
LINK = "https://bhosmer.github.io/mm/?params=%7B%22left%22%3A%7B%22h%22%3A4%2C%22w%22%3A3%7D%2C%22right%22%3A%7B%22h%22%3A3%2C%22w%22%3A2%7D%7D"
NOTE = "mmviz: note: "
INTERRUPTED = "mmviz: interrupted\n"


@dataclass(frozen=True)
class Command:
    """A command, and what may be there when it has ended in its own way."""

    words: tuple[str, ...]
    seconds: float  # that it takes, about: the signal comes within them
    made: tuple[str, ...] = ()
    codes: tuple[int, ...] = (0,)


COMMANDS = (
    Command(("render", "x.yaml", "-o", "o.png"), 3, ("o.png",)),
    Command(("movie", "x.yaml", "-o", "o.mp4"), 5, ("o.mp4",)),
    Command(("movie", "x.yaml", "-o", "o.gif"), 5, ("o.gif",)),
    Command(("movie", "x.yaml", "-o", "o/"), 5, ("o",)),
    Command(("movie", "x.yaml", "-o", "o.mp4", "--workers", "2"), 9, ("o.mp4",)),
    Command(("mesh", "x.yaml", "-o", "o.glb"), 3, ("o.glb",)),
    Command(("head", "tiny", "--layer", "0", "--head", "0", "--tokens", "1,2,3", "-o", "o.yaml"), 3, ("o.yaml",)),
    Command(("inspect", "tiny"), 2),
    Command(("verify", "tiny", "--tokens", "1,2,3"), 10),
    Command(("spectra", "tiny", "-o", "o"), 6, ("o",)),
    Command(("import", LINK, "-o", "o.yaml"), 2, ("o.yaml",)),
    Command(("check", "x.yaml"), 2),
    Command(("doctor",), 6),
    Command(("fetch", "smollm2-135m"), 3, ("cache",), (1,)),  # there is no index that pip could ask
    Command(("view", "x.yaml"), 6),
    Command(("schema",), 1),
)

pytestmark = [
    pytest.mark.process,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc says when signals are heeded"),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("models") / "tiny", "llama grouped, wide heads", layers=2)


def heeds(process: "subprocess.Popen[bytes]", number: int) -> bool:
    """Whether the process catches a signal; Python itself leaves SIGTERM alone."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")), 16)
    return bool(caught >> (number - 1) & 1)


def wait_for(what: str, happened: Callable[[], bool], patience: float) -> None:
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.0005)


def gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    left: set[str]  # in its folder, beside what was there
    passing: list[str]  # in its folder for what passes


def stopped(command: Command, folder: Path, tiny: Path, chance: random.Random) -> tuple[int, float, Ended]:
    """Send a command a signal at a random moment; gives the signal, when it came, and how the command ended."""
    (folder / "x.yaml").write_text(SCENE)
    (folder / "tiny").symlink_to(tiny)
    (folder / "tmp").mkdir()
    said = {"TMPDIR": str(folder / "tmp"), "MMVIZ_CACHE": str(folder / "cache"), "QT_QPA_PLATFORM": "offscreen"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PIP_NO_INDEX": "1", **said}
    number = chance.choice((signal.SIGINT, signal.SIGTERM))
    after, whole_group = chance.uniform(0, command.seconds), chance.random() < 0.3
    with (folder.parent / "out").open("w+b") as out, (folder.parent / "err").open("w+b") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "mmviz", *command.words],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for("signals are not heeded", lambda: heeds(process, signal.SIGTERM), PATIENCE)
            time.sleep(after)
            (os.killpg if whole_group else os.kill)(process.pid, number)
            code = process.wait(PATIENCE)
            wait_for("a process is left", lambda: gone(process.pid), SOON)
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        err.seek(0)
        told = out.read().decode(), err.read().decode()
    left = {path.name for path in folder.iterdir()} - {"x.yaml", "tiny", "tmp"}
    parts = [str(path.relative_to(folder)) for path in folder.rglob("*.part*") if path.name != ".partial"]
    passing = [*(path.name for path in (folder / "tmp").iterdir()), *parts]
    return number, after, Ended(code, *told, left, passing)


def test_signals_at_random_moments(tiny: Path, tmp_path: Path, seeds: range) -> None:
    told: list[str] = []
    faults: list[str] = []
    for seed in seeds[::10]:
        chance = random.Random(f"signal {seed}")
        command = COMMANDS[seed // 10 % len(COMMANDS)]
        folder = tmp_path / str(seed) / "work"
        folder.mkdir(parents=True)
        number, after, ended = stopped(command, folder, tiny, chance)
        notes = ended.err.removesuffix(INTERRUPTED).splitlines()
        by_signal = (
            ended.code == 128 + number
            and ended.err.endswith(INTERRUPTED)
            and (not notes or (command.words[0] == "spectra" and len(notes) == 1 and notes[0].startswith(NOTE)))
        )
        done = ended.code in command.codes and "Traceback" not in ended.err and "interrupted" not in ended.err
        line = f"{seed}: {' '.join(command.words)[:40]}, {signal.Signals(number).name} after {after:.2f} s: {ended}"
        told.append(f"{'stopped' if by_signal else 'done' if done else 'FAULT'} {line}")
        if not (by_signal or done) or ended.passing or not ended.left <= {*command.made, "cache"}:
            faults.append(line)
    if seeds.stop > 100:
        print(*told, sep="\n")  # noqa: T201  (figures, for who asks for many)
    assert not faults, "\n".join(faults)
