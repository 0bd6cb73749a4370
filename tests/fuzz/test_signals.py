"""Ctrl+C and SIGTERM at random moments of real commands: one line, 130 or 143, and nothing is left.

After SIGKILL something may be left, which the same command then removes. Each signal takes seconds, so that a tenth of
`--fuzz COUNT` is tried: 2 without it, 120 with `--fuzz 1200`.
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
from tests.processes import MAIN, UNSEEN
from tests.values.variants import save_variant

ROOT = Path(mmviz.__file__).resolve().parents[1]
PATIENCE = 60.0
"""Seconds that a command gets to end after a signal."""
SOON = 3.0
"""Seconds after which no process of a command is left that has ended."""
LATER = 30.0
"""The same for a command that was killed: its workers end when they next look for what they should do."""
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

    @property
    def writes(self) -> bool:
        """Whether it makes files, and comes to an end by itself."""
        return bool(self.made)


COMMANDS = (
    Command(("render", "x.yaml", "-o", "o.png"), 3, ("o.png",)),
    Command(("movie", "x.yaml", "-o", "o.mp4"), 5, ("o.mp4",)),
    Command(("movie", "x.yaml", "-o", "o.gif"), 5, ("o.gif",)),
    Command(("movie", "x.yaml", "-o", "o/"), 5, ("o",), (0, 1)),  # 1: it was done when it was killed, and is there
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
    Command(("view", "x.yaml"), 6, (), (1,)),  # nobody sees it: it ends by itself where no signal comes
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


@dataclass(frozen=True)
class Trial:
    """One command in a folder of its own, and what happens to it; all of it follows from a seed."""

    command: Command
    folder: Path
    tiny: Path  # a model
    number: signal.Signals
    after: float  # seconds from when signals are heeded
    whole_group: bool  # all processes get the signal, as from a terminal

    @classmethod
    def of(cls, seed: int, folder: Path, tiny: Path) -> "Trial":
        chance = random.Random(f"signal {seed}")
        command = COMMANDS[seed // 10 % len(COMMANDS)]
        numbers = (signal.SIGINT, signal.SIGTERM, *((signal.SIGKILL,) if command.writes else ()))
        most = chance.choice((0.5, command.seconds, command.seconds))  # starting is short, and most can go wrong in it
        return cls(command, folder, tiny, chance.choice(numbers), chance.uniform(0, most), chance.random() < 0.3)

    def __str__(self) -> str:
        return f"{' '.join(self.command.words)[:40]}, {self.number.name} after {self.after:.2f} s"

    def prepare(self) -> None:
        """Make its folder."""
        self.folder.mkdir(parents=True)
        (self.folder / "x.yaml").write_text(SCENE)
        (self.folder / "tiny").symlink_to(self.tiny)
        (self.folder / "tmp").mkdir()

    def run(self, number: signal.Signals | None) -> Ended:
        """Run the command, to its end or until it is sent a signal."""
        said = {"TMPDIR": f"{self.folder}/tmp", "MMVIZ_CACHE": f"{self.folder}/cache", "QT_QPA_PLATFORM": "offscreen"}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PIP_NO_INDEX": "1", **said}
        waits = number is not None and self.command.words[0] == "view"
        program = ("-c", UNSEEN + MAIN) if waits else ("-m", "mmviz")
        with (self.folder.parent / "out").open("w+b") as out, (self.folder.parent / "err").open("w+b") as err:
            process = subprocess.Popen(
                [sys.executable, *program, *self.command.words],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.folder, env=environment,
                start_new_session=True,
            )  # fmt: skip
            try:
                if number is not None:
                    wait_for("signals are not heeded", lambda: heeds(process, signal.SIGTERM), PATIENCE)
                    time.sleep(self.after)
                    (os.killpg if self.whole_group else os.kill)(process.pid, number)
                code = process.wait(PATIENCE)
                soon = LATER if number == signal.SIGKILL else SOON
                wait_for(f"{self}: a process is left", lambda: gone(process.pid), soon)
            finally:
                process.kill()
                process.wait()
            out.seek(0)
            err.seek(0)
            told = out.read().decode(), err.read().decode()
        return Ended(code, *told, *self._left())

    def _left(self) -> tuple[set[str], list[str]]:
        left = {path.name for path in self.folder.iterdir()} - {"x.yaml", "tiny", "tmp"}
        parts = [str(path.relative_to(self.folder)) for path in self.folder.rglob("*.part")]
        return left, [*(path.name for path in (self.folder / "tmp").iterdir()), *parts]

    def verdict(self, ended: Ended) -> str:
        """How it ended: "FAULT" where it should not end so."""
        notes = ended.err.removesuffix(INTERRUPTED).splitlines()
        told = not notes or (self.command.words[0] == "spectra" and len(notes) == 1 and notes[0].startswith(NOTE))
        if ended.passing or not ended.left <= {*self.command.made, "cache"}:
            return "FAULT"
        if ended.code == 128 + self.number and ended.err.endswith(INTERRUPTED) and told:
            return "stopped"
        done = ended.code in self.command.codes and "Traceback" not in ended.err and "interrupted" not in ended.err
        return "done" if done else "FAULT"


def test_signals_at_random_moments(tiny: Path, tmp_path: Path, seeds: range) -> None:
    told: list[str] = []
    for seed in seeds[::10]:
        trial = Trial.of(seed, tmp_path / str(seed) / "work", tiny)
        trial.prepare()
        ended = trial.run(trial.number)
        word = trial.verdict(ended)
        if trial.number == signal.SIGKILL and ended.code == -signal.SIGKILL:
            left, ended = ended.passing, trial.run(None)
            word = trial.verdict(ended)
            word = f"killed, {len(left)} left and removed" if word == "done" else word
        told.append(f"{word}: {seed}: {trial}: {ended}")
    if seeds.stop > 100:
        print(*told, sep="\n")  # noqa: T201  (figures, for who asks for many)
    faults = [line for line in told if line.startswith("FAULT")]
    assert not faults, "\n".join(faults)
