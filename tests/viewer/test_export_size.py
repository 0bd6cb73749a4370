"""How large and how fast an export is: named sizes fill the fields, what is typed is a size of its own."""

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from mmviz.orders.kinds import FILM, FRAMES, GIF, KINDS, MESH, PICTURE, ExportKind
from mmviz.render.film.qualities import QUALITIES
from mmviz.scene.keys.options import ExportOptions
from mmviz.viewer.export.export_size import TITLES, SizeFields, row, whole


@pytest.fixture
def sizes(qtbot: QtBot) -> SizeFields:
    owner = QObject()
    made = SizeFields(owner)
    for field in (made.preset, made.pixels, made.fps):
        qtbot.addWidget(field)
    made.owner = owner  # type: ignore[attr-defined]  # it lives as long
    return made


def numbers(sizes: SizeFields) -> tuple[int, int, int]:
    return sizes.wide.value(), sizes.high.value(), sizes.fps.value()


def choose(sizes: SizeFields, name: str) -> None:
    """As a person does in the list."""
    number = sizes.preset.findData(name)
    sizes.preset.setCurrentIndex(number)
    sizes.preset.activated.emit(number)


def text(sizes: SizeFields, name: str) -> str:
    return sizes.preset.itemText(sizes.preset.findData(name))


def test_it_begins_with_the_size_of_a_scene_that_says_nothing(sizes: SizeFields) -> None:
    own = ExportOptions()
    assert sizes.preset.currentData() == "own"
    assert numbers(sizes) == (own.width, own.height, own.fps)


@pytest.mark.parametrize("name", QUALITIES)
def test_a_size_that_is_chosen_fills_the_fields(name: str, sizes: SizeFields) -> None:
    told: list[tuple[int, int, int]] = []
    sizes.changed.connect(lambda: told.append(numbers(sizes)))
    choose(sizes, name)
    assert told == [QUALITIES[name]], "once, when all of it is there"


def test_the_list_says_how_large_each_is(sizes: SizeFields) -> None:
    sizes.take(ExportOptions(width=640, height=360, fps=12))
    sizes.show_window(801, 601)
    assert [text(sizes, name) for name in TITLES] == [
        "As the scene says:  640 × 360, 12 a second",
        "Small:  854 × 480, 15 a second",
        "Medium:  1280 × 720, 30 a second",
        "Large:  1920 × 1080, 60 a second",
        "4K:  3840 × 2160, 60 a second",
        "As the window:  801 × 601",
        "Other",
    ]


def test_what_is_typed_is_a_size_of_its_own(sizes: SizeFields) -> None:
    told: list[str] = []
    sizes.changed.connect(lambda: told.append(sizes.preset.currentData()))
    sizes.high.setValue(123)
    assert told == ["other"]
    before = numbers(sizes)
    choose(sizes, "other")
    assert numbers(sizes) == before, "it has no numbers of its own"
    assert told == ["other"]


def test_another_scene_changes_the_fields_only_where_its_own_size_is_chosen(sizes: SizeFields) -> None:
    sizes.take(ExportOptions(width=640, height=360, fps=12))
    assert numbers(sizes) == (640, 360, 12)
    choose(sizes, "m")
    sizes.take(ExportOptions(width=320, height=200, fps=10))
    assert numbers(sizes) == QUALITIES["m"]
    choose(sizes, "own")
    assert numbers(sizes) == (320, 200, 10)


def test_the_size_of_the_window_leaves_the_speed_as_it_is(sizes: SizeFields) -> None:
    choose(sizes, "l")
    choose(sizes, "window")
    sizes.show_window(1000, 500)
    assert numbers(sizes) == (1000, 500, QUALITIES["l"][2])
    told: list[None] = []
    sizes.changed.connect(lambda: told.append(None))
    sizes.show_window(1000, 500)
    assert told == []


@pytest.mark.parametrize(("kind", "size"), [(FILM, (800, 600)), (FRAMES, (801, 601)), (PICTURE, (801, 601))])
def test_an_mp4_takes_the_even_size_below(kind: ExportKind, size: tuple[int, int], sizes: SizeFields) -> None:
    sizes.adapt(kind)
    sizes.show_window(801, 601)
    choose(sizes, "window")
    assert numbers(sizes)[:2] == size


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_proposes_its_size_and_is_no_faster_than_it_can_be(kind: ExportKind, sizes: SizeFields) -> None:
    choose(sizes, "h")
    sizes.adapt(kind)
    assert sizes.preset.currentData() == kind.proposed
    if kind.moves:
        assert sizes.fps.maximum() == kind.fastest
        assert sizes.fps.value() <= kind.fastest


def test_after_a_slow_kind_a_fast_one_can_be_fast_again(sizes: SizeFields) -> None:
    sizes.adapt(GIF)
    sizes.adapt(MESH)
    assert sizes.fps.maximum() == GIF.fastest, "what does not move says nothing of speed"
    sizes.adapt(FILM)
    assert sizes.fps.maximum() == FILM.fastest


def test_every_field_says_what_it_means(sizes: SizeFields) -> None:
    assert [field.toolTip() for field in (sizes.preset, sizes.wide, sizes.high, sizes.fps)] == [
        "Width, height and frames a second that go together",
        "Width in pixels; even for MP4 and WebM",
        "Height in pixels; even for MP4 and WebM",
        "Frames a second",
    ]


def test_a_whole_number_stays_within_its_ends(qtbot: QtBot) -> None:
    field = whole(2, 5)
    qtbot.addWidget(field)
    for value, taken in ((1, 2), (3, 3), (9, 5)):
        field.setValue(value)
        assert field.value() == taken


def test_in_a_row_the_wide_field_takes_the_room_that_is_left(qtbot: QtBot) -> None:
    for wide in (True, False):
        first, second = QLabel("a"), QLabel("b")
        made = row(first, second, wide=second if wide else None)
        qtbot.addWidget(made)
        made.resize(300, 20)
        layout = made.layout()
        assert layout is not None
        layout.activate()
        assert first.width() < 50
        assert (second.width() > 200) == wide
