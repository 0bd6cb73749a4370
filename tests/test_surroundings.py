"""Homes that are not there, streams that are closed: one line and exit code 1, or silence where nobody listens."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import MAIN, UNSEEN, Outcome, ran
from tests.test_cli import environment
from tests.test_output_folders import LINK

NOBODY = "~nobody_here/x"
NO_HOME = f"mmviz: {{}} is '{NOBODY}', whose home does not exist; name a folder for models in {{}}.\n"

pytestmark = [pytest.mark.process, pytest.mark.skipif(os.name == "nt", reason="Windows has no POSIX shell")]


@pytest.mark.parametrize(
    ("variable", "needed", "words"),
    [
        ("MMVIZ_CACHE", "MMVIZ_CACHE", ("fetch",)),
        ("MMVIZ_CACHE", "MMVIZ_CACHE", ("inspect", "smollm2-135m")),
        ("XDG_CACHE_HOME", "HF_HUB_CACHE", ("inspect", "gpt2")),
        ("HF_HOME", "HF_HUB_CACHE", ("inspect", "gpt2")),
        ("HF_HUB_CACHE", "HF_HUB_CACHE", ("inspect", "organization/name")),
        ("HUGGINGFACE_HUB_CACHE", "HF_HUB_CACHE", ("head", "organization/name", "--layer", "0", "--head", "0")),
    ],
)
def test_a_home_that_is_not_there_is_one_line(
    variable: str, needed: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    more = ("--tokens", "1", "-o", "x.yaml") if words[0] == "head" else ()
    variables = environment(**{variable: NOBODY})
    for other in ("MMVIZ_CACHE", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if other != variable:
            variables.pop(other, None)
    outcome = ran(MAIN, *words, *more, folder=tmp_path, environment=variables)
    assert outcome == Outcome(1, "", NO_HOME.format(variable, needed))
    assert list(tmp_path.iterdir()) == []


def test_a_model_in_a_home_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    for command in ("view", "inspect"):
        outcome = ran(
            UNSEEN + MAIN, command, NOBODY, folder=tmp_path, environment=environment(QT_QPA_PLATFORM="offscreen")
        )
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
        assert outcome.err.startswith(f"mmviz: {NOBODY}: no such file or folder")


def shell(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line, in which `mmviz` is a function."""
    program = f'mmviz() {{ {shlex.quote(sys.executable)} -m mmviz "$@"; }}; {line}'
    return subprocess.run(
        ["sh", "-c", program], cwd=folder, env=environment(**variables), capture_output=True, text=True, check=False
    )


def test_standard_input_that_is_closed_is_one_line(tmp_path: Path) -> None:
    done = shell("mmviz import - -o x.yaml <&-", tmp_path)
    told = "mmviz: standard input is closed; a link of mm is needed there, or in place of -.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code", "err"),
    [
        ("mmviz --version >&-", 0, ""),
        ("mmviz schema >&-", 0, ""),
        ('mmviz import "$LINK" -o x.yaml >&- 2>&- && grep -q expr x.yaml', 0, ""),
        ("mmviz check nothing.yaml 2>&-", 1, ""),
        ("mmviz schema | head -c 1 >/dev/null", 0, ""),
        ("mmviz schema | true", 0, ""),
        ("mmviz check nothing.yaml 2>&1 | true", 0, ""),
        ("mmviz schema >/dev/full", 1, "mmviz: standard output: No space left on device.\n"),
    ],
)
def test_an_output_that_nobody_hears_is_no_error_and_a_full_one_is_one_line(
    line: str, code: int, err: str, tmp_path: Path
) -> None:
    done = shell(line, tmp_path, LINK=LINK)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", err)


IMPORTED = "import mmviz.spectra, matplotlib.font_manager, os; print(len(os.listdir(os.environ['TMPDIR'])))"
STOPPED = f"from mmviz.cli.stopping import heed_signals; heed_signals(); {IMPORTED}; os.kill(os.getpid(), 15)"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a home in which not even root can write")
@pytest.mark.parametrize(("code", "err"), [(IMPORTED, ""), (STOPPED, "mmviz: interrupted\n")], ids=["done", "stopped"])
def test_matplotlib_says_nothing_of_a_home_that_cannot_be_written_and_leaves_nothing(
    code: str, err: str, tmp_path: Path
) -> None:
    variables = environment(HOME="/proc", TMPDIR=str(tmp_path))
    for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        variables.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert done.stderr == err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_nothing_is_drawn_with_matplotlib(tmp_path: Path) -> None:
    code = (
        "import sys, mmviz.render.text.raster as raster\n"
        "assert raster.centred('Q', 20.0, 1, 99)[0].any()\n"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("False\n", "")
