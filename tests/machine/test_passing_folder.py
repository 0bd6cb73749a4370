"""A folder that a library makes itself goes with the process, and nothing is said of it."""

import logging
from pathlib import Path

import pytest

from mmviz.machine import passing_folder as module
from mmviz.machine.endings import Endings
from mmviz.machine.passing_folder import passing_folder

VARIABLE, LOGGER = "TEST_OF_A_LIBRARY", "a library that makes itself a folder"


@pytest.fixture
def endings(monkeypatch: pytest.MonkeyPatch) -> Endings:
    own = Endings()
    monkeypatch.setattr(module, "ENDINGS", own)
    monkeypatch.delenv(VARIABLE, raising=False)
    return own


def filled(folder: Path) -> Path:
    folder.mkdir()
    (folder / "list.json").touch()
    return folder


def test_what_the_library_has_made_is_removed_where_a_signal_ends_the_program(
    endings: Endings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with passing_folder(VARIABLE, LOGGER):
        monkeypatch.setenv(VARIABLE, str(filled(tmp_path / "made")))
    assert (tmp_path / "made" / "list.json").exists(), "while the program goes on it is needed"
    endings.do()
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("changed", [True, False])
def test_a_folder_of_the_user_is_never_removed(
    changed: bool, endings: Endings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(filled(tmp_path / "users")))
    with passing_folder(VARIABLE, LOGGER):
        if changed:
            monkeypatch.setenv(VARIABLE, "")
    endings.do()
    assert (tmp_path / "users" / "list.json").exists()


class Heard(logging.Handler):
    """What a logger says."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def test_its_warnings_are_not_heard_and_later_ones_are(endings: Endings) -> None:
    log, heard = logging.getLogger(LOGGER), Heard()
    log.setLevel(logging.INFO)
    log.addHandler(heard)
    with passing_folder(VARIABLE, LOGGER):
        log.warning("made a folder")
        log.error("it cannot be made")
    log.warning("later")
    log.removeHandler(heard)
    assert heard.said == ["it cannot be made", "later"]
    assert log.level == logging.INFO
    endings.do()


def test_a_signal_waits_until_the_folder_is_known(endings: Endings) -> None:
    ended: list[str] = []
    with passing_folder(VARIABLE, LOGGER):
        endings.when_free(lambda: ended.append("now"))
        assert ended == []
    assert ended == ["now"]


def test_it_is_known_also_where_the_import_fails(
    endings: Endings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> None:
        monkeypatch.setenv(VARIABLE, str(filled(tmp_path / "made")))
        raise ImportError

    with pytest.raises(ImportError), passing_folder(VARIABLE, LOGGER):
        load()
    endings.do()
    assert not (tmp_path / "made").exists()
