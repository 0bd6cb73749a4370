"""The desk by itself, with scenes of paper: changes one after the other, joined, failed, undone, opened and saved."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from mmviz.errors import MmvizError, OutputError
from mmviz.viewer.session import undo
from mmviz.viewer.session.background import Job
from mmviz.viewer.session.shown_scene import Shown, built_by_nobody, ready
from mmviz.viewer.session.undo import MOST_CHANGES, Desk


class Words(str):
    """In the place of a document."""

    view = ""

    def model_copy(self, update: dict[str, Any]) -> "Words":
        return self


class Paper:
    """A scene with nothing on it but a text; alike where the texts are."""

    model_sizes = None

    def __init__(self, text: str, size: int = 1) -> None:
        self.document, self.size = Words(text), size
        self.is_computed = True
        self.saved: list[Path] = []
        self.made_of: list[Any] = []

    @property
    def composition(self) -> Any:
        self.is_computed = True
        return SimpleNamespace(looks=None, extent=None)

    def read_first(self) -> None:
        return None

    def elements(self) -> int:
        return self.size

    def forget(self) -> None:
        self.is_computed = False

    def reuse(self, other: Any) -> None:
        self.made_of.append(other)

    def save(self, path: Path) -> str | None:
        if path.name == "full.yaml":
            raise OutputError(f"{path}: no space left.")
        self.saved.append(path)
        return "a note" if path.name == "noted.yaml" else None


class Hand:
    """In the place of the background: jobs are done when the test says so, the newest wins."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.texts: list[str] = []

    def start(
        self, text: str, compute: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None]
    ) -> Job:
        if self.job is not None:
            self.job.forgotten = True
        self.job = Job(text, compute, done, failed)
        self.texts.append(text)
        return self.job

    def work(self) -> None:
        """Do the job that is waited for, and those that follow from it."""
        while self.job is not None:
            job, self.job = self.job, None
            try:
                result = job.compute()
            except MmvizError as error:
                job.failed(str(error))
            else:
                job.done(result)


class Table:
    """A desk, its hand, and what it tells."""

    def __init__(self) -> None:
        self.hand = Hand()
        self.desk = Desk(cast("Shown", Paper("a")))
        self.desk.background = cast("Any", self.hand)
        self.told: list[tuple[str, str]] = []
        self.desk.shown.connect(lambda scene: self.told.append(("shown", scene.document)))
        self.desk.opened.connect(lambda scene: self.told.append(("opened", scene.document)))
        self.desk.failed.connect(lambda message: self.told.append(("failed", message)))

    @property
    def text(self) -> Any:
        return self.desk.scene.document

    def add(self, letters: str, merge: str = "", failed: Callable[[str], None] | None = None) -> None:
        """Propose to write some letters behind those that are there."""

        def edit(scene: Shown) -> Shown:
            return cast("Shown", Paper(cast("Any", scene.document) + letters))

        self.desk.propose(f"add {letters}", edit, merge=merge, failed=failed)


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    return Table()


def refuse(_: Shown) -> Shown:
    raise MmvizError("it cannot be had.")


def test_a_change_is_shown_when_it_is_made_and_undone_and_done_again(table: Table) -> None:
    table.add("b")
    assert (table.text, table.desk.changing, table.hand.texts) == ("a", True, ["add b …"])
    table.hand.work()
    assert (table.text, table.desk.changing) == ("ab", False)
    assert table.desk.undo.undoText() == "add b"
    table.desk.undo.undo()
    assert table.text == "a"
    table.desk.undo.redo()
    assert table.text == "ab"
    assert table.told == [("shown", "ab"), ("shown", "a"), ("shown", "ab")]


def test_changes_come_one_after_the_other_each_of_what_the_one_before_made(table: Table) -> None:
    for letter in "bcd":
        table.add(letter)
    table.hand.work()
    assert [what for _, what in table.told] == ["ab", "abc", "abcd"]
    assert table.desk.undo.count() == 3


def test_of_changes_that_wait_a_newer_one_of_the_same_word_takes_the_place_of_the_one_before(table: Table) -> None:
    for letter in "bcde":
        table.add(letter, merge="slider")
    table.add("x")
    table.add("y")
    table.hand.work()
    assert table.text == "abexy", "c and d were never made; those without a word all are"


def test_changes_of_one_word_in_a_row_are_undone_together_under_the_name_of_the_last(table: Table) -> None:
    for letter, word in (("b", "gap"), ("c", "gap"), ("d", "speed"), ("e", ""), ("f", "")):
        table.add(letter, merge=word)
        table.hand.work()
    assert [table.desk.undo.text(number) for number in range(table.desk.undo.count())] == [
        "add c",
        "add d",
        "add e",
        "add f",
    ]
    for expected in ("abcde", "abcd", "abc", "a"):
        table.desk.undo.undo()
        assert table.text == expected


def test_joined_changes_that_lead_back_to_where_they_began_are_none(table: Table) -> None:
    table.add("b", merge="slider")
    table.hand.work()
    table.desk.propose("back", lambda _: cast("Shown", Paper("a")), merge="slider")
    table.hand.work()
    assert (table.text, table.desk.undo.count()) == ("a", 0)


def test_a_change_that_changes_nothing_is_none(table: Table) -> None:
    table.desk.propose("nothing", lambda _: cast("Shown", Paper("a")))
    table.hand.work()
    assert (table.told, table.desk.undo.count(), table.desk.changing) == ([], 0, False)


def test_a_change_that_fails_leaves_the_scene_and_those_after_it_go_on(table: Table) -> None:
    said: list[str] = []
    table.desk.propose("bad", refuse, failed=said.append)
    table.add("b")
    table.hand.work()
    assert said == ["it cannot be had."]
    assert table.told == [("failed", "it cannot be had."), ("shown", "ab")]
    table.desk.propose("bad", refuse)
    table.hand.work()
    assert table.told[-1] == ("failed", "it cannot be had."), "also where nobody else asked to be told"
    assert table.text == "ab"


def test_a_change_while_another_is_undone_is_made_of_what_is_shown_then(table: Table) -> None:
    table.add("b")
    table.hand.work()
    table.add("c")
    table.desk.undo.undo()
    table.hand.work()
    assert table.text == "ac"


def test_only_so_many_changes_can_be_undone(table: Table) -> None:
    assert table.desk.undo.undoLimit() == MOST_CHANGES == 100


def test_another_scene_is_opened_with_its_file_and_nothing_of_before_can_be_undone(table: Table) -> None:
    table.add("b")
    table.hand.work()
    table.told.clear()
    table.desk.open("opening x", lambda: cast("Shown", Paper("x")), Path("x.yaml"))
    assert table.text == "ab", "until it is there"
    table.hand.work()
    assert (table.text, table.desk.file, table.desk.undo.count()) == ("x", Path("x.yaml"), 0)
    assert table.told == [("opened", "x"), ("shown", "x")]
    assert table.hand.texts[-1] == "opening x"


def test_a_scene_that_cannot_be_opened_leaves_everything_as_it_was(table: Table) -> None:
    table.add("b")
    table.hand.work()
    table.desk.file = Path("a.yaml")

    def make() -> Shown:
        raise MmvizError("x.yaml: is no scene.")

    table.desk.open("opening x", make)
    table.hand.work()
    assert (table.text, table.desk.file, table.desk.undo.count()) == ("ab", Path("a.yaml"), 1)
    assert table.told[-1] == ("failed", "x.yaml: is no scene.")


def test_saving_says_where_the_scene_lies_and_what_is_to_be_told(table: Table, tmp_path: Path) -> None:
    table.add("b")
    table.hand.work()
    assert table.desk.unsaved
    assert table.desk.save(tmp_path / "noted.yaml")
    assert (table.desk.file, table.desk.note, table.desk.unsaved) == (tmp_path / "noted.yaml", "a note", False)
    assert table.desk.save(tmp_path / "plain.yaml")
    assert table.desk.note is None


def test_what_cannot_be_saved_stays_unsaved(table: Table, tmp_path: Path) -> None:
    table.add("b")
    table.hand.work()
    assert not table.desk.save(tmp_path / "full.yaml")
    assert (table.desk.file, table.desk.unsaved) == (None, True)
    assert table.told[-1] == ("failed", f"{tmp_path / 'full.yaml'}: no space left.")


def test_the_latest_scenes_are_held_computed_as_far_as_there_is_room(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "MOST_ELEMENTS", 3)
    seen = [Paper(f"{number}", size=2 if number == 3 else 1) for number in range(6)]
    for paper in seen:
        table.desk.propose("other", partial(instead, paper))
        table.hand.work()
    assert [paper.document for paper in seen if paper.is_computed] == ["3", "4", "5"], "1 and 2 elements, and itself"


def instead(paper: Paper, _: Shown) -> Shown:
    return cast("Shown", paper)


def test_a_scene_that_was_given_up_comes_back_computed_of_what_is_shown(table: Table) -> None:
    first: Any = table.desk.scene
    table.add("b")
    table.hand.work()
    first.forget()
    table.desk.undo.undo()
    assert (table.text, table.desk.changing) == ("ab", True)
    assert table.hand.texts[-1] == "Compute again …"
    before: Any = table.desk.scene
    table.hand.work()
    assert table.text == "a"
    assert first.made_of == [before]
    assert table.desk.undo.count() == 1, "nothing new was made"


@pytest.mark.parametrize("forgotten", [False, True])
def test_what_comes_back_waits_for_the_change_that_is_being_made_unless_that_was_given_up(
    forgotten: bool, table: Table
) -> None:
    first: Any = table.desk.scene
    table.add("b")
    table.hand.work()
    first.forget()
    table.add("c")
    assert table.hand.job is not None
    table.hand.job.forgotten = forgotten
    table.desk.undo.undo()
    assert (table.hand.texts[-1] == "Compute again …") == forgotten
    table.hand.work()
    assert table.text == ("a" if forgotten else "ac"), "a change that goes on is made of what came back"


def test_where_it_cannot_be_computed_again_what_is_shown_stays(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cast("Any", table.desk.scene)
    table.add("b")
    table.hand.work()
    first.forget()
    monkeypatch.setattr(first, "reuse", refuse)
    table.desk.undo.undo()
    table.hand.work()
    assert table.text == "ab"
    assert table.told[-1] == ("failed", "it cannot be had.")
    table.add("c")
    table.hand.work()
    assert table.text == "abc"


def test_ready_computes_what_the_first_picture_needs() -> None:
    asked: list[str] = []

    class Asked:
        def __getattr__(self, name: str) -> Any:
            asked.append(name)
            return self

    scene = cast("Shown", Asked())
    assert ready(scene) is scene
    assert asked == ["is_computed", "composition", "looks", "extent", "model_sizes"]


def test_a_window_without_builders_builds_nothing() -> None:
    assert built_by_nobody(cast("Any", None), Path(), layer=1, head=2, model="x") is None
