"""Rows of settings: they show the scene, propose what is chosen, and say in the row what was refused."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.fields import Choice, Number, Slider, Switch
from mmviz.viewer.controls.setting_rows import SettingRows, choices, meaning, reach, tip, words
from mmviz.viewer.session.shown_scene import Edit, Shown, ready
from mmviz.viewer.session.undo import Desk

EYE = {"A": {"init": "eye", "shape": [2, 2]}}


class Proposed(Desk):
    """A desk on which proposals lie until they are looked at."""

    def __init__(self) -> None:
        scene = ready(Scene("A", EYE, title="first"))
        super().__init__(scene)
        self.asked: list[tuple[str, str, Edit, Callable[[str], None] | None]] = []
        self.busy_now = False

    @property
    def changing(self) -> bool:
        return self.busy_now

    def propose(self, text: str, edit: Edit, *, merge: str = "", failed: Callable[[str], None] | None = None) -> None:
        self.asked.append((text, merge, edit, failed))


class Titles(SettingRows):
    """Settings of something that has a name."""

    of = ""

    def scope(self) -> str:
        return self.of


def title(scene: Shown) -> str:
    return scene.document.title


def retitled(value: Any) -> Edit:
    return lambda scene: scene.changed(title=str(value))


@pytest.fixture
def desk(qtbot: QtBot) -> Proposed:
    return Proposed()


@pytest.fixture
def form(desk: Proposed, qtbot: QtBot) -> Titles:
    made = Titles(desk)
    qtbot.addWidget(made)
    return made


def choice(form: SettingRows, *words: str) -> Choice:
    control = Choice({word: word for word in words}, "Any title")
    form.add("title", control, title, retitled)
    return control


def test_a_row_shows_what_the_scene_says_and_follows_it(form: Titles, desk: Proposed) -> None:
    control = choice(form, "first", "second")
    form.follow()
    assert control.box.currentText() == "first"
    desk.put(ready(desk.scene.changed(title="second")))
    assert control.box.currentText() == "second"
    assert desk.asked == []


def test_what_is_chosen_is_proposed_as_an_edit_of_the_scene(form: Titles, desk: Proposed) -> None:
    control = choice(form, "first", "second")
    control.chosen.emit("second")
    ((text, merge, edit, _),) = desk.asked
    assert (text, merge) == ("title", "")
    assert edit(desk.scene).document.title == "second"


def test_while_a_change_is_on_its_way_rows_stay_as_they_were_chosen(form: Titles, desk: Proposed) -> None:
    control = choice(form, "first", "second")
    form.follow()
    control.box.setCurrentIndex(1)
    desk.busy_now = True
    form.follow()
    assert control.box.currentText() == "second"
    desk.busy_now = False
    desk.failed.emit("it cannot be had")
    assert control.box.currentText() == "first", "what failed is taken back"


def test_rows_that_are_hidden_are_not_asked_what_they_show(form: Titles, desk: Proposed) -> None:
    def refuse(_: Shown) -> Any:
        raise AssertionError

    row = form.add("nothing", Switch("tip"), refuse, retitled)
    row.hide()
    form.follow()
    assert desk.asked == []


def test_what_was_refused_is_said_in_its_own_row_until_the_next_change(form: Titles, desk: Proposed) -> None:
    control = choice(form, "first", "second")
    form.add("other", Switch("tip"), lambda _: False, retitled)
    control.chosen.emit("second")
    failed = desk.asked[-1][3]
    assert failed is not None
    failed("title: is taken.")
    assert form.rows["title"].trouble.text() == "title: is taken."
    assert form.rows["other"].trouble.text() == ""
    form.rows["other"].control.chosen.emit(True)
    assert form.rows["title"].trouble.text() == ""


def test_numbers_that_are_typed_in_a_row_are_undone_together_and_other_choices_one_by_one(
    form: Titles, desk: Proposed
) -> None:
    number = Number(0, 9, "tip")
    form.add("count", number, lambda _: 3, retitled)
    control = choice(form, "first", "second")
    for _ in range(2):
        number.chosen.emit(4)
        control.chosen.emit("second")
    merges = [merge for _, merge, _, _ in desk.asked]
    assert merges[0] == merges[2] != ""
    assert merges[1] == merges[3] == ""


def test_each_drag_of_a_slider_is_undone_by_itself(form: Titles, desk: Proposed) -> None:
    slider = Slider((0, 10), (0, 100), "tip")
    form.add("size", slider, lambda _: 3, retitled)
    for _ in range(2):
        slider.slider.sliderPressed.emit()
        slider.chosen.emit(5)
        slider.chosen.emit(6)
    merges = [merge for _, merge, _, _ in desk.asked]
    assert merges[0] == merges[1] != merges[2] == merges[3]


def test_the_same_setting_of_something_else_has_another_name_and_is_not_undone_with_it(
    form: Titles, desk: Proposed
) -> None:
    number = Number(0, 9, "tip")
    form.add("count", number, lambda _: 3, retitled)
    for form.of in (" of A", " of B"):
        number.chosen.emit(4)
    (first, one, _, _), (second, other, _, _) = desk.asked
    assert (first, second) == ("count of A", "count of B")
    assert one != other


def test_a_row_has_the_meaning_of_its_control_and_words_of_its_own_where_they_are_given(
    form: Titles, desk: Proposed
) -> None:
    choice(form, "first")
    assert form.rows["title"].name.toolTip() == "Any title"
    row = form.add("title", Switch("tip"), title, retitled, "What it is called")
    assert row.name.text() == "What it is called"
    row.control.chosen.emit(True)
    assert desk.asked[-1][0] == "what it is called", "so it stands in the undo menu"


def test_a_section_is_folded_by_its_heading_and_stays_so_in_the_next_window(
    form: Titles, desk: Proposed, qtbot: QtBot
) -> None:
    section = form.section("Names", "what they are about")
    row = form.add("title", Switch("tip"), title, retitled)
    form.show()
    assert row.isVisible()
    section.head.click()
    assert section.folded
    assert not row.isVisible()
    assert not row.isHidden(), "whoever asks what a row is for is not misled by a fold"
    again = Titles(desk)
    qtbot.addWidget(again)
    assert again.section("Names").folded
    assert not again.section("Others").folded
    assert again.section("Rare", folded=True).folded


def test_a_heading_has_the_colour_of_texts_in_every_theme(form: Titles) -> None:
    section = form.section("Names")
    form.show()
    for worn in (theme.DARK, theme.LIGHT):
        form.setPalette(theme.palette(worn))
        image = section.head.grab().toImage()
        colors = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        assert theme.named(worn.name).text in colors


def test_a_tool_tip_says_the_meaning_and_the_key_and_breaks_its_lines() -> None:
    assert tip("|x| < 3 & more", "style.x") == "<p>|x| &lt; 3 &amp; more</p><p><code>style.x</code></p>"


class Options(BaseModel):
    """Fields of all kinds."""

    plain: Annotated[float, Field(description="How far.")] = 0
    bounded: Annotated[float, Field(ge=1, le=5)] = 1
    between: Annotated[float, Field(gt=0, lt=10)] = 1
    nested: Annotated[Annotated[int, Field(ge=2)], Field(le=8)] | None = None
    twice: Annotated[int, Field(ge=0, gt=3)] = 4
    word: Literal["near", "far"] | None = None
    words: list[Annotated[Literal["a", "b", "a"], Field()]] = []


def test_a_field_without_words_means_its_key() -> None:
    assert meaning(Options, "plain") == "How far."
    assert meaning(Options, "bounded") == "bounded"


@pytest.mark.parametrize(
    ("key", "decimals", "ends"),
    [
        ("bounded", 0, (1, 5)),
        ("between", 0, (1, 9)),
        ("between", 2, (0.01, 9.99)),
        ("nested", 0, (2, 8)),
        ("twice", 0, (4, None)),
    ],
)
def test_a_number_reaches_as_far_as_the_document_takes_it(
    key: str, decimals: int, ends: tuple[float, float | None]
) -> None:
    low, high = reach(Options, key, decimals)
    assert low == pytest.approx(ends[0])
    if ends[1] is not None:
        assert high == pytest.approx(ends[1])
        Options.model_validate({key: high})
    Options.model_validate({key: low})


def test_a_number_without_bounds_reaches_as_far_as_numbers_do() -> None:
    low, high = reach(Options, "plain")
    assert low == -high
    assert high > 1e308


def test_the_words_of_a_field_are_offered_once_each_in_their_order() -> None:
    assert words(Options.model_fields["word"].annotation) == ["near", "far"]
    assert words(Options.model_fields["words"].annotation) == ["a", "b"]
    assert words(int) == []
    assert choices(Options, "word") == {"near": "near", "far": "far"}
